/*
 * Contracts the compiler can check.
 *
 * GCC ignores the lock annotations; `make check` compiles every file once with clang
 * -Wthread-safety, which enforces them.
 */
#ifndef LIB_ANNOTATE_H
#define LIB_ANNOTATE_H

#if defined(__clang__)
#define TSA(x) __attribute__((x))
#else
#define TSA(x)
#endif

#define LOCKABLE              TSA(capability("lock"))
#define ACQUIRES(...)         TSA(acquire_capability(__VA_ARGS__))
#define RELEASES(...)         TSA(release_capability(__VA_ARGS__))
#define ACQUIRES_SHARED(...)  TSA(acquire_shared_capability(__VA_ARGS__))
#define RELEASES_SHARED(...)  TSA(release_shared_capability(__VA_ARGS__))
#define TRY_ACQUIRES(...)     TSA(try_acquire_capability(__VA_ARGS__))
#define MUST_HOLD(...)        TSA(requires_capability(__VA_ARGS__))
#define MUST_HOLD_SHARED(...) TSA(requires_shared_capability(__VA_ARGS__))
#define MUST_NOT_HOLD(...)    TSA(locks_excluded(__VA_ARGS__))
#define UNCHECKED_LOCKS       TSA(no_thread_safety_analysis)

#define MUST_CHECK         __attribute__((warn_unused_result))
#define PRINTF(f, a)       __attribute__((format(printf, f, a)))
#define NOINLINE           __attribute__((noinline))
#define ALWAYS_INLINE      inline __attribute__((always_inline))
#define UNUSED             __attribute__((unused))
#define HIDDEN             __attribute__((visibility("hidden")))
#define PACKED             __attribute__((packed))
#define ALIGNED(n)         __attribute__((aligned(n)))
#define CACHE_LINE_ALIGNED ALIGNED(64)

#define likely(x)   __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

/* Read or write shared memory once, exactly where it stands. */
#define READ_ONCE(x)     (*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v) (*(volatile __typeof__(x) *)&(x) = (v))

/* Keep the compiler from moving memory accesses across this line. */
#define barrier() __asm__ volatile("" : : : "memory")

#endif
