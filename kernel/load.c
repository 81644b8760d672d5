/*
 * Averages that forget: what was counted a minute ago has 1/e of the weight of what is counted now.
 *
 * So nothing but the average has to be kept: after each period it is what it was, times the part
 * that a period leaves of it, and the new count makes up the rest.
 */
#include "kernel/load.h"

#include "arch/x86/percpu.h"
#include "kernel/sched.h"
#include "kernel/time.h"
#include "kernel/timer.h"

/* What a period leaves, in LOAD_ONE: e^(-5/60), e^(-5/300), e^(-5/900). */
static const u32 kept[LOADS] = { 60296, 64453, 65173 };

static struct timer timer;
static u32 loads[LOADS]; /* (a) written by the timer's function alone */

u32 load_after(u32 load, unsigned which, unsigned tasks)
{
    const u64 part = kept[which];
    const u64 sum = load * part + ((u64)tasks << LOAD_ONE_SHIFT) * (LOAD_ONE - part);
    return (u32)((sum + LOAD_ONE / 2) >> LOAD_ONE_SHIFT);
}

/* The timer's function: it is time to count. */
static void count(struct timer *self)
{
    unsigned tasks = 0;
    for_each_online_cpu (cpu)
        tasks += sched_load(cpu);
    for (unsigned i = 0; i < LOADS; i++)
        WRITE_ONCE(loads[i], load_after(loads[i], i, tasks));
    timer_start(self, time_now_ns() + LOAD_PERIOD_S * NS_PER_S);
}

void load_init(void)
{
    timer_setup(&timer, count);
    timer_start(&timer, time_now_ns());
}

void load_get(u32 now[LOADS])
{
    for (unsigned i = 0; i < LOADS; i++)
        now[i] = READ_ONCE(loads[i]);
}
