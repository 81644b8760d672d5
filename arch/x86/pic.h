/*
 * The 8259 pair: 16 interrupt lines, and nothing but them on machines without ACPI.
 *
 * Where I/O APICs deliver the interrupts, the pair is still moved away from the exceptions'
 * vectors, and masked.
 */
#ifndef ARCH_X86_PIC_H
#define ARCH_X86_PIC_H

#include "lib/types.h"

/* Move the 16 lines to VECTOR_PIC and mask them all. */
void pic_init(void);

/* Let line @irq interrupt, or no longer.  Locks: the caller's, for all lines. */
void pic_unmask(unsigned irq);
void pic_mask(unsigned irq);

/*
 * Acknowledge the interrupt of line @irq that is being handled.
 *
 * Returns: false if it was a spurious one: the line had gone quiet before the CPU asked for its
 *          number.  Then there is nothing to handle.
 */
bool pic_acknowledge(unsigned irq);

#endif
