/*
 * Finding the firmware's ACPI tables, and the registers that power off and reset.
 *
 * The root pointer (RSDP) comes from the loader, or is searched where BIOSes leave it.  It names
 * the XSDT or the RSDT, a list of all other tables.  Tables are mapped one at a time, first the
 * header, then as much as its length says.
 *
 * Power state S5 is entered by writing a number to a register; the number is in _S5_, an object in
 * the AML byte code of the DSDT or an SSDT.  It is read once, here, so that a machine that panics
 * can still power off.
 *
 * Source: ACPI specification 6.4, 5.2.5.1 "Finding the RSDP on IA-PC Systems", 4.8.3.2 "PM1
 * Control Registers", 4.8.3.6 "Reset Register".
 */
#include "arch/x86/acpi.h"

#include "arch/x86/port.h"
#include "arch/x86/pte.h"
#include "boot/boot_info.h"
#include "kernel/printk.h"
#include "mm/vmalloc.h"

enum {
    EBDA_SEGMENT = 0x40e, /* the BIOS keeps its extended data area's segment here */
    EBDA_SEARCHED = 1024,
    BIOS_START = 0xe0000,
    BIOS_END = 0x100000,
    TABLES_MAX = 256,

    SLEEP_TYPE_SHIFT = 10,
    SLEEP_TYPE_MASK = 7 << SLEEP_TYPE_SHIFT,
    SLEEP_ENABLE = 1 << 13,
    ACPI_MODE = 1 << 0,
    MODE_POLLS = 100000,
};

struct acpi_info acpi_info;

static const prot_t table_prot = { PROT_READ };

/* Where acpi_reset() writes, if that is memory.  Constant after acpi_init(). */
static volatile u8 *reset_memory;

/* The whole table at @phys, NULL start: it cannot be mapped.  Undo with iounmap(). */
static struct bytes map_table(paddr_t phys)
{
    void *header = phys ? ioremap(phys, ACPI_HEADER_BYTES, table_prot) : NULL;
    if (!header)
        return (struct bytes){ NULL, 0 };
    size_t length = acpi_table_length((struct bytes){ header, ACPI_HEADER_BYTES });
    iounmap(header);

    void *table = length ? ioremap(phys, length, table_prot) : NULL;
    return (struct bytes){ table, table ? length : 0 };
}

static void unmap(struct bytes table) { iounmap((void *)table.start); }

static void complain(const char *name, paddr_t phys)
{
    pr_warn("acpi: %s at %#llx is broken: ignored", name, (unsigned long long)phys);
}

/* Search an area for the RSDP and read it. */
static bool search_rsdp(paddr_t phys, size_t count, struct acpi_rsdp *rsdp)
{
    void *area = ioremap(phys, count, table_prot);
    if (!area)
        return false;
    const u8 *found = acpi_rsdp_search((struct bytes){ area, count });
    size_t rest = found ? count - (size_t)(found - (const u8 *)area) : 0;
    bool ok = found && acpi_rsdp_parse((struct bytes){ found, rest }, rsdp) == 0;
    iounmap(area);
    return ok;
}

/* Where the BIOS's extended data area begins, 0: it has none that makes sense. */
static paddr_t find_ebda(void)
{
    const u16 *segment = ioremap(EBDA_SEGMENT, sizeof(*segment), table_prot);
    if (!segment)
        return 0;
    paddr_t ebda = (paddr_t)*segment << 4;
    iounmap((void *)segment);
    return ebda >= 0x400 && ebda + EBDA_SEARCHED <= 0xa0000 ? ebda : 0;
}

static bool find_rsdp(struct acpi_rsdp *rsdp)
{
    if (boot_info.has_rsdp_copy &&
        acpi_rsdp_parse((struct bytes){ boot_info.rsdp, BOOT_RSDP_BYTES }, rsdp) == 0)
        return true;
    if (boot_info.rsdp_phys && search_rsdp(boot_info.rsdp_phys, BOOT_RSDP_BYTES, rsdp))
        return true;

    paddr_t ebda = boot_info.is_efi ? 0 : find_ebda();
    if (ebda && search_rsdp(ebda, EBDA_SEARCHED, rsdp))
        return true;
    return !boot_info.is_efi && search_rsdp(BIOS_START, BIOS_END - BIOS_START, rsdp);
}

static void find_s5(const char *signature, paddr_t phys)
{
    struct bytes table = map_table(phys);
    if (!table.start)
        return;
    if (!acpi_table_ok(table, signature))
        complain(signature, phys);
    else if (!acpi_info.has_s5)
        acpi_info.has_s5 = acpi_s5_find(table, &acpi_info.s5) == 0;
    unmap(table);
}

