/*
 * Stacks that grow downwards when what lies below them is touched.
 */
#ifndef MM_STACK_H
#define MM_STACK_H

#include "lib/types.h"

struct mm;

/*
 * Make the stack above @va reach down to it, if there is one, its limit allows, and a guard gap
 * of MM_STACK_GUARD stays between it and what lies below.
 *
 * Locks:   takes and drops mmap_lock exclusive.  Sleeps.
 * Returns: whether @va is mapped now.
 */
bool stack_grow(struct mm *mm, vaddr_t va);

#endif
