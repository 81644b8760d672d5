/*
 * Timers, in a tree for each CPU, run by its tick; and sleeping, which is a timer that wakes.
 *
 * A timer may be cancelled by any CPU.  So each CPU notes which timer's function it is in:
 * timer_cancel() waits for it, and afterwards the timer's memory is the caller's.
 */
#include "kernel/timer.h"

#include "arch/x86/percpu.h"
#include "kernel/console.h"
#include "kernel/itimer.h"
#include "kernel/sched.h"
#include "kernel/spinlock.h"
#include "kernel/time.h"
#include "kernel/wall_clock.h"
#include "lib/assert.h"

/* The timers that run by one clock. */
struct timer_tree {
    struct rb_root root; /* by expires_ns */
    struct timer *first; /* the next to expire, NULL: none */
};

/* (l) under lock, taken with interrupts off */
struct timer_queue {
    struct spinlock lock;
    struct timer_tree by_clock, by_wall; /* (l) */
    struct timer *running;               /* (l) whose function is being called */
};

static DEFINE_PER_CPU(struct timer_queue, timer_queue);

void timer_init_cpu(unsigned cpu)
{
    struct timer_queue *queue = per_cpu_ptr(timer_queue, cpu);
    spin_lock_init(&queue->lock, RANK_TIMER, "timers");
}

void timer_setup(struct timer *timer, void (*function)(struct timer *self))
{
    *timer = (struct timer){ .function = function, .cpu = (u8)cpu_id() };
}

static bool expires_before(const struct rb_node *a, const struct rb_node *b)
{
    return rb_entry(a, struct timer, node)->expires_ns <
           rb_entry(b, struct timer, node)->expires_ns;
}

static struct timer_tree *tree_of(struct timer_queue *queue, const struct timer *timer)
    MUST_HOLD(queue->lock)
{
    return timer->by_wall ? &queue->by_wall : &queue->by_clock;
}

static void start(struct timer *timer, u64 expires_ns, bool by_wall)
{
    irqflags_t flags = irq_save(); /* stay on the CPU whose queue this is */
    struct timer_queue *queue = this_cpu_ptr(timer_queue);
    spin_lock_irqs_off(&queue->lock);
    assert(!timer->pending);
    timer->expires_ns = expires_ns;
    timer->by_wall = by_wall;
    timer->pending = true;
    WRITE_ONCE(timer->cpu, (u8)cpu_id());
    struct timer_tree *tree = tree_of(queue, timer);
    rb_insert(&tree->root, &timer->node, expires_before);
    if (!tree->first || expires_ns < tree->first->expires_ns)
        tree->first = timer;
    spin_unlock(&queue->lock);
    irq_restore(flags);
}

void timer_start(struct timer *timer, u64 expires_ns) { start(timer, expires_ns, false); }
void timer_start_wall(struct timer *timer, u64 expires_ns) { start(timer, expires_ns, true); }

static void take_out(struct timer_queue *queue, struct timer *timer) MUST_HOLD(queue->lock)
{
    struct timer_tree *tree = tree_of(queue, timer);
    rb_erase(&tree->root, &timer->node);
    timer->pending = false;
    if (tree->first != timer)
        return;
    struct rb_node *node = rb_first(&tree->root);
    tree->first = node ? rb_entry(node, struct timer, node) : NULL;
}

/* The queue that @timer is in, or was last in, locked. */
static struct timer_queue *lock_queue_of(const struct timer *timer,
                                         irqflags_t *flags) UNCHECKED_LOCKS
{
    for (;;) {
        unsigned cpu = READ_ONCE(timer->cpu);
        struct timer_queue *queue = per_cpu_ptr(timer_queue, cpu);
        *flags = spin_lock_irqsave(&queue->lock);
        if (timer->cpu == cpu)
            return queue;
        spin_unlock_irqrestore(&queue->lock, *flags); /* it was started elsewhere meanwhile */
    }
}

bool timer_cancel(struct timer *timer) UNCHECKED_LOCKS
{
    for (;;) {
        irqflags_t flags;
        struct timer_queue *queue = lock_queue_of(timer, &flags);
        bool was_pending = timer->pending;
        if (was_pending)
            take_out(queue, timer);
        bool running = queue->running == timer && queue != this_cpu_ptr(timer_queue);
        spin_unlock_irqrestore(&queue->lock, flags);
        if (!running)
            return was_pending;
        cpu_relax();
    }
}

/* Call the functions of those in @tree that expire until @now. */
static void run_due(struct timer_queue *queue, struct timer_tree *tree, u64 now)
    MUST_HOLD(queue->lock)
{
    while (tree->first && tree->first->expires_ns <= now) {
        struct timer *timer = tree->first;
        take_out(queue, timer);
        queue->running = timer;
        spin_unlock(&queue->lock);
        timer->function(timer);
        spin_lock_irqs_off(&queue->lock);
        queue->running = NULL;
    }
}

void timer_run(void)
{
    struct timer_queue *queue = this_cpu_ptr(timer_queue);
    const u64 now = time_now_ns(); /* one that starts itself again for soon waits for a tick */
    spin_lock_irqs_off(&queue->lock);
    run_due(queue, &queue->by_clock, now);
    if (queue->by_wall.first)
        run_due(queue, &queue->by_wall, wall_clock_at(now));
    spin_unlock(&queue->lock);
}

/* --- the tick -------------------------------------------------------------------------------- */

void time_tick(bool was_user)
{
    timer_run();
    sched_tick(was_user);
    itimer_tick(was_user);
    console_flush(); /* what an NMI said, and could not show itself */
}

/* --- sleeping -------------------------------------------------------------------------------- */

struct sleeper {
    struct timer timer;
    struct task *task;
};

static void wake_sleeper(struct timer *timer)
{
    task_wake(container_of(timer, struct sleeper, timer)->task);
}

static void sleep_until(u64 deadline_ns, bool by_wall)
{
    struct sleeper sleeper = { .task = current };
    timer_setup(&sleeper.timer, wake_sleeper);
    start(&sleeper.timer, deadline_ns, by_wall);
    schedule();
    timer_cancel(&sleeper.timer);
}

void schedule_until(u64 deadline_ns) { sleep_until(deadline_ns, false); }
void schedule_until_wall(u64 deadline_ns) { sleep_until(deadline_ns, true); }

void time_sleep_ns(u64 ns)
{
    u64 deadline_ns = time_now_ns() + ns;
    might_sleep();
    while (time_now_ns() < deadline_ns) {
        WRITE_ONCE(current->state, TASK_UNINTERRUPTIBLE);
        schedule_until(deadline_ns);
    }
}

void time_delay_ns(u64 ns)
{
    u64 deadline_ns = time_now_ns() + ns;
    while (time_now_ns() < deadline_ns)
        cpu_relax();
}
