/*
 * The firmware's memory map: whatever arrives, a sorted and disjoint list leaves.
 *
 * Links: -
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "boot/boot_info.h"
#include "lib/types.h"
#include "mm/firmware_map.h"
#include "mm/region.h"

#define LIMIT ((paddr_t)1 << 36)
#define MIB   ((paddr_t)1 << 20)

static struct region map[FIRMWARE_RANGES_MAX];
static unsigned warnings;

void printk(int level, const char *format, ...)
{
    (void)level;
    (void)format;
    warnings++;
}

static unsigned read_map(const struct boot_memory_range *entries, unsigned count)
{
    warnings = 0;
    memset(map, 0xff, sizeof(map));
    return firmware_map_read(entries, count, LIMIT, map);
}

static void expect_range(unsigned i, paddr_t start, paddr_t end, enum region_kind kind)
{
    assert_int_equal(map[i].start, start);
    assert_int_equal(map[i].end, end);
    assert_int_equal(map[i].kind, kind);
}

static void a_sane_map_passes_unchanged_and_silently(void **state)
{
    const struct boot_memory_range entries[] = {
        { 0, 0x9fc00, BOOT_MEMORY_RAM },
        { 0x9fc00, 0xa0000, BOOT_MEMORY_RESERVED },
        { 1 * MIB, 128 * MIB, BOOT_MEMORY_RAM },
        { 128 * MIB, 129 * MIB, BOOT_MEMORY_ACPI },
        { 129 * MIB, 130 * MIB, BOOT_MEMORY_ACPI_NVS },
        { 130 * MIB, 131 * MIB, BOOT_MEMORY_BAD },
    };
    assert_int_equal(read_map(entries, 6), 6);
    expect_range(0, 0, 0x9fc00, REGION_USABLE);
    expect_range(1, 0x9fc00, 0xa0000, REGION_RESERVED);
    expect_range(2, 1 * MIB, 128 * MIB, REGION_USABLE);
    expect_range(3, 128 * MIB, 129 * MIB, REGION_ACPI);
    expect_range(4, 129 * MIB, 130 * MIB, REGION_ACPI_NVS);
    expect_range(5, 130 * MIB, 131 * MIB, REGION_BAD);
    assert_int_equal(warnings, 0);
}

static void an_unsorted_map_is_sorted_and_said_once(void **state)
{
    const struct boot_memory_range entries[] = {
        { 5 * MIB, 6 * MIB, BOOT_MEMORY_RAM },
        { 3 * MIB, 4 * MIB, BOOT_MEMORY_RAM },
        { 1 * MIB, 2 * MIB, BOOT_MEMORY_RAM },
    };
    assert_int_equal(read_map(entries, 3), 3);
    expect_range(0, 1 * MIB, 2 * MIB, REGION_USABLE);
    expect_range(1, 3 * MIB, 4 * MIB, REGION_USABLE);
    expect_range(2, 5 * MIB, 6 * MIB, REGION_USABLE);
    assert_int_equal(warnings, 1);
}

static void where_entries_overlap_the_worse_kind_wins(void **state)
{
    const struct boot_memory_range entries[] = {
        { 1 * MIB, 9 * MIB, BOOT_MEMORY_RAM },
        { 2 * MIB, 4 * MIB, BOOT_MEMORY_RESERVED },
        { 3 * MIB, 5 * MIB, BOOT_MEMORY_ACPI },
        { 8 * MIB, 10 * MIB, BOOT_MEMORY_BAD },
    };
    assert_int_equal(read_map(entries, 4), 5);
    expect_range(0, 1 * MIB, 2 * MIB, REGION_USABLE);
    expect_range(1, 2 * MIB, 4 * MIB, REGION_RESERVED);
    expect_range(2, 4 * MIB, 5 * MIB, REGION_ACPI);
    expect_range(3, 5 * MIB, 8 * MIB, REGION_USABLE);
    expect_range(4, 8 * MIB, 10 * MIB, REGION_BAD);
    assert_int_equal(warnings, 1);
}

static void neighbours_of_one_kind_become_one_range(void **state)
{
    const struct boot_memory_range entries[] = {
        { 1 * MIB, 2 * MIB, BOOT_MEMORY_RAM },
        { 2 * MIB, 3 * MIB, BOOT_MEMORY_RAM },
    };
    assert_int_equal(read_map(entries, 2), 1);
    expect_range(0, 1 * MIB, 3 * MIB, REGION_USABLE);
    assert_int_equal(warnings, 0);
}

static void absurd_usable_entries_are_ignored_each_with_a_word(void **state)
{
    const struct boot_memory_range entries[] = {
        { 7 * MIB, 7 * MIB, BOOT_MEMORY_RAM },           /* empty */
        { 9 * MIB, 8 * MIB, BOOT_MEMORY_RAM },           /* backwards */
        { UINT64_MAX - 0xfff, 0x1000, BOOT_MEMORY_RAM }, /* around the end of the numbers */
        { LIMIT, LIMIT + MIB, BOOT_MEMORY_RAM },         /* beyond the CPU */
        { 10 * MIB, 11 * MIB, BOOT_MEMORY_RAM },
    };
    assert_int_equal(read_map(entries, 5), 1);
    expect_range(0, 10 * MIB, 11 * MIB, REGION_USABLE);
    assert_int_equal(warnings, 4);
}

