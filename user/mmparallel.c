/*
 * Do faults of two CPUs disturb each other?  Two threads touch N pages each, in regions of their
 * own, and then one thread touches 2N: alternately, many times.
 *
 *     mmparallel [ROUNDS]
 *
 * Prints the time that two took in percent of the time that one took, for two threads of one
 * process and for two processes; 50 is ideal.  A busy host only ever adds to a time, so that the
 * shortest of all rounds are compared with each other.  Each worker waits for the other by
 * spinning, so that nobody is asleep when the clock starts.
 */
#include "measure.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>

enum {
    PAGES = 128,
    APART = 8 << 20, /* bytes: no two regions have a page table in common */
    DEFAULT_ROUNDS = 1500,
};

/* Shared by the workers, also when they are processes. */
struct shared {
    atomic_uint ready, done;
    atomic_uint first, last; /* ns, modulo 2^32: when the first began, when the last was done */
};

/* What one worker does. */
struct work {
    struct shared *shared;
    unsigned workers, pages;
};

/* Nanoseconds, modulo 2^32, and never 0. */
static unsigned now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return ((unsigned)time.tv_sec * 1000000000u + (unsigned)time.tv_nsec) | 1;
}

static void *touch(void *data)
{
    const struct work *work = data;
    struct shared *shared = work->shared;
    char *bytes = region(APART);
    if (!bytes)
        return NULL;
    atomic_fetch_add(&shared->ready, 1);
    while (atomic_load(&shared->ready) < work->workers)
        __builtin_ia32_pause();
    unsigned none = 0, start = now();
    atomic_compare_exchange_strong(&shared->first, &none, start);
    write_pages(bytes, work->pages);
    if (atomic_fetch_add(&shared->done, 1) + 1 == work->workers)
        atomic_store(&shared->last, now());
    while (atomic_load(&shared->done) < work->workers)
        __builtin_ia32_pause();
    munmap(bytes, APART);
    return NULL;
}

static bool two_threads(struct work *work)
{
    pthread_t other;
    if (pthread_create(&other, NULL, touch, work) != 0)
        return false;
    touch(work);
    pthread_join(other, NULL);
    return true;
}

static bool two_processes(struct work *work)
{
    pid_t child = fork_bare();
    if (child == 0) {
        touch(work);
        _exit(0);
    }
    if (child < 0)
        return false;
    touch(work);
    waitpid(child, NULL, 0);
    return true;
}

static bool one_thread(struct work *work)
{
    touch(work);
    return true;
}

/* Nanoseconds of one round; 0 if there can be none. */
static unsigned round_time(bool (*workers)(struct work *), struct work work)
{
    *work.shared = (struct shared){ 0 };
    return workers(&work) ? work.shared->last - work.shared->first : 0;
}

static void compare(const char *name, bool (*two)(struct work *), struct shared *shared,
                    unsigned rounds)
{
    unsigned best_one = -1u, best_two = -1u;
    for (unsigned i = 0; shared != MAP_FAILED && i < rounds; i++) {
        unsigned one = round_time(one_thread, (struct work){ shared, 1, 2 * PAGES });
        unsigned both = round_time(two, (struct work){ shared, 2, PAGES });
        if (!both)
            break;
        best_one = one < best_one ? one : best_one;
        best_two = both < best_two ? both : best_two;
    }
    if (best_two == -1u)
        printf("%s: not available here\n", name);
    else
        printf("figure parallel.%s %u\n%s: %u us alone, %u us with two\n", name,
               (unsigned)(best_two * 100ull / best_one), name, best_one / 1000, best_two / 1000);
}

int main(int argc, char **argv)
{
    unsigned rounds = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : DEFAULT_ROUNDS;
    setvbuf(stdout, NULL, _IONBF, 0);
    static struct shared own;
    compare("threads", two_threads, &own, rounds);
    compare("processes", two_processes,
            mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0), rounds);
    return 0;
}
