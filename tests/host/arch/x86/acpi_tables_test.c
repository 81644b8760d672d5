/* What ACPI tables tell, and which of them are not believed. */
#include "arch/x86/acpi_tables.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/errno.h"
#include "tests/host/arch/x86/acpi_draft.h"

static void a_madt_tells_cpus_and_controllers(void **state)
{
    struct draft draft = madt_draft();
    struct bytes table = finish(&draft);
    struct acpi_madt madt;

    assert_true(acpi_table_ok(table, "APIC"));
    assert_int_equal(acpi_madt_parse(table, &madt), 0);
    assert_int_equal(madt.local_apic, 0xfee00000);
    assert_int_equal(madt.cpu_count, 2);
    assert_int_equal(madt.apic_id[0], 0);
    assert_int_equal(madt.apic_id[1], 2);
    assert_int_equal(madt.io_apic_count, 1);
    assert_int_equal(madt.io_apic[0].phys, 0xfec00000);
    assert_int_equal(madt.io_apic[0].first_gsi, 24);
    assert_int_equal(madt.isa[0].gsi, 2);
    assert_int_equal(madt.isa[1].gsi, 1);
    assert_true(madt.isa[9].level_triggered && !madt.isa[9].active_low);
    assert_true(madt.isa[10].level_triggered && madt.isa[10].active_low);
    assert_false(madt.isa[4].level_triggered || madt.isa[4].active_low);
    assert_true(madt.nmi_on_lint[1] && !madt.nmi_on_lint[0]);
    let_go(table);
}

static void a_cpu_listed_twice_counts_once(void **state)
{
    struct draft draft = madt_draft();
    append(&draft, "\11\20\0\0\2\0\0\0\1\0\0\0\0\0\0\0", 16); /* x2APIC 2, enabled */
    append(&draft, "\11\20\0\0\0\1\0\0\1\0\0\0\0\0\0\0", 16); /* x2APIC 256, enabled */
    struct bytes table = finish(&draft);
    struct acpi_madt madt;

    assert_int_equal(acpi_madt_parse(table, &madt), 0);
    assert_int_equal(madt.cpu_count, 3);
    assert_int_equal(madt.apic_id[2], 256);
    let_go(table);
}

static void a_record_of_no_length_ends_the_madt(void **state)
{
    for (u8 length = 0; length < 2; length++) {
        struct draft draft = madt_draft();
        append(&draft, (char[]){ 0x7f, (char)length, 0, 0 }, 4);
        struct bytes table = finish(&draft);
        struct acpi_madt madt;
        assert_int_equal(acpi_madt_parse(table, &madt), -EINVAL);
        let_go(table);
    }
}

static void a_record_beyond_the_end_ends_the_madt(void **state)
{
    struct draft draft = madt_draft();
    append(&draft, "\0\10\3\6", 4);
    struct bytes table = finish(&draft);
    struct acpi_madt madt;
    assert_int_equal(acpi_madt_parse(table, &madt), -EINVAL);
    let_go(table);
}

static void more_cpus_than_fit_are_counted(void **state)
{
    u8 *bytes = calloc(1, MADT_FIXED + 200 * 8);
    memcpy(bytes, "APIC", 4);
    bytes[39] = 0xfe;
    for (unsigned i = 0; i < 200; i++)
        memcpy(bytes + MADT_FIXED + i * 8, (u8[]){ 0, 8, (u8)i, (u8)i, 1, 0, 0, 0 }, 8);
    u32 length = MADT_FIXED + 200 * 8;
    memcpy(bytes + 4, &length, 4);
    struct acpi_madt madt;

    assert_int_equal(acpi_madt_parse((struct bytes){ bytes, length }, &madt), 0);
    assert_int_equal(madt.cpu_count, 200);
    assert_int_equal(madt.apic_id[ACPI_CPUS - 1], ACPI_CPUS - 1);
    free(bytes);
}

static void more_io_apics_than_fit_are_ignored(void **state)
{
    struct draft draft = madt_draft();
    for (unsigned i = 0; i < ACPI_IO_APICS + 3; i++)
        append(&draft, "\1\14\0\0\0\0\xc0\xfe\0\0\0\0", 12);
    struct bytes table = finish(&draft);
    struct acpi_madt madt;
    assert_int_equal(acpi_madt_parse(table, &madt), 0);
    assert_int_equal(madt.io_apic_count, ACPI_IO_APICS);
    let_go(table);
}

