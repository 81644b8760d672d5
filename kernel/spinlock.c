/*
 * Spinlocks, and the checks that find a deadlock before it happens.
 *
 * Each CPU keeps the locks it holds in a short list.  It answers all questions: does a new lock
 * come after all of them in the order; is it among them already; which are they, for a report.
 * Interrupt handlers add to the list of the CPU they interrupted: what they take must come after
 * what the interrupted code holds, too.
 */
#include "kernel/spinlock.h"

#include "kernel/panic.h"
#include "kernel/printk.h"
#include "kernel/report.h"
#include "lib/assert.h"

enum {
    HELD_MAX = 16,
};

/*
 * The locks a CPU holds.  One that it took although it held it already (a reported error) is
 * marked in the pointer's lowest bit: unlocking it frees nothing.
 */
struct held_spinlocks {
    unsigned count;
    uintptr_t locks[HELD_MAX];
};

enum { HELD_AGAIN = 1 };

static DEFINE_PER_CPU(struct held_spinlocks, held_spinlocks);

static bool always_fair; /* for tests: tickets even on virtual CPUs */

void spin_set_always_fair(bool fair) { WRITE_ONCE(always_fair, fair); }

void spin_lock_init(struct spinlock *lock, enum lock_rank rank, const char *name)
{
    assert(rank > RANK_SPINNING && rank < RANK_COUNT);
    *lock = (struct spinlock)SPINLOCK_INIT((u8)rank, name);
}

static struct spinlock *held_lock(uintptr_t held)
{
    return (struct spinlock *)(held & ~(uintptr_t)HELD_AGAIN);
}

/* How two locks of one rank may be held at once: not at all, or the lower address first. */
enum nesting { NESTING_NONE, NESTING_BY_ADDRESS };

static void report_order(const struct spinlock *lock, const struct spinlock *held)
{
    report("lock order: taking \"%s\" (rank %u) while holding \"%s\" (rank %u)", lock->name,
           lock->rank, held->name, held->rank);
}

/* Check @lock against all held ones.  Returns: false: this CPU holds it, to wait is for ever. */
static NOINLINE bool may_wait_for(const struct held_spinlocks *held, const struct spinlock *lock,
                                  enum nesting nesting)
{
    for (unsigned i = 0; i < held->count; i++) {
        const struct spinlock *other = held_lock(held->locks[i]);
        if (other->rank < lock->rank)
            continue;
        if (other == lock) {
            report("deadlock: CPU %u holds \"%s\" already", cpu_id(), lock->name);
            return false;
        }
        if (other->rank > lock->rank || nesting == NESTING_NONE || other > lock)
            report_order(lock, other);
    }
    return true;
}

static NOINLINE void report_context(struct spinlock *lock)
{
    lock->used_irqs_on = lock->used_in_irq = false;
    report("deadlock ahead: \"%s\" is taken by interrupts, and elsewhere with interrupts on",
           lock->name);
}

/* A lock taken by interrupt handlers must never be held where such an interrupt can come. */
static void note_context(struct spinlock *lock, bool irqs_on)
{
    if (irqs_on)
        lock->used_irqs_on = true;
    else if (in_interrupt())
        lock->used_in_irq = true;
    if (unlikely(lock->used_irqs_on && lock->used_in_irq))
        report_context(lock);
}

static void note_held(struct held_spinlocks *held, struct spinlock *lock, unsigned mark)
{
    if (unlikely(held->count == HELD_MAX))
        panic("CPU %u holds %u spinlocks", cpu_id(), HELD_MAX);
    held->locks[held->count++] = (uintptr_t)lock | mark;
}

