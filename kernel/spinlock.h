/*
 * Spinlocks: for a few instructions, on any CPU, in any context.
 *
 * A ticket lock: whoever comes draws a number and waits until it is served, so nobody is
 * overtaken (on virtual CPUs somebody may be, see spinlock.c).  Preemption is off while one is
 * held.  A lock that interrupt handlers take is always taken with interrupts off (the _irqsave
 * functions), or a handler could wait for the very code it interrupted.
 *
 * Checked at every lock and unlock, in every build: the rank (lock_order.h), that this CPU does
 * not hold it already, that a lock used by interrupt handlers is not taken elsewhere with
 * interrupts on, that the one who unlocks holds it.
 */
#ifndef KERNEL_SPINLOCK_H
#define KERNEL_SPINLOCK_H

#include "arch/x86/cpu.h"
#include "kernel/lock_order.h"
#include "kernel/preempt.h"
#include "lib/annotate.h"
#include "lib/types.h"

/* (a) atomic; (c) constant; (h) written by the holder alone */
struct LOCKABLE spinlock {
    u16 next;         /* (a) the number the next comer draws */
    u16 served;       /* (h) the number that holds the lock, or draws it free */
    u8 rank;          /* (c) enum lock_rank */
    u8 used_irqs_on;  /* (h) was ever taken with interrupts on */
    u8 used_in_irq;   /* (h) was ever taken by an interrupt handler */
    s8 holder;        /* (h) the CPU that holds it, -1: none */
    const char *name; /* (c) */
};

#define SPINLOCK_INIT(lock_rank, lock_name)                    \
    {                                                          \
        .rank = (lock_rank), .holder = -1, .name = (lock_name) \
    }

/* Define the spinlock @name of rank @rank, unlocked. */
#define SPINLOCK(name, rank) struct spinlock name = SPINLOCK_INIT(rank, #name)

/* Make @lock an unlocked spinlock.  @name is kept, not copied. */
void spin_lock_init(struct spinlock *lock, enum lock_rank rank, const char *name);

/* Wait for @lock and take it.  Locks above @lock's rank must not be held. */
void spin_lock(struct spinlock *lock) ACQUIRES(*lock);
void spin_unlock(struct spinlock *lock) RELEASES(*lock);

/* Take @lock if nobody holds it; it may be of any rank, since this never waits. */
bool spin_trylock(struct spinlock *lock) TRY_ACQUIRES(true, *lock);

/* As spin_lock(), with interrupts off from before the lock is held. */
irqflags_t spin_lock_irqsave(struct spinlock *lock) ACQUIRES(*lock);
void spin_unlock_irqrestore(struct spinlock *lock, irqflags_t flags) RELEASES(*lock);

/* As spin_lock(), for a second lock of a rank already held: its address must be the higher one. */
void spin_lock_nested(struct spinlock *lock) ACQUIRES(*lock);

/* Does this CPU hold @lock? */
bool spin_is_held(const struct spinlock *lock);

/* Assert that this CPU holds @lock, and tell the compiler. */
void assert_held(const struct spinlock *lock) TSA(assert_capability(*lock));

/* Print the spinlocks this CPU holds, for reports.  Any context. */
void spin_print_held(void);

/* How many spinlocks this CPU holds. */
unsigned spin_count_held(void);

/* Serve waiters in turn even on virtual CPUs, which do not by themselves: for tests. */
void spin_set_always_fair(bool fair);

#endif
