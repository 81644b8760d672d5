/*
 * Mutexes: one holder, the others sleep.
 *
 * First come, first served: unlocking hands the mutex to the longest waiter, so it cannot be
 * overtaken and no wake-up is lost.  Never in interrupts, never with a spinlock held.
 */
#ifndef KERNEL_MUTEX_H
#define KERNEL_MUTEX_H

#include "kernel/lock_order.h"
#include "kernel/spinlock.h"
#include "lib/annotate.h"
#include "lib/list.h"

struct task;

/* (a) atomic; (l) under lock; (c) constant */
struct LOCKABLE mutex {
    struct lock_id id;      /* (c) */
    uintptr_t owner;        /* (a) the task that holds it, and MUTEX_WAITERS; 0: free */
    struct spinlock lock;   /* taken only when somebody waits or has to */
    struct list_node queue; /* (l) waiters, longest first */
};

/* Somebody is in the queue: set and cleared under lock, and it is not free. */
enum { MUTEX_WAITERS = 1 };

#define MUTEX_INIT(mutex, mutex_rank, mutex_name)                                             \
    {                                                                                         \
        .id = { .rank = (mutex_rank), .name = (mutex_name) },                                 \
        .lock = SPINLOCK_INIT(RANK_WAIT_QUEUE, mutex_name), .queue = LIST_INIT((mutex).queue) \
    }

/* Define the mutex @name of rank @rank, unlocked. */
#define MUTEX(name, rank) struct mutex name = MUTEX_INIT(name, rank, #name)

/* Make @mutex unlocked.  @name is kept, not copied. */
void mutex_init(struct mutex *mutex, enum lock_rank rank, const char *name);

/* Take @mutex.  Sleeps. */
void mutex_lock(struct mutex *mutex) ACQUIRES(*mutex);

/*
 * Take @mutex, a second one of a rank that is held already.  Whoever does so holds one lock that
 * everybody holds who does so: then no two can wait for each other.  Sleeps.
 */
void mutex_lock_nested(struct mutex *mutex) ACQUIRES(*mutex);

/* Give @mutex to the longest waiter, or free it.  The caller holds it. */
void mutex_unlock(struct mutex *mutex) RELEASES(*mutex);

/* Take @mutex if it is free.  Task context. */
bool mutex_trylock(struct mutex *mutex) TRY_ACQUIRES(true, *mutex);

/* Does the current task hold @mutex? */
bool mutex_is_held(const struct mutex *mutex);

#endif
