/*
 * Taking pages and tables out of use in the right order: entries first, then the TLB, then the
 * memory.
 *
 * A page whose entry has just been cleared may still be written through another CPU's TLB, and a
 * table that is no longer pointed at may still be walked.  So whoever clears entries hands what
 * lay behind them to a gather, which frees it only after the flush.
 *
 *     tlb_gather_begin(&gather, mm);
 *     ... pte_clear(slot); tlb_gather_page(&gather, va, page); ...
 *     tlb_gather_end(&gather);
 */
#ifndef MM_TLB_GATHER_H
#define MM_TLB_GATHER_H

#include "lib/annotate.h"
#include "lib/types.h"

struct mm;
struct page;

enum { TLB_GATHER_ONSTACK = 16 };

/* Belongs to one task; nothing here is shared. */
struct tlb_gather {
    struct mm *mm;
    vaddr_t start, end; /* what must be flushed; empty: start >= end */
    bool tables;        /* a table went too: its pointers must be forgotten */
    bool unloaded;      /* no CPU has the mm loaded: nothing to flush */
    unsigned count, room;
    struct page *batch;  /* holds pages[], if there was memory for it */
    struct page **pages; /* what waits for the flush, each with one reference */
    struct page *onstack[TLB_GATHER_ONSTACK];
};

/* Start collecting from @mm. */
void tlb_gather_begin(struct tlb_gather *gather, struct mm *mm);

/* How many more pages it can take before it must be flushed. */
static inline unsigned tlb_gather_room(const struct tlb_gather *gather)
{
    return gather->room - gather->count;
}

/* The entry for @va was cleared: drop one reference of @page (NULL: none) after the flush. */
void tlb_gather_page(struct tlb_gather *gather, vaddr_t va, struct page *page);

/* Entries for all of [@start, @end) were cleared: flush that, too. */
void tlb_gather_range(struct tlb_gather *gather, vaddr_t start, vaddr_t end);

/* The entry that led to @table (for [@va, ...)) was cleared: free it after the flush. */
void tlb_gather_table(struct tlb_gather *gather, vaddr_t va, struct page *table);

/* It is full: take a page for more pointers, or, if it has one or there is none, flush.  Sleeps. */
void tlb_gather_make_room(struct tlb_gather *gather);

/* Flush, then free what was collected; may be called again and again. */
void tlb_gather_flush(struct tlb_gather *gather);

/* As above, for the last time. */
void tlb_gather_end(struct tlb_gather *gather);

#endif
