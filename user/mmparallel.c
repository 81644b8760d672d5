/*
 * Do faults of two CPUs disturb each other?  Two threads touch N pages each, in regions of their
 * own, and then one of them touches 2N while the other only spins: alternately, many times.
 *
 *     mmparallel [ROUNDS]
 *
 * Prints the time that two took in percent of the time that one took, for two threads of one
 * process and for two processes; 50 is ideal.  A busy host only ever adds to a time, so that the
 * shortest of all rounds are compared with each other.  Each worker waits for the other by
 * spinning (without PAUSE, which costs an emulator a lock): so nobody is asleep when the clock
 * starts, and both CPUs are busy all the time; one may be faster while its neighbour on the same
 * core is idle.
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
    DEFAULT_ROUNDS = 300,
};

/* Shared by the workers, also when they are processes. */
struct shared {
    atomic_uint ready, done;
    atomic_uint first, last; /* ns, modulo 2^32: when the first began, when the last was done */
};

/* What one worker does. */
struct work {
    struct shared *shared;
    unsigned pages;
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
        exit(1);
    atomic_fetch_add(&shared->ready, 1);
    while (atomic_load(&shared->ready) < 2)
        continue;
    unsigned none = 0, start = now();
    atomic_compare_exchange_strong(&shared->first, &none, start);
    write_pages(bytes, work->pages);
    if (atomic_fetch_add(&shared->done, 1) + 1 == 2)
        atomic_store(&shared->last, now());
    while (atomic_load(&shared->done) < 2)
        continue;
    munmap(bytes, APART);
    return NULL;
}

/* Let two threads do @works.  Returns: false: there can be no two. */
static bool threads(struct work works[2])
{
    pthread_t other;
    if (pthread_create(&other, NULL, touch, &works[1]) != 0)
        return false;
    touch(&works[0]);
    pthread_join(other, NULL);
    return true;
}

static bool processes(struct work works[2])
{
    pid_t child = fork_bare();
    if (child == 0) {
        touch(&works[1]);
        _exit(0);
    }
    if (child < 0)
        return false;
    touch(&works[0]);
    waitpid(child, NULL, 0);
    return true;
}

/* Nanoseconds that it takes two workers to touch so many pages; 0 if there can be no two. */
static unsigned round_time(bool (*workers)(struct work *), struct shared *shared, unsigned first,
                           unsigned second)
{
    *shared = (struct shared){ 0 };
    struct work works[2] = { { shared, first }, { shared, second } };
    return workers(works) ? shared->last - shared->first : 0;
}

static void compare(const char *name, bool (*workers)(struct work *), struct shared *shared,
                    unsigned rounds)
{
    unsigned best_one = -1u, best_two = -1u;
    for (unsigned i = 0; shared != MAP_FAILED && i < rounds; i++) {
        unsigned one = round_time(workers, shared, 2 * PAGES, 0);
        unsigned both = round_time(workers, shared, PAGES, PAGES);
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
    compare("threads", threads, &own, rounds);
    compare("processes", processes,
            mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0), rounds);
    return 0;
}
