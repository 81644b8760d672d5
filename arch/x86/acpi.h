/*
 * What the firmware's ACPI tables tell: which CPUs and interrupt controllers there are, where the
 * HPET is, how to power off.
 *
 * Here the tables are found and mapped; acpi_tables.c reads them.  All of them are treated as
 * input: one whose length or checksum is wrong is ignored, with a message.
 */
#ifndef ARCH_X86_ACPI_H
#define ARCH_X86_ACPI_H

#include "arch/x86/acpi_tables.h"
#include "lib/types.h"

/* What was found; the has_ members say what is valid.  Constant after acpi_init(). */
struct acpi_info {
    bool has_madt, has_fadt, has_hpet, has_s5;
    struct acpi_madt madt;
    struct acpi_fadt fadt;
    struct acpi_hpet hpet;
    struct acpi_s5 s5;
};

extern struct acpi_info acpi_info;

/* Find and read the tables.  Once, when ioremap() works. */
void acpi_init(void);

/* Power off through the ACPI registers.  Returns if that is not possible.  Any context. */
void acpi_power_off(void);

/* Reset through ACPI's reset register.  Returns if that is not possible.  Any context. */
void acpi_reset(void);

#endif
