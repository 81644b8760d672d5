/*
 * Reading ACPI tables.
 *
 * A table is a header of 36 bytes (signature, length, ..., checksum) and a body.  Bodies are
 * either fixed structures, of which old firmware may have only the beginning, or a row of records
 * that begin with their own type and length.  Numbers stand at any alignment, low byte first.
 *
 * Every access goes through field(), which answers 0 for what lies beyond the end: a table that is
 * too short reads as one whose last members are absent.
 */
#include "arch/x86/acpi_tables.h"

#include "lib/assert.h"
#include "lib/errno.h"

enum {
    RSDP_CHECKSUM_BYTES = 20,
    RSDP_REVISION = 15,
    RSDP_RSDT = 16,
    RSDP_LENGTH = 20,
    RSDP_XSDT = 24,
    RSDP_2_BYTES = 36, /* since revision 2 */
    RSDP_ALIGN = 16,
    HEADER_LENGTH = 4,
};

static bool same_bytes(const u8 *a, const char *b, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (a[i] != (u8)b[i])
            return false;
    return true;
}

/* The number of @size bytes at @offset, 0 if it is not wholly inside. */
static u64 field(struct bytes bytes, size_t offset, size_t size)
{
    assert(size <= sizeof(u64));
    if (offset > bytes.count || size > bytes.count - offset)
        return 0;

    u64 value = 0;
    for (size_t i = size; i-- > 0;)
        value = value << 8 | bytes.start[offset + i];
    return value;
}

static u8 field8(struct bytes bytes, size_t offset) { return (u8)field(bytes, offset, 1); }
static u16 field16(struct bytes bytes, size_t offset) { return (u16)field(bytes, offset, 2); }
static u32 field32(struct bytes bytes, size_t offset) { return (u32)field(bytes, offset, 4); }

bool acpi_checksum_ok(struct bytes bytes)
{
    u8 sum = 0;
    for (size_t i = 0; i < bytes.count; i++)
        sum = (u8)(sum + bytes.start[i]);
    return bytes.count && !sum;
}

int acpi_rsdp_parse(struct bytes bytes, struct acpi_rsdp *rsdp)
{
    if (bytes.count < ACPI_RSDP_BYTES || !same_bytes(bytes.start, "RSD PTR ", 8))
        return -EINVAL;
    if (!acpi_checksum_ok((struct bytes){ bytes.start, RSDP_CHECKSUM_BYTES }))
        return -EINVAL;

    *rsdp = (struct acpi_rsdp){ .rsdt = field32(bytes, RSDP_RSDT) };
    if (field8(bytes, RSDP_REVISION) < 2)
        return 0;

    /* The second checksum guards the XSDT's address alone: without it there is still the RSDT. */
    u32 length = field32(bytes, RSDP_LENGTH);
    if (length >= RSDP_2_BYTES && length <= bytes.count &&
        acpi_checksum_ok((struct bytes){ bytes.start, length }))
        rsdp->xsdt = field(bytes, RSDP_XSDT, 8);
    return 0;
}

const u8 *acpi_rsdp_search(struct bytes memory)
{
    struct acpi_rsdp rsdp;

    for (size_t i = 0; i < memory.count; i += RSDP_ALIGN)
        if (acpi_rsdp_parse((struct bytes){ memory.start + i, memory.count - i }, &rsdp) == 0)
            return memory.start + i;
    return NULL;
}

size_t acpi_table_length(struct bytes header)
{
    u32 length = field32(header, HEADER_LENGTH);
    if (header.count < ACPI_HEADER_BYTES || length < ACPI_HEADER_BYTES || length > ACPI_TABLE_MAX)
        return 0;
    return length;
}

bool acpi_table_ok(struct bytes table, const char *signature)
{
    size_t length = acpi_table_length(table);
    return length && length <= table.count && same_bytes(table.start, signature, 4) &&
           acpi_checksum_ok((struct bytes){ table.start, length });
}

/* @table without what follows its own length. */
static struct bytes clip(struct bytes table)
{
    size_t length = acpi_table_length(table);
    return (struct bytes){ table.start, length < table.count ? length : table.count };
}

size_t acpi_root_count(struct bytes root, bool is_xsdt)
{
    size_t count = clip(root).count;
    return count < ACPI_HEADER_BYTES ? 0 : (count - ACPI_HEADER_BYTES) / (is_xsdt ? 8 : 4);
}

paddr_t acpi_root_entry(struct bytes root, bool is_xsdt, size_t index)
{
    assert(index < acpi_root_count(root, is_xsdt));
    size_t size = is_xsdt ? 8 : 4;
    return field(root, ACPI_HEADER_BYTES + index * size, size);
}

/*
 * The MADT.  Source: ACPI specification 6.4, 5.2.12 "Multiple APIC Description Table".
 */
enum {
    MADT_LOCAL_APIC = 36,
    MADT_RECORDS = 44,

