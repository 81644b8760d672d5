/*
 * The watchdog: a CPU that is stuck is reported, with its stack.
 *
 *     stuck how                              | seen by                | after
 *    ----------------------------------------+------------------------+--------------------
 *     interrupts off, so no ticks            | the next CPU's tick    | watchdog= seconds
 *     ticks, but its watchdog thread cannot  | its own tick           | watchdog= seconds
 *     run: the kernel does not give it up    |                        |
 *
 * The first kind answers by NMI only, so one CPU alone cannot be caught with interrupts off.
 * The machine goes on: whoever is stuck may have been slow.  watchdog=0 turns it off.
 */
#ifndef KERNEL_WATCHDOG_H
#define KERNEL_WATCHDOG_H

#include "lib/types.h"

enum {
    WATCHDOG_LIMIT_S = 10,
};

/* Start a watchdog thread on each CPU.  Once, when all CPUs are online.  Sleeps. */
void watchdog_init(void);

/* Look after this CPU and the next one.  From the tick, interrupts off. */
void watchdog_tick(void);

/* Change the time after which a CPU counts as stuck; 0: never.  For tests. */
void watchdog_set_limit_ns(u64 limit_ns);

/* Reports so far: CPUs without ticks, CPUs that ticked but did not schedule. */
unsigned watchdog_reports_hard(void);
unsigned watchdog_reports_soft(void);

#endif
