/*
 * The free blocks of one zone, by order: Knuth's buddy system, over struct page.
 *
 * A block of order n is 2^n pages and starts at a multiple of 2^n.  Its buddy is the block of the
 * same order beside it, whose number differs in bit n alone; both together are a block of order
 * n + 1.  Taking a block splits a bigger one as often as needed; giving it back merges it with
 * its buddy as long as that is free and whole.  The state is in the head's struct page (kind FREE
 * and the order), so no bitmap is needed.
 *
 * This file knows no policy, no lock and no CPU; zone.c does.
 *
 * Source: Knuth, "The Art of Computer Programming" vol. 1, 2.5 "Dynamic Storage Allocation", 1968.
 */
#ifndef MM_BUDDY_H
#define MM_BUDDY_H

#include "lib/list.h"
#include "mm/page.h"

#define BUDDY_ORDERS (PAGE_ORDER_MAX + 1)

/* (z) all: the caller's lock, which is the zone's */
struct buddy {
    struct list_node blocks[BUDDY_ORDERS]; /* (z) heads of free blocks */
    unsigned long count[BUDDY_ORDERS];     /* (z) length of each list */
    u32 orders;                            /* (z) bit n: list n is not empty */
    unsigned long free_pages;              /* (z) sum of all */
};

/* Make @buddy empty. */
void buddy_init(struct buddy *buddy);

/*
 * Take a block of 2^@order pages.  Its head knows the order but is of kind PART: the caller says
 * what becomes of it.
 *
 * Returns: the head, NULL: no block is big enough.
 */
struct page *buddy_take(struct buddy *buddy, unsigned order) MUST_CHECK;

/* Give the block of 2^@order pages that @page heads, of any kind but FREE; merges. */
void buddy_give(struct buddy *buddy, struct page *page, unsigned order);

/* Give the pages numbered [@start, @end), all of kind PART, in blocks as big as they can be. */
void buddy_give_range(struct buddy *buddy, pfn_t start, pfn_t end);

/* Take the pages numbered [@start, @end) if they are all free.  They become of kind PART. */
bool buddy_take_range(struct buddy *buddy, pfn_t start, pfn_t end) MUST_CHECK;

/* The head of the free block that page @pfn is in, NULL: it is not free. */
struct page *buddy_block_of(pfn_t pfn);

/* Prove that lists, counts and pages agree.  Returns the number of offences, printed. */
unsigned buddy_audit(const struct buddy *buddy);

#endif
