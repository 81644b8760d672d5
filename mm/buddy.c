/*
 * The free blocks of one zone, by order.
 *
 * Splitting a block of order 3 for one page, and merging it again:
 *
 *      order 3   [               8               ]
 *      order 2   [       4       ] free
 *      order 1   [   2   ] free
 *      order 0   [ 1 ] free
 *                  ^ taken
 *
 * Numbers decide everything: the buddy of block b at order n is b ^ 2^n, and the two together are
 * the block b & ~2^n at order n + 1.  A struct page exists for every number within a block of the
 * highest order (page_init() fills it with HOLEs), so a buddy may always be asked what it is.
 */
#include "mm/buddy.h"

#include "kernel/printk.h"
#include "mm/trace.h"

static pfn_t buddy_of(pfn_t pfn, unsigned order) { return (pfn_t){ pfn.number ^ 1ul << order }; }

static bool is_free_block(const struct page *page, unsigned order)
{
    return page->kind == PAGE_FREE && page->order == order;
}

static void insert(struct buddy *buddy, struct page *page, unsigned order)
{
    page->kind = PAGE_FREE;
    page->order = (u8)order;
    list_add(&page->link, &buddy->blocks[order]);
    buddy->count[order]++;
    buddy->orders |= 1u << order;
    buddy->free_pages += 1ul << order;
}

static void extract(struct buddy *buddy, struct page *page, unsigned order)
{
    assert(is_free_block(page, order));
    page->kind = PAGE_PART;
    list_del(&page->link);
    if (--buddy->count[order] == 0)
        buddy->orders &= ~(1u << order);
    buddy->free_pages -= 1ul << order;
}

void buddy_init(struct buddy *buddy)
{
    *buddy = (struct buddy){ 0 };
    for (unsigned order = 0; order < BUDDY_ORDERS; order++)
        list_init(&buddy->blocks[order]);
}

struct page *buddy_take(struct buddy *buddy, unsigned order)
{
    assert(order <= PAGE_ORDER_MAX);
    const u32 big_enough = buddy->orders >> order << order;
    if (!big_enough)
        return NULL;

    unsigned found = (unsigned)__builtin_ctz(big_enough);
    struct page *page = list_first_entry(&buddy->blocks[found], struct page, link);
    extract(buddy, page, found);
    while (found > order) {
        TRACE(.kind = TRACE_SPLIT, .first = page_pfn(page).number, .second = found);
        found--;
        insert(buddy, page + (1ul << found), found); /* the upper half stays free */
    }
    page->order = (u8)order;
    return page;
}

void buddy_give(struct buddy *buddy, struct page *page, unsigned order)
{
    pfn_t pfn = page_pfn(page);

    assert(order <= PAGE_ORDER_MAX);
    assert((pfn.number & ((1ul << order) - 1)) == 0);
    assert(page->kind != PAGE_FREE);

    page->kind = PAGE_PART; /* unless it heads the merged block */
    for (; order < PAGE_ORDER_MAX; order++) {
        struct page *other = page_of(buddy_of(pfn, order));
        if (!is_free_block(other, order))
            break;
        extract(buddy, other, order);
        pfn.number &= ~(1ul << order);
        TRACE(.kind = TRACE_MERGE, .first = pfn.number, .second = order + 1);
    }
    insert(buddy, page_of(pfn), order);
}

/* The order of the biggest block that starts at @start and does not reach beyond @end. */
static unsigned biggest_order(pfn_t start, pfn_t end)
{
    unsigned order = PAGE_ORDER_MAX;

    if (start.number & ((1ul << order) - 1))
        order = (unsigned)__builtin_ctzl(start.number);
    while (start.number + (1ul << order) > end.number)
        order--;
    return order;
}

void buddy_give_range(struct buddy *buddy, pfn_t start, pfn_t end)
{
    while (start.number < end.number) {
        const unsigned order = biggest_order(start, end);
        buddy_give(buddy, page_of(start), order);
        start.number += 1ul << order;
    }
}

struct page *buddy_block_of(pfn_t pfn)
{
    for (unsigned order = 0; order <= PAGE_ORDER_MAX; order++) {
        struct page *head = page_of((pfn_t){ pfn.number >> order << order });
        if (head->kind == PAGE_FREE)
            return head->order >= order ? head : NULL;
        if (head->kind != PAGE_PART)
            return NULL;
    }
    return NULL;
}

bool buddy_take_range(struct buddy *buddy, pfn_t start, pfn_t end)
{
    for (pfn_t pfn = start; pfn.number < end.number;) {
        const struct page *head = buddy_block_of(pfn);
        if (!head)
            return false;
        pfn.number = page_pfn(head).number + (1ul << head->order);
    }

    for (pfn_t pfn = start; pfn.number < end.number;) {
        struct page *head = buddy_block_of(pfn);
        const pfn_t block_start = page_pfn(head);
        const pfn_t block_end = { block_start.number + (1ul << head->order) };
        extract(buddy, head, head->order);
        buddy_give_range(buddy, block_start, pfn); /* what sticks out on either side stays free */
        if (block_end.number > end.number)
            buddy_give_range(buddy, end, block_end);
        pfn = block_end;
    }
    return true;
}

/* What is wrong with the block @page heads, as a member of the list of @order; NULL: nothing. */
static const char *find_fault(const struct page *page, unsigned order)
{
    if (page->kind != PAGE_FREE)
        return "is in a free list but not free";
    if (page->order != order)
        return "is in the list of another order";
    if (page->refs || page->mapcount || page->mapping)
        return "is free but has users";
    if (page_pfn(page).number & ((1ul << order) - 1))
        return "does not start at a multiple of its size";
    if (order < PAGE_ORDER_MAX && is_free_block(page_of(buddy_of(page_pfn(page), order)), order))
        return "was not merged with its buddy";
    for (unsigned long i = 1; i < 1ul << order; i++)
        if (page[i].kind != PAGE_PART)
            return "is free but one of its pages is something else";
    return NULL;
}

unsigned buddy_audit(const struct buddy *buddy)
{
    unsigned offences = 0;
    unsigned long free_pages = 0;

    for (unsigned order = 0; order < BUDDY_ORDERS; order++) {
        unsigned long length = 0;
        const struct page *page;
        list_for_each_entry (page, &buddy->blocks[order], link) {
            const char *fault = find_fault(page, order);
            if (fault) {
                pr_err("audit: block %#lx of order %u %s\n", page_pfn(page).number, order, fault);
                offences++;
            }
            length++;
        }
        if (length != buddy->count[order] || (length != 0) != (buddy->orders >> order & 1)) {
            pr_err("audit: %lu free blocks of order %u, counted %lu\n", length, order,
                   buddy->count[order]);
            offences++;
        }
        free_pages += length << order;
    }
    if (free_pages != buddy->free_pages) {
        pr_err("audit: %lu pages in free blocks, counted %lu\n", free_pages, buddy->free_pages);
        offences++;
    }
    return offences;
}
