/*
 * I/O APICs: where devices' lines arrive, each routed to a CPU and a vector.
 */
#ifndef ARCH_X86_IOAPIC_H
#define ARCH_X86_IOAPIC_H

#include "lib/types.h"

struct acpi_madt;

/*
 * Map the I/O APICs that @madt lists and mask all their inputs.
 *
 * Returns: false if there is none.
 */
bool ioapic_init(const struct acpi_madt *madt);

/*
 * Let ISA line @irq interrupt the boot CPU as @vector.  Locks: the caller's, for all lines.
 *
 * Returns: false if the line is not connected.
 */
bool ioapic_unmask(unsigned irq, unsigned vector);

/* Mask ISA line @irq.  Locks: as above. */
void ioapic_mask(unsigned irq);

#endif
