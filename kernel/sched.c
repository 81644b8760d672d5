/*
 * The scheduler: taking turns, sleeping, waking.
 *
 * A task is in one of three places, and its run queue's lock guards the way between them:
 *
 *                 picked                       its state is not RUNNING
 *       ready  ------------>  running on a CPU  ------------------------>  asleep
 *         ^                      |                                           |
 *         +----------------------+  its turn is over, or somebody           |
 *         |                         more urgent woke                        |
 *         +------------------------------------------------------------------+
 *                                   task_wake()
 *
 * The lock stays held from before the outgoing task's state is looked at until its registers are
 * saved; the incoming task releases it.  So a waker, who takes the same lock, finds the task
 * either not gone yet or gone completely.
 *
 *     joins the ready list     | where  | its slice
 *    --------------------------+--------+----------------------------------
 *     turn over, or yields     | last   | a new one
 *     preempted in its turn    | first  | what is left
 *     wakes with some left     | first  | what is left; preempts the running
 *     wakes with none left     | last   | a new one
 */
#include "kernel/sched.h"

#include "arch/x86/context.h"
#include "arch/x86/fpu.h"
#include "arch/x86/ipi.h"
#include "arch/x86/run_clock.h"
#include "arch/x86/tlb.h"
#include "kernel/panic.h"
#include "kernel/report.h"
#include "kernel/run_queue.h"
#include "kernel/time.h"
#include "kernel/timer.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "mm/kmap_local.h"

enum {
    BALANCE_TICKS = 10, /* a busy CPU looks around this often */
};

DEFINE_PER_CPU(struct run_queue, run_queue);
DEFINE_PER_CPU(u32, sched_pinned_tasks);

static bool running; /* the first tick has come: from here on tasks switch */

bool sched_is_running(void) { return READ_ONCE(running); }

/* --- who wants the CPU ----------------------------------------------------------------------- */

void set_need_resched(unsigned cpu)
{
    irqflags_t flags = irq_save(); /* stay here between the question and the answer */
    u32 *wish = per_cpu_ptr(need_resched_flag, cpu);
    bool wished_before = __atomic_exchange_n(wish, 1, __ATOMIC_SEQ_CST);
    if (cpu == cpu_id())
        preempt_fold();
    else if (!wished_before)
        ipi_reschedule(cpu);
    irq_restore(flags);
}

static void clear_need_resched(void)
{
    this_cpu_write(need_resched_flag, 0);
    this_cpu_or(preempt_count, PREEMPT_NO_RESCHED);
}

/* --- the ready list -------------------------------------------------------------------------- */

static void add_last(struct run_queue *rq, struct task *task) MUST_HOLD(rq->lock)
{
    task->slice_ticks = sched_turn_ticks(&task->wish);
    list_add_tail(&task->run_node, &rq->ready);
    rq->ready_count++;
}

static void add_first(struct run_queue *rq, struct task *task) MUST_HOLD(rq->lock)
{
    list_add(&task->run_node, &rq->ready);
    rq->ready_count++;
}

static struct task *take_first(struct run_queue *rq) MUST_HOLD(rq->lock)
{
    if (list_empty(&rq->ready) && !balance_pull(rq, 1))
        return rq->idle;
    struct task *task = list_first_entry(&rq->ready, struct task, run_node);
    list_del(&task->run_node);
    rq->ready_count--;
    return task;
}

/* Make @task, which has just woken, ready on @rq's CPU, which is task->cpu. */
static void activate(struct run_queue *rq, struct task *task) MUST_HOLD(rq->lock)
{
    task->queued = true;
    if (task->slice_ticks == 0) {
        add_last(rq, task);
        if (rq->running == rq->idle)
            set_need_resched(rq->cpu);
        return;
    }
    add_first(rq, task);
    set_need_resched(rq->cpu);
}

/* Make @task, which is on no list and which nobody else touches, ready on CPU task->cpu. */
static void join(struct task *task)
{
    struct run_queue *rq = run_queue_of(task->cpu);
    spin_lock_irqs_off(&rq->lock);
    activate(rq, task);
    spin_unlock(&rq->lock);
}

/* --- switching ------------------------------------------------------------------------------- */

/* Why the running task is giving up the CPU. */
enum switch_reason { SWITCH_SLEEP, SWITCH_YIELD, SWITCH_PREEMPTED };

/* What the incoming task does first: it still holds the run queue's lock. */
static void switch_end(struct run_queue *rq) UNCHECKED_LOCKS
{
    struct task *previous = rq->previous;
    bool left = !previous->queued && !previous->is_idle;
    bool moves = left && previous->state == TASK_RUNNING;
    bool ended = left && previous->state >= TASK_ZOMBIE;
    if (unlikely(moves))
        previous->cpu = (u8)balance_choose_cpu(previous);
    spin_unlock(&rq->lock);

    if (unlikely(moves))
        join(previous); /* only now: its registers are saved */
    else if (unlikely(ended))
        task_put(previous); /* the reference that a running task has to itself */
}

