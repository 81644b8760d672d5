/*
 * Reading ACPI tables, as pure functions over bytes.
 *
 * Nothing here trusts what it reads: every function is given the bytes there are and looks at no
 * others, whatever lengths the table claims.  (The host's tests feed it broken tables.)
 *
 * Source: ACPI specification 6.4, chapter 5 "ACPI Software Programming Model".
 */
#ifndef ARCH_X86_ACPI_TABLES_H
#define ARCH_X86_ACPI_TABLES_H

#include "lib/annotate.h"
#include "lib/types.h"

enum {
    ACPI_HEADER_BYTES = 36,
    ACPI_RSDP_BYTES = 20,      /* the part that revision 0 has */
    ACPI_TABLE_MAX = 16 << 20, /* a longer table is not believed */
    ACPI_CPUS = 64,            /* as many CPUs' ids are kept; more are counted */
    ACPI_IO_APICS = 8,
    ACPI_ISA_IRQS = 16,
};

/* Some bytes of memory. */
struct bytes {
    const u8 *start;
    size_t count;
};

struct acpi_rsdp {
    paddr_t rsdt, xsdt; /* 0: not there */
};

struct acpi_io_apic {
    paddr_t phys;
    u32 first_gsi; /* the number of its first input among all I/O APICs' */
};

/* Where an ISA line arrives: input @gsi; how it signals. */
struct acpi_isa_irq {
    u32 gsi;
    bool active_low, level_triggered;
};

struct acpi_madt {
    paddr_t local_apic;
    unsigned cpu_count;     /* CPUs that can be used, also those beyond ACPI_CPUS */
    u32 apic_id[ACPI_CPUS]; /* of the first ACPI_CPUS of them */
    unsigned io_apic_count; /* at most ACPI_IO_APICS; more are ignored */
    struct acpi_io_apic io_apic[ACPI_IO_APICS];
    struct acpi_isa_irq isa[ACPI_ISA_IRQS];
    bool nmi_on_lint[2]; /* is LINTn of the CPUs an NMI? */
};

/* A register of the fixed hardware: a port, or a physical address; address 0: not there. */
struct acpi_register {
    bool is_port;
    paddr_t address;
};

struct acpi_fadt {
    paddr_t dsdt;
    u32 pm1a_control, pm1b_control; /* ports; 0: not there */
    u32 smi_command;                /* port; 0: ACPI mode is always on */
    u8 acpi_enable;                 /* to write there */
    bool has_reset;
    struct acpi_register reset;
    u8 reset_value;
};

struct acpi_hpet {
    paddr_t phys;
};

/* What to write into the PM1 control registers' SLP_TYP for state S5. */
struct acpi_s5 {
    u8 type_a, type_b;
};

/* Do @bytes add up to 0 (modulo 256)?  An empty range does not. */
bool acpi_checksum_ok(struct bytes bytes);

/* Where in @memory is the RSDP, at a multiple of 16?  Returns: NULL: nowhere. */
const u8 *acpi_rsdp_search(struct bytes memory);

/* Read the RSDP.  Returns: 0; -EINVAL: it is none. */
int acpi_rsdp_parse(struct bytes bytes, struct acpi_rsdp *rsdp) MUST_CHECK;

/*
 * The length that the table beginning with @header claims.
 * Returns: 0 if @header is too short, or the length absurd.
 */
size_t acpi_table_length(struct bytes header);

/* Is @table whole, right in its checksum, and signed @signature (4 characters)? */
bool acpi_table_ok(struct bytes table, const char *signature);

/* How many tables does this RSDT or XSDT list?  And the address of number @index. */
size_t acpi_root_count(struct bytes root, bool is_xsdt);
paddr_t acpi_root_entry(struct bytes root, bool is_xsdt, size_t index);

/* Read a MADT, FADT or HPET table that is ok.  Returns: 0; -EINVAL: it makes no sense. */
int acpi_madt_parse(struct bytes table, struct acpi_madt *madt) MUST_CHECK;
int acpi_fadt_parse(struct bytes table, struct acpi_fadt *fadt) MUST_CHECK;
int acpi_hpet_parse(struct bytes table, struct acpi_hpet *hpet) MUST_CHECK;

/*
 * Find the package named _S5_ in the AML of a DSDT or SSDT, without interpreting it.
 * Returns: 0; -ENOENT: there is none that makes sense.
 */
int acpi_s5_find(struct bytes table, struct acpi_s5 *s5) MUST_CHECK;

#endif
