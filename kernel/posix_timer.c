/*
 * Timers of processes.
 *
 * There are few, so they are one list, by process and number.  timers_lock protects it and
 * everything in a timer but what its function uses: that has it for itself while the timer is
 * pending or the function runs, which timer_cancel() waits for.
 */
#include "kernel/posix_timer.h"

#include "kernel/mutex.h"
#include "kernel/period.h"
#include "kernel/pid.h"
#include "kernel/process.h"
#include "kernel/time.h"
#include "kernel/wall_clock.h"
#include "lib/errno.h"
#include "lib/minmax.h"
#include "mm/kmalloc.h"

enum { TIMERS_MAX = 256 }; /* of one process */

/* (l) under timers_lock; (f) the function's while timer is pending or running, else (l) */
struct posix_timer {
    struct list_node node;   /* (l) */
    struct process *process; /* constant, as these: */
    struct posix_timer_wish wish;
    int id;
    struct timer timer;         /* (f) */
    bool by_wall;               /* (f) period is the wall clock's */
    struct period period;       /* (f) */
    struct signal_entry *entry; /* (f) for the next signal; NULL: it waits in a queue */
    u32 overrun;                /* (l) of the last signal that was taken */
};

static MUTEX(timers_lock, RANK_ITIMER);
static LIST(timers); /* (l) of all processes */

/* What the clock that it runs by shows.  0: that clock's owner is gone, it stands still. */
static u64 clock_now(const struct posix_timer *timer)
{
    u64 ns;
    if (timer->by_wall)
        return wall_clock_ns();
    if (!timer->wish.is_cpu)
        return time_now_ns();
    return cpu_clock_read(&timer->wish.cpu, &ns) ? 0 : ns;
}

/* Have it looked at when its clock may show next_ns; that shows @now now. */
static void start(struct posix_timer *timer, u64 now)
{
    const u64 next = timer->period.next_ns;
    if (timer->by_wall)
        timer_start_wall(&timer->timer, next);
    else if (timer->wish.is_cpu)
        timer_start(&timer->timer, cpu_clock_earliest(next > now ? next - now : 0));
    else
        timer_start(&timer->timer, next);
}

/* Send its signal.  Nothing happens if the thread that should have it has ended. */
static void send(struct posix_timer *timer)
{
    const struct posix_timer_wish *wish = &timer->wish;
    const struct signal_info info = {
        .signal = wish->signal,
        .code = SI_TIMER,
        .pid = timer->id,
        .value = wish->value,
    };
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    struct task *task = wish->notify == SIGEV_THREAD_ID ? pid_lookup(wish->thread) : NULL;
    bool is_gone = wish->notify == SIGEV_THREAD_ID && (!task || task->process != timer->process);
    if (!is_gone)
        (void)signal_send_locked(timer->process, task, &info, &timer->entry);
    spin_unlock_irqrestore(&tasks_lock, flags);
}

/* Interrupts off, no locks. */
static void expired(struct timer *inner)
{
    struct posix_timer *timer = container_of(inner, struct posix_timer, timer);
    u64 now = clock_now(timer);
    bool is_time = now >= timer->period.next_ns; /* CPU time may pass more slowly */
    if (is_time && timer->wish.notify != SIGEV_NONE)
        send(timer);
    if (is_time && timer->wish.notify != SIGEV_NONE && !timer->entry)
        return; /* until it is taken */
    if (is_time)
        (void)period_pass(&timer->period, now);
    if (timer->period.next_ns)
        start(timer, now);
}

static struct posix_timer *find(const struct process *process, int id) MUST_HOLD(timers_lock)
{
    struct posix_timer *timer;
    list_for_each_entry (timer, &timers, node) {
        if (timer->process == process && timer->id == id)
            return timer;
    }
    return NULL;
}

/* A number that is free; -EAGAIN: none is. */
static int choose_id(const struct process *process) MUST_HOLD(timers_lock)
{
    for (int id = 0; id < TIMERS_MAX; id++)
        if (!find(process, id))
            return id;
    return -EAGAIN;
}

