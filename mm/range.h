/*
 * Stretches of an address space, cut out and put in: what mmap, brk and stacks are made of.
 *
 * All functions want mmap_lock held exclusive.
 */
#ifndef MM_RANGE_H
#define MM_RANGE_H

#include "lib/annotate.h"
#include "mm/mm.h"
#include "mm/vma.h"

/* Make vmas begin and end at @start and @end, so that none lies across them.  0 or -ENOMEM. */
int range_split(struct mm *mm, vaddr_t start, vaddr_t end) MUST_CHECK MUST_HOLD(mm->mmap_lock);

/* Remove what lies in [@start, @end): whole vmas and parts, pages and tables.  0 or -ENOMEM. */
int range_unmap(struct mm *mm, vaddr_t start, vaddr_t end) MUST_CHECK MUST_HOLD(mm->mmap_lock);

/* A vma of anonymous memory that is in no tree yet.  NULL: out of memory. */
struct vma *range_vma(vaddr_t start, vaddr_t end, unsigned flags) MUST_CHECK;

/* Do RLIMIT_AS and RLIMIT_DATA leave room for @pages more, of a vma with @flags? */
bool range_within_limits(const struct mm *mm, unsigned flags, size_t pages);

/* Put anonymous memory with @flags (VM_) at [@start, @end), which is empty.  0 or -ENOMEM. */
int range_map(struct mm *mm, vaddr_t start, vaddr_t end, unsigned flags)
    MUST_CHECK MUST_HOLD(mm->mmap_lock);

/* Could [@start, @end) be mapped, as it is free, a stack's guard gap included? */
bool range_is_free(const struct mm *mm, vaddr_t start, vaddr_t end);

/* How far from @start on, up to @end, there is no address without a vma. */
vaddr_t range_covered_end(const struct mm *mm, vaddr_t start, vaddr_t end);

#endif
