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

/* (l) under lock; (c) constant */
struct LOCKABLE mutex {
    struct spinlock lock;
    struct task *holder;    /* (l) NULL: free */
    struct list_node queue; /* (l) waiters, longest first */
    u8 rank;                /* (c) enum lock_rank */
    const char *name;       /* (c) */
};

#define MUTEX_INIT(mutex, mutex_rank, mutex_name)                                              \
    {                                                                                          \
        .lock = SPINLOCK_INIT(RANK_WAIT_QUEUE, mutex_name), .queue = LIST_INIT((mutex).queue), \
        .rank = (mutex_rank), .name = (mutex_name)                                             \
    }

/* Define the mutex @name of rank @rank, unlocked. */
#define MUTEX(name, rank) struct mutex name = MUTEX_INIT(name, rank, #name)

/* Make @mutex unlocked.  @name is kept, not copied. */
void mutex_init(struct mutex *mutex, enum lock_rank rank, const char *name);

/* Take @mutex.  Sleeps. */
void mutex_lock(struct mutex *mutex) ACQUIRES(*mutex);

/* Give @mutex to the longest waiter, or free it.  The caller holds it. */
void mutex_unlock(struct mutex *mutex) RELEASES(*mutex);

/* Take @mutex if it is free.  Task context. */
bool mutex_trylock(struct mutex *mutex) TRY_ACQUIRES(true, *mutex);

/* Does the current task hold @mutex? */
bool mutex_is_held(const struct mutex *mutex);

#endif
