/*
 * What the programs that measure have in common: the counter, memory to touch, a child that waits.
 */
#ifndef USER_MEASURE_H
#define USER_MEASURE_H

#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    PAGE = 4096,
    BATCH = 512, /* pages */
    BATCH_BYTES = BATCH * PAGE,
    ROUNDS = 9,
    CALLS = 32,         /* of a system call in one round */
    HUGE_MAX = 4 << 20, /* bytes: i386's huge pages; the others' are half of that */
};

#define NOT_AVAILABLE LONG_MIN /* a figure of what this kernel does not have */

typedef void touch_fn(volatile char *bytes, size_t pages);

static inline uint64_t ticks(void)
{
    uint32_t low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return (uint64_t)high << 32 | low;
}

static void write_pages(volatile char *bytes, size_t pages)
{
    for (size_t i = 0; i < pages; i++)
        bytes[i * PAGE] = 1;
}

/* Clear as a kernel does; the ticks that it took. */
static inline long clear(void *bytes, size_t size)
{
    size_t words = size / sizeof(long);
    uint64_t start = ticks();
    __asm__ volatile("rep stos%z2" : "+D"(bytes), "+c"(words) : "a"(0l) : "memory");
    return (long)(ticks() - start);
}

static inline long copy(void *to, const void *from, size_t size)
{
    size_t words = size / sizeof(long);
    uint64_t start = ticks();
#ifdef __x86_64__
    __asm__ volatile("rep movsq" : "+D"(to), "+S"(from), "+c"(words)::"memory");
#else
    __asm__ volatile("rep movsl" : "+D"(to), "+S"(from), "+c"(words)::"memory");
#endif
    return (long)(ticks() - start);
}

static inline int by_size(const void *a, const void *b)
{
    long left = *(const long *)a, right = *(const long *)b;
    return (left > right) - (left < right);
}

/* Of ROUNDS measurements; NOT_AVAILABLE if one of them is. */
static inline long median(long *cost)
{
    qsort(cost, ROUNDS, sizeof(*cost), by_size);
    return cost[0] == NOT_AVAILABLE ? NOT_AVAILABLE : cost[ROUNDS / 2];
}

static inline long own_faults(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_minflt;
}

/* Memory of small pages, none of them there; NULL if there is none to be had. */
static inline char *region(size_t bytes)
{
    char *start = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (start == MAP_FAILED)
        return NULL;
    madvise(start, bytes, MADV_NOHUGEPAGE);
    return start;
}

/* Without musl, which does more than fork; the child must not return to its caller. */
static inline pid_t fork_bare(void) { return (pid_t)syscall(SYS_fork); }

/* A child that waits to be killed; negative if there is no such thing. */
static inline pid_t sleeper(void)
{
    pid_t child = fork_bare();
    while (child == 0)
        pause();
    return child;
}

static inline void end_sleeper(pid_t child)
{
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
}

#endif
