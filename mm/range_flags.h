/*
 * Changing what is noted about stretches of an address space, other than the rights: what mlock()
 * and madvise() do.
 */
#ifndef MM_RANGE_FLAGS_H
#define MM_RANGE_FLAGS_H

#include "lib/annotate.h"
#include "mm/mm.h"

/* VM_ flags to take away, and then to give. */
struct flag_change {
    unsigned clear, set;
};

/*
 * Make @change in all vmas of [@start, @end), cutting those that the range cuts; holes are skipped.
 * Returns: 0 or -ENOMEM, with a part done.
 */
int range_flags_change(struct mm *mm, vaddr_t start, vaddr_t end, struct flag_change change)
    MUST_CHECK MUST_HOLD(mm->mmap_lock);

#endif