int posix_timer_create(const struct posix_timer_wish *wish)
{
    struct process *process = current->process;
    struct posix_timer *timer = kmalloc(sizeof(*timer), GFP_KERNEL);
    struct signal_entry *entry = timer ? signal_entry_alloc() : NULL;
    if (!entry) {
        kfree(timer);
        return -EAGAIN;
    }
    *timer = (struct posix_timer){ .process = process, .wish = *wish, .entry = entry };
    timer_setup(&timer->timer, expired);
    mutex_lock(&timers_lock);
    int id = timer->id = choose_id(process);
    if (!wish->has_value)
        timer->wish.value = (u64)id;
    if (id >= 0)
        list_add_tail(&timer->node, &timers);
    mutex_unlock(&timers_lock);
    if (id < 0) {
        signal_entry_free(entry);
        kfree(timer);
    }
    return id;
}

/* Set @timer, which does not run, to @wanted.  A span is a span, though the wall clock be set. */
static void set(struct posix_timer *timer, const struct itimer_value *wanted, bool is_moment)
    MUST_HOLD(timers_lock)
{
    timer->by_wall = is_moment && timer->wish.is_wall;
    timer->period.next_ns = 0;
    if (wanted->left_ns)
        timer->period.next_ns = time_add_ns(is_moment ? 0 : clock_now(timer), wanted->left_ns);
    timer->period.interval_ns = wanted->interval_ns;
    timer->overrun = 0;
    if (!timer->entry) /* the old signal may still wait */
        timer->entry = signal_entry_alloc();
}

int posix_timer_set(int id, const struct itimer_value *wanted, bool is_moment,
                    struct itimer_value *before)
{
    mutex_lock(&timers_lock);
    struct posix_timer *timer = find(current->process, id);
    if (!timer) {
        mutex_unlock(&timers_lock);
        return -EINVAL;
    }
    bool runs = timer_cancel(&timer->timer); /* from here on nobody else writes its members */
    *before = period_left(&timer->period, clock_now(timer), runs);
    if (wanted) {
        set(timer, wanted, is_moment);
        runs = timer->period.next_ns;
    }
    if (runs)
        start(timer, clock_now(timer));
    mutex_unlock(&timers_lock);
    return 0;
}

int posix_timer_overrun(int id)
{
    mutex_lock(&timers_lock);
    const struct posix_timer *timer = find(current->process, id);
    int overrun = timer ? (int)timer->overrun : -EINVAL;
    mutex_unlock(&timers_lock);
    return overrun;
}

static void take_down(struct posix_timer *timer) MUST_HOLD(timers_lock)
{
    timer_cancel(&timer->timer);
    list_del(&timer->node);
    signal_entry_free(timer->entry);
    kfree(timer);
}

int posix_timer_delete(int id)
{
    mutex_lock(&timers_lock);
    struct posix_timer *timer = find(current->process, id);
    if (timer)
        take_down(timer);
    mutex_unlock(&timers_lock);
    return timer ? 0 : -EINVAL;
}

void posix_timers_delete(struct process *process)
{
    struct posix_timer *timer, *after;
    if (list_empty(&timers)) /* who would add one of @process is gone */
        return;
    mutex_lock(&timers_lock);
    list_for_each_entry_safe (timer, after, &timers, node) {
        if (timer->process == process)
            take_down(timer);
    }
    mutex_unlock(&timers_lock);
}

void posix_timer_taken(struct signal_info *info)
{
    const u64 most = INT32_MAX;
    struct signal_entry *entry = signal_entry_alloc();
    mutex_lock(&timers_lock);
    struct posix_timer *timer = find(current->process, info->pid);
    if (timer && !timer->entry) {
        timer_cancel(&timer->timer); /* it was set anew, and there was no memory for an entry */
        const u64 now = clock_now(timer);
        const u64 more = timer->period.next_ns ? period_pass(&timer->period, now) - 1 : 0;
        timer->overrun = (u32)min(more, most);
        info->uid = timer->overrun;
        timer->entry = entry;
        entry = NULL;
        if (timer->period.next_ns)
            start(timer, now);
    }
    mutex_unlock(&timers_lock);
    signal_entry_free(entry);
}
