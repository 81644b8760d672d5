/*
 * Boot-time memory: what is RAM, what is taken, what region_alloc() finds; and page_init(), which
 * must say of every page exactly what region.c says; and page_head() on what they are cut into.
 *
 * Links: mm/firmware_map.c mm/page.c lib/parse.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "boot/boot_info.h"
#include "lib/types.h"
#include "machine/memmap.h"
#include "mm/gigantic.h"
#include "mm/page.h"
#include "mm/region.h"
#include "mm/zone.h"

#define MIB ((paddr_t)1 << 20)
#define GIB ((paddr_t)1 << 30)

uintptr_t host_memory; /* no byte of it is touched here */

static struct boot_info info;

/* --- what the kernel would bring ------------------------------------------------------------- */

void gigantic_reserve(void) {}
void gigantic_ready(void) {}
void zone_init(void) {}
void zone_ready(void) {}
int kernel_map(vaddr_t va, paddr_t phys, size_t bytes, prot_t prot) { return -1; }

static unsigned long zone_pages[ZONES];

void zone_add(enum zone_id id, pfn_t start, pfn_t end)
{
    assert_true(start.number < end.number);
    for (unsigned long i = start.number; i < end.number; i++) {
        assert_int_equal(page_of((pfn_t){ i })->kind, PAGE_PART);
        assert_int_equal(page_is_highmem(page_of((pfn_t){ i })), id == ZONE_HIGHMEM);
    }
    zone_pages[id] += end.number - start.number;
}

/* --- machines -------------------------------------------------------------------------------- */

