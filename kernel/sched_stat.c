/*
 * What the scheduler counts, for those who want to know.
 */
#include "arch/x86/percpu.h"
#include "arch/x86/run_clock.h"
#include "kernel/run_queue.h"
#include "kernel/sched.h"
#include "kernel/task.h"

struct run_time sched_run_time(const struct task *task) UNCHECKED_LOCKS
{
    irqflags_t flags = irq_save();
    struct run_queue *rq = run_queue_lock_of(task);
    struct run_time run = task->run;
    s32 more = (s32)((u32)run_clock() - rq->since);
    if (rq->running == task && more > 0) /* another CPU's TSC may be ahead */
        run.count[task->run_mode] += (u32)more;
    spin_unlock(&rq->lock);
    irq_restore(flags);
    return run;
}

bool sched_runs_on(unsigned cpu)
{
    return __atomic_load_n(&run_queue_of(cpu)->started, __ATOMIC_ACQUIRE);
}

unsigned long sched_ticks(unsigned cpu, enum tick_kind kind)
{
    return READ_ONCE(run_queue_of(cpu)->ticks[kind]);
}

unsigned sched_load(unsigned cpu) { return run_queue_load(run_queue_of(cpu)); }

unsigned sched_pinned(unsigned cpu) { return READ_ONCE(*per_cpu_ptr(sched_pinned_tasks, cpu)); }

unsigned long sched_switches(unsigned cpu) { return run_queue_of(cpu)->switches; }

unsigned long sched_pulls(unsigned cpu) { return run_queue_of(cpu)->pulls; }
