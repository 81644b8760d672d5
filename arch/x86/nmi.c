/*
 * NMIs: how CPUs reach each other when interrupts are off.
 *
 * The sender notes in the receiver's per-CPU variable what it wants, then sends the NMI.  An NMI
 * that nobody noted a wish for is the hardware's: memory or bus errors.
 */
#include "arch/x86/apic.h"
#include "arch/x86/cpu.h"
#include "arch/x86/ipi.h"
#include "arch/x86/irq.h"
#include "arch/x86/percpu.h"
#include "arch/x86/port.h"
#include "arch/x86/power.h"
#include "arch/x86/stacktrace.h"
#include "kernel/printk.h"
#include "lib/assert.h"

enum {
    WANT_STOP = 1 << 0,
    WANT_STACK = 1 << 1,
    STOP_POLLS = 1000000,  /* some milliseconds: a panic cannot trust the clock */
    SYSTEM_CONTROL = 0x61, /* bits 6 and 7 tell the hardware's reason */
};

static DEFINE_PER_CPU(u32, wishes); /* (a) atomic */
static DEFINE_PER_CPU(unsigned, nmis);
static unsigned stopped; /* (a) CPUs that have stopped */

static void send(unsigned cpu, u32 wish)
{
    __atomic_or_fetch(per_cpu_ptr(wishes, cpu), wish, __ATOMIC_RELEASE);
    apic_send_nmi(apic_id_of(cpu));
}

unsigned ipi_halt_others(void)
{
    unsigned others = cpus_online - 1, answered = 0;

    for_each_online_cpu (cpu)
        if (cpu != cpu_id())
            send(cpu, WANT_STOP);
    for (unsigned polls = 0; polls < STOP_POLLS && answered < others; polls++) {
        cpu_relax();
        answered = __atomic_load_n(&stopped, __ATOMIC_ACQUIRE);
    }
    return others - answered;
}

void ipi_request_stack(unsigned cpu)
{
    assert(cpu < cpus_online);
    send(cpu, WANT_STACK);
}

unsigned nmi_count(unsigned cpu) { return READ_ONCE(*per_cpu_ptr(nmis, cpu)); }

static _Noreturn void stop(void)
{
    __atomic_add_fetch(&stopped, 1, __ATOMIC_RELEASE);
    machine_halt();
}

void nmi_dispatch(const struct trapframe *frame)
{
    this_cpu_inc(nmis);
    u32 wanted = __atomic_exchange_n(this_cpu_ptr(wishes), 0, __ATOMIC_ACQUIRE);

    if (wanted & WANT_STOP)
        stop();
    if (wanted & WANT_STACK) {
        pr_err("CPU %u is here:", cpu_id());
        stack_trace_print(frame);
    }
    if (!wanted)
        pr_err("nmi: nobody's, on CPU %u, port 0x61 says %#x", cpu_id(),
               port_read8(SYSTEM_CONTROL));
}
