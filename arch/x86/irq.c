/*
 * Interrupts, from a vector to a handler.
 *
 * A line's handler is published last and taken back first, with its line masked, so dispatching
 * needs no lock.
 */
#include "arch/x86/irq.h"

#include "arch/x86/acpi.h"
#include "arch/x86/apic.h"
#include "arch/x86/cpu.h"
#include "arch/x86/ioapic.h"
#include "arch/x86/ipi_call.h"
#include "arch/x86/percpu.h"
#include "arch/x86/pic.h"
#include "arch/x86/tick.h"
#include "kernel/param.h"
#include "kernel/preempt.h"
#include "kernel/printk.h"
#include "kernel/spinlock.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "mm/count.h"

static SPINLOCK(irq_lock, RANK_IRQ);

/* (i) written under irq_lock, with the line masked; (d) written by dispatch on the boot CPU */
static struct line {
    void (*handler)(void *data); /* (i) NULL: the line is masked */
    void *data;                  /* (i) */
    const char *name;            /* (i) */
    unsigned long count;         /* (d) */
} lines[ISA_IRQS];

static bool uses_apic;    /* constant after irq_init() */
static bool apic_refused; /* noapic */

static DEFINE_PER_CPU(const struct trapframe *, interrupted);
static DEFINE_PER_CPU(unsigned long, irqs_dispatched);

static bool refuse_apic(const char *value)
{
    apic_refused = true;
    return !*value;
}

KERNEL_PARAM("noapic", refuse_apic);

bool irq_uses_apic(void) { return uses_apic; }
const struct trapframe *irq_frame(void) { return this_cpu_read(interrupted); }

void irq_init(void)
{
    assert(irqs_disabled());
    pic_init();
    const char *why_not = apic_refused                    ? "noapic"
                          : !acpi_info.has_madt           ? "no ACPI"
                          : !cpu_has(CPU_APIC)            ? "the CPU has none"
                          : !ioapic_init(&acpi_info.madt) ? "no I/O APIC"
                                                          : NULL;
    if (why_not) {
        pr_info("irq: the 8259s (not APICs: %s)", why_not);
        return;
    }
    apic_init(acpi_info.madt.local_apic);
    uses_apic = true;
    pr_info("irq: %u I/O APIC(s)", acpi_info.madt.io_apic_count);
}

static bool unmask(unsigned irq)
{
    if (uses_apic)
        return ioapic_unmask(irq, VECTOR_ISA + irq);
    pic_unmask(irq);
    return true;
}

static void mask(unsigned irq)
{
    if (uses_apic)
        ioapic_mask(irq);
    else
        pic_mask(irq);
}

int irq_request(unsigned isa_irq, void (*handler)(void *data), void *data, const char *name)
{
    if (isa_irq >= ISA_IRQS || !handler)
        return -EINVAL;

    struct line *line = &lines[isa_irq];
    int result = 0;
    irqflags_t flags = spin_lock_irqsave(&irq_lock);
    if (line->handler) {
        result = -EBUSY;
    } else {
        line->data = data;
        line->name = name;
        __atomic_store_n(&line->handler, handler, __ATOMIC_RELEASE);
        if (!unmask(isa_irq)) {
            line->handler = NULL;
            result = -EINVAL;
        }
    }
    spin_unlock_irqrestore(&irq_lock, flags);
    return result;
}

void irq_free(unsigned isa_irq)
{
    assert(isa_irq < ISA_IRQS);
    irqflags_t flags = spin_lock_irqsave(&irq_lock);
    assert(lines[isa_irq].handler);
    mask(isa_irq);
    __atomic_store_n(&lines[isa_irq].handler, NULL, __ATOMIC_RELEASE);
    spin_unlock_irqrestore(&irq_lock, flags);
}

u64 irq_count(unsigned isa_irq)
{
    assert(isa_irq < ISA_IRQS);
    return READ_ONCE(lines[isa_irq].count);
}

u64 irq_total(void)
{
    u64 total = 0;
    for_each_online_cpu (cpu)
        total += READ_ONCE(*per_cpu_ptr(irqs_dispatched, cpu));
    return total;
}

const char *irq_name(unsigned isa_irq)
{
    assert(isa_irq < ISA_IRQS);
    const struct line *line = &lines[isa_irq];
    return __atomic_load_n(&line->handler, __ATOMIC_ACQUIRE) ? line->name : NULL;
}

static void handle_line(unsigned irq)
{
    struct line *line = &lines[irq];
    void (*handler)(void *) = __atomic_load_n(&line->handler, __ATOMIC_ACQUIRE);
    if (!handler) {
        count_event(COUNT_IRQ_SPURIOUS); /* sent just before its line was masked */
        return;
    }
    line->count++;
    handler(line->data);
}

static void dispatch_pic(unsigned vector)
{
    unsigned irq = vector - VECTOR_PIC;
    if (vector < VECTOR_PIC || irq >= ISA_IRQS || !pic_acknowledge(irq)) {
        count_event(COUNT_IRQ_SPURIOUS);
        return;
    }
    handle_line(irq); /* after its acknowledgement: interrupts are off, it cannot come again yet */
}

static void dispatch_apic(unsigned vector)
{
    if (vector == VECTOR_SPURIOUS || vector < VECTOR_ISA) {
        count_event(COUNT_IRQ_SPURIOUS); /* and no end of interrupt: that would end another's */
        return;
    }
    switch (vector) {
    case VECTOR_TIMER:
        tick_interrupt();
        break;
    case VECTOR_RESCHEDULE:
        preempt_fold();
        break;
    case VECTOR_CALL:
        ipi_call_interrupt();
        break;
    case VECTOR_APIC_ERROR:
        pr_err("apic: CPU %u reports error %#x", cpu_id(), apic_take_errors());
        break;
    default:
        if (vector < VECTOR_ISA + ISA_IRQS)
            handle_line(vector - VECTOR_ISA);
        else
            count_event(COUNT_IRQ_SPURIOUS);
    }
    apic_end_of_interrupt();
}

void irq_dispatch(struct trapframe *frame, unsigned vector)
{
    const struct trapframe *outer = this_cpu_read(interrupted);
    this_cpu_write(interrupted, frame);
    this_cpu_inc(irqs_dispatched);
    if (uses_apic)
        dispatch_apic(vector);
    else
        dispatch_pic(vector);
    this_cpu_write(interrupted, outer);
}
