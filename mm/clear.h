/*
 * Zeroing and copying pages, wherever they are, and in which order.
 *
 * The loops are the machine's (copy.asm), chosen at boot by what the CPU does best
 * (clear_loops.c).  A huge page is cleared so that what the program touches next is still in the
 * cache when the program goes on (clear.c, docs/clearing.md).
 */
#ifndef MM_CLEAR_H
#define MM_CLEAR_H

#include "lib/annotate.h"
#include "lib/types.h"

struct page;

/* Choose the loops for this CPU.  Until then the plain ones serve. */
void clear_init(void);

/* Zero, or copy, one page of PAGE_BYTES at an aligned address.  Any context. */
void clear_page(void *page);
void copy_page(void *to, const void *from);

/* Zero @pages pages, at least one, that follow one another at @address.  Any context. */
void clear_pages(void *address, unsigned long pages);

/*
 * The same for pages that a user program sees at @va on.  Here its caches go by physical
 * addresses, so it makes no difference; on other machines it does.
 */
static inline void clear_user_pages(void *address, vaddr_t va, unsigned long pages)
{
    (void)va;
    clear_pages(address, pages);
}

/* The same for pages that may lie beyond the direct map; all of one block. */
void clear_user_highpages(struct page *page, vaddr_t va, unsigned long pages);

/* Zero or copy one page that may lie beyond the direct map. */
void clear_highpage(struct page *page);
void copy_highpage(struct page *to, struct page *from);

/*
 * Zero all pages of the block @folio heads, of any order, the page that shows @addr_hint among
 * the last; a caller without an address passes 0.  The block will be mapped at a multiple of its
 * size.  What the caller stores afterwards, such as an entry of a page table, is seen by no CPU
 * before the zeros.  Sleeps.
 */
void folio_zero_user(struct page *folio, vaddr_t addr_hint);

/*
 * What folio_zero_user() does, for @pages pages from @first on, of one block, which the program
 * sees at @base on; number @target is among the last.
 */
void zero_user_pages(struct page *first, unsigned long pages, vaddr_t base, unsigned long target);

/*
 * Copy all pages of the block @from heads into that of @to, of the same order, the page that
 * shows @addr_hint last.  Sleeps.
 *
 * Returns: 0.  A machine that could survive a failed read would return -EHWPOISON.
 */
int copy_user_large_folio(struct page *to, struct page *from, vaddr_t addr_hint) MUST_CHECK;

/* How folio_zero_user() goes about it: clear= and clear_unit= on the command line. */
enum clear_way {
    CLEAR_EXTENT,    /* right, left, then the faulting page's neighbourhood */
    CLEAR_PAGE,      /* one page after the other */
    CLEAR_LEFTRIGHT, /* one page after the other, from both ends towards the faulting one */
};
struct clear_choice {
    enum clear_way way;
    unsigned long unit; /* pages between two offers to reschedule, at least 1 */
};

/* Choose while the machine runs: for tests and lessons.  Returns what it was. */
struct clear_choice clear_choose(struct clear_choice choice);

/*
 * Called before each piece that folio_zero_user() clears in one go: @pages pages from @page on,
 * which the program will see at @va.  Must not sleep.
 */
typedef void (*clear_hook_t)(const struct page *page, vaddr_t va, unsigned long pages);

/*
 * Let @hook watch, NULL: nobody.  The old one may still be called for a moment.  Costs one branch
 * when there is none.  Returns what it was.
 */
clear_hook_t clear_set_hook(clear_hook_t hook);

#endif
