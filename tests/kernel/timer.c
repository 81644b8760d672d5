/*
 * Timers: never early, in order, and gone once cancelled.
 */
#include "kernel/timer.h"

#include "arch/x86/cpu.h"
#include "kernel/ktest.h"
#include "kernel/sched.h"
#include "kernel/time.h"

enum {
    TIMERS = 32,
};

struct noting_timer {
    struct timer timer;
    u64 fired_ns; /* 0: not yet */
    unsigned position;
};

static struct noting_timer timers[TIMERS];
static unsigned fired; /* on one CPU only: no lock */

static void note(struct timer *timer)
{
    struct noting_timer *self = container_of(timer, struct noting_timer, timer);
    self->position = fired++;
    WRITE_ONCE(self->fired_ns, time_now_ns());
}

KTEST(timers_fire_in_order_and_never_early)
{
    fired = 0;
    ktest_equal(sched_set_affinity(current, 1u << cpu_id()), 0);
    u64 start_ns = time_now_ns();
    for (unsigned i = 0; i < TIMERS; i++) {
        timers[i] = (struct noting_timer){ 0 };
        timer_setup(&timers[i].timer, note);
        timer_start(&timers[i].timer, start_ns + ktest_random() % (5 * NS_PER_TICK));
    }
    time_sleep_ns(7 * NS_PER_TICK);
    ktest_equal(READ_ONCE(fired), TIMERS);
    for (unsigned i = 0; i < TIMERS; i++) {
        ktest_assert(timers[i].fired_ns >= timers[i].timer.expires_ns);
        for (unsigned j = 0; j < TIMERS; j++) {
            if (timers[i].timer.expires_ns < timers[j].timer.expires_ns)
                ktest_assert(timers[i].position < timers[j].position);
        }
    }
}

KTEST(a_cancelled_timer_does_not_fire)
{
    fired = 0;
    for (unsigned i = 0; i < TIMERS; i++) {
        timers[i] = (struct noting_timer){ 0 };
        timer_setup(&timers[i].timer, note);
        timer_start(&timers[i].timer, time_now_ns() + 2 * NS_PER_TICK);
    }
    for (unsigned i = 0; i < TIMERS; i++)
        ktest_assert(timer_cancel(&timers[i].timer));
    time_sleep_ns(4 * NS_PER_TICK);
    ktest_equal(READ_ONCE(fired), 0);
    ktest_assert(!timer_cancel(&timers[0].timer));
}

static bool function_runs, function_may_end, function_ended;

static void run_until_told(struct timer *timer)
{
    WRITE_ONCE(function_runs, true);
    while (!READ_ONCE(function_may_end))
        cpu_relax();
    time_delay_ns(NS_PER_MS);
    WRITE_ONCE(function_ended, true);
}

static void start_timer(void *data)
{
    timer_start(data, time_now_ns());
    while (!READ_ONCE(function_runs)) /* whoever holds the CPU, its tick runs the timer */
        cpu_relax();
}

KTEST(cancelling_waits_for_a_function_that_runs)
{
    if (cpus_online < 2)
        ktest_skip("needs two CPUs");
    struct timer timer;
    function_runs = function_may_end = function_ended = false;
    timer_setup(&timer, run_until_told);
    ktest_equal(sched_set_affinity(current, 1 << 0), 0);
    struct task *starter = ktest_thread(start_timer, &timer, 1);
    while (!READ_ONCE(function_runs))
        cpu_relax();
    WRITE_ONCE(function_may_end, true);
    ktest_assert(!timer_cancel(&timer));
    ktest_assert(READ_ONCE(function_ended));
    ktest_join(starter);
}

static unsigned repeats;

static void repeat(struct timer *timer)
{
    if (++repeats < 3)
        timer_start(timer, time_now_ns());
}

KTEST(a_timer_may_start_itself_again)
{
    struct timer timer;
    repeats = 0;
    timer_setup(&timer, repeat);
    timer_start(&timer, time_now_ns());
    time_sleep_ns(4 * NS_PER_TICK);
    timer_cancel(&timer);
    ktest_equal(READ_ONCE(repeats), 3);
}

KTEST(sleeping_takes_at_least_as_long_as_asked)
{
    for (unsigned i = 1; i <= 3; i++) {
        u64 start_ns = time_now_ns();
        time_sleep_ns(i * 3 * NS_PER_MS);
        ktest_assert(time_now_ns() - start_ns >= i * 3 * NS_PER_MS);
    }
}
