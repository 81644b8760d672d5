/*
 * The initrd: bytes the loader left somewhere in memory, perhaps beyond the direct map.
 */
#ifndef KERNEL_INITRD_H
#define KERNEL_INITRD_H

#include "lib/annotate.h"
#include "lib/types.h"

struct initrd {
    const void *bytes;
    size_t size;
    void *window; /* what vmap() gave; NULL: the direct map shows it */
};

/* Make the initrd readable.  False: the loader gave none.  Panics without memory.  Sleeps. */
bool initrd_map(struct initrd *initrd) MUST_CHECK;

/* Give its memory to the page allocator: it must not be read any more.  Sleeps. */
void initrd_release(struct initrd *initrd);

#endif