/* What has passed is the running task's. */
static ALWAYS_INLINE void count_run_time(struct run_queue *rq) MUST_HOLD(rq->lock)
{
    u32 now = (u32)run_clock();
    struct task *task = rq->running;
    task->run.count[task->run_mode] += now - rq->since;
    rq->since = now;
}

/* Run @next in place of @previous: returns when somebody switches back to @previous. */
static void switch_tasks(struct run_queue *rq, struct task *previous,
                         struct task *next) UNCHECKED_LOCKS
{
    count_run_time(rq);
    rq->running = next;
    rq->previous = previous;
    rq->switches++;
    next->switches++;
    if (unlikely(previous->kmap.depth))
        kmap_sched_out(previous);
    if (previous->mm || next->mm)
        mm_switch(next->mm);
    machine_switch(previous, next);
    this_cpu_write(current_task, next);
    context_switch(&previous->saved_sp, next->saved_sp);

    /* Another CPU perhaps, and whoever ran there before us. */
    if (unlikely(previous->kmap.depth))
        kmap_sched_in(previous);
    switch_end(this_cpu_ptr(run_queue));
}

/* Must @task, whose state may say that it is about to sleep, go to another CPU first? */
static bool must_leave(const struct task *task)
{
    return unlikely(!sched_cpu_allowed(task)) && !task_is_pinned(task) &&
           task->state == TASK_RUNNING;
}

/*
 * Put the outgoing task where it belongs, and choose who runs next.  One that must leave this CPU
 * goes on no list: switch_end() sends it on.
 */
static struct task *choose_next(struct run_queue *rq, enum switch_reason why) MUST_HOLD(rq->lock)
{
    struct task *previous = rq->running;
    if (previous == rq->idle)
        return take_first(rq);
    bool sleeps = previous->state != TASK_RUNNING && why != SWITCH_PREEMPTED;
    if (sleeps || must_leave(previous)) {
        previous->queued = false;
        return take_first(rq);
    }
    if (why == SWITCH_YIELD || previous->slice_ticks == 0) {
        add_last(rq, previous);
        return take_first(rq);
    }
    if (list_empty(&rq->ready))
        return previous;
    struct task *overtaker = take_first(rq);
    add_first(rq, previous); /* in the midst of its turn: first again, behind who woke */
    return overtaker;
}

/* Give the CPU to whoever is next.  Interrupts and preemption are off. */
static void reschedule(enum switch_reason why) UNCHECKED_LOCKS
{
    struct run_queue *rq = this_cpu_ptr(run_queue);
    struct task *previous = rq->running;
    spin_lock_irqs_off(&rq->lock);
    clear_need_resched();
    struct task *next = choose_next(rq, why);
    if (next == previous)
        spin_unlock(&rq->lock);
    else
        switch_tasks(rq, previous, next);
}

static void give_up_cpu(enum switch_reason why)
{
    if (unlikely(in_atomic())) {
        report("task %d (%s) schedules in atomic context (preempt_count %x)", current->pid,
               current->name, this_cpu_read(preempt_count));
        return;
    }
    irqflags_t flags = irq_save();
    do {
        preempt_disable();
        reschedule(why);
        preempt_enable_no_resched();
        why = SWITCH_SLEEP;
    } while (need_resched());
    irq_restore(flags);
}

void schedule(void) { give_up_cpu(SWITCH_SLEEP); }

void sched_yield(void) { give_up_cpu(SWITCH_YIELD); }

void preempt_schedule(void)
{
    if (irqs_disabled())
        return; /* the next preempt_enable(), or the next interrupt, asks again */
    irq_disable();
    preempt_schedule_irq();
    irq_enable();
}

void preempt_schedule_irq(void)
{
    while (preempt_pending()) {
        preempt_disable();
        reschedule(SWITCH_PREEMPTED);
        preempt_enable_no_resched();
    }
}

void preempt_schedule_user(void)
{
    irq_enable();
    schedule();
    irq_disable();
}

void task_first_run(void)
{
    switch_end(this_cpu_ptr(run_queue));
    preempt_enable_no_resched();
    irq_enable();
}

/* --- waking ---------------------------------------------------------------------------------- */

struct run_queue *run_queue_lock_of(const struct task *task) UNCHECKED_LOCKS
{
    for (;;) {
        struct run_queue *rq = run_queue_of(READ_ONCE(task->cpu));
        spin_lock_irqs_off(&rq->lock);
        if (rq->cpu == task->cpu)
            return rq;
        spin_unlock(&rq->lock); /* it moved before we had the lock */
    }
}

