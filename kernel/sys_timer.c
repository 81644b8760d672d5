/*
 * System calls about a process's own timers: timer_create(2) and its kin.
 */
#include "kernel/posix_timer.h"
#include "kernel/process.h"
#include "kernel/sys.h"
#include "kernel/sys_time.h"
#include "kernel/time.h"
#include "lib/errno.h"

/* Source: timer_create(2), Linux uapi asm-generic/siginfo.h, time.h. */
struct abi_sigevent {
    unsigned long value;
    int signal, notify;
    int thread;
    int fill[(64 - sizeof(long) - 3 * sizeof(int)) / sizeof(int)];
};

static_assert(sizeof(struct abi_sigevent) == 64, "as programs know it");

enum { CLOCKS = 12 }; /* that Linux has, those here and others */

static int check_clock(int clock, struct cpu_clock *cpu)
{
    if (clock == CLOCK_REALTIME || clock == CLOCK_MONOTONIC || clock == CLOCK_BOOTTIME)
        return 0;
    if (clock_is_cpu(clock))
        return cpu_clock_find(clock, cpu, &(u64){ 0 });
    return clock < CLOCKS && clock != 10 ? -EOPNOTSUPP : -EINVAL; /* 10 never was one */
}

/* May @thread be told: is it one of the current process's? */
static bool is_own_thread(int thread)
{
    struct task *task = thread > 0 ? task_find(thread) : NULL;
    bool is_own = task && task->process == current->process;
    if (task)
        task_put(task);
    return is_own;
}

static int check_event(const struct abi_sigevent *event)
{
    if (event->notify == SIGEV_NONE)
        return 0;
    if (event->notify != SIGEV_SIGNAL && event->notify != SIGEV_THREAD &&
        event->notify != SIGEV_THREAD_ID)
        return -EINVAL;
    if (event->signal < 1 || event->signal > SIGNALS)
        return -EINVAL;
    return event->notify == SIGEV_THREAD_ID && !is_own_thread(event->thread) ? -EINVAL : 0;
}

long sys_timer_create(int clock, const void __user *user, int __user *id)
{
    struct abi_sigevent event = { .signal = SIGALRM };
    struct cpu_clock cpu = { 0 };
    clock = clock_plain(clock);
    int error = check_clock(clock, &cpu);
    if (user && copy_from_user(&event, user, sizeof(event)))
        return -EFAULT;
    if (!error)
        error = check_event(&event);
    if (error)
        return error;
    int made = posix_timer_create(&(struct posix_timer_wish){
        .is_wall = clock == CLOCK_REALTIME,
        .is_cpu = clock_is_cpu(clock),
        .cpu = cpu,
        .notify = event.notify,
        .signal = event.signal,
        .thread = event.thread,
        .value = event.value,
        .has_value = user,
    });
    if (made < 0 || put_user(made, id) == 0)
        return made < 0 ? made : 0;
    (void)posix_timer_delete(made);
    return -EFAULT;
}

const struct itimer_form itimer_narrow = { get_time, put_time, 2 * sizeof(long) };
const struct itimer_form itimer_wide = { get_time64, put_time64, 2 * sizeof(u64) };

int itimer_get(const struct itimer_form *form, const void __user *user, struct itimer_value *value)
{
    int error = form->get(user, &value->interval_ns);
    return error ? error : form->get((const char __user *)user + form->bytes, &value->left_ns);
}

long itimer_put(const struct itimer_form *form, void __user *user, const struct itimer_value *value)
{
    long error = form->put(user, value->interval_ns);
    return error ? error : form->put((char __user *)user + form->bytes, value->left_ns);
}

/* What timer_settime() is asked for, beside the timer. */
struct setting {
    int flags;
    const void __user *wanted;
    void __user *old;
};

static long set(const struct itimer_form *form, int id, const struct setting *setting)
{
    struct itimer_value value, before;
    if (!setting->wanted)
        return -EINVAL;
    int error = itimer_get(form, setting->wanted, &value);
    if (!error)
        error = posix_timer_set(id, &value, setting->flags & TIMER_ABSTIME, &before);
    if (error)
        return error;
    return setting->old ? itimer_put(form, setting->old, &before) : 0;
}

static long get(const struct itimer_form *form, int id, void __user *user)
{
    struct itimer_value value;
    int error = posix_timer_set(id, NULL, false, &value);
    return error ? error : itimer_put(form, user, &value);
}

long sys_timer_settime(int id, int flags, const void __user *wanted, void __user *old)
{
    return set(&itimer_narrow, id, &(struct setting){ flags, wanted, old });
}

long sys_timer_settime64(int id, int flags, const void __user *wanted, void __user *old)
{
    return set(&itimer_wide, id, &(struct setting){ flags, wanted, old });
}

long sys_timer_gettime(int id, void __user *value) { return get(&itimer_narrow, id, value); }
long sys_timer_gettime64(int id, void __user *value) { return get(&itimer_wide, id, value); }
long sys_timer_getoverrun(int id) { return posix_timer_overrun(id); }
long sys_timer_delete(int id) { return posix_timer_delete(id); }
