/*
 * I/O APICs.
 *
 * Inputs of all of them are numbered through ("global system interrupts").  ISA line n is input n
 * unless the firmware says otherwise: the PIT's line 0 is input 2 on most machines.
 *
 * Source: Intel 82093AA I/O APIC data sheet, 3.0 "Register Description".
 */
#include "arch/x86/ioapic.h"

#include "arch/x86/acpi_tables.h"
#include "arch/x86/apic.h"
#include "arch/x86/irq.h"
#include "kernel/printk.h"
#include "lib/assert.h"
#include "mm/vmalloc.h"

enum {
    SELECT = 0x00, /* which register ... */
    WINDOW = 0x10, /* ... is seen here */
    WINDOW_BYTES = 0x20,

    REG_VERSION = 0x01,
    REG_INPUTS = 0x10, /* two registers each */

    INPUT_LOW = 1 << 13,
    INPUT_LEVEL = 1 << 15,
    INPUT_MASKED = 1 << 16,
    TO_SHIFT = 24,
    INPUTS_MAX = 240,
};

/* Members: constant after ioapic_init(); the registers behind them under irq.c's lock. */
static struct io_apic {
    volatile u32 *registers;
    u32 first_gsi, inputs;
} io_apics[ACPI_IO_APICS];
static unsigned io_apic_count;
static struct acpi_isa_irq isa[ISA_IRQS]; /* constant after ioapic_init() */

static u32 reg_read(const struct io_apic *io_apic, u32 reg)
{
    io_apic->registers[SELECT / sizeof(u32)] = reg;
    return io_apic->registers[WINDOW / sizeof(u32)];
}

static void reg_write(const struct io_apic *io_apic, u32 reg, u32 value)
{
    io_apic->registers[SELECT / sizeof(u32)] = reg;
    io_apic->registers[WINDOW / sizeof(u32)] = value;
}

static void add(const struct acpi_io_apic *found)
{
    struct io_apic *io_apic = &io_apics[io_apic_count];
    prot_t prot = { PROT_READ | PROT_WRITE | PROT_UNCACHED | PROT_GLOBAL };

    *io_apic = (struct io_apic){
        .registers = ioremap(found->phys, WINDOW_BYTES, prot),
        .first_gsi = found->first_gsi,
    };
    if (!io_apic->registers)
        return;
    u32 version = reg_read(io_apic, REG_VERSION);
    io_apic->inputs = (version >> 16 & 0xff) + 1;
    if (version == UINT32_MAX || io_apic->inputs > INPUTS_MAX) {
        pr_warn("ioapic: nothing that makes sense at %#llx", (unsigned long long)found->phys);
        iounmap((void *)io_apic->registers);
        return;
    }
    for (u32 input = 0; input < io_apic->inputs; input++)
        reg_write(io_apic, REG_INPUTS + 2 * input, INPUT_MASKED);
    io_apic_count++;
}

bool ioapic_init(const struct acpi_madt *madt)
{
    assert(madt->io_apic_count <= ACPI_IO_APICS);
    for (unsigned i = 0; i < madt->io_apic_count; i++)
        add(&madt->io_apic[i]);
    for (unsigned irq = 0; irq < ISA_IRQS; irq++)
        isa[irq] = madt->isa[irq];
    return io_apic_count > 0;
}

/* The I/O APIC at which @gsi arrives, or NULL. */
static const struct io_apic *find(u32 gsi)
{
    for (unsigned i = 0; i < io_apic_count; i++)
        if (gsi >= io_apics[i].first_gsi && gsi - io_apics[i].first_gsi < io_apics[i].inputs)
            return &io_apics[i];
    return NULL;
}

/* Line 2 is the 8259s' cascade: the line that was moved onto its input has it for itself. */
static bool is_connected(unsigned irq)
{
    for (unsigned other = 0; other < ISA_IRQS; other++)
        if (other != irq && isa[other].gsi == isa[irq].gsi && isa[irq].gsi == irq)
            return false;
    return true;
}

bool ioapic_unmask(unsigned irq, unsigned vector)
{
    assert(irq < ISA_IRQS);
    const struct io_apic *io_apic = find(isa[irq].gsi);
    if (!io_apic || !is_connected(irq))
        return false;

    u32 reg = REG_INPUTS + 2 * (isa[irq].gsi - io_apic->first_gsi);
    u32 mode = vector;
    if (isa[irq].active_low)
        mode |= INPUT_LOW;
    if (isa[irq].level_triggered)
        mode |= INPUT_LEVEL;
    reg_write(io_apic, reg + 1, apic_id_of(0) << TO_SHIFT);
    reg_write(io_apic, reg, mode); /* last: it unmasks */
    return true;
}

void ioapic_mask(unsigned irq)
{
    assert(irq < ISA_IRQS);
    const struct io_apic *io_apic = find(isa[irq].gsi);
    if (io_apic)
        reg_write(io_apic, REG_INPUTS + 2 * (isa[irq].gsi - io_apic->first_gsi), INPUT_MASKED);
}
