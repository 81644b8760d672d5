/*
 * The scheduler: who runs next, and where.
 *
 * Each CPU has its run queue and takes turns through it, SLICE_TICKS each, or fewer or more if
 * somebody was nice or was not.  A task that wakes
 * with some of its turn left goes to the front, so that who sleeps much answers soon, and nobody
 * gets more than a turn per round.  A CPU with nothing to do pulls a task from the busiest other
 * one (balance.c), then halts until an interrupt.
 *
 * docs/scheduling.md tells the whole.
 */
#ifndef KERNEL_SCHED_H
#define KERNEL_SCHED_H

#include "kernel/preempt.h"
#include "kernel/task.h"
#include "lib/types.h"

/* How many tasks inside migrate_disable() this CPU has. */
DECLARE_PER_CPU(u32, sched_pinned_tasks);

/* Make the boot CPU's run queue; the current code becomes its first task.  Before SMP. */
void sched_init(void);

/* Make this CPU part of scheduling: never returns, runs the idle task.  Interrupts off. */
_Noreturn void sched_start_cpu(void);

/* Does @cpu run tasks?  A CPU is online a little earlier.  Any context. */
bool sched_runs_on(unsigned cpu);

/* End of kernel_main(), whose task has nothing more to do. */
_Noreturn void sched_idle(void);

/* Has the machine started to tick, so that tasks take turns? */
bool sched_is_running(void);

/* Let somebody else run; come back when woken, or when it is our turn again.  Sleeps. */
void schedule(void);

/* Sleep until woken or until the clock shows @deadline_ns.  Set the state before.  Sleeps. */
void schedule_until(u64 deadline_ns);

/* The same with what the wall clock shows. */
void schedule_until_wall(u64 deadline_ns);

/* Go behind all others who want this CPU.  Sleeps. */
void sched_yield(void);

/* Account for one tick of this CPU.  From the tick, interrupts off. */
void sched_tick(bool was_user);

/* Make @task, new or asleep, run.  Returns: false if it was not asleep.  Any context but NMI. */
bool task_wake(struct task *task);

/*
 * Make @task look at its signals, which were changed before: wake it if it sleeps interruptibly,
 * or, if @fatal, killably; if it runs on another CPU ask that for a look.
 * Returns: false if it was not asleep.  Any context but NMI.
 */
bool task_interrupt(struct task *task, bool fatal);

/*
 * Let @task run only on the CPUs whose bit is set in @cpus; if it is on another one it moves, at
 * the latest when it is switched out, never while it is in migrate_disable().
 *
 * Returns: 0; -EINVAL: none of them is online.
 */
int sched_set_affinity(struct task *task, u32 cpus);

/* Is @task on a CPU that its affinity names? */
static inline bool sched_cpu_allowed(const struct task *task)
{
    return task->affinity >> task->cpu & 1;
}

/* The current task is no longer pinned: if its affinity changed meanwhile, it goes soon. */
void sched_unpinned(void);

/* What idle tasks run; never returns. */
void sched_idle_function(void *data);

/* Make the run queue of @cpu, which runs @first and, when there is nothing to do, @idle. */
void sched_init_cpu(unsigned cpu, struct task *first, struct task *idle);

/* What a new task does first: context_prepare() makes it come here. */
void task_first_run(void);

/* Ask @cpu to reschedule soon.  Any context. */
void set_need_resched(unsigned cpu);

/* Tasks that want to run on @cpu, the running one included, the idle task not.  A snapshot. */
unsigned sched_load(unsigned cpu);

/* How often @cpu has switched, and pulled a task from another CPU.  Snapshots. */
unsigned long sched_switches(unsigned cpu);
unsigned long sched_pulls(unsigned cpu);

/* What a tick finds a CPU doing. */
enum tick_kind { TICK_USER, TICK_SYSTEM, TICK_IDLE, TICK_KINDS };

/* How many ticks found @cpu doing that: it never goes back. */
unsigned long sched_ticks(unsigned cpu, enum tick_kind kind);

/* How long @task has run until now. */
struct run_time sched_run_time(const struct task *task);

/* Tasks inside migrate_disable() that belong to @cpu.  A snapshot. */
unsigned sched_pinned(unsigned cpu);

#endif
