/*
 * _S5_ in all its spellings, and tables that are cut off or full of errors.
 *
 * Links: arch/x86/acpi_tables.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "lib/errno.h"
#include "tests/host/arch/x86/acpi_draft.h"

enum { MUTATIONS = 200000 };

/* The first @count bytes of @table, in memory of their own. */
static struct bytes cut(struct bytes table, size_t count)
{
    u8 *copy = malloc(count ? count : 1);
    memcpy(copy, table.start, count);
    return (struct bytes){ copy, count };
}

static void expect_s5(const char *aml, size_t count, int type_a, int type_b)
{
    struct bytes table = dsdt(aml, count);
    struct acpi_s5 s5 = { 0xee, 0xee };
    assert_int_equal(acpi_s5_find(table, &s5), type_a < 0 ? -ENOENT : 0);
    if (type_a >= 0) {
        assert_int_equal(s5.type_a, type_a);
        assert_int_equal(s5.type_b, type_b);
    }
    let_go(table);
}

static void s5_is_read_in_all_its_spellings(void **state)
{
    expect_s5(AML("\10_S5_\22\6\4\0\0\0\0"), 0, 0);                   /* QEMU: all ZeroOp */
    expect_s5(AML("\10_S5_\22\12\4\12\5\12\6\0\0"), 5, 6);            /* ByteConst */
    expect_s5(AML("\10\\_S5_\22\12\2\12\7\1"), 7, 1);                 /* \_S5_, OneOp */
    expect_s5(AML("\10_S5_\22\x4a\1\4\13\3\0\14\4\0\0\0\0\0"), 3, 4); /* two-byte length; words */
    expect_s5(AML("\10_S5_\22\4\1\12\5"), 5, 0);                      /* PM1a's alone */
    expect_s5(AML("_S5_ \10_S5_\22\6\4\1\0\0\0"), 1, 0); /* the name, before its object */
}

static void what_only_looks_like_s5_is_not(void **state)
{
    expect_s5(AML(""), -1, 0);
    expect_s5(AML("\11_S5_\22\6\4\0\0\0\0"), -1, 0);     /* no NameOp */
    expect_s5(AML("\10_S5_\23\6\4\0\0\0\0"), -1, 0);     /* no package */
    expect_s5(AML("\10_S5_\22\6\0\0\0"), -1, 0);         /* no elements */
    expect_s5(AML("\10_S5_\22\6\4\12\10\0\0\0"), -1, 0); /* 8 does not fit SLP_TYP */
    expect_s5(AML("\10_S5_\22\6\4\16\5\0\0\0"), -1, 0);  /* a QWord */
    expect_s5(AML("\10_S5_"), -1, 0);
    expect_s5(AML("\10_S5_\22"), -1, 0);
    expect_s5(AML("\10_S5_\22\xc0"), -1, 0);
    expect_s5(AML("\10_S5_\22\6\4"), -1, 0);
    expect_s5(AML("\10_S5_\22\6\4\14\5\0"), -1, 0); /* a DWord, cut off */
}

/* Let all functions look at @table: nothing may be read beyond it, and all must return. */
static void look_at(struct bytes table)
{
    struct acpi_madt madt;
    struct acpi_fadt fadt;
    struct acpi_hpet hpet;
    struct acpi_rsdp rsdp;
    struct acpi_s5 s5;
    int ignored = acpi_madt_parse(table, &madt) + acpi_fadt_parse(table, &fadt) +
                  acpi_hpet_parse(table, &hpet) + acpi_rsdp_parse(table, &rsdp) +
                  acpi_s5_find(table, &s5) + acpi_table_ok(table, "APIC");
    (void)ignored;
    for (int is_xsdt = 0; is_xsdt < 2; is_xsdt++)
        for (size_t i = 0; i < acpi_root_count(table, is_xsdt); i++)
            (void)acpi_root_entry(table, is_xsdt, i);
}

static void tables_cut_anywhere_are_survived(void **state)
{
    struct draft drafts[] = { madt_draft(), fadt_draft() };
    struct bytes tables[] = { finish(&drafts[0]), finish(&drafts[1]),
                              dsdt(AML("\10_S5_\22\12\4\12\5\12\6\0\0")) };
    for (size_t i = 0; i < ARRAY_COUNT(tables); i++) {
        for (size_t count = 0; count <= tables[i].count; count++) {
            struct bytes part = cut(tables[i], count);
            look_at(part);
            let_go(part);
        }
        let_go(tables[i]);
    }
}

static void tables_with_random_errors_are_survived(void **state)
{
    unsigned seed = (unsigned)(getenv("SEED") ? atoi(getenv("SEED")) : 1);
    struct draft drafts[] = { madt_draft(), fadt_draft() };
    struct bytes tables[] = { finish(&drafts[0]), finish(&drafts[1]),
                              dsdt(AML("\10_S5_\22\12\4\12\5\12\6\0\0")) };

    printf("SEED=%u\n", seed);
    srand(seed);
    for (unsigned i = 0; i < MUTATIONS; i++) {
        struct bytes victim = tables[(unsigned)rand() % ARRAY_COUNT(tables)];
        struct bytes copy = cut(victim, victim.count);
        for (unsigned errors = (unsigned)rand() % 6; errors; errors--)
            ((u8 *)copy.start)[(size_t)rand() % copy.count] = (u8)rand();
        look_at(copy);
        let_go(copy);
    }
    for (size_t i = 0; i < ARRAY_COUNT(tables); i++)
        let_go(tables[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(s5_is_read_in_all_its_spellings),
        cmocka_unit_test(what_only_looks_like_s5_is_not),
        cmocka_unit_test(tables_cut_anywhere_are_survived),
        cmocka_unit_test(tables_with_random_errors_are_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
