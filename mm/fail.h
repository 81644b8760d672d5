/*
 * Failing on purpose: allocations that are refused though there is memory.
 *
 * Memory runs out rarely, so the code that copes with it rarely runs.  A test makes it run: it lets
 * the first allocation of an operation fail, then the second, and so on until the operation comes
 * through untouched; each time it must fail cleanly or succeed, and lose nothing.
 *
 *     for (nth = 1; ; nth++) {
 *         fail_arm(nth);
 *         error = operation();
 *         if (!fail_disarm())
 *             break;               the nth allocation was never asked for: all have been tried
 *         check(error == 0 || error == -ENOMEM);
 *     }
 *
 * Only allocations that may sleep are refused: page_alloc(), kmem_cache_alloc() and what is built
 * on them.  The others are asked where failing is nothing unusual.
 *
 * For whole programs there is the parameter fail_alloc: a number N refuses each N-th allocation of
 * user tasks, the name of a function each allocation that it asks for.
 */
#ifndef MM_FAIL_H
#define MM_FAIL_H

#include "lib/annotate.h"
#include "lib/types.h"

/* Let the current task's @nth allocation from now on fail, once.  @nth from 1. */
void fail_arm(unsigned nth);

/* Let the current task's allocations alone again.  Returns: did one fail? */
bool fail_disarm(void);

extern u32 fail_armed; /* atomic: reasons to look closer */

/* What fail_wanted() does when somebody wants failures. */
bool fail_now(const void *caller);

/* Is the allocation to be refused, which the calling function was asked for? */
static ALWAYS_INLINE bool fail_wanted(void)
{
    return unlikely(READ_ONCE(fail_armed)) && fail_now(__builtin_return_address(0));
}

#endif
