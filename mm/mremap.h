/*
 * Making a mapping larger, smaller, or be elsewhere: what mremap asks for.
 */
#ifndef MM_MREMAP_H
#define MM_MREMAP_H

#include "arch/x86/pte.h"
#include "lib/annotate.h"

struct mm;

/* Source: mremap(2), Linux uapi mman.h. */
enum remap_flags { MREMAP_MAYMOVE = 1, MREMAP_FIXED = 2, MREMAP_DONTUNMAP = 4 };

struct remap_request {
    vaddr_t start;
    size_t bytes, wanted; /* now and then; no bytes now: map shared memory once more */
    unsigned long flags;
    vaddr_t place; /* where it must go with FIXED, may go with DONTUNMAP */
};

/*
 * Do what @request says; *@address is where the mapping is then.  Pages go along with their
 * entries, whatever those are (Z41), and stay what they are to the reverse map.
 *
 * Locks:   takes and drops mmap_lock.  Sleeps.
 * Changes: on an error of the arguments, nothing; on -ENOMEM with FIXED, what was at the place is
 *          gone, as on Linux.
 * Returns: 0, -EINVAL, -EFAULT (not one mapping), -ENOMEM, -EPERM (below MM_MIN_ADDRESS).
 */
int mm_remap(struct mm *mm, const struct remap_request *request, vaddr_t *address) MUST_CHECK;

#endif