static void a_backward_reserved_entry_reserves_rather_too_much(void **state)
{
    const struct boot_memory_range entries[] = {
        { 1 * MIB, 20 * MIB, BOOT_MEMORY_RAM },
        { 10 * MIB, 9 * MIB, BOOT_MEMORY_RESERVED },
    };
    assert_int_equal(read_map(entries, 2), 2);
    expect_range(0, 1 * MIB, 10 * MIB, REGION_USABLE);
    expect_range(1, 10 * MIB, LIMIT, REGION_RESERVED);
}

static void memory_across_the_limit_is_cut_there(void **state)
{
    const struct boot_memory_range entries[] = {
        { LIMIT - MIB, LIMIT + MIB, BOOT_MEMORY_RAM },
    };
    assert_int_equal(read_map(entries, 1), 1);
    expect_range(0, LIMIT - MIB, LIMIT, REGION_USABLE);
    assert_int_equal(warnings, 1);
}

static void a_kind_nobody_knows_is_reserved(void **state)
{
    const struct boot_memory_range entries[] = {
        { 1 * MIB, 2 * MIB, 0 },
        { 2 * MIB, 3 * MIB, 77 },
    };
    assert_int_equal(read_map(entries, 2), 1);
    expect_range(0, 1 * MIB, 3 * MIB, REGION_RESERVED);
}

/* The kind at @at, by asking every entry: what the sweep must agree with. */
static int kind_at(const struct boot_memory_range *entries, unsigned count, paddr_t at)
{
    static const int kinds[] = { REGION_RESERVED, REGION_USABLE,   REGION_RESERVED,
                                 REGION_ACPI,     REGION_ACPI_NVS, REGION_BAD };
    int worst = -1;

    for (unsigned i = 0; i < count; i++)
        if (entries[i].start <= at && at < entries[i].end && kinds[entries[i].kind] > worst)
            worst = kinds[entries[i].kind];
    return worst;
}

static void random_maps_agree_with_asking_every_entry(void **state)
{
    uint64_t seed = 20260101;

    for (unsigned round = 0; round < 500; round++) {
        struct boot_memory_range entries[BOOT_MEMORY_RANGES];
        const unsigned count = 1 + round % 40;
        for (unsigned i = 0; i < count; i++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            const paddr_t start = (seed >> 33) % 200, length = 1 + (seed >> 53) % 40;
            entries[i] = (struct boot_memory_range){ start, start + length, (seed >> 20) % 6 };
        }
        const unsigned used = read_map(entries, count);
        unsigned range = 0;
        for (paddr_t at = 0; at < 250; at++) {
            while (range < used && map[range].end <= at)
                range++;
            const bool inside = range < used && map[range].start <= at;
            assert_int_equal(inside ? (int)map[range].kind : -1, kind_at(entries, count, at));
        }
        for (unsigned i = 1; i < used; i++)
            assert_true(map[i - 1].end < map[i].start || map[i - 1].kind != map[i].kind);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sane_map_passes_unchanged_and_silently),
        cmocka_unit_test(an_unsorted_map_is_sorted_and_said_once),
        cmocka_unit_test(where_entries_overlap_the_worse_kind_wins),
        cmocka_unit_test(neighbours_of_one_kind_become_one_range),
        cmocka_unit_test(absurd_usable_entries_are_ignored_each_with_a_word),
        cmocka_unit_test(a_backward_reserved_entry_reserves_rather_too_much),
        cmocka_unit_test(memory_across_the_limit_is_cut_there),
        cmocka_unit_test(a_kind_nobody_knows_is_reserved),
        cmocka_unit_test(random_maps_agree_with_asking_every_entry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
