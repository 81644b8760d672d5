/*
 * Where pages are: what move_pages() asks.  All memory is of node 0, so none ever moves.
 */
#ifndef MM_MOVE_PAGES_H
#define MM_MOVE_PAGES_H

#include "arch/x86/pte.h"
#include "lib/annotate.h"

struct mm;

/*
 * The node of the page at @va of @mm, as its status.
 *
 * Locks:   takes and drops mmap_lock shared.  Sleeps.
 * Returns: 0 (the node), -EFAULT (no vma, the zero page, or a frame that cannot move), -ENOENT
 *          (nothing there) (Z48).
 */
int mm_page_node(struct mm *mm, vaddr_t va) MUST_CHECK;

#endif
