/*
 * Spinlocks: waiting, and the checks that find a deadlock before it happens.
 *
 * Each CPU keeps the locks it holds in a list, highest rank first.  It answers all questions: does
 * a new lock come after all of them in the order; is it among them already; which are they, for a
 * report.  Interrupt handlers add to the list of the CPU they interrupted: what they take must
 * come after what the interrupted code holds, too.  They leave the list as they found it, and it
 * is whole after each store; so changing it needs no interrupts off.
 *
 * In spinlock.h, inline, is what happens nearly always: a free lock of a higher rank than all held
 * ones is taken, and the last one taken is released.  Here is the rest.
 */
#include "kernel/spinlock.h"

#include "kernel/panic.h"
#include "kernel/printk.h"
#include "kernel/report.h"
#include "lib/assert.h"

/* The end of every list. */
static struct spinlock bottom = SPINLOCK_INIT(RANK_NONE, "none");

DEFINE_PER_CPU(struct spinlock *, spin_top) = &bottom;

/* Stands in the list for a lock that the CPU took although it held it: a reported error. */
struct taken_again {
    struct spinlock mark;
    struct spinlock *lock; /* NULL: mark is not in use */
};

static DEFINE_PER_CPU(struct taken_again, taken_again);

static bool always_fair; /* for tests: tickets even on virtual CPUs */

void spin_set_always_fair(bool fair) { WRITE_ONCE(always_fair, fair); }

void spin_lock_init(struct spinlock *lock, enum lock_rank rank, const char *name)
{
    assert(rank > RANK_SPINNING && rank < RANK_COUNT);
    *lock = (struct spinlock)SPINLOCK_INIT((u8)rank, name);
}

/* How two locks of one rank may be held at once: not at all, or the lower address first. */
enum nesting { NESTING_NONE, NESTING_BY_ADDRESS };

static void report_order(const struct spinlock *lock, const struct spinlock *held)
{
    report("lock order: taking \"%s\" (rank %u) while holding \"%s\" (rank %u)", lock->name,
           lock->rank, held->name, held->rank);
}

/* Check @lock against all held ones.  Returns: false: this CPU holds it, to wait is for ever. */
static bool may_wait_for(const struct spinlock *lock, enum nesting nesting)
{
    const struct spinlock *held = this_cpu_read(spin_top);
    for (; held->rank >= lock->rank; held = held->below) {
        if (held == lock) {
            report("deadlock: CPU %u holds \"%s\" already", cpu_id(), lock->name);
            return false;
        }
        if (held->rank > lock->rank || nesting == NESTING_NONE || held > lock)
            report_order(lock, held);
    }
    return true;
}

/*
 * A lock taken by interrupt handlers must never be held where such an interrupt can come.  Nor may
 * one that comes after those that handlers take: the handler would take its own too late.
 */
void spin_note_context(struct spinlock *lock)
{
    if (!irqs_disabled()) {
        lock->used |= SPIN_USED_IRQS_ON;
        if (lock->rank > RANK_HANDLERS)
            report("lock order ahead: \"%s\" is taken with interrupts on, and handlers take locks "
                   "that come before it",
                   lock->name);
    }
    if (irqs_disabled() && in_interrupt())
        lock->used |= SPIN_USED_IN_IRQ;
    if (likely(lock->used != (SPIN_USED_IRQS_ON | SPIN_USED_IN_IRQ)))
        return;
    lock->used = 0;
    report("deadlock ahead: \"%s\" is taken by interrupts, and elsewhere with interrupts on",
           lock->name);
}

/* Put @lock, which this CPU has got, into the list at its rank's place. */
static void note_held(struct spinlock *lock)
{
    struct spinlock *top = this_cpu_read(spin_top);
    if (top->rank <= lock->rank) {
        lock->below = top;
        this_cpu_write(spin_top, lock);
    } else {
        while (top->below->rank > lock->rank)
            top = top->below;
        lock->below = top->below;
        top->below = lock;
    }
}

