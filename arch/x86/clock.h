/*
 * The clock behind time_now_ns().
 *
 * The best counter the machine has becomes the clock:
 *
 *     TSC   one instruction.  Taken if every CPU has one, its frequency is known (CPUID says, or
 *           it was measured against the HPET or PIT) and the CPUs' TSCs agree: each CPU that
 *           starts exchanges time stamps with the boot CPU, and one stamp that runs against
 *           cause and effect ends the TSC's use for good.
 *     HPET  a device register: slower, but one for all CPUs.
 *     PIT   channel 2, read through a lock.
 *
 * clock=tsc|hpet|pit chooses by hand.  Whatever counts, readings never go back.
 */
#ifndef ARCH_X86_CLOCK_H
#define ARCH_X86_CLOCK_H

#include "lib/types.h"

struct counter;

/* Choose and measure the clock, start the boot CPU's tick.  Once, after irq_init(). */
void time_init(void);

/*
 * Compare the TSCs of the boot CPU and of one that starts.  Both call it, the new CPU with
 * @is_new; if they disagree the clock changes to another counter.  Interrupts off.
 */
void clock_compare_cpus(bool is_new);

/* The counter in use: "tsc", "hpet", "pit", or "none" before time_init(). */
const char *clock_name(void);

/* The same, as a counter.  Not NULL after time_init() has chosen. */
struct counter *clock_counter(void);

#endif
