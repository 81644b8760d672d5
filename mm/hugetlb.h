/*
 * Huge pages from a pool that is set aside at boot: mmap() with MAP_HUGETLB.
 *
 * Where transparent huge pages come if they can, these are sure: a mapping is refused at once if
 * the pool cannot serve all of it, and a fault in it never falls back to small pages.  There is a
 * pool for each size that the tables can map: 4 MiB on i386, 2 MiB elsewhere, and 1 GiB on an
 * x86-64 CPU that knows such entries.
 */
#ifndef MM_HUGETLB_H
#define MM_HUGETLB_H

#include "lib/annotate.h"
#include "mm/fault.h"
#include "mm/vma.h"

struct page;

/* Make the pools, and fill that of the smaller size with what hugepages= says. */
void hugetlb_init(void);

/* Let the pool of @level have @pages, as far as memory and users allow.  Returns: what it has. */
unsigned long hugetlb_resize(unsigned level, unsigned long pages);

/* The level of the pages that mmap()'s @flags ask for; -EINVAL: there are none of that size. */
int hugetlb_level(unsigned flags) MUST_CHECK;

/*
 * Make @vma, whose range is made of whole pages of @level and which is in no tree yet, one of
 * such pages.
 * Returns: 0 or -ENOMEM: the pool has not as many that nobody else counts on.
 */
int hugetlb_attach(struct vma *vma, unsigned level) MUST_CHECK;

/* The fault handler of such a vma, for any entry.  FAULT_BUS_ERROR: the pool is empty. */
enum fault_result hugetlb_fault(struct vma *vma, const struct fault *fault) MUST_CHECK;

/* The last reference to @page, of a pool, is gone: back it goes.  Any context. */
void hugetlb_give(struct page *page);

/* What a pool has, in its own pages. */
struct hugetlb_stat {
    unsigned long total, free, reserved;
};
struct hugetlb_stat hugetlb_stat(unsigned level);

#endif
