/*
 * A second address space that shows what a first one shows.
 */
#ifndef MM_FORK_H
#define MM_FORK_H

#include "lib/annotate.h"

struct mm;

/*
 * A copy of @parent, with one user.  Private pages are shared until one of the two writes: both
 * lose the right to write to them, and the next write faults.
 *
 * Locks:   takes and drops @parent's mmap_lock, exclusive.  Sleeps.
 * Returns: NULL: out of memory; @parent is as before.
 */
struct mm *mm_fork(struct mm *parent) MUST_CHECK;

#endif
