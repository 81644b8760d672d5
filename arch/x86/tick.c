/*
 * The tick.
 *
 * All local APICs of a machine count the same bus clock, so the boot CPU's is measured for all,
 * against the clock that time_init() has chosen.  A count that is a little off does no harm: the
 * tick asks the clock what time it is.
 */
#include "arch/x86/tick.h"

#include "arch/x86/apic.h"
#include "arch/x86/clock.h"
#include "arch/x86/counter.h"
#include "arch/x86/cpu.h"
#include "arch/x86/irq.h"
#include "arch/x86/percpu.h"
#include "arch/x86/pit.h"
#include "kernel/panic.h"
#include "kernel/printk.h"
#include "kernel/time.h"
#include "kernel/watchdog.h"
#include "lib/assert.h"
#include "machine/trapframe.h"

enum { PRECISION = 1000 };

static DEFINE_PER_CPU(unsigned long, ticks);

static u32 apic_count; /* of the local APIC's timer per tick; constant after tick_init() */

static void pit_interrupt(void *unused) { tick_interrupt(); }

void tick_init(void)
{
    if (!irq_uses_apic()) {
        if (irq_request(IRQ_PIT, pit_interrupt, NULL, "tick") < 0)
            panic("the PIT's interrupt is taken");
        return;
    }

    struct counter_pair pair;
    struct counter *clock = clock_counter();
    apic_timer_count_down();
    if (!counter_compare(clock, &counter_apic, PRECISION, &pair))
        panic("the local APIC's timer stands still");
    u64 hz = pair.slow * clock->hz / pair.fast;
    apic_count = (u32)(hz / HZ);
    pr_info("tick: %u Hz from local APICs that count at %llu Hz", HZ, (unsigned long long)hz);
}

void tick_start_this(void)
{
    assert(irqs_disabled());
    if (irq_uses_apic())
        apic_timer_start(apic_count);
    else
        pit_start_tick(HZ);
}

void tick_interrupt(void)
{
    this_cpu_inc(ticks);
    if (cpu_id() == 0)
        (void)time_now_ns(); /* a counter of few bits is read before it comes round */
    watchdog_tick();
    time_tick(trap_is_user(irq_frame()));
}

u64 tick_count(unsigned cpu) { return READ_ONCE(*per_cpu_ptr(ticks, cpu)); }
