/*
 * A storm of mappings: threads that map, unmap, protect, advise and use the same pages.
 *
 * Each page holds nothing or its own stamp.  Who finds another one there has seen a page that had
 * been taken away from here: a mapping that a CPU should have forgotten.
 */
#ifndef USER_STORM_MAPS_H
#define USER_STORM_MAPS_H

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>

#include "storm.h"

#define MAPS_BASE 0x20000000ul

enum {
    MAPS_THREADS = 8,
    MAPS_PAGES = 64,
    MAPS_STAMP = 0x5a000000,
};

struct maps_thread {
    pthread_t thread;
    uint32_t random;
    int file;
    unsigned long calls, uses, faults, wrong;
};

static volatile int maps_over;
static __thread sigjmp_buf maps_return;

static void maps_fault(int signal)
{
    (void)signal;
    siglongjmp(maps_return, 1);
}

static char *maps_page(unsigned page) { return (char *)(MAPS_BASE + (size_t)page * PAGE); }

/* Read or write one page, which may be there, or may not. */
static void maps_use(struct maps_thread *self, unsigned page, int writes)
{
    volatile unsigned *word = (volatile unsigned *)maps_page(page);
    if (sigsetjmp(maps_return, 1)) {
        self->faults++;
        return;
    }
    unsigned found = *word;
    if (found && found != MAPS_STAMP + page)
        self->wrong++;
    if (writes)
        *word = MAPS_STAMP + page;
    self->uses++;
}

static void maps_change(struct maps_thread *self, unsigned page, unsigned pages)
{
    static const int advice[] = { MADV_DONTNEED, MADV_FREE,     MADV_HUGEPAGE, MADV_NOHUGEPAGE,
                                  MADV_WILLNEED, MADV_DONTFORK, MADV_DOFORK };
    char *const at = maps_page(page);
    const size_t bytes = (size_t)pages * PAGE;
    const int all = PROT_READ | PROT_WRITE;
    self->calls++;
    switch (next_random(&self->random) % 8) {
    case 0:
        munmap(at, bytes);
        break;
    case 1:
        mmap(at, bytes, all, MAP_SHARED | MAP_FIXED, self->file, (off_t)page * PAGE);
        break;
    case 2:
        mmap(at, bytes, all, MAP_PRIVATE | MAP_FIXED, self->file, (off_t)page * PAGE);
        break;
    case 3:
        mprotect(at, bytes, (int)(next_random(&self->random) % 4));
        break;
    case 4:
    case 5:
        madvise(at, bytes, advice[next_random(&self->random) % 7]);
        break;
    default:
        mmap(at, bytes, all, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    }
}

static void *maps_run(void *data)
{
    struct maps_thread *self = data;
    while (!maps_over) {
        unsigned page = next_random(&self->random) % MAPS_PAGES;
        unsigned pages = 1 + next_random(&self->random) % 8;
        if (page + pages > MAPS_PAGES)
            pages = MAPS_PAGES - page;
        maps_change(self, page, pages);
        for (int i = 0; i < 8; i++) {
            page = next_random(&self->random) % MAPS_PAGES;
            maps_use(self, page, next_random(&self->random) % 2);
        }
    }
    return NULL;
}

/* Eight threads, the same 64 pages, for some seconds. */
static int maps_all_threads(long seconds)
{
    static struct maps_thread threads[MAPS_THREADS];
    struct sigaction action = { .sa_handler = maps_fault };
    struct maps_thread sum = { 0 };
    sigaction(SIGSEGV, &action, NULL);
    sigaction(SIGBUS, &action, NULL);
    int file = memfd_create("storm", 0);
    if (file < 0 || ftruncate(file, (MAPS_PAGES - 8) * PAGE)) /* the last pages are not there */
        return 0;
    for (unsigned i = 0; i < MAPS_THREADS; i++) {
        threads[i] = (struct maps_thread){ .random = 1 + i, .file = file };
        if (pthread_create(&threads[i].thread, NULL, maps_run, &threads[i]))
            return 0;
    }
    sleep((unsigned)seconds);
    maps_over = 1;
    for (unsigned i = 0; i < MAPS_THREADS; i++) {
        pthread_join(threads[i].thread, NULL);
        sum.calls += threads[i].calls;
        sum.uses += threads[i].uses;
        sum.faults += threads[i].faults;
        sum.wrong += threads[i].wrong;
    }
    printf("maps: %lu changes; %lu uses, %lu of pages that were not there, %lu of wrong ones\n",
           sum.calls, sum.uses, sum.faults, sum.wrong);
    return sum.calls && sum.uses && sum.faults && !sum.wrong;
}

static int storm_maps(long seconds, long unused)
{
    int status;
    (void)unused;
    pid_t pid = fork();
    if (pid == 0)
        exit(!maps_all_threads(seconds));
    return waitpid(pid, &status, 0) == pid && status == 0;
}

#endif
