/*
 * Advice about memory: what madvise asks for.
 */
#ifndef MM_MADVISE_H
#define MM_MADVISE_H

#include "arch/x86/pte.h"
#include "lib/annotate.h"

struct mm;

/* Source: madvise(2), Linux uapi asm-generic/mman-common.h. */
enum advice {
    MADV_NORMAL = 0,
    MADV_RANDOM = 1,
    MADV_SEQUENTIAL = 2,
    MADV_WILLNEED = 3,
    MADV_DONTNEED = 4,
    MADV_FREE = 8,
    MADV_REMOVE = 9,
    MADV_DONTFORK = 10,
    MADV_DOFORK = 11,
    MADV_HUGEPAGE = 14,
    MADV_NOHUGEPAGE = 15,
    MADV_DONTDUMP = 16,
    MADV_DODUMP = 17,
    MADV_WIPEONFORK = 18,
    MADV_KEEPONFORK = 19,
    MADV_COLD = 20,
    MADV_PAGEOUT = 21,
    MADV_POPULATE_READ = 22,
    MADV_POPULATE_WRITE = 23,
};

/*
 * Heed @advice for [@start, @start + @bytes).  DONTNEED drops pages, and so, at once, does FREE,
 * except zero pages (Z39); COLD, PAGEOUT and those about reading ahead change nothing.
 *
 * Locks:   takes and drops mmap_lock.  Sleeps.
 * Returns: 0, -EINVAL, -ENOMEM (a hole; what lies around it is done, but not by POPULATE), -EAGAIN
 *          (no memory to cut a vma), -EFAULT (POPULATE: a page that is not there).
 */
int mm_advise(struct mm *mm, vaddr_t start, size_t bytes, int advice) MUST_CHECK;

#endif
