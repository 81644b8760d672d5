/*
 * Taking pages out of an address space: emptying entries, changing their rights.
 *
 * No huge page may reach across the ends of a range: huge_split_at() sees to that before.
 */
#ifndef MM_ZAP_H
#define MM_ZAP_H

#include "arch/x86/pte.h"

struct mm;
struct tlb_gather;
struct vma;

/*
 * Empty all entries of @vma for [@start, @end), which lies in it; the pages go to @gather.
 * Locks: mmap_lock is held, at all; takes and drops the tables' locks.  Sleeps.
 */
void zap_range(struct tlb_gather *gather, struct vma *vma, vaddr_t start, vaddr_t end);

/*
 * Give all entries in [@start, @end) of @vma with a page behind them its rights, and flush.  None
 * becomes writable by that: a page that others have, too, must be copied first, which is for a
 * fault to find out (Z40).
 * Locks: mmap_lock held exclusive.
 */
void protect_range(struct vma *vma, vaddr_t start, vaddr_t end);

#endif
