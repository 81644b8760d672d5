/*
 * The sleeping locks a task holds: what mutex.c and rwsem.c check before they wait.
 */
#ifndef KERNEL_LOCK_HELD_H
#define KERNEL_LOCK_HELD_H

#include "kernel/lock_order.h"
#include "lib/types.h"

/*
 * Note that the current task is about to take @lock; report it if a held lock's rank is not below
 * @rank, or if the task holds @lock already.
 */
void lock_note_taking(const void *lock, enum lock_rank rank, const char *name);

/* The same for a trylock, which never waits and so may come in any order. */
void lock_note_taken(const void *lock, enum lock_rank rank, const char *name);

/*
 * Note that the current task lets @lock go; report it if the task does not hold it.
 * Returns: whether it does.
 */
bool lock_note_released(const void *lock, const char *name);

/* Print the sleeping locks of the current task, for reports.  Any context. */
void lock_print_held(void);

#endif
