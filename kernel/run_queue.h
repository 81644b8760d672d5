/*
 * One CPU's run queue: shared by sched.c, balance.c and sched_stat.c alone.
 */
#ifndef KERNEL_RUN_QUEUE_H
#define KERNEL_RUN_QUEUE_H

#include "arch/x86/percpu.h"
#include "kernel/sched.h"
#include "kernel/spinlock.h"
#include "lib/annotate.h"
#include "lib/list.h"
#include "lib/types.h"

struct task;

/* (l) under lock, interrupts off; (c) constant once the CPU schedules; (s) its own CPU alone */
struct run_queue {
    struct spinlock lock;
    struct list_node ready;          /* (l) tasks that want to run and do not, the next one first */
    unsigned ready_count;            /* (l) */
    unsigned cpu;                    /* (c) */
    struct task *running;            /* (l) */
    struct task *idle;               /* (c) */
    struct task *previous;           /* (s) whom the running task was switched to from */
    unsigned long switches;          /* (s) */
    unsigned long pulls;             /* (l) tasks taken from other CPUs */
    unsigned long ticks[TICK_KINDS]; /* (l) what they found */
    u32 since;    /* (l) until when running's time is counted: lower half of run_clock() */
    bool started; /* (a) it takes tasks */
};

DECLARE_PER_CPU(struct run_queue, run_queue);

static inline struct run_queue *run_queue_of(unsigned cpu) { return per_cpu_ptr(run_queue, cpu); }

/* How many want to run there.  Exact under the lock, else a snapshot. */
static inline unsigned run_queue_load(const struct run_queue *rq)
{
    return READ_ONCE(rq->ready_count) + (READ_ONCE(rq->running) != rq->idle);
}

/* Lock the run queue that @task belongs to.  Interrupts are off. */
struct run_queue *run_queue_lock_of(const struct task *task) UNCHECKED_LOCKS;

/* May @task, which does not run, be moved to @cpu? */
bool task_may_move(const struct task *task, unsigned cpu);

/*
 * Take a task from the busiest other CPU if it has at least @surplus more than we.
 * Returns: whether one came.
 */
bool balance_pull(struct run_queue *rq, unsigned surplus) MUST_HOLD(rq->lock);

/* The CPU that @task, about to wake, should run on. */
unsigned balance_choose_cpu(const struct task *task);

#endif
