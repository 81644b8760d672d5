/*
 * Interval timers.
 */
#include "kernel/itimer.h"

#include "kernel/mutex.h"
#include "kernel/process.h"
#include "kernel/time.h"

static MUTEX(itimer_lock, RANK_ITIMER);

/* Interrupts off, no locks: the timer has expired. */
static void real_expired(struct timer *timer)
{
    struct itimers *timers = container_of(timer, struct itimers, real);
    struct process *process = container_of(timers, struct process, itimers);
    process_kill(process, SIGALRM);
    if (!timers->real_interval_ns)
        return;
    u64 late = time_now_ns() - timers->real_next_ns;
    timers->real_next_ns += (late / timers->real_interval_ns + 1) * timers->real_interval_ns;
    timer_start(timer, timers->real_next_ns);
}

void itimers_init(struct itimers *timers) { timer_setup(&timers->real, real_expired); }

static struct itimer_value exchange_real(struct itimers *timers, const struct itimer_value *wanted)
    MUST_HOLD(itimer_lock)
{
    bool runs = timer_cancel(&timers->real); /* from here on nobody else writes its members */
    u64 now = time_now_ns();
    struct itimer_value before = { .interval_ns = timers->real_interval_ns };
    if (runs)
        before.left_ns = timers->real_next_ns > now ? timers->real_next_ns - now : 1;
    if (wanted) {
        runs = wanted->left_ns;
        timers->real_interval_ns = wanted->interval_ns;
        timers->real_next_ns = time_add_ns(now, wanted->left_ns);
    }
    if (runs)
        timer_start(&timers->real, timers->real_next_ns);
    return before;
}

static struct itimer_value exchange_cpu(struct itimers *timers, enum itimer which,
                                        const struct itimer_value *wanted)
{
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    struct itimer_value *cpu = &timers->cpu[which - ITIMER_VIRTUAL];
    struct itimer_value before = *cpu;
    if (wanted)
        *cpu = *wanted;
    WRITE_ONCE(timers->counts_cpu, timers->cpu[0].left_ns || timers->cpu[1].left_ns);
    spin_unlock_irqrestore(&tasks_lock, flags);
    return before;
}

struct itimer_value itimer_exchange(enum itimer which, const struct itimer_value *wanted)
{
    struct itimers *timers = &current->process->itimers;
    if (which != ITIMER_REAL)
        return exchange_cpu(timers, which, wanted);
    mutex_lock(&itimer_lock);
    struct itimer_value before = exchange_real(timers, wanted);
    mutex_unlock(&itimer_lock);
    return before;
}

void itimers_stop(struct process *process) { timer_cancel(&process->itimers.real); }

/* A tick less.  Returns: whether it is time for the signal. */
static bool count_down(struct itimer_value *value)
{
    if (!value->left_ns)
        return false;
    if (value->left_ns > NS_PER_TICK) {
        value->left_ns -= NS_PER_TICK;
        return false;
    }
    value->left_ns = value->interval_ns;
    return true;
}

static void count_timers(struct process *process, bool was_user) MUST_HOLD(tasks_lock)
{
    static const int signals[2] = { SIGVTALRM, SIGPROF };
    struct itimers *timers = &process->itimers;
    struct signal_entry *none = NULL;
    for (unsigned i = was_user ? 0 : 1; i < 2; i++) { /* ITIMER_VIRTUAL is the program's alone */
        struct signal_info info = { .signal = signals[i], .code = SI_KERNEL };
        if (count_down(&timers->cpu[i]))
            (void)signal_send_locked(process, NULL, &info, &none);
    }
    timers->counts_cpu = timers->cpu[0].left_ns || timers->cpu[1].left_ns;
}

/* Is there a limit on CPU time?  A hint without tasks_lock. */
static bool has_limit(const struct process *process)
{
    return READ_ONCE(process->limit[RLIMIT_CPU].now) != RLIMIT_NONE;
}

/* RLIMIT_CPU: a signal each second beyond the soft limit, which moves on; the hard one kills. */
static void check_limit(struct process *process) MUST_HOLD(tasks_lock)
{
    struct process_limit *limit = &process->limit[RLIMIT_CPU];
    struct usage usage = usage_of_process(process);
    u64 seconds = run_time_total_ns(&usage.run) / NS_PER_S;
    struct signal_entry *none = NULL;
    if (seconds < limit->now)
        return;
    bool is_last = seconds >= limit->most;
    struct signal_info info = { .signal = is_last ? SIGKILL : SIGXCPU, .code = SI_KERNEL };
    (void)signal_send_locked(process, NULL, &info, &none);
    if (!is_last)
        limit->now++;
}

void itimer_tick(bool was_user)
{
    struct process *process = current->process;
    if (!process || !(READ_ONCE(process->itimers.counts_cpu) || has_limit(process)))
        return;
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    if (process->itimers.counts_cpu)
        count_timers(process, was_user);
    if (has_limit(process))
        check_limit(process);
    spin_unlock_irqrestore(&tasks_lock, flags);
}