static void a_madt_without_cpus_makes_no_sense(void **state)
{
    struct draft draft = begin("APIC", MADT_FIXED);
    put(&draft, 36, 0xfee00000, 4);
    struct bytes table = finish(&draft);
    struct acpi_madt madt;
    assert_int_equal(acpi_madt_parse(table, &madt), -EINVAL);
    let_go(table);
}

static void a_wrong_checksum_signature_or_length_is_seen(void **state)
{
    struct draft draft = madt_draft();
    struct bytes table = finish(&draft);
    u8 *bytes = (u8 *)table.start;

    assert_true(acpi_table_ok(table, "APIC"));
    assert_false(acpi_table_ok(table, "FACP"));
    bytes[50] ^= 1;
    assert_false(acpi_table_ok(table, "APIC"));
    bytes[50] ^= 1;
    assert_false(acpi_table_ok((struct bytes){ bytes, table.count - 1 }, "APIC"));
    bytes[4] = 35; /* shorter than a header */
    bytes[5] = bytes[6] = bytes[7] = 0;
    assert_int_equal(acpi_table_length(table), 0);
    assert_false(acpi_table_ok(table, "APIC"));
    bytes[7] = 0x7f; /* 2 GiB */
    assert_int_equal(acpi_table_length(table), 0);
    let_go(table);
}

static void make_rsdp(u8 bytes[36], u8 revision)
{
    memset(bytes, 0, 36);
    memcpy(bytes, "RSD PTR ", 8);
    bytes[15] = revision;
    bytes[18] = 0x12; /* RSDT at 0x120000 */
    bytes[20] = 36;
    bytes[28] = 0x23; /* XSDT at 0x2300000000 */
    set_checksum(bytes, 20, 8);
    set_checksum(bytes, 36, 32);
}

static void an_rsdp_names_rsdt_and_since_revision_2_xsdt(void **state)
{
    u8 bytes[36];
    struct acpi_rsdp rsdp;

    make_rsdp(bytes, 0);
    assert_int_equal(acpi_rsdp_parse((struct bytes){ bytes, 20 }, &rsdp), 0);
    assert_int_equal(rsdp.rsdt, 0x120000);
    assert_int_equal(rsdp.xsdt, 0);
    make_rsdp(bytes, 2);
    assert_int_equal(acpi_rsdp_parse((struct bytes){ bytes, 36 }, &rsdp), 0);
    assert_int_equal(rsdp.xsdt, 0x2300000000);
    assert_int_equal(acpi_rsdp_parse((struct bytes){ bytes, 35 }, &rsdp), 0);
    assert_int_equal(rsdp.xsdt, 0); /* cut off */
    bytes[33] ^= 1;
    assert_int_equal(acpi_rsdp_parse((struct bytes){ bytes, 36 }, &rsdp), 0);
    assert_int_equal(rsdp.xsdt, 0); /* second checksum wrong: the RSDT still holds */
    bytes[9] ^= 1;
    assert_int_equal(acpi_rsdp_parse((struct bytes){ bytes, 36 }, &rsdp), -EINVAL);
}

static void an_rsdp_is_found_at_multiples_of_16_only(void **state)
{
    u8 rsdp[36];
    u8 *memory = calloc(1, 1024);

    make_rsdp(rsdp, 0);
    memcpy(memory + 992, rsdp, ACPI_RSDP_BYTES); /* ends 12 bytes before the end */
    assert_ptr_equal(acpi_rsdp_search((struct bytes){ memory, 1024 }), memory + 992);
    memset(memory, 0, 1024);
    memcpy(memory + 504, rsdp, sizeof(rsdp));
    assert_null(acpi_rsdp_search((struct bytes){ memory, 1024 }));
    assert_null(acpi_rsdp_search((struct bytes){ memory, 19 }));
    assert_null(acpi_rsdp_search((struct bytes){ memory, 0 }));
    free(memory);
}

