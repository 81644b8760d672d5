/*
 * What programs ask about stretches of mapped files: msync(2), madvise(2)'s MADV_REMOVE.
 */
#ifndef MM_FILE_RANGE_H
#define MM_FILE_RANGE_H

#include "lib/annotate.h"
#include "lib/types.h"

struct mm;

/* Source: Linux uapi asm-generic/mman-common.h. */
enum sync_flags { MS_ASYNC = 1, MS_INVALIDATE = 2, MS_SYNC = 4 };

/*
 * Write back what [@start, @start + @bytes) maps.  All files are in memory: nothing to write.
 * Returns: 0, -EINVAL, -ENOMEM (a hole), -EBUSY (MS_INVALIDATE and locked memory).
 */
int mm_sync(struct mm *mm, vaddr_t start, size_t bytes, unsigned flags) MUST_CHECK;

/*
 * Take the pages behind [@start, @start + @bytes) out of their files: zeroes from now on.
 * Returns: 0, -EINVAL (no file, locked), -EACCES (not shared and writable), -ENOMEM (a hole).
 */
int mm_punch(struct mm *mm, vaddr_t start, size_t bytes) MUST_CHECK;

#endif
