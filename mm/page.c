/*
 * The struct pages: where they are, what they say at first.
 *
 * page_init() is the only part of the boot that grows with memory, so its inner loop is a few
 * plain stores a page and nothing is written twice: the first stores already say what a page is.
 * Struct pages exist for whole blocks of the highest order, so that the buddy of any page has
 * one; where such a block reaches beyond RAM they are HOLEs.
 *
 *      RAM            |######################|          |############|
 *      blocks      |     |     |     |     |     |     |     |     |     |
 *      covered     [...........................]     [.....................]
 *
 * On x86-64 each covered stretch has its piece of the MEMMAP window.  On i386 one array serves
 * all numbers from 0 up to the end of RAM: there a window would cost more address space than it
 * saves memory.
 */
#include "mm/page.h"

#include "kernel/panic.h"
#include "kernel/printk.h"
#include "kernel/report.h"
#include "lib/align.h"
#include "lib/minmax.h"
#include "mm/gigantic.h"
#include "mm/kernel_map.h"
#include "mm/region.h"
#include "mm/zone.h"

enum { STRETCHES_MAX = 64 };
#define BLOCK_PAGES (1ul << PAGE_ORDER_MAX)

struct stretch {
    unsigned long start, end; /* page numbers, multiples of BLOCK_PAGES */
};

/* (c) all, after page_init() */
struct page *memmap_array; /* used where machine/memmap.h says so */
static struct stretch covered[STRETCHES_MAX];
static unsigned covered_count;

bool pfn_valid(pfn_t pfn)
{
    for (unsigned i = 0; i < covered_count; i++)
        if (covered[i].start <= pfn.number && pfn.number < covered[i].end)
            return true;
    return false;
}

/* Write down which page numbers get a struct page. */
static void find_covered(void)
{
    covered_count = 0;
    for_each_ram_range (range) {
        const struct stretch next = {
            .start = align_down(phys_to_pfn(range->start).number, BLOCK_PAGES),
            .end = align_up(phys_to_pfn(range->end).number, BLOCK_PAGES),
        };
        struct stretch *last = covered_count ? &covered[covered_count - 1] : NULL;
        if (last && (next.start <= last->end || covered_count == STRETCHES_MAX))
            last->end = next.end;
        else
            covered[covered_count++] = next;
    }
    if (!MEMMAP_IS_WINDOW) {
        covered[0] = (struct stretch){ 0, covered[covered_count - 1].end };
        covered_count = 1;
    }
}

/* One array for all, as low as the direct map; as much of the RAM as has room for its books. */
static void create_array(void)
{
    for (;;) {
        const size_t bytes = align_up(covered[0].end * sizeof(struct page), PAGE_BYTES);
        const paddr_t phys = region_alloc(bytes, PAGE_BYTES, region_direct_end());
        if (phys != REGION_NONE) {
            memmap_place(phys_to_direct(phys));
            return;
        }
        const paddr_t end = align_down(region_end_of_ram() / 4 * 3, BLOCK_PAGES * PAGE_BYTES);
        if (end < region_direct_end())
            panic("not enough memory: no %zu KiB in one piece for the struct pages", bytes >> 10);
        pr_warn("memory: ignoring what is above %llu MiB: no room for its struct pages\n",
                (unsigned long long)end >> 20);
        region_limit_ram(end);
        find_covered();
    }
}

/* Back the window's pages [@start, @end); big pieces lie so that huge pages can map them. */
static void back_window(vaddr_t start, vaddr_t end)
{
    const size_t huge = LEVEL_BYTES(LEVEL_HUGE);
    const size_t bytes = end - start;
    const size_t skew = bytes >= 2 * huge ? start % huge : 0;
    const paddr_t phys =
        region_alloc(bytes + skew, bytes >= 2 * huge ? huge : PAGE_BYTES, region_direct_end());

    if (phys == REGION_NONE || kernel_map(start, phys + skew, bytes, PROT_KERNEL_DATA) != 0)
        panic("not enough memory: no %zu KiB in one piece for struct pages", bytes >> 10);
}

static void create_window(void)
{
    vaddr_t mapped_end = 0;

    for (unsigned i = 0; i < covered_count; i++) {
        const struct page *first = page_of((pfn_t){ covered[i].start });
        const struct page *beyond = page_of((pfn_t){ covered[i].end });
        const vaddr_t start = max(align_down((vaddr_t)first, PAGE_BYTES), mapped_end);
        mapped_end = align_up((vaddr_t)beyond, PAGE_BYTES);
        if (start < mapped_end)
            back_window(start, mapped_end);
    }
}

/* The words of a struct page that a free page must have right; the others may be anything. */
static ALWAYS_INLINE void write_page(struct page *page, u64 first_bytes)
{
    __builtin_memcpy(page, &first_bytes, sizeof(first_bytes)); /* one or two stores, no call */
    page->mapcount = 0;
    page->private = 0;
    page->mapping = NULL;
}

static_assert(offsetof(struct page, flags) == 0 && offsetof(struct page, mapcount) == sizeof(u64),
              "write_page() writes flags, kind, order and refs at once");

