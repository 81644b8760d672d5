/*
 * Vmalloc: areas with guards, lent pages, devices, stacks.
 */
#include "mm/vmalloc.h"

#include "kernel/ktest.h"
#include "kernel/report.h"
#include "lib/random.h"
#include "lib/string.h"
#include "machine/layout.h"
#include "mm/kernel_map.h"
#include "mm/pagetable.h"
#include "mm/poison.h"
#include "mm/zone.h"

static bool is_mapped(const void *address)
{
    const struct pt_walk walk = pt_walk(kernel_root, (vaddr_t)address);
    return pte_present(walk.entry[walk.level]) &&
           (walk.level == 0 || pte_is_huge(walk.entry[walk.level]));
}

KTEST(an_area_is_writable_to_its_last_byte_with_nothing_mapped_around)
{
    for (size_t bytes = 1; bytes < 300000; bytes = bytes * 5 + 4095) {
        char *memory = vmalloc(bytes);
        const size_t mapped = (bytes + PAGE_BYTES - 1) & ~(PAGE_BYTES - 1);
        ktest_assert(memory);
        memset(memory, 0x55, mapped);
        ktest_assert(!poison_find_damage(memory, 0x55, mapped));
        ktest_assert(!is_mapped(memory - 1));
        ktest_assert(!is_mapped(memory + mapped));
        ktest_equal(vmalloc_place((vaddr_t)memory), VMALLOC_AREA);
        ktest_equal(vmalloc_place((vaddr_t)memory + mapped), VMALLOC_GUARD);
        ktest_equal(vmalloc_place((vaddr_t)memory - 1), VMALLOC_GUARD);
        vfree(memory);
        ktest_assert(!is_mapped(memory));
    }
    ktest_equal(vmalloc_place(PAGE_OFFSET), VMALLOC_OUTSIDE);
}

KTEST(freed_addresses_are_taken_again_lowest_first)
{
    char *low = vmalloc(3 * PAGE_BYTES), *middle = vmalloc(5 * PAGE_BYTES);
    char *high = vmalloc(PAGE_BYTES);
    ktest_assert(low && middle && high);

    vfree(middle);
    char *again = vmalloc(5 * PAGE_BYTES);
    ktest_assert(again <= middle);
    vfree(again);
    vfree(low);
    again = vmalloc(PAGE_BYTES);
    ktest_assert(again <= low);
    vfree(again);
    vfree(high);
}

KTEST(pages_come_back_when_areas_end)
{
    vfree(vmalloc(100 * PAGE_BYTES)); /* the page tables stay */
    zone_drain_all();
    const unsigned long free_before = pages_free();
    char *memory = vmalloc(100 * PAGE_BYTES);
    ktest_assert(memory);
    ktest_assert(pages_free() + 100 <= free_before);
    vfree(memory);
    ktest_assert(pages_free() + 4 >= free_before);
}

KTEST(a_size_that_cannot_be_is_refused)
{
    ktest_assert(!vmalloc(0));
    ktest_assert(!vmalloc(SIZE_MAX));
    ktest_assert(!vmalloc(SIZE_MAX - PAGE_BYTES));
    ktest_assert(!vmalloc((size_t)(VMALLOC_END - VMALLOC_START)));
    ktest_equal(vmalloc_audit(), 0);
}

KTEST(more_than_there_is_is_refused_and_nothing_lost)
{
    zone_drain_all();
    const unsigned long free_before = pages_free();
    const size_t too_many = (pages_total() + 1000) << PAGE_SHIFT;
    if (too_many > (VMALLOC_END - VMALLOC_START) / 2)
        ktest_skip("there is more memory than addresses");
    ktest_assert(!vmalloc(too_many));
    zone_drain_all();
    ktest_assert(pages_free() + 600 >= free_before); /* page tables of the window stay */
}

KTEST(lent_pages_show_through_two_mappings)
{
    struct page *pages[3];

    for (unsigned i = 0; i < 3; i++) {
        pages[i] = page_alloc(GFP_KERNEL, 0);
        ktest_assert(pages[i]);
    }
    char *first = vmap(pages, 3, PROT_KERNEL_DATA), *second = vmap(pages, 3, PROT_KERNEL_DATA);
    ktest_assert(first && second && first != second);
    strlcpy(first + 2 * PAGE_BYTES, "through the other", PAGE_BYTES);
    ktest_equal(strcmp(second + 2 * PAGE_BYTES, "through the other"), 0);
    ktest_equal(strcmp(page_address(pages[2]), "through the other"), 0);
    vunmap(first);
    vunmap(second);
    for (unsigned i = 0; i < 3; i++)
        page_free(pages[i], 0);
}

