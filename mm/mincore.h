/*
 * Which pages are in memory: what mincore asks.
 */
#ifndef MM_MINCORE_H
#define MM_MINCORE_H

#include "arch/x86/pte.h"
#include "lib/annotate.h"

struct mm;

/*
 * Store 1 in @resident for each page from @start on that is in memory, 0 for each that is not, at
 * most @pages of them and up to the end of a vma.  The zero page is in memory (Z50).
 *
 * Locks:   takes and drops mmap_lock shared.  Sleeps.
 * Returns: how many, or -ENOMEM: @start is not mapped.
 */
long mm_resident(struct mm *mm, vaddr_t start, size_t pages, u8 *resident) MUST_CHECK;

#endif
