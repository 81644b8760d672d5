/*
 * Scheduling: everybody gets a turn, who sleeps much answers soon, no wake-up is lost.
 */
#include "kernel/sched.h"

#include "arch/x86/cpu.h"
#include "kernel/ktest.h"
#include "kernel/process.h"
#include "kernel/time.h"
#include "kernel/timer.h"
#include "kernel/wait.h"
#include "lib/minmax.h"
#include "lib/string.h"

enum {
    HOGS = 4,
    TURNS = 5, /* each hog gets at least that many */
    PINGS = 100000,
    FAR_PINGS = 2000,
};

static bool stop;

static void hog(void *data)
{
    while (!READ_ONCE(stop)) {
        cpu_relax();
        cond_resched();
    }
}

static void start_hogs(struct task **hogs, unsigned count, int cpu)
{
    WRITE_ONCE(stop, false);
    for (unsigned i = 0; i < count; i++)
        hogs[i] = ktest_thread(hog, NULL, cpu);
}

static void stop_hogs(struct task **hogs, unsigned count)
{
    WRITE_ONCE(stop, true);
    for (unsigned i = 0; i < count; i++)
        ktest_join(hogs[i]);
}

/* Stay off CPU 0, where the hogs are, if there is another. */
static void step_aside(void)
{
    if (cpus_online > 1)
        ktest_equal(sched_set_affinity(current, ~1u), 0);
}

/* The hogs of a CPU, and how many of its ticks found each of them running. */
static struct task *watched[HOGS];
static u64 found[HOGS];

/* In the CPU's tick. */
static void look_who_runs(struct timer *self)
{
    for (unsigned i = 0; i < HOGS; i++)
        if (watched[i] == current)
            WRITE_ONCE(found[i], found[i] + 1);
    timer_start(self, time_now_ns()); /* at the next tick */
}

/*
 * Let the hogs, of these nice values, share CPU 0 for a while.  Slices are counted in ticks, and so
 * are the shares here: a busy host makes ticks late.
 */
static void share_a_cpu(const s8 nice[HOGS])
{
    struct timer timer;
    u64 sum = 0;
    memset(found, 0, sizeof(found));
    ktest_equal(sched_set_affinity(current, 1), 0);
    timer_setup(&timer, look_who_runs);
    start_hogs(watched, HOGS, 0);
    for (unsigned i = 0; i < HOGS; i++)
        WRITE_ONCE(watched[i]->wish.nice, nice[i]);
    timer_start(&timer, 0);
    step_aside();
    while (sum < (u64)HOGS * TURNS * SLICE_TICKS) {
        time_sleep_ns(2 * NS_PER_TICK);
        sum = 0;
        for (unsigned i = 0; i < HOGS; i++)
            sum += READ_ONCE(found[i]);
    }
    timer_cancel(&timer);
    stop_hogs(watched, HOGS);
    for (unsigned i = 0; i < HOGS; i++)
        ktest_note("nice %d: %u ticks", nice[i], (unsigned)found[i]);
}

KTEST(equal_tasks_share_a_cpu_equally)
{
    u64 most = 0, least = UINT64_MAX;
    share_a_cpu((s8[HOGS]){ 0 });
    for (unsigned i = 0; i < HOGS; i++) {
        most = max(most, found[i]);
        least = min(least, found[i]);
    }
    ktest_assert(most - least <= SLICE_TICKS);
}

/* Turns of 4, 2, 1 and 1 ticks. */
KTEST(a_task_that_is_nice_takes_short_turns)
{
    share_a_cpu((s8[HOGS]){ NICE_MIN, 0, 15, NICE_MAX });
    ktest_assert(found[0] * 2 >= found[1] * 3);
    ktest_assert(found[1] > found[2] && found[1] > found[3]);
    ktest_assert(found[2] && found[3]);
}

KTEST(a_sleeper_does_not_queue_behind_the_busy)
{
    struct task *hogs[HOGS];
    u64 least_late_ns = UINT64_MAX;
    ktest_equal(sched_set_affinity(current, 1), 0);
    start_hogs(hogs, HOGS, 0);
    for (unsigned i = 0; i < 5; i++) {
        u64 deadline_ns = time_now_ns() + NS_PER_TICK;
        time_sleep_ns(NS_PER_TICK);
        u64 late_ns = time_now_ns() - deadline_ns;
        least_late_ns = late_ns < least_late_ns ? late_ns : least_late_ns;
    }
    stop_hogs(hogs, HOGS);
    ktest_note("at best %u us late", (unsigned)(least_late_ns / NS_PER_US));
    ktest_assert(least_late_ns < 2 * NS_PER_TICK);
}

/* --- two that take turns --------------------------------------------------------------------- */

struct table {
    struct wait_queue queue[2];
    unsigned turn;  /* whose */
    unsigned count; /* half a round each */
    unsigned limit;
};

static void play(struct table *table, unsigned side)
{
    while (table->count < table->limit) {
        wait_event(&table->queue[side], READ_ONCE(table->turn) == side);
        table->count++;
        WRITE_ONCE(table->turn, !side);
        wake_up(&table->queue[!side]);
    }
}

static void play_left(void *data) { play(data, 0); }
static void play_right(void *data) { play(data, 1); }

static void ping_pong(unsigned limit, int left_cpu, int right_cpu)
{
    struct table table = { .limit = limit };
    wait_queue_init(&table.queue[0]);
    wait_queue_init(&table.queue[1]);
    struct task *left = ktest_thread(play_left, &table, left_cpu);
    struct task *right = ktest_thread(play_right, &table, right_cpu);
    ktest_join(left);
    ktest_join(right);
    ktest_assert(table.count >= limit);
}

KTEST(no_wake_up_is_lost_on_one_cpu) { ping_pong(PINGS, 0, 0); }

KTEST(no_wake_up_is_lost_between_cpus)
{
    if (cpus_online < 2)
        ktest_skip("needs two CPUs");
    ping_pong(FAR_PINGS, 0, 1);
    ping_pong(FAR_PINGS, -1, -1);
}

/* --- yielding -------------------------------------------------------------------------------- */

enum {
    YIELDERS = 3,
    YIELDS = 4,
};

static char order[YIELDERS * YIELDS];
static unsigned order_count;

static void write_and_yield(void *data)
{
    for (unsigned i = 0; i < YIELDS; i++) {
        order[order_count++] = *(char *)data;
        sched_yield();
    }
}

KTEST(yielding_lets_all_others_go_first)
{
    enum preempt_model model = preempt_model();
    char names[YIELDERS] = "abc";
    struct task *threads[YIELDERS];
    order_count = 0;
    preempt_set_model(PREEMPT_NONE); /* all are ready before one runs */
    ktest_equal(sched_set_affinity(current, 1), 0);
    for (unsigned i = 0; i < YIELDERS; i++)
        threads[i] = ktest_thread(write_and_yield, &names[i], 0);
    for (unsigned i = 0; i < YIELDERS; i++)
        ktest_join(threads[i]);
    preempt_set_model(model);
    ktest_equal(order_count, ARRAY_COUNT(order));
    for (unsigned i = YIELDERS; i < ARRAY_COUNT(order); i++)
        ktest_equal(order[i], order[i - YIELDERS]);
    ktest_assert(order[0] != order[1] && order[1] != order[2] && order[2] != order[0]);
}