KTEST(giving_back_what_was_never_given_is_reported)
{
    char *memory = vmalloc(2 * PAGE_BYTES);
    ktest_assert(memory);

    report_expect("which did not give it");
    vfree(memory + PAGE_BYTES);
    ktest_report_seen();
    report_expect("which did not give it");
    vunmap(memory); /* the wrong way to end it */
    ktest_report_seen();
    vfree(memory);
    report_expect("which did not give it");
    vfree(memory);
    ktest_report_seen();
    vfree(NULL);
}

KTEST(devices_are_mapped_but_not_ram)
{
    const paddr_t firmware = 0xf0000; /* the BIOS, or its shadow: not RAM for the kernel */
    const prot_t uncached = { PROT_UNCACHED };
    struct page *page = page_alloc(GFP_KERNEL, 0);
    ktest_assert(page);

    ktest_assert(!ioremap(page_to_phys(page), PAGE_BYTES, uncached));
    ktest_assert(!ioremap(~(paddr_t)0 - 100, 50, uncached));
    ktest_assert(!ioremap(firmware, 0, uncached));
    page_free(page, 0);

    volatile u8 *byte = ioremap(firmware + 0x1234, 8192, uncached);
    ktest_assert(byte);
    ktest_equal((vaddr_t)byte & (PAGE_BYTES - 1), 0x234);
    ktest_equal(kernel_phys_of((vaddr_t)byte), firmware + 0x1234);
    (void)*byte;
    iounmap((void *)byte);
}

KTEST(a_stack_has_a_guard_also_when_it_is_used_again)
{
    char *stacks[20];

    for (unsigned round = 0; round < 2; round++) {
        for (unsigned i = 0; i < ARRAY_COUNT(stacks); i++) {
            stacks[i] = kernel_stack_alloc();
            ktest_assert(stacks[i]);
            ktest_assert(!is_mapped(stacks[i] - 1));
            ktest_assert(!is_mapped(stacks[i] + KERNEL_STACK_BYTES));
            memset(stacks[i], 0x11, KERNEL_STACK_BYTES);
        }
        for (unsigned i = 0; i < ARRAY_COUNT(stacks); i++)
            kernel_stack_free(stacks[i]);
    }
}

KTEST(random_areas_keep_their_contents)
{
    enum { COUNT = 40 };
    static struct {
        u8 *memory;
        size_t bytes;
        u8 pattern;
    } held[COUNT];
    struct random random = { ktest_random() };

    for (unsigned step = 0; step < 300 + COUNT; step++) {
        const bool ending = step >= 300;
        const unsigned i = ending ? step - 300 : random_below(&random, COUNT);
        if (held[i].memory) {
            ktest_assert(!poison_find_damage(held[i].memory, held[i].pattern, held[i].bytes));
            vfree(held[i].memory);
            held[i].memory = NULL;
        } else if (!ending) {
            held[i].bytes = PAGE_BYTES * (1 + random_below(&random, 12));
            held[i].pattern = (u8)step;
            held[i].memory = vmalloc(held[i].bytes);
            ktest_assert(held[i].memory);
            memset(held[i].memory, held[i].pattern, held[i].bytes);
        }
        if (step % 50 == 0)
            ktest_equal(vmalloc_audit(), 0);
    }
}

/* Each sees its own pattern only, though the addresses go from hand to hand. */
static void map_write_and_unmap(void *data)
{
    struct random random = { ktest_random() };

    for (unsigned step = 0; step < 60; step++) {
        const size_t bytes = PAGE_BYTES * (1 + random_below(&random, 4));
        const u8 pattern = (u8)random_below(&random, 256);
        u8 *memory = vmalloc(bytes);
        ktest_assert(memory);
        memset(memory, pattern, bytes);
        ktest_assert(!poison_find_damage(memory, pattern, bytes));
        vfree(memory);
    }
}

KTEST(no_cpu_remembers_what_an_address_showed_before)
{
    ktest_on_each_cpu(map_write_and_unmap, NULL);
}