    RECORD_CPU = 0,
    RECORD_IO_APIC = 1,
    RECORD_ISA_OVERRIDE = 2,
    RECORD_CPU_NMI = 4,
    RECORD_ADDRESS_OVERRIDE = 5,
    RECORD_X2APIC_CPU = 9,

    CPU_ENABLED = 1 << 0,
    NO_APIC_ID = 0xff,

    POLARITY_MASK = 3,
    POLARITY_LOW = 3,
    TRIGGER_MASK = 3 << 2,
    TRIGGER_LEVEL = 3 << 2,
};

static void madt_add_cpu(struct acpi_madt *madt, u32 apic_id)
{
    for (unsigned i = 0; i < madt->cpu_count && i < ACPI_CPUS; i++)
        if (madt->apic_id[i] == apic_id)
            return; /* listed as a local APIC and as an x2APIC */
    if (madt->cpu_count < ACPI_CPUS)
        madt->apic_id[madt->cpu_count] = apic_id;
    madt->cpu_count++;
}

static void madt_add_io_apic(struct acpi_madt *madt, struct bytes record)
{
    if (madt->io_apic_count == ACPI_IO_APICS)
        return;
    madt->io_apic[madt->io_apic_count++] = (struct acpi_io_apic){
        .phys = field32(record, 4),
        .first_gsi = field32(record, 8),
    };
}

static void madt_override_isa(struct acpi_madt *madt, struct bytes record)
{
    u8 bus = field8(record, 2), irq = field8(record, 3);
    if (bus != 0 || irq >= ACPI_ISA_IRQS || record.count < 10)
        return;

    u16 flags = field16(record, 8); /* 0: as the bus has it, which is high and edge */
    madt->isa[irq] = (struct acpi_isa_irq){
        .gsi = field32(record, 4),
        .active_low = (flags & POLARITY_MASK) == POLARITY_LOW,
        .level_triggered = (flags & TRIGGER_MASK) == TRIGGER_LEVEL,
    };
}

static void madt_read_record(struct acpi_madt *madt, struct bytes record)
{
    switch (field8(record, 0)) {
    case RECORD_CPU:
        if (field32(record, 4) & CPU_ENABLED && field8(record, 3) != NO_APIC_ID)
            madt_add_cpu(madt, field8(record, 3));
        break;
    case RECORD_X2APIC_CPU:
        if (field32(record, 8) & CPU_ENABLED)
            madt_add_cpu(madt, field32(record, 4));
        break;
    case RECORD_IO_APIC:
        madt_add_io_apic(madt, record);
        break;
    case RECORD_ISA_OVERRIDE:
        madt_override_isa(madt, record);
        break;
    case RECORD_CPU_NMI:
        if (field8(record, 5) < 2 && record.count >= 6)
            madt->nmi_on_lint[field8(record, 5)] = true;
        break;
    case RECORD_ADDRESS_OVERRIDE:
        madt->local_apic = field(record, 4, 8);
        break;
    default:
        break;
    }
}

int acpi_madt_parse(struct bytes table, struct acpi_madt *madt)
{
    table = clip(table);
    if (table.count < MADT_RECORDS)
        return -EINVAL;

    *madt = (struct acpi_madt){
        .local_apic = field32(table, MADT_LOCAL_APIC),
    };
    for (unsigned irq = 0; irq < ACPI_ISA_IRQS; irq++)
        madt->isa[irq].gsi = irq;

    size_t at = MADT_RECORDS;
    while (at < table.count) {
        struct bytes record = { table.start + at, field8(table, at + 1) };
        if (record.count < 2 || record.count > table.count - at)
            return -EINVAL; /* it would never end, or leads out of the table */
        madt_read_record(madt, record);
        at += record.count;
    }
    return madt->local_apic && madt->cpu_count ? 0 : -EINVAL;
}

/*
 * The FADT.  Source: ACPI specification 6.4, 5.2.9 "Fixed ACPI Description Table".
 */
enum {
    FADT_DSDT = 40,
    FADT_SMI_COMMAND = 48,
    FADT_ACPI_ENABLE = 52,
    FADT_PM1A_CONTROL = 64,
    FADT_PM1B_CONTROL = 68,
    FADT_FLAGS = 112,
    FADT_RESET = 116,
    FADT_RESET_VALUE = 128,
    FADT_X_DSDT = 140,

    FADT_FLAG_RESET = 1 << 10,

    GAS_SPACE = 0,
    GAS_BIT_OFFSET = 2,
    GAS_ADDRESS = 4,
    GAS_MEMORY = 0,
    GAS_PORT = 1,
};

/* The reset register at @offset, a "generic address structure"; false: not one we can write. */
static bool read_reset_register(struct bytes table, size_t offset, struct acpi_register *reg)
{
    u8 space = field8(table, offset + GAS_SPACE);
    *reg = (struct acpi_register){
        .is_port = space == GAS_PORT,
        .address = field(table, offset + GAS_ADDRESS, 8),
    };
    if (!reg->address || field8(table, offset + GAS_BIT_OFFSET))
        return false;
    return space == GAS_MEMORY || (space == GAS_PORT && reg->address <= UINT16_MAX);
}