/* Make @task run if its state is one of the bits in @states. */
static bool wake(struct task *task, unsigned states) UNCHECKED_LOCKS
{
    irqflags_t flags = irq_save();
    struct run_queue *rq = run_queue_lock_of(task);
    bool woken = states >> READ_ONCE(task->state) & 1;
    bool joins = woken && !task->queued; /* else it has not gone yet: it just stays */
    if (woken)
        WRITE_ONCE(task->state, TASK_RUNNING);
    if (joins)
        task->cpu = (u8)balance_choose_cpu(task);
    bool moves = task->cpu != rq->cpu;
    if (joins && !moves)
        activate(rq, task);
    spin_unlock(&rq->lock);
    if (moves)
        join(task);
    irq_restore(flags);
    return woken;
}

bool task_wake(struct task *task)
{
    return wake(task, 1 << TASK_NEW | 1 << TASK_INTERRUPTIBLE | 1 << TASK_KILLABLE |
                          1 << TASK_UNINTERRUPTIBLE);
}

bool task_interrupt(struct task *task, bool fatal)
{
    if (wake(task, 1 << TASK_INTERRUPTIBLE | (fatal ? 1 << TASK_KILLABLE : 0)))
        return true;
    unsigned cpu = READ_ONCE(task->cpu);
    if (task != current && READ_ONCE(run_queue_of(cpu)->running) == task)
        set_need_resched(cpu); /* if it leaves that CPU meanwhile it looks anyway */
    return false;
}

int sched_set_affinity(struct task *task, u32 cpus) UNCHECKED_LOCKS
{
    cpus &= (1u << __atomic_load_n(&cpus_online, __ATOMIC_ACQUIRE)) - 1;
    if (!cpus)
        return -EINVAL;
    irqflags_t flags = irq_save();
    struct run_queue *rq = run_queue_lock_of(task);
    task->affinity = cpus;
    bool must_move = task->queued && !sched_cpu_allowed(task) && !task_is_pinned(task);
    task->move_pending = !sched_cpu_allowed(task) && task_is_pinned(task);
    bool waits = must_move && rq->running != task && task->state == TASK_RUNNING;
    if (waits) {
        list_del(&task->run_node);
        rq->ready_count--;
        task->queued = false;
        task->cpu = (u8)balance_choose_cpu(task);
    } else if (must_move) {
        set_need_resched(rq->cpu); /* choose_next() moves it */
    }
    spin_unlock(&rq->lock);
    if (waits)
        join(task);
    irq_restore(flags);
    if (must_move && task == current)
        schedule();
    return 0;
}

/* --- the tick -------------------------------------------------------------------------------- */

void sched_tick(bool was_user)
{
    struct run_queue *rq = this_cpu_ptr(run_queue);
    running = true;
    spin_lock_irqs_off(&rq->lock);
    struct task *task = rq->running;
    task->run_mode = was_user ? RUN_USER : RUN_SYSTEM;
    count_run_time(rq);
    if (task->is_idle) {
        rq->ticks[TICK_IDLE]++;
        if (!list_empty(&rq->ready) || balance_pull(rq, 1))
            set_need_resched(rq->cpu);
    } else {
        rq->ticks[was_user ? TICK_USER : TICK_SYSTEM]++;
        if (task->slice_ticks > 0)
            task->slice_ticks--;
        if ((rq->ticks[TICK_USER] + rq->ticks[TICK_SYSTEM]) % BALANCE_TICKS == 0)
            balance_pull(rq, 2);
        if (task->slice_ticks == 0 && !list_empty(&rq->ready))
            set_need_resched(rq->cpu);
    }
    spin_unlock(&rq->lock);
}

/* --- starting -------------------------------------------------------------------------------- */

void sched_init_cpu(unsigned cpu, struct task *first, struct task *idle)
{
    struct run_queue *rq = run_queue_of(cpu);
    spin_lock_init(&rq->lock, RANK_RUN_QUEUE, "run queue");
    list_init(&rq->ready);
    rq->cpu = cpu;
    rq->idle = idle;
    rq->running = first;
    rq->since = (u32)run_clock();
    timer_init_cpu(cpu);
    __atomic_store_n(&rq->started, true, __ATOMIC_RELEASE);
}

void sched_init(void)
{
    struct task *idle = task_create_idle(0);
    if (!idle)
        panic("no memory for the first CPU's idle task");
    list_add_tail(&boot_task.all_node, &all_tasks);
    sched_init_cpu(0, &boot_task, idle);
    task_start_reaper();
}