/* Draw a ticket unless somebody would have to be waited for. */
static bool draw_if_free(struct spinlock *lock)
{
    u16 served = __atomic_load_n(&lock->served, __ATOMIC_RELAXED);
    return __atomic_compare_exchange_n(&lock->next, &served, (u16)(served + 1), false,
                                       __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

/*
 * Wait for @lock: first come, first served.  But on virtual CPUs whoever looks when it is free
 * gets it: the one whose turn it is may itself be waiting for a real CPU, for milliseconds, and
 * all others would spin behind it.
 */
static NOINLINE void wait_for(struct spinlock *lock)
{
    if (cpu_has(CPU_HYPERVISOR) && !READ_ONCE(always_fair)) {
        while (!draw_if_free(lock))
            cpu_relax();
        return;
    }
    u16 ticket = __atomic_fetch_add(&lock->next, 1, __ATOMIC_RELAXED);
    while (__atomic_load_n(&lock->served, __ATOMIC_ACQUIRE) != ticket)
        cpu_relax();
}

/* Take @lock: preemption is off. */
static void take(struct spinlock *lock, enum nesting nesting, bool irqs_on)
{
    struct held_spinlocks *held = this_cpu_ptr(held_spinlocks);
    if (held->count && unlikely(!may_wait_for(held, lock, nesting))) {
        note_held(held, lock, HELD_AGAIN);
        return;
    }
    if (unlikely(!draw_if_free(lock)))
        wait_for(lock);
    lock->holder = (s8)cpu_id();
    note_context(lock, irqs_on);
    note_held(held, lock, 0);
}

/* Take @lock, which is not the last of the list, off it.  Returns: its entry, 0: not there. */
static NOINLINE uintptr_t forget_earlier(struct held_spinlocks *held, const struct spinlock *lock)
{
    for (unsigned i = held->count; i-- > 0;) {
        uintptr_t entry = held->locks[i];
        if (held_lock(entry) != lock)
            continue;
        held->count--;
        for (; i < held->count; i++)
            held->locks[i] = held->locks[i + 1];
        return entry;
    }
    report("unlocking \"%s\", which CPU %u does not hold (holder: CPU %d)", lock->name, cpu_id(),
           lock->holder);
    return 0;
}

static void give(struct spinlock *lock)
{
    struct held_spinlocks *held = this_cpu_ptr(held_spinlocks);
    unsigned last = held->count - 1;
    if (likely(held->count && held->locks[last] == (uintptr_t)lock))
        held->count = last;
    else if (forget_earlier(held, lock) != (uintptr_t)lock)
        return;
    lock->holder = -1;
    __atomic_store_n(&lock->served, (u16)(lock->served + 1), __ATOMIC_RELEASE);
}

void spin_lock(struct spinlock *lock) UNCHECKED_LOCKS
{
    preempt_disable();
    take(lock, NESTING_NONE, !irqs_disabled());
}

void spin_unlock(struct spinlock *lock) UNCHECKED_LOCKS
{
    give(lock);
    preempt_enable();
}

void spin_lock_nested(struct spinlock *lock) UNCHECKED_LOCKS
{
    preempt_disable();
    take(lock, NESTING_BY_ADDRESS, !irqs_disabled());
}

irqflags_t spin_lock_irqsave(struct spinlock *lock) UNCHECKED_LOCKS
{
    irqflags_t flags = irq_save();
    preempt_disable();
    take(lock, NESTING_NONE, false);
    return flags;
}

void spin_unlock_irqrestore(struct spinlock *lock, irqflags_t flags) UNCHECKED_LOCKS
{
    give(lock);
    irq_restore(flags);
    preempt_enable();
}

bool spin_trylock(struct spinlock *lock) UNCHECKED_LOCKS
{
    preempt_disable();
    if (!draw_if_free(lock)) {
        preempt_enable();
        return false;
    }
    lock->holder = (s8)cpu_id();
    if (!irqs_disabled())
        lock->used_irqs_on = true; /* a handler that waits for it would be caught */
    note_held(this_cpu_ptr(held_spinlocks), lock, 0);
    return true;
}

bool spin_is_held(const struct spinlock *lock)
{
    irqflags_t flags = irq_save(); /* stay on the CPU whose list this is */
    const struct held_spinlocks *held = this_cpu_ptr(held_spinlocks);
    bool found = false;
    for (unsigned i = 0; i < held->count; i++)
        found |= held_lock(held->locks[i]) == lock;
    irq_restore(flags);
    return found;
}

void assert_held(const struct spinlock *lock) { assert(spin_is_held(lock)); }

unsigned spin_count_held(void)
{
    irqflags_t flags = irq_save();
    unsigned count = this_cpu_ptr(held_spinlocks)->count;
    irq_restore(flags);
    return count;
}

void spin_print_held(void)
{
    irqflags_t flags = irq_save();
    const struct held_spinlocks *held = this_cpu_ptr(held_spinlocks);
    for (unsigned i = 0; i < held->count; i++)
        pr_err("  holds \"%s\" (rank %u)\n", held_lock(held->locks[i])->name,
               held_lock(held->locks[i])->rank);
    irq_restore(flags);
}
