/*
 * Timers: calling a function when a clock shows a time, the kernel's or the wall clock.
 *
 * Each CPU keeps its timers in trees ordered by expiry, one for each of the two clocks; its tick
 * runs those that are due.  So a timer fires late by up to one tick, never early; and when the wall
 * clock is set, those that run by it need not be told: the next tick compares them with what it
 * shows then.
 */
#ifndef KERNEL_TIMER_H
#define KERNEL_TIMER_H

#include "lib/rbtree.h"
#include "lib/types.h"

/* (t) under the lock of the timers of CPU cpu; (c) constant */
struct timer {
    struct rb_node node;                  /* (t) */
    u64 expires_ns;                       /* (t) */
    void (*function)(struct timer *self); /* (c) called with interrupts off; may start it again */
    u8 cpu;                               /* (t) whose tree it is, or was last, in */
    bool pending;                         /* (t) */
    bool by_wall;                         /* (t) expires_ns is what the wall clock shows */
};

/* Make @timer one that calls @function, not started. */
void timer_setup(struct timer *timer, void (*function)(struct timer *self));

/* Call @timer's function on this CPU once the clock shows @expires_ns.  Not while it is pending. */
void timer_start(struct timer *timer, u64 expires_ns);

/* The same once the wall clock shows @expires_ns, whether it got there by itself or was set. */
void timer_start_wall(struct timer *timer, u64 expires_ns);

/*
 * Make sure that @timer is not pending and its function not running (on another CPU).
 *
 * Returns: whether it was pending.  Any context but with locks its function takes.
 */
bool timer_cancel(struct timer *timer);

/* Run the timers of this CPU that are due.  From the tick, interrupts off. */
void timer_run(void);

/* Prepare the timers of @cpu.  Before its first tick. */
void timer_init_cpu(unsigned cpu);

#endif
