/*
 * Interrupts: which vector means what, and who handles a device's line.
 *
 *     0x00 - 0x1f  exceptions (trap.h)
 *     0x20 - 0x2f  the 8259's 16 lines
 *     0x30 - 0x3f  the same 16 ISA lines when I/O APICs deliver them
 *     0x80         int 0x80: a system call (trap.h)
 *     0xf0 -       what CPUs send themselves and each other
 *
 * A line has one handler.  It runs on the boot CPU with interrupts off, inside
 * irq_enter()/irq_exit().  Nobody outside arch/x86 needs to know which controller there is.
 */
#ifndef ARCH_X86_IRQ_H
#define ARCH_X86_IRQ_H

#include "lib/annotate.h"
#include "lib/types.h"

struct trapframe;

enum irq_vector {
    VECTOR_PIC = 0x20,
    VECTOR_ISA = 0x30,
    VECTOR_TIMER = 0xf0,
    VECTOR_RESCHEDULE = 0xf1,
    VECTOR_CALL = 0xf2,
    VECTOR_APIC_ERROR = 0xfe,
    VECTOR_SPURIOUS = 0xff, /* low 4 bits set: old local APICs insist */
};

enum { ISA_IRQS = 16 };

/* The lines that PCs agree on. */
enum isa_irq { IRQ_PIT = 0, IRQ_KEYBOARD = 1, IRQ_COM2 = 3, IRQ_COM1 = 4, IRQ_RTC = 8 };

/*
 * Find and prepare the interrupt controllers (I/O APICs, or the 8259s), every line masked, and
 * the boot CPU's local APIC.  Once, after acpi_init(), interrupts off.
 */
void irq_init(void);

/*
 * From now on call @handler(@data) when line @isa_irq interrupts.  @name is kept, not copied.
 *
 * Returns: 0; -EINVAL: there is no such line, or no handler given; -EBUSY: it has one.
 * Thread context.
 */
int irq_request(unsigned isa_irq, void (*handler)(void *data), void *data, const char *name)
    MUST_CHECK;

/* Mask @isa_irq and forget its handler, which may still be running on the boot CPU. */
void irq_free(unsigned isa_irq);

/* Handle interrupt @vector (32-255).  Called by trap() alone, inside irq_enter(). */
void irq_dispatch(struct trapframe *frame, unsigned vector);

/* What this CPU's current interrupt interrupted; NULL outside interrupts.  Interrupts off. */
const struct trapframe *irq_frame(void);

/* How often line @isa_irq has interrupted; the name of its handler, or NULL.  Snapshots. */
u64 irq_count(unsigned isa_irq);
const char *irq_name(unsigned isa_irq);

/* How many interrupts there have been, on all CPUs, of lines and others.  A snapshot. */
u64 irq_total(void);

/* Do I/O APICs and local APICs deliver interrupts (else the 8259s)?  Constant after irq_init(). */
bool irq_uses_apic(void);

#endif
