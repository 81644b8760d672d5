/*
 * Long mappings of pages that the direct map does not reach: the same address on every CPU.
 *
 * kmap() shows a page in a window that all share, for as long as the caller likes: the address
 * may be kept over sleep and migration, and given to other tasks.  The window is small (one leaf
 * table), so kmap() may have to wait for a free slot; and making a slot free for another page
 * takes a message to all CPUs.  For a mapping that the same function undoes, kmap_local_page() is
 * the better choice.
 *
 * There is no reservation: tasks that each hold one mapping and wait for a second may wait for
 * each other, for ever.  Who needs two pages maps one of them with kmap_local.
 *
 * docs/highmem.md compares the two kinds.
 */
#ifndef MM_KMAP_H
#define MM_KMAP_H

#include "lib/annotate.h"
#include "lib/types.h"
#include "mm/kmap_local.h"

struct page;
struct page_table;

/*
 * Show @page until kunmap(): its address, which is valid in all tasks and on all CPUs.  Mapping a
 * page again gives the same address once more.
 *
 * Locks: none; thread context.  Sleeps if the window is full; is reported where it must not, even
 *        for a page of the direct map.
 */
void *kmap(const struct page *page) MUST_CHECK;

/* Undo one kmap() of @page (the page, not the address).  Thread context, interrupts on. */
void kunmap(const struct page *page);

/* Take down all mappings that nobody uses but that are kept for the next kmap().  Sleeps not. */
void kmap_flush_unused(void);

/* The slots of the window, by state; and how many kmap() there were without their kunmap(). */
struct kmap_usage {
    unsigned empty, idle, used;
    unsigned long users;
};

/* A snapshot, for statistics.  Thread context, interrupts on. */
struct kmap_usage kmap_usage(void);

/* Make the window's table in @root.  Before any process has a root: those copy this one. */
void kmap_pool_init(struct page_table *root);

/* Check the books of both kinds of mappings; returns the number of offences, printed. */
int kmap_audit(void);

#endif
