/*
 * Reader-writer semaphores: many readers or one writer, the others sleep.
 *
 * Fair: one queue, first come, first served.  A reader that comes after a waiting writer waits
 * behind it, so writers do not starve; readers next to each other in the queue go in together.
 * The lock is handed over by the one who leaves: a waiter wakes up holding it.
 */
#ifndef KERNEL_RWSEM_H
#define KERNEL_RWSEM_H

#include "kernel/lock_order.h"
#include "kernel/spinlock.h"
#include "lib/annotate.h"
#include "lib/list.h"

struct task;

/* (a) atomic; (h) by the writer who holds it, or for him; (l) under lock; (c) constant */
struct LOCKABLE rwsem {
    struct lock_id id;      /* (c) */
    u32 count;              /* (a) how many hold it for reading, RWSEM_WRITER, RWSEM_WAITERS */
    struct task *writer;    /* (h) who holds it for writing, or NULL */
    struct spinlock lock;   /* taken only when somebody waits or has to */
    struct list_node queue; /* (l) waiters, longest first */
};

#define RWSEM_WRITER  0x40000000u /* held for writing */
#define RWSEM_WAITERS 0x80000000u /* somebody is in the queue: set and cleared under lock */

/* Make @sem free.  @name is kept, not copied. */
void rwsem_init(struct rwsem *sem, enum lock_rank rank, const char *name);

/*
 * Hold @sem together with other readers.  Sleeps.  Not twice by one task: a writer that comes
 * between would wait for the first, and the second for the writer.
 */
void down_read(struct rwsem *sem) ACQUIRES_SHARED(*sem);
void up_read(struct rwsem *sem) RELEASES_SHARED(*sem);

/* Hold @sem for reading if that is possible at once.  Task context. */
bool down_read_trylock(struct rwsem *sem) TSA(try_acquire_shared_capability(true, *sem));

/* Hold @sem alone.  Sleeps. */
void down_write(struct rwsem *sem) ACQUIRES(*sem);
void up_write(struct rwsem *sem) RELEASES(*sem);
bool down_write_trylock(struct rwsem *sem) TRY_ACQUIRES(true, *sem);

/* Become a reader without letting a writer in between. */
void downgrade_write(struct rwsem *sem) RELEASES(*sem) ACQUIRES_SHARED(*sem);

/* Does the current task hold @sem for writing?  Does anybody hold it at all? */
bool rwsem_is_write_held(const struct rwsem *sem);
bool rwsem_is_held(const struct rwsem *sem);

#endif