/* A port number, 0 for one that cannot be. */
static u32 port_field(struct bytes table, size_t offset)
{
    u32 port = field32(table, offset);
    return port <= UINT16_MAX ? port : 0;
}

int acpi_fadt_parse(struct bytes table, struct acpi_fadt *fadt)
{
    table = clip(table);
    if (table.count < FADT_PM1B_CONTROL + 4)
        return -EINVAL;

    *fadt = (struct acpi_fadt){
        .dsdt = field(table, FADT_X_DSDT, 8),
        .pm1a_control = port_field(table, FADT_PM1A_CONTROL),
        .pm1b_control = port_field(table, FADT_PM1B_CONTROL),
        .smi_command = port_field(table, FADT_SMI_COMMAND),
        .acpi_enable = field8(table, FADT_ACPI_ENABLE),
        .reset_value = field8(table, FADT_RESET_VALUE),
    };
    if (!fadt->dsdt)
        fadt->dsdt = field32(table, FADT_DSDT);
    bool has_reset = field32(table, FADT_FLAGS) & FADT_FLAG_RESET;
    fadt->has_reset = has_reset && read_reset_register(table, FADT_RESET, &fadt->reset);
    return 0;
}

/*
 * The HPET's table.  Source: IA-PC HPET specification 1.0a, 3.2.4 "The ACPI 2.0 HPET Description
 * Table".
 */
enum {
    HPET_ADDRESS = 40, /* a generic address structure */
};

int acpi_hpet_parse(struct bytes table, struct acpi_hpet *hpet)
{
    table = clip(table);
    hpet->phys = field(table, HPET_ADDRESS + GAS_ADDRESS, 8);
    if (!hpet->phys || hpet->phys % 8 || field8(table, HPET_ADDRESS + GAS_SPACE) != GAS_MEMORY)
        return -EINVAL;
    return 0;
}

/*
 * _S5_ in AML: NameOp (8), optionally a root prefix ('\'), "_S5_", PackageOp (0x12), the package's
 * length (1 to 4 bytes), the number of its elements, then the elements: SLP_TYP for PM1a, for
 * PM1b, two reserved.  Source: ACPI specification 6.4, 20.2 "AML Grammar Definition", 7.4.2
 * "\_Sx (System States)".
 */
enum {
    AML_ZERO = 0,
    AML_ONE = 1,
    AML_NAME = 8,
    AML_BYTE = 0x0a,
    AML_WORD = 0x0b,
    AML_DWORD = 0x0c,
    AML_PACKAGE = 0x12
};

/* The small number encoded at *@at, which moves behind it; -1: something else is there. */
static int aml_small_number(struct bytes aml, size_t *at)
{
    static const u8 size_of[] = { [AML_BYTE] = 1, [AML_WORD] = 2, [AML_DWORD] = 4 };

    if (*at >= aml.count)
        return -1;
    u8 op = aml.start[(*at)++];
    if (op == AML_ZERO || op == AML_ONE)
        return op;
    if (op >= ARRAY_COUNT(size_of) || !size_of[op] || *at + size_of[op] > aml.count)
        return -1;

    u64 value = field(aml, *at, size_of[op]);
    *at += size_of[op];
    return value <= 7 ? (int)value : -1; /* SLP_TYP has three bits */
}

/* Read the package whose PackageOp should be at @at. */
static int s5_read_package(struct bytes aml, size_t at, struct acpi_s5 *s5)
{
    if (at + 2 > aml.count || aml.start[at] != AML_PACKAGE)
        return -ENOENT;
    at++;
    at += 1 + (aml.start[at] >> 6); /* the top bits say how many more bytes the length has */
    if (at >= aml.count || aml.start[at++] < 1)
        return -ENOENT;

    int type_a = aml_small_number(aml, &at);
    int type_b = aml_small_number(aml, &at);
    if (type_a < 0)
        return -ENOENT;
    *s5 = (struct acpi_s5){ (u8)type_a, (u8)(type_b < 0 ? 0 : type_b) };
    return 0;
}

int acpi_s5_find(struct bytes table, struct acpi_s5 *s5)
{
    struct bytes aml = clip(table);

    for (size_t i = ACPI_HEADER_BYTES + 1; i + 4 <= aml.count; i++) {
        if (!same_bytes(aml.start + i, "_S5_", 4))
            continue;
        bool named = aml.start[i - 1] == AML_NAME ||
                     (aml.start[i - 1] == '\\' && aml.start[i - 2] == AML_NAME);
        if (named && s5_read_package(aml, i + 4, s5) == 0)
            return 0;
    }
    return -ENOENT;
}
