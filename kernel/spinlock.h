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
#include "gen/config.h"
#include "kernel/lock_order.h"
#include "kernel/preempt.h"
#include "lib/annotate.h"
#include "lib/types.h"

/* How a lock was ever taken: bits of spinlock.used. */
enum {
    SPIN_USED_IRQS_ON = 1 << 0, /* with interrupts on */
    SPIN_USED_IN_IRQ = 1 << 1,  /* by an interrupt handler */
};

/* (a) atomic; (c) constant; (h) written by the holder alone */
struct LOCKABLE spinlock {
    union {
        struct {
            u8 served; /* (h) the number that holds the lock, or draws it free */
            u8 next;   /* (a) the number the next comer draws */
        };
        u16 tickets; /* (a) both: 256 times next, plus served */
    };
    u8 rank;                /* (c) enum lock_rank */
    u8 used;                /* (h) SPIN_USED_... */
    const char *name;       /* (c) */
    struct spinlock *below; /* (h) held: the next in the list of those this CPU holds */
};

/*
 * The locks this CPU holds, highest rank first; at the end stands one of RANK_NONE.  So one
 * comparison with the first checks a new lock against all of them.
 */
DECLARE_PER_CPU(struct spinlock *, spin_top);

#define SPINLOCK_INIT(lock_rank, lock_name)      \
    {                                            \
        .rank = (lock_rank), .name = (lock_name) \
    }

/* Define the spinlock @name of rank @rank, unlocked. */
#define SPINLOCK(name, rank) struct spinlock name = SPINLOCK_INIT(rank, #name)

/* Make @lock an unlocked spinlock.  @name is kept, not copied. */
void spin_lock_init(struct spinlock *lock, enum lock_rank rank, const char *name);

/* What the inline functions below do in the unusual cases; for them alone. */
void spin_take_slowly(struct spinlock *lock);
void spin_give_slowly(struct spinlock *lock);
void spin_note_context(struct spinlock *lock);

/* Draw a ticket unless somebody would have to be waited for. */
static inline bool spin_draw_if_free(struct spinlock *lock)
{
    u16 free = (u16)(READ_ONCE(lock->served) * 0x101u); /* next and served are the same */
    return __atomic_compare_exchange_n(&lock->tickets, &free, (u16)(free + 0x100), false,
                                       __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

/*
 * Take @lock: preemption is off.  An interrupt between any two of these lines finds a list it can
 * put its own locks on, and leaves it as it was.
 */
static ALWAYS_INLINE void spin_take(struct spinlock *lock)
{
    struct spinlock *top = this_cpu_read(spin_top);
    if (unlikely(top->rank >= lock->rank) || unlikely(!spin_draw_if_free(lock))) {
        spin_take_slowly(lock);
        return;
    }
    lock->below = top;
    this_cpu_write(spin_top, lock);
}

static ALWAYS_INLINE void spin_give(struct spinlock *lock)
{
    if (unlikely(!this_cpu_is(spin_top, lock))) {
        spin_give_slowly(lock);
        return;
    }
    this_cpu_write(spin_top, lock->below);
    barrier(); /* the CPU lets no store pass a later one, the compiler might */
    lock->served++;
}

/* Wait for @lock and take it.  Locks above @lock's rank must not be held. */
static inline void spin_lock(struct spinlock *lock) ACQUIRES(*lock) UNCHECKED_LOCKS
{
    preempt_disable();
    spin_take(lock);
    if (unlikely(lock->used != SPIN_USED_IRQS_ON) || unlikely(in_interrupt()))
        spin_note_context(lock);
}

/* As spin_lock(), where interrupts are off already: the lock is never taken with them on. */
static inline void spin_lock_irqs_off(struct spinlock *lock) ACQUIRES(*lock) UNCHECKED_LOCKS
{
    preempt_disable();
    spin_take(lock);
    if (CONFIG_CHECK || unlikely(in_interrupt()))
        spin_note_context(lock);
}

static inline void spin_unlock(struct spinlock *lock) RELEASES(*lock) UNCHECKED_LOCKS
{
    spin_give(lock);
    preempt_enable();
}

/* Take @lock if nobody holds it; it may be of any rank, since this never waits. */
bool spin_trylock(struct spinlock *lock) TRY_ACQUIRES(true, *lock);

/* As spin_lock(), with interrupts off from before the lock is held. */
static inline irqflags_t spin_lock_irqsave(struct spinlock *lock) ACQUIRES(*lock) UNCHECKED_LOCKS
{
    irqflags_t flags = irq_save();
    preempt_disable();
    spin_take(lock);
    if (unlikely(in_interrupt()))
        spin_note_context(lock);
    return flags;
}

static inline void spin_unlock_irqrestore(struct spinlock *lock, irqflags_t flags)
    RELEASES(*lock) UNCHECKED_LOCKS
{
    spin_give(lock);
    irq_restore(flags);
    preempt_enable();
}

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