static void a_root_table_lists_whole_entries_only(void **state)
{
    struct draft draft = begin("RSDT", ACPI_HEADER_BYTES);
    append(&draft, "\1\2\3\4\5\6\7\10\11", 9);
    struct bytes root = finish(&draft);
    assert_int_equal(acpi_root_count(root, false), 2);
    assert_int_equal(acpi_root_entry(root, false, 1), 0x08070605);
    assert_int_equal(acpi_root_count(root, true), 1);
    assert_int_equal(acpi_root_entry(root, true, 0), 0x0807060504030201);
    expect_assert_failure(acpi_root_entry(root, false, 2));
    let_go(root);
}

static void a_fadt_tells_how_to_power_off_and_reset(void **state)
{
    struct draft draft = fadt_draft();
    struct bytes table = finish(&draft);
    struct acpi_fadt fadt;

    assert_int_equal(acpi_fadt_parse(table, &fadt), 0);
    assert_int_equal(fadt.dsdt, 0x1000);
    assert_int_equal(fadt.pm1a_control, 0x604);
    assert_int_equal(fadt.pm1b_control, 0);
    assert_true(fadt.has_reset && fadt.reset.is_port);
    assert_int_equal(fadt.reset.address, 0xcf9);
    assert_int_equal(fadt.reset_value, 6);
    let_go(table);
}

static void a_short_fadt_has_no_reset_register(void **state)
{
    struct draft draft = fadt_draft();
    draft.count = 116;
    struct bytes table = finish(&draft);
    struct acpi_fadt fadt;
    assert_int_equal(acpi_fadt_parse(table, &fadt), 0);
    assert_false(fadt.has_reset);
    assert_int_equal(fadt.dsdt, 0x1000);
    let_go(table);
}

static void a_reset_register_that_cannot_be_written_is_none(void **state)
{
    static const struct {
        u8 space, bit_offset;
        u64 address;
    } bad[] = { { 1, 0, 0x10000 }, { 1, 0, 0 }, { 2, 0, 0xcf9 }, { 1, 4, 0xcf9 } };

    for (size_t i = 0; i < ARRAY_COUNT(bad); i++) {
        struct draft draft = fadt_draft();
        put(&draft, 116, bad[i].space, 1);
        put(&draft, 118, bad[i].bit_offset, 1);
        put(&draft, 120, bad[i].address, 8);
        struct bytes table = finish(&draft);
        struct acpi_fadt fadt;
        assert_int_equal(acpi_fadt_parse(table, &fadt), 0);
        assert_false(fadt.has_reset);
        let_go(table);
    }
}

static void an_hpet_is_in_memory(void **state)
{
    struct draft draft = begin("HPET", 56);
    put(&draft, 44, 0xfed00000, 8);
    struct bytes table = finish(&draft);
    struct acpi_hpet hpet;
    assert_int_equal(acpi_hpet_parse(table, &hpet), 0);
    assert_int_equal(hpet.phys, 0xfed00000);
    let_go(table);

    put(&draft, 40, 1, 1); /* a port */
    table = finish(&draft);
    assert_int_equal(acpi_hpet_parse(table, &hpet), -EINVAL);
    let_go(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_madt_tells_cpus_and_controllers),
        cmocka_unit_test(a_cpu_listed_twice_counts_once),
        cmocka_unit_test(a_record_of_no_length_ends_the_madt),
        cmocka_unit_test(a_record_beyond_the_end_ends_the_madt),
        cmocka_unit_test(more_cpus_than_fit_are_counted),
        cmocka_unit_test(more_io_apics_than_fit_are_ignored),
        cmocka_unit_test(a_madt_without_cpus_makes_no_sense),
        cmocka_unit_test(a_wrong_checksum_signature_or_length_is_seen),
        cmocka_unit_test(an_rsdp_names_rsdt_and_since_revision_2_xsdt),
        cmocka_unit_test(an_rsdp_is_found_at_multiples_of_16_only),
        cmocka_unit_test(a_root_table_lists_whole_entries_only),
        cmocka_unit_test(a_fadt_tells_how_to_power_off_and_reset),
        cmocka_unit_test(a_short_fadt_has_no_reset_register),
        cmocka_unit_test(a_reset_register_that_cannot_be_written_is_none),
        cmocka_unit_test(an_hpet_is_in_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
