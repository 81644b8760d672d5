/*
 * Counting pages: a walk over the struct pages, block by block, without a lock.
 *
 * A block may change while it is looked at; then it is counted as one thing or the other.  Only
 * its size must not lead astray: a number out of range is taken as one page.
 */
#include "mm/census.h"

#include "kernel/preempt.h"
#include "lib/minmax.h"
#include "mm/region.h"
#include "mm/rmap.h"

enum { STEP = 4096 }; /* blocks between two looks at whether somebody else should run */

/* Count the block in use that @page heads, of @pages pages. */
static void count_used(struct census *census, const struct page *page, unsigned long pages)
{
    const u16 flags = READ_ONCE(page->flags);
    if (flags & PAGE_SLAB) {
        census->slab += pages;
    } else if (flags & PAGE_KMALLOC) {
        census->kmalloc += pages;
    } else if (flags & PAGE_TABLE) {
        census->tables += pages;
    } else if (flags & PAGE_HUGETLB) {
        census->other += pages; /* told as HugePages_: they are nobody else's, used or not */
    } else if (page_is_anon(page)) {
        census->anon_mapped += pages;
        census->anon_huge += pages > 1 ? pages : 0;
    } else if (page->mapping) {
        census->file += pages;
        census->file_mapped += READ_ONCE(page->mapcount) ? pages : 0;
    } else {
        census->other += pages;
    }
}

/* Count the block that starts at @page.  Returns: its pages. */
static unsigned long count_block(struct census *census, const struct page *page)
{
    const unsigned order = min_of(unsigned, READ_ONCE(page->order), GIGANTIC_ORDER);
    switch ((enum page_kind)READ_ONCE(page->kind)) {
    case PAGE_FREE:
        census->free += 1ul << order;
        return 1ul << order;
    case PAGE_CACHED:
        census->free++;
        return 1;
    case PAGE_USED:
        count_used(census, page, 1ul << order);
        return 1ul << order;
    case PAGE_HOLE:
    case PAGE_RESERVED:
    case PAGE_PART:
        return 1;
    }
    return 1;
}

void census_take(enum zone_id id, struct census *census)
{
    const unsigned long border = phys_to_pfn(region_direct_end()).number;
    unsigned steps = 0;

    *census = (struct census){ 0 };
    for_each_ram_range (range) {
        unsigned long at = phys_to_pfn(range->start).number;
        unsigned long end = phys_to_pfn(range->end).number;
        if (id == ZONE_HIGHMEM)
            at = max(at, border);
        else
            end = min(end, border);
        while (at < end) {
            at += count_block(census, page_of((pfn_t){ at }));
            if (++steps % STEP == 0)
                cond_resched();
        }
    }
}

void census_add(struct census *sum, const struct census *other)
{
    sum->free += other->free;
    sum->slab += other->slab;
    sum->kmalloc += other->kmalloc;
    sum->tables += other->tables;
    sum->anon_mapped += other->anon_mapped;
    sum->file_mapped += other->file_mapped;
    sum->file += other->file;
    sum->anon_huge += other->anon_huge;
    sum->other += other->other;
}
