/*
 * Keeping memory in memory: what mlock, mlock2, munlock, mlockall and munlockall ask for.
 *
 * A locked vma is charged by its size to mm->locked_pages, whatever of it is there.  Everybody
 * here is root, so RLIMIT_MEMLOCK, which does not bind root, binds nobody.
 *
 * Each takes and drops mmap_lock, and sleeps.  Errors are Linux's: mlock(2).
 */
#ifndef MM_MLOCK_H
#define MM_MLOCK_H

#include "arch/x86/pte.h"
#include "lib/annotate.h"

struct mm;

/* Source: mlock(2), Linux uapi asm-generic/mman.h. */
enum mlock_flags { MLOCK_ONFAULT = 1 };
enum mlockall_flags { MCL_CURRENT = 1, MCL_FUTURE = 2, MCL_ONFAULT = 4 };

/*
 * Lock the pages that [@start, @start + @bytes) touches and bring them, unless @flags says
 * MLOCK_ONFAULT.  Where memory may be written, what is brought can be written without a further
 * fault: zero pages are replaced (Z44).
 * Returns: 0, -EINVAL (overflow), -ENOMEM (a hole, or memory nobody may read); what lies before a
 *          hole is locked all the same.
 */
int mm_lock(struct mm *mm, vaddr_t start, size_t bytes, unsigned flags) MUST_CHECK;

/* Let them go.  No page moves, none is brought (Z45). */
int mm_unlock(struct mm *mm, vaddr_t start, size_t bytes) MUST_CHECK;

/* Lock everything, as @flags (MCL_) says; 0: nothing, now and in future.  0 or -EINVAL. */
int mm_lock_all(struct mm *mm, unsigned flags) MUST_CHECK;
void mm_unlock_all(struct mm *mm);

#endif