/* Read @table if it is one of those we know. */
static void read_table(struct bytes table, paddr_t phys)
{
    if (acpi_table_ok(table, "APIC"))
        acpi_info.has_madt = acpi_madt_parse(table, &acpi_info.madt) == 0;
    else if (acpi_table_ok(table, "FACP"))
        acpi_info.has_fadt = acpi_fadt_parse(table, &acpi_info.fadt) == 0;
    else if (acpi_table_ok(table, "HPET"))
        acpi_info.has_hpet = acpi_hpet_parse(table, &acpi_info.hpet) == 0;
    else if (acpi_table_ok(table, "SSDT") && !acpi_info.has_s5)
        acpi_info.has_s5 = acpi_s5_find(table, &acpi_info.s5) == 0;
    else if (!acpi_checksum_ok(table))
        complain("a table", phys);
}

/* Read the tables that the root table at @phys lists.  Returns: false: it is no root table. */
static bool read_root(paddr_t phys, bool is_xsdt)
{
    struct bytes root = map_table(phys);
    if (!root.start)
        return false;
    bool ok = acpi_table_ok(root, is_xsdt ? "XSDT" : "RSDT");
    size_t count = ok ? acpi_root_count(root, is_xsdt) : 0;

    for (size_t i = 0; i < count && i < TABLES_MAX; i++) {
        paddr_t address = acpi_root_entry(root, is_xsdt, i);
        struct bytes table = map_table(address);
        if (table.start) {
            read_table(table, address);
            unmap(table);
        } else {
            complain("a table", address);
        }
    }
    unmap(root);
    return ok;
}

void acpi_init(void)
{
    struct acpi_rsdp rsdp;

    if (!find_rsdp(&rsdp)) {
        pr_info("acpi: none");
        return;
    }
    if (!(rsdp.xsdt && read_root(rsdp.xsdt, true)) && !(rsdp.rsdt && read_root(rsdp.rsdt, false))) {
        complain("the root table", rsdp.xsdt ? rsdp.xsdt : rsdp.rsdt);
        return;
    }
    if (acpi_info.has_fadt)
        find_s5("DSDT", acpi_info.fadt.dsdt);
    if (acpi_info.fadt.has_reset && !acpi_info.fadt.reset.is_port)
        reset_memory = ioremap(acpi_info.fadt.reset.address, 1,
                               (prot_t){ PROT_READ | PROT_WRITE | PROT_UNCACHED });
    pr_info("acpi: %u CPU(s), %u I/O APIC(s)%s%s", acpi_info.madt.cpu_count,
            acpi_info.madt.io_apic_count, acpi_info.has_hpet ? ", HPET" : "",
            acpi_info.has_s5 ? ", S5" : "");
}

/* Before it listens to its registers, a machine with an SMI command port must be told to. */
static void enter_acpi_mode(const struct acpi_fadt *fadt)
{
    u16 control = (u16)fadt->pm1a_control;
    if (!fadt->smi_command || !fadt->acpi_enable || port_read16(control) & ACPI_MODE)
        return;
    port_write8((u16)fadt->smi_command, fadt->acpi_enable);
    for (unsigned polls = 0; polls < MODE_POLLS && !(port_read16(control) & ACPI_MODE); polls++)
        ;
}

static void sleep_by(u32 port, u8 type)
{
    u16 value = port_read16((u16)port) & (u16) ~(SLEEP_TYPE_MASK | SLEEP_ENABLE);
    port_write16((u16)port, (u16)(value | type << SLEEP_TYPE_SHIFT | SLEEP_ENABLE));
}

void acpi_power_off(void)
{
    const struct acpi_fadt *fadt = &acpi_info.fadt;
    if (!acpi_info.has_fadt || !acpi_info.has_s5 || !fadt->pm1a_control)
        return;

    enter_acpi_mode(fadt);
    sleep_by(fadt->pm1a_control, acpi_info.s5.type_a);
    if (fadt->pm1b_control)
        sleep_by(fadt->pm1b_control, acpi_info.s5.type_b);
}

void acpi_reset(void)
{
    const struct acpi_fadt *fadt = &acpi_info.fadt;
    if (!acpi_info.has_fadt || !fadt->has_reset)
        return;
    if (fadt->reset.is_port)
        port_write8((u16)fadt->reset.address, fadt->reset_value);
    else if (reset_memory)
        *reset_memory = fadt->reset_value;
}
