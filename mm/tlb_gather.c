/*
 * Collecting what must not be freed before the flush.
 */
#include "mm/tlb_gather.h"

#include "arch/x86/tlb.h"
#include "lib/assert.h"
#include "mm/mm.h"
#include "mm/page.h"
#include "mm/pagetable.h"
#include "mm/zone.h"

static void begin_range(struct tlb_gather *gather)
{
    gather->start = (vaddr_t)-1;
    gather->end = 0;
    gather->tables = false;
    gather->count = 0;
}

void tlb_gather_begin(struct tlb_gather *gather, struct mm *mm)
{
    gather->mm = mm;
    gather->unloaded = false;
    gather->pages = gather->onstack;
    gather->room = TLB_GATHER_ONSTACK;
    gather->batch = NULL;
    begin_range(gather);
}

/* The first time, take a whole page for the pointers, if there is one. */
void tlb_gather_make_room(struct tlb_gather *gather)
{
    if (!gather->batch)
        gather->batch = page_alloc(GFP_KERNEL | GFP_NOWARN, 0);
    if (!gather->batch || gather->room != TLB_GATHER_ONSTACK) {
        tlb_gather_flush(gather);
        return;
    }
    gather->pages = page_address(gather->batch);
    gather->room = PAGE_BYTES / sizeof gather->pages[0];
    for (unsigned i = 0; i < gather->count; i++)
        gather->pages[i] = gather->onstack[i];
}

void tlb_gather_range(struct tlb_gather *gather, vaddr_t start, vaddr_t end)
{
    if (start < gather->start)
        gather->start = start;
    if (end > gather->end)
        gather->end = end;
}

void tlb_gather_page(struct tlb_gather *gather, vaddr_t va, struct page *page)
{
    tlb_gather_range(gather, va, va + PAGE_BYTES);
    if (!page)
        return;
    assert(gather->count < gather->room);
    gather->pages[gather->count++] = page;
}

void tlb_gather_table(struct tlb_gather *gather, vaddr_t va, struct page *table)
{
    if (!tlb_gather_room(gather))
        tlb_gather_make_room(gather);
    gather->tables = true;
    __atomic_fetch_sub(&gather->mm->tables, 1, __ATOMIC_RELAXED);
    tlb_gather_range(gather, va, va + PAGE_BYTES);
    gather->pages[gather->count++] = table;
}

static void flush(const struct tlb_gather *gather)
{
    if (gather->unloaded || gather->start >= gather->end)
        return;
    if (gather->tables)
        tlb_flush_mm(gather->mm);
    else
        tlb_flush_mm_range(gather->mm, gather->start, gather->end);
}

void tlb_gather_flush(struct tlb_gather *gather)
{
    flush(gather);
    for (unsigned i = 0; i < gather->count; i++) {
        struct page *page = gather->pages[i];
        if (page->flags & PAGE_TABLE)
            pt_table_free(page);
        else
            page_put(page);
    }
    begin_range(gather);
}

void tlb_gather_end(struct tlb_gather *gather)
{
    if (gather->count || gather->start < gather->end)
        tlb_gather_flush(gather);
    if (gather->batch)
        page_free(gather->batch, 0);
    gather->pages = NULL;
}