/* region.c has its state in static variables and runs once in its life: so each test in a child. */
static void in_a_child(void (*test)(void))
{
    int status;

    fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
        test();
        fflush(stdout);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

/* In a child cmocka's own assertions have nowhere to jump to. */
#define check(condition)                                                     \
    do {                                                                     \
        if (!(condition)) {                                                  \
            printf("%s:%d: expected: %s\n", __FILE__, __LINE__, #condition); \
            fflush(stdout);                                                  \
            _exit(1);                                                        \
        }                                                                    \
    } while (0)

_Noreturn void panic(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    fflush(stdout);
    _exit(125);
}

static void add_memory(paddr_t start, paddr_t end, u32 kind)
{
    info.memory[info.memory_count++] = (struct boot_memory_range){ start, end, kind };
}

/* A PC with 64 MiB and a hole below the first MiB. */
static void boot_small_pc(void)
{
    add_memory(0, 0x9fc00, BOOT_MEMORY_RAM);
    add_memory(0xf0000, 1 * MIB, BOOT_MEMORY_RESERVED);
    add_memory(1 * MIB, 64 * MIB, BOOT_MEMORY_RAM);
    region_init(&info);
}

static bool is_free(paddr_t at)
{
    paddr_t start, end;
    return region_next_free(at, &start, &end) && start == at;
}

static void the_kernel_and_the_first_page_are_taken(void)
{
    boot_small_pc();
    check(!is_free(0));
    check(is_free(0x1000));
    check(!is_free(0x9f000)); /* the part of a page is nobody's, the page above it the trampoline */
    check(!is_free(1 * MIB));
    check(!is_free(3 * MIB - 0x1000));
    check(is_free(3 * MIB));
    check(region_end_of_ram() == 64 * MIB);
    check(region_trampoline() != REGION_NONE && region_trampoline() < 0xa0000);
    check(!is_free(region_trampoline()));
}

static void allocation_goes_from_the_top_down_and_never_overlaps(void)
{
    boot_small_pc();
    paddr_t last = 64 * MIB;
    for (unsigned i = 0; i < 1000; i++) {
        const paddr_t at = region_alloc(0x1000 * (1 + i % 3), 0x1000, ~(paddr_t)0);
        check(at != REGION_NONE);
        check(at + 0x1000 * (1 + i % 3) <= last);
        check(!is_free(at));
        last = at;
    }
}

static void allocation_keeps_alignment_and_limit(void)
{
    boot_small_pc();
    const paddr_t at = region_alloc(4 * MIB, 4 * MIB, 33 * MIB);
    check(at == 28 * MIB);
    check(region_alloc(0x1000, 0x1000, 33 * MIB) == 33 * MIB - 0x1000);
    check(region_alloc(0x1000, 0x1000, 28 * MIB + 0x800) == 28 * MIB - 0x1000);
    check(region_alloc(64 * MIB, 0x1000, ~(paddr_t)0) == REGION_NONE);
    check(region_alloc(0x1000, 0x1000, 0x1000) == REGION_NONE); /* only page 0 is below */
}

static void what_is_reserved_is_not_given_again(void)
{
    boot_small_pc();
    region_reserve(62 * MIB + 123, 63 * MIB + 1, "a test");
    region_reserve(61 * MIB, 62 * MIB + 200, "overlaps it");
    check(is_free(63 * MIB + 0x1000));
    check(!is_free(63 * MIB));
    check(!is_free(61 * MIB));
    check(is_free(61 * MIB - 0x1000));
    check(region_alloc(2 * MIB, 0x1000, ~(paddr_t)0) == 59 * MIB);
}

static void free_memory_is_ram_without_what_is_taken(void)
{
    boot_small_pc();
    region_reserve(10 * MIB, 11 * MIB, "one");
    region_reserve(20 * MIB, 21 * MIB, "two");
    paddr_t start, end, at = 3 * MIB;
    check(region_next_free(at, &start, &end) && start == 3 * MIB && end == 10 * MIB);
    check(region_next_free(end, &start, &end) && start == 11 * MIB && end == 20 * MIB);
    check(region_next_free(end, &start, &end) && start == 21 * MIB && end == 64 * MIB);
    check(!region_next_free(end, &start, &end));
}

static void no_map_is_said(void) { region_init(&info); }

static void a_map_without_usable_memory_is_said(void)
{
    add_memory(0, 64 * MIB, BOOT_MEMORY_RESERVED);
    region_init(&info);
}

static void too_little_memory_is_said(void)
{
    add_memory(0, 5 * MIB, BOOT_MEMORY_RAM);
    region_init(&info);
}

static void a_kernel_outside_of_ram_is_said(void)
{
    add_memory(16 * MIB, 64 * MIB, BOOT_MEMORY_RAM);
    region_init(&info);
}

static void an_initrd_outside_of_ram_is_said(void)
{
    info.initrd_start = 65 * MIB;
    info.initrd_end = 66 * MIB;
    boot_small_pc();
}

static void memory_beyond_the_direct_map_is_highmem_where_there_is_such(void)
{
    add_memory(0, 2 * GIB, BOOT_MEMORY_RAM);
    region_init(&info);
    check(region_direct_end() == (HAS_HIGHMEM ? DIRECT_MAP_MAX : 2 * GIB));
    check(region_alloc(MIB, MIB, region_direct_end()) == region_direct_end() - MIB);
}

/* Every page must be what the regions say it is, and each free page in its zone. */
static void check_pages(void)
{
    const unsigned long count = (unsigned long)(region_end_of_ram() >> PAGE_SHIFT);
    const unsigned long covered = (count + 1023) & ~1023ul;
    unsigned long expected[ZONES] = { 0, 0 };

    memmap_array = malloc((covered + 1) * sizeof(struct page));
    memset(memmap_array, 0x5a, (covered + 1) * sizeof(struct page));
    page_init();

    for (unsigned long i = 0; i < covered; i++) {
        const paddr_t at = (paddr_t)i << PAGE_SHIFT;
        const enum page_kind kind = !region_is_ram(at, at + 1) ? PAGE_HOLE
                                    : is_free(at)              ? PAGE_PART
                                                               : PAGE_RESERVED;
        const struct page *page = &memmap_array[i];
        check(page->kind == kind);
        check(page->refs == 0 && page->mapcount == 0 && page->mapping == NULL);
        check(page->private == 0 && page->order == 0);
        check(page_is_highmem(page) == (HAS_HIGHMEM && at >= region_direct_end()));
        check(pfn_valid((pfn_t){ i }));
        if (kind == PAGE_PART)
            expected[page_is_highmem(page)]++;
    }
    check(memmap_array[covered].kind == 0x5a); /* not one too many */
    check(!pfn_valid((pfn_t){ covered }));
    check(zone_pages[ZONE_NORMAL] == expected[ZONE_NORMAL]);
    check(zone_pages[ZONE_HIGHMEM] == expected[ZONE_HIGHMEM]);
    check(zone_pages[ZONE_NORMAL] > 0);
}

static void every_page_of_a_small_pc_is_what_the_regions_say(void)
{
    boot_small_pc();
    region_reserve(10 * MIB, 11 * MIB + 0x1000, "a test");
    check_pages();
}

static void every_page_of_a_pc_with_highmem_and_holes_is_what_the_regions_say(void)
{
    add_memory(0, 0x9fc00, BOOT_MEMORY_RAM);
    add_memory(1 * MIB, 700 * MIB + 0x3000, BOOT_MEMORY_RAM);
    add_memory(701 * MIB, 1000 * MIB + 0x1800, BOOT_MEMORY_RAM);
    add_memory(1500 * MIB, 1501 * MIB, BOOT_MEMORY_RAM);
    region_init(&info);
    region_reserve(895 * MIB, 897 * MIB, "an initrd across the border of the zones");
    region_reserve(1000 * MIB, 1000 * MIB + 1, "a test");
    check_pages();
}

static void only_whole_pages_are_ram(void)
{
    add_memory(0, 32 * MIB, BOOT_MEMORY_RAM);
    add_memory(40 * MIB + 0x800, 41 * MIB + 0x800, BOOT_MEMORY_RAM);
    region_init(&info);
    const struct region *second = region_next_ram(region_next_ram(NULL));
    check(second->start == 40 * MIB + 0x1000);
    check(second->end == 41 * MIB);
}

/* Random maps, random claims: page_init() agrees with the regions page by page. */
static void random_machines_agree_page_by_page(void)
{
    for (unsigned round = 0; round < 30; round++) {
        fflush(stdout);
        if (fork() == 0) {
            srandom(round);
            add_memory(0, 16 * MIB, BOOT_MEMORY_RAM);
            for (unsigned i = 0; i < 20; i++) {
                const paddr_t start = 16 * MIB + (paddr_t)(random() % (200 * MIB));
                add_memory(start, start + (paddr_t)(random() % (20 * MIB)), 1 + random() % 5);
            }
            region_init(&info);
            for (unsigned i = 0; i < 20; i++)
                if (!region_alloc((paddr_t)(1 + random() % (1 << 18)), 1u << (random() % 16),
                                  (paddr_t)(random() % (200 * MIB))))
                    continue; /* nothing below that address */
            check_pages();
            _exit(0);
        }
        int status;
        check(wait(&status) > 0);
        check(status == 0);
    }
}

/* Make the 2^@order pages at @start blocks of random sizes and kinds, whose pages are PART. */
static void cut_at_random(struct page *start, unsigned order)
{
    if (order > 0 && random() % 4 != 0) {
        cut_at_random(start, order - 1);
        cut_at_random(start + (1ul << (order - 1)), order - 1);
        return;
    }
    for (unsigned long i = 0; i < 1ul << order; i++)
        start[i] = (struct page){ .kind = PAGE_PART, .order = (u8)(random() % 20) };
    start->kind = random() % 3 == 0 && order <= PAGE_ORDER_MAX ? PAGE_FREE : PAGE_USED;
    start->order = (u8)order;
    if (start->kind == PAGE_USED && order > 0 && random() % 2)
        start->flags = PAGE_COMPOUND;
}

/* Each page of a compound block knows its head, any other page is its own. */
static void check_heads(struct page *start, unsigned long pages)
{
    for (struct page *block = start; block < start + pages; block += 1ul << block->order)
        for (unsigned long i = 0; i < 1ul << block->order; i++)
            check(page_head(block + i) == (block->flags & PAGE_COMPOUND ? block : block + i));
}

static void a_page_finds_its_head_however_memory_is_cut(void)
{
    const unsigned order = 14; /* all of a small PC */
    boot_small_pc();
    memmap_array = malloc(sizeof(struct page) << order);
    page_init();
    for (unsigned round = 0; round < 100; round++) {
        srandom(round);
        cut_at_random(page_of((pfn_t){ 0 }), order);
        check_heads(page_of((pfn_t){ 0 }), 1ul << order);
    }
    for (unsigned of_order = 1; of_order <= order; of_order++) {
        struct page *block = page_of((pfn_t){ order > of_order ? 1ul << of_order : 0 });
        for (unsigned long i = 0; i < 1ul << of_order; i++)
            block[i] = (struct page){ .kind = PAGE_PART };
        *block = (struct page){ .kind = PAGE_USED, .order = (u8)of_order, .flags = PAGE_COMPOUND };
        check_heads(block, 1ul << of_order);
    }
}

#define IN_CHILD(name) \
    static void run_##name(void **state) { in_a_child(name); }

/* A test whose machine must end in a panic. */
#define IN_CHILD_PANICS(name)                       \
    static void run_##name(void **state)            \
    {                                               \
        int status;                                 \
        fflush(stdout);                             \
        if (fork() == 0) {                          \
            name();                                 \
            _exit(0);                               \
        }                                           \
        assert_true(wait(&status) > 0);             \
        assert_true(WIFEXITED(status));             \
        assert_int_equal(WEXITSTATUS(status), 125); \
    }

IN_CHILD(the_kernel_and_the_first_page_are_taken)
IN_CHILD(allocation_goes_from_the_top_down_and_never_overlaps)
IN_CHILD(allocation_keeps_alignment_and_limit)
IN_CHILD(what_is_reserved_is_not_given_again)
IN_CHILD(free_memory_is_ram_without_what_is_taken)
IN_CHILD(memory_beyond_the_direct_map_is_highmem_where_there_is_such)
IN_CHILD(every_page_of_a_small_pc_is_what_the_regions_say)
IN_CHILD(every_page_of_a_pc_with_highmem_and_holes_is_what_the_regions_say)
IN_CHILD(only_whole_pages_are_ram)
IN_CHILD(random_machines_agree_page_by_page)
IN_CHILD(a_page_finds_its_head_however_memory_is_cut)
IN_CHILD_PANICS(no_map_is_said)
IN_CHILD_PANICS(a_map_without_usable_memory_is_said)
IN_CHILD_PANICS(too_little_memory_is_said)
IN_CHILD_PANICS(a_kernel_outside_of_ram_is_said)
IN_CHILD_PANICS(an_initrd_outside_of_ram_is_said)

#define TEST(name) cmocka_unit_test(run_##name)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_kernel_and_the_first_page_are_taken),
        TEST(allocation_goes_from_the_top_down_and_never_overlaps),
        TEST(allocation_keeps_alignment_and_limit),
        TEST(what_is_reserved_is_not_given_again),
        TEST(free_memory_is_ram_without_what_is_taken),
        TEST(memory_beyond_the_direct_map_is_highmem_where_there_is_such),
        TEST(every_page_of_a_small_pc_is_what_the_regions_say),
        TEST(every_page_of_a_pc_with_highmem_and_holes_is_what_the_regions_say),
        TEST(only_whole_pages_are_ram),
        TEST(random_machines_agree_page_by_page),
        TEST(a_page_finds_its_head_however_memory_is_cut),
        TEST(no_map_is_said),
        TEST(a_map_without_usable_memory_is_said),
        TEST(too_little_memory_is_said),
        TEST(a_kernel_outside_of_ram_is_said),
        TEST(an_initrd_outside_of_ram_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
