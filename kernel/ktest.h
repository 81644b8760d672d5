/*
 * Tests that run inside the kernel (ktest=GLOB), with their results as KTAP.
 *
 *     KTEST(merging_two_buddies_gives_one_block_of_the_next_order)
 *     {
 *         ktest_equal(order, 1);
 *     }
 *
 * in tests/kernel/buddy.c is the test "buddy.merging_two_...".  Each runs in its own kernel
 * thread with a time limit; after each, mm/audit.h goes over the books.  A failed ktest_assert()
 * ends the test (unless locks are held: then it goes on, failed).
 */
#ifndef KERNEL_KTEST_H
#define KERNEL_KTEST_H

#include "kernel/report.h"
#include "lib/annotate.h"
#include "lib/types.h"

struct task;

enum {
    KTEST_LIMIT_S = 60, /* time limit of a test that names none */
};

struct ktest {
    const char *file;
    const char *name;
    void (*function)(void);
    unsigned limit_s;
};

/* Define a test; its body follows.  KTEST_LIMITED: one that may take @seconds. */
#define KTEST(test_name) KTEST_LIMITED(test_name, KTEST_LIMIT_S)
#define KTEST_LIMITED(test_name, seconds)                                      \
    static void ktest_##test_name(void);                                       \
    static const struct ktest ktest_entry_##test_name                          \
        __attribute__((section(".ktests"), used, aligned(sizeof(void *)))) = { \
            .file = __FILE__,                                                  \
            .name = #test_name,                                                \
            .function = ktest_##test_name,                                     \
            .limit_s = (seconds),                                              \
        };                                                                     \
    static void ktest_##test_name(void)

/* Fail the test unless the condition holds. */
#define ktest_assert(condition) \
    ((condition) ? (void)0 : ktest_fail(__FILE__, __LINE__, "expected: %s", #condition))

/* Fail the test unless both are the same number; prints them. */
#define ktest_equal(a, b)                                                             \
    do {                                                                              \
        u64 ktest_a = (u64)(a), ktest_b = (u64)(b);                                   \
        if (ktest_a != ktest_b)                                                       \
            ktest_fail(__FILE__, __LINE__, "expected: %s == %s (%lld, %lld)", #a, #b, \
                       (long long)ktest_a, (long long)ktest_b);                       \
    } while (0)

/* Fail the test unless the expected report (kernel/report.h) has come. */
#define ktest_expect_report(text) report_expect(text)
#define ktest_report_seen()       ktest_assert(report_seen())

/* End the test, neither passed nor failed, because of @reason.  From the test's own thread. */
_Noreturn void ktest_skip(const char *reason);

/*
 * The test may leave that much more in use, for good: what is made once and kept.  All else that
 * is in use after a test and was not before has leaked, and fails it.
 */
void ktest_may_keep(unsigned objects, unsigned pages);

/* Page tables of the window that kernel stacks lie in: kept when many tasks have been. */
enum { KTEST_STACK_TABLES = 64 };

/* Say something about the test that runs: a "# ..." line. */
void ktest_note(const char *format, ...) PRINTF(1, 2);

/* Fail the test that runs.  Ends the calling thread unless it holds locks. */
void ktest_fail(const char *file, int line, const char *format, ...) PRINTF(3, 4);

/* A random number; the seed is printed with each test, ktest_seed=N repeats it. */
u32 ktest_random(void);

/* Start a thread of the test; it may fail the test.  @cpu -1: anywhere. */
struct task *ktest_thread(void (*function)(void *data), void *data, int cpu) MUST_CHECK;

/* Wait for its end. */
void ktest_join(struct task *thread);

/* Run @function(@data) on every online CPU at once; returns when all have ended.  Sleeps. */
void ktest_on_each_cpu(void (*function)(void *data), void *data);

/* Run the tests that match @glob, print KTAP, leave the machine with 0 (all passed) or 1. */
_Noreturn void ktest_run(const char *glob);

/* ktest='s value, or NULL: no tests wanted. */
const char *ktest_wanted(void);

#endif
