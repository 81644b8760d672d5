/*
 * Clocks of CPU time.
 *
 * Nothing is called when such a clock reaches a time.  Who waits for that looks at it when it can
 * have come at the earliest, and then again: a process runs no faster than all CPUs together.
 */
#include "kernel/cpu_clock.h"

#include "arch/x86/percpu.h"
#include "kernel/pid.h"
#include "kernel/process.h"
#include "kernel/sched.h"
#include "kernel/task.h"
#include "kernel/time.h"
#include "lib/errno.h"
#include "lib/minmax.h"

enum { KIND_PROF, KIND_VIRTUAL, KIND_SCHEDULER, KIND_MASK = 3, IS_THREAD = 4, NUMBER_SHIFT = 3 };

int cpu_clock_find(int clock, struct cpu_clock *result, u64 *now_ns)
{
    *result = (struct cpu_clock){
        .asker = current->process,
        .number = clock >= 0 ? 0 : ~(clock >> NUMBER_SHIFT),
        .is_thread = clock >= 0 ? clock == CLOCK_THREAD_CPUTIME_ID : clock & IS_THREAD,
        .kind = clock >= 0 ? KIND_SCHEDULER : clock & KIND_MASK,
    };
    if (result->kind > KIND_SCHEDULER)
        return -EINVAL;
    if (!result->number)
        result->number = result->is_thread ? current->pid : current->process->pid;
    return cpu_clock_read(result, now_ns);
}

/* NULL: it is gone, or not to be asked. */
static struct task *find_task(const struct cpu_clock *clock) MUST_HOLD(tasks_lock)
{
    struct task *task = pid_lookup(clock->number);
    if (!task || !task->process)
        return NULL;
    if (!clock->is_thread)
        return task->process->leader == task ? task : NULL;
    bool is_left = list_empty(&task->thread_node); /* joined, though its number is still known */
    return task->process == clock->asker && !is_left ? task : NULL;
}

int cpu_clock_read(const struct cpu_clock *clock, u64 *ns)
{
    struct run_time run = { 0 };
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    struct task *task = find_task(clock);
    if (task)
        run = clock->is_thread ? sched_run_time(task) : usage_of_process(task->process).run;
    spin_unlock_irqrestore(&tasks_lock, flags);
    *ns = clock->kind == KIND_VIRTUAL ? run_time_ns(&run, RUN_USER) : run_time_total_ns(&run);
    return task ? 0 : -EINVAL;
}

u64 cpu_clock_resolution(const struct cpu_clock *clock)
{
    return clock->kind == KIND_SCHEDULER ? 1 : NS_PER_TICK;
}

u64 cpu_clock_earliest(u64 left_ns)
{
    return deadline_after(max_of(u64, left_ns / cpus_online, NS_PER_TICK));
}