static void write_pages(pfn_t start, pfn_t end, enum page_kind kind)
{
    const bool is_highmem = HAS_HIGHMEM && pfn_to_phys(start) >= region_direct_end();
    const struct page model = { .flags = is_highmem ? PAGE_HIGHMEM : 0, .kind = (u8)kind };
    struct page *page = page_of(start);
    struct page *const beyond = page_of(end);
    u64 first_bytes;

    __builtin_memcpy(&first_bytes, &model, sizeof(first_bytes));
    for (; page + 4 <= beyond; page += 4) {
        write_page(page, first_bytes);
        write_page(page + 1, first_bytes);
        write_page(page + 2, first_bytes);
        write_page(page + 3, first_bytes);
    }
    for (; page < beyond; page++)
        write_page(page, first_bytes);
}

/*
 * What the pages from @start on are, and where that ends (at @end at the latest).  The zones'
 * border is such an end as well.
 */
static pfn_t piece_end(pfn_t start, pfn_t end, enum page_kind *kind)
{
    const paddr_t from = pfn_to_phys(start);
    paddr_t to = pfn_to_phys(end);
    paddr_t free_start, free_end;

    *kind = PAGE_HOLE;
    for_each_ram_range (range) {
        if (range->start > from)
            to = min(to, range->start);
        else if (range->end > from) {
            to = min(to, range->end);
            *kind = PAGE_RESERVED;
        }
    }
    if (from < region_direct_end())
        to = min(to, region_direct_end());
    if (region_next_free(from, &free_start, &free_end)) {
        if (free_start > from)
            to = min(to, free_start);
        else {
            to = min(to, free_end);
            *kind = PAGE_PART;
        }
    }
    return phys_to_pfn(align_up(to, PAGE_BYTES));
}

/* Go over all covered page numbers piece by piece: write the struct pages, or give the free. */
static void for_each_piece(void (*visit)(pfn_t start, pfn_t end, enum page_kind kind))
{
    for (unsigned i = 0; i < covered_count; i++) {
        const pfn_t end = { covered[i].end };
        pfn_t start = { covered[i].start };
        while (start.number < end.number) {
            enum page_kind kind;
            const pfn_t next = piece_end(start, end, &kind);
            visit(start, next, kind);
            start = next;
        }
    }
}

static void give_if_free(pfn_t start, pfn_t end, enum page_kind kind)
{
    if (kind == PAGE_PART)
        zone_add(page_is_highmem(page_of(start)) ? ZONE_HIGHMEM : ZONE_NORMAL, start, end);
}

void page_init(void)
{
    find_covered();
    gigantic_reserve();
    if (MEMMAP_IS_WINDOW)
        create_window();
    else
        create_array();
    region_close();

    zone_init();
    for_each_piece(write_pages);
    gigantic_ready();
    for_each_piece(give_if_free);
    zone_ready();
}

/*
 * All pages of a block but its head are PART, and the head is at a multiple of the block's size.
 * So of the multiples of 2, 4, 8 ... at or before @page the first that is not PART is the head of
 * @page's block, and there is no need to write into each page where its head is.
 *
 *      head   P   P   P   P   P   P   P       order 3
 *       ^           ^       ^   ^
 *       8           4       2   page
 */
struct page *page_head_of_part(struct page *page)
{
    const unsigned long number = page_pfn(page).number;

    for (unsigned order = 1; order <= GIGANTIC_ORDER; order++) {
        const pfn_t pfn = { number >> order << order };
        if (order > PAGE_ORDER_MAX && !pfn_valid(pfn))
            break;
        struct page *head = page_of(pfn);
        if (READ_ONCE(head->kind) == PAGE_PART)
            continue;
        return head->kind == PAGE_USED && head->flags & PAGE_COMPOUND && head->order >= order
                   ? head
                   : page;
    }
    return page;
}

unsigned long page_release(paddr_t start, paddr_t end)
{
    const pfn_t first = phys_to_pfn(align_up(start, PAGE_BYTES));
    const pfn_t beyond = phys_to_pfn(align_down(end, PAGE_BYTES));
    unsigned long border = phys_to_pfn(region_direct_end()).number;

    for (pfn_t pfn = first; pfn.number < beyond.number; pfn.number++) {
        if (page_of(pfn)->kind != PAGE_RESERVED) {
            page_report(page_of(pfn), "is released, but it was not reserved");
            return 0;
        }
        page_of(pfn)->kind = PAGE_PART;
    }
    if (first.number >= beyond.number)
        return 0;
    border = clamp(border, first.number, beyond.number);
    const pfn_t middle = { border };
    if (first.number < middle.number)
        zone_add(ZONE_NORMAL, first, middle);
    if (middle.number < beyond.number)
        zone_add(ZONE_HIGHMEM, middle, beyond);
    return beyond.number - first.number;
}

void page_report(const struct page *page, const char *what)
{
    static const char *const kinds[] = {
        [PAGE_HOLE] = "hole", [PAGE_RESERVED] = "reserved", [PAGE_PART] = "inside a block",
        [PAGE_FREE] = "free", [PAGE_CACHED] = "free",       [PAGE_USED] = "in use",
    };
    const char *kind = page->kind < ARRAY_COUNT(kinds) ? kinds[page->kind] : "of no kind";

    report("page %#lx %s (it is %s: zone %s, order %u, refs %u, mapcount %u, flags %#x, "
           "%s)",
           page_pfn(page).number, what, kind, page_is_highmem(page) ? "HIGHMEM" : "NORMAL",
           page->order, page->refs, page->mapcount, page->flags,
           page->mapping ? "mapping set" : "no mapping");
}