/* Have @lock's unlock do nothing: this CPU holds it twice. */
static void note_again(struct spinlock *lock)
{
    struct taken_again *again = this_cpu_ptr(taken_again);
    if (again->lock)
        panic("CPU %u takes \"%s\" when it has taken \"%s\" twice", cpu_id(), lock->name,
              again->lock->name);
    again->lock = lock;
    again->mark = (struct spinlock)SPINLOCK_INIT(lock->rank, lock->name);
    note_held(&again->mark);
}

/*
 * Wait for @lock: first come, first served.  But on virtual CPUs whoever looks when it is free
 * gets it: the one whose turn it is may itself be waiting for a real CPU, for milliseconds, and
 * all others would spin behind it.
 */
static void wait_for(struct spinlock *lock)
{
    if (cpu_has(CPU_HYPERVISOR) && !READ_ONCE(always_fair)) {
        while (!spin_draw_if_free(lock))
            cpu_relax();
        return;
    }
    u8 ticket = __atomic_fetch_add(&lock->next, 1, __ATOMIC_RELAXED);
    while (__atomic_load_n(&lock->served, __ATOMIC_ACQUIRE) != ticket)
        cpu_relax();
}

static void take(struct spinlock *lock, enum nesting nesting)
{
    if (!may_wait_for(lock, nesting)) {
        note_again(lock);
        return;
    }
    wait_for(lock);
    note_held(lock);
}

void spin_take_slowly(struct spinlock *lock) { take(lock, NESTING_NONE); }

void spin_lock_nested(struct spinlock *lock) UNCHECKED_LOCKS
{
    preempt_disable();
    take(lock, NESTING_BY_ADDRESS);
    spin_note_context(lock);
}

/* Take @lock off this CPU's list.  Returns: is it free now? */
static bool forget(struct spinlock *lock)
{
    struct taken_again *again = this_cpu_ptr(taken_again);
    struct spinlock *held = again->lock == lock ? &again->mark : lock;
    struct spinlock *above = this_cpu_read(spin_top);
    if (above == held) {
        this_cpu_write(spin_top, held->below);
    } else {
        while (above->below != held) {
            above = above->below;
            if (!above) {
                report("unlocking \"%s\", which CPU %u does not hold", lock->name, cpu_id());
                return false;
            }
        }
        above->below = held->below;
    }
    if (held != lock)
        again->lock = NULL;
    return held == lock;
}

void spin_give_slowly(struct spinlock *lock)
{
    if (!forget(lock))
        return;
    __atomic_store_n(&lock->served, (u8)(lock->served + 1), __ATOMIC_RELEASE);
}

bool spin_trylock(struct spinlock *lock) UNCHECKED_LOCKS
{
    preempt_disable();
    if (!spin_draw_if_free(lock)) {
        preempt_enable();
        return false;
    }
    if (!irqs_disabled())
        lock->used |= SPIN_USED_IRQS_ON; /* a handler that waits for it would be caught */
    note_held(lock);
    return true;
}

bool spin_is_held(const struct spinlock *lock)
{
    irqflags_t flags = irq_save(); /* stay on the CPU whose list this is */
    const struct spinlock *held = this_cpu_read(spin_top);
    while (held != &bottom && held != lock)
        held = held->below;
    irq_restore(flags);
    return held == lock;
}

void assert_held(const struct spinlock *lock) { assert(spin_is_held(lock)); }

unsigned spin_count_held(void)
{
    unsigned count = 0;
    irqflags_t flags = irq_save();
    for (const struct spinlock *held = this_cpu_read(spin_top); held != &bottom; held = held->below)
        count++;
    irq_restore(flags);
    return count;
}

void spin_print_held(void)
{
    irqflags_t flags = irq_save();
    for (const struct spinlock *held = this_cpu_read(spin_top); held != &bottom; held = held->below)
        pr_err("  holds \"%s\" (rank %u)\n", held->name, held->rank);
    irq_restore(flags);
}
