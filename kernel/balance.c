/*
 * Spreading tasks over the CPUs.
 *
 * Two moments decide where a task runs.  When it wakes: where it ran last, whose caches know it,
 * if nobody is there; else any idle CPU it may use.  And when a CPU has nothing, or much less
 * than another, to do: it pulls.  Only the one who gains works for it.
 *
 *     pulls when            | looks            | needs a surplus of
 *    -----------------------+------------------+-------------------
 *     out of tasks          | at once          | 1, and one that waits
 *     idle                  | each tick        | 1, and one that waits
 *     busy                  | each BALANCE_TICKS | 2
 *
 * A task inside migrate_disable(), or that holds kmap_local addresses, stays; so does one whose
 * affinity does not name the puller.
 */
#include "kernel/run_queue.h"
#include "kernel/sched.h"
#include "kernel/task.h"

bool task_may_move(const struct task *task, unsigned cpu)
{
    return !task_is_pinned(task) && (task->affinity >> cpu & 1);
}

/* The CPU with most tasks among those that one could be taken from, or NULL. */
static struct run_queue *find_busiest(const struct run_queue *self)
{
    struct run_queue *busiest = NULL;
    for_each_online_cpu (cpu) {
        struct run_queue *rq = run_queue_of(cpu);
        if (rq == self || !READ_ONCE(rq->ready_count))
            continue;
        if (!busiest || run_queue_load(rq) > run_queue_load(busiest))
            busiest = rq;
    }
    return busiest;
}

/* The one that waits longest for its turn and may come to @cpu, or NULL. */
static struct task *find_movable(struct run_queue *from, unsigned cpu) MUST_HOLD(from->lock)
{
    struct task *task;
    list_for_each_entry (task, &from->ready, run_node) {
        if (task_may_move(task, cpu))
            return task;
    }
    return NULL;
}

bool balance_pull(struct run_queue *rq, unsigned surplus)
{
    struct run_queue *from = find_busiest(rq);
    if (!from || run_queue_load(from) < run_queue_load(rq) + surplus)
        return false;
    if (!spin_trylock(&from->lock)) /* never wait for a second queue: two might pull crosswise */
        return false;
    struct task *task = find_movable(from, rq->cpu);
    if (task) {
        list_move_tail(&task->run_node, &rq->ready);
        from->ready_count--;
        rq->ready_count++;
        task->cpu = (u8)rq->cpu;
        rq->pulls++;
    }
    spin_unlock(&from->lock);
    return task != NULL;
}

static bool cpu_is_idle(const struct run_queue *rq)
{
    return READ_ONCE(rq->started) && run_queue_load(rq) == 0;
}

unsigned balance_choose_cpu(const struct task *task)
{
    unsigned last = task->cpu;
    bool may_stay = task->affinity >> last & 1;
    if (task_is_pinned(task) || (may_stay && (cpus_online == 1 || cpu_is_idle(run_queue_of(last)))))
        return last;

    unsigned best = last;
    bool found = may_stay;
    for_each_online_cpu (cpu) {
        const struct run_queue *rq = run_queue_of(cpu);
        if (!READ_ONCE(rq->started) || !(task->affinity >> cpu & 1))
            continue;
        if (cpu_is_idle(rq))
            return cpu;
        if (!found || (!may_stay && run_queue_load(rq) < run_queue_load(run_queue_of(best)))) {
            best = cpu;
            found = true;
        }
    }
    return best;
}

void sched_unpinned(void)
{
    struct task *task = current;
    if (task_is_pinned(task))
        return;
    task->move_pending = false;
    if (unlikely(!sched_cpu_allowed(task)))
        set_need_resched(cpu_id());
}
