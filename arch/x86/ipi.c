/*
 * Interrupts between CPUs: reschedule, and call a function.
 *
 * A list is emptied by its own CPU alone, all at once, so pushing is one compare-and-swap.  Only
 * the one who pushes onto an empty list interrupts: whoever finds it in use knows that an
 * interrupt is on its way.
 */
#include "arch/x86/ipi.h"

#include "arch/x86/apic.h"
#include "arch/x86/cpu.h"
#include "arch/x86/ipi_call.h"
#include "arch/x86/irq.h"
#include "kernel/preempt.h"
#include "kernel/report.h"
#include "lib/assert.h"
#include "lib/bits.h"

struct call;

/* A call's place in the list of one CPU. */
struct link {
    struct link *next;
    struct call *call;
};

/* (a) atomic; the others are constant while it is in a list */
struct call {
    void (*function)(void *argument);
    void *argument;
    bool wait;
    unsigned pending; /* (a) CPUs that still need this record; at 0 the caller takes it away */
    struct link links[NR_CPUS];
};

static DEFINE_PER_CPU(struct link *, calls); /* (a) */

void ipi_reschedule(unsigned cpu)
{
    assert(cpu < cpus_online);
    apic_send(apic_id_of(cpu), VECTOR_RESCHEDULE);
}

static void push(struct call *call, unsigned cpu)
{
    struct link **list = per_cpu_ptr(calls, cpu);
    struct link *link = &call->links[cpu];

    link->call = call;
    link->next = __atomic_load_n(list, __ATOMIC_RELAXED);
    while (!__atomic_compare_exchange_n(list, &link->next, link, false, __ATOMIC_RELEASE,
                                        __ATOMIC_RELAXED))
        ;
    /* link->next stays readable: the record is ours until pending is 0, and it counts us, too */
    if (!link->next)
        apic_send(apic_id_of(cpu), VECTOR_CALL);
}

/* Run @call, of which nothing may be read once it is no longer pending. */
static void run(struct call *call)
{
    void (*function)(void *) = call->function;
    void *argument = call->argument;
    bool wait = call->wait;

    if (!wait)
        __atomic_sub_fetch(&call->pending, 1, __ATOMIC_RELEASE);
    function(argument);
    if (wait)
        __atomic_sub_fetch(&call->pending, 1, __ATOMIC_RELEASE);
}

void ipi_call_interrupt(void)
{
    struct link *link = __atomic_exchange_n(this_cpu_ptr(calls), NULL, __ATOMIC_ACQUIRE);
    while (link) {
        struct link *next = link->next;
        run(link->call);
        link = next;
    }
}

void ipi_call(cpumask_t cpus, void (*function)(void *argument), void *argument, bool wait)
{
    preempt_disable();
    cpumask_t others = cpus & cpumask_online() & ~((cpumask_t)1 << cpu_id());
    if (others && irqs_disabled()) {
        report("ipi_call: interrupts off: two CPUs that call each other would wait forever");
        others = 0;
    }

    struct call call = { .function = function, .argument = argument, .wait = wait };
    call.pending = count_ones(others);
    for (unsigned cpu = 0; cpu < NR_CPUS; cpu++)
        if (others >> cpu & 1)
            push(&call, cpu);

    if (cpus >> cpu_id() & 1) {
        irqflags_t flags = irq_save();
        function(argument);
        irq_restore(flags);
    }
    while (__atomic_load_n(&call.pending, __ATOMIC_ACQUIRE))
        cpu_relax(); /* interrupts are on: others' calls get served meanwhile */
    preempt_enable();
}
