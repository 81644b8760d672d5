/*
 * kmalloc: memory of any size that the kernel can reach and that is contiguous.
 *
 * A size is rounded up to the next of a few classes, each a slab cache (8, 16, 32, 64, 96, 128,
 * 192, 256, 512 ... 8192 bytes).  Bigger sizes are whole pages, a compound block.
 */
#ifndef MM_KMALLOC_H
#define MM_KMALLOC_H

#include "lib/bits.h"
#include "mm/slab.h"

/* The biggest size that can succeed. */
#define KMALLOC_BYTES_MAX (PAGE_BYTES << PAGE_ORDER_MAX)

enum { KMALLOC_CLASSES = 13 };

extern struct kmem_cache *kmalloc_caches[KMALLOC_CLASSES]; /* constant after slab_init() */

/* Which class serves @bytes, 1 to SLAB_BYTES_MAX.  For constants the compiler knows the answer. */
static ALWAYS_INLINE unsigned kmalloc_class(size_t bytes)
{
    if (bytes <= 64)
        return bytes <= 8 ? 0 : bytes <= 16 ? 1 : bytes <= 32 ? 2 : 3;
    if (bytes <= 192)
        return bytes <= 96 ? 4 : bytes <= 128 ? 5 : 6;
    return log2_ceil(bytes) - 1; /* 256 is 2^8, and of class 7 */
}

/* As kmalloc(), of a size that only the running kernel knows. */
void *kmalloc_any(size_t bytes, gfp_t gfp) MUST_CHECK;

/*
 * Take @bytes of memory, aligned to a word; a power of two is aligned to itself, up to a page.
 *
 * Sleeps: may, with GFP_MAY_SLEEP; asserts that it could.  Without: any context but NMI.
 * Returns: NULL: out of memory, or @bytes is 0 or above KMALLOC_BYTES_MAX.
 */
static ALWAYS_INLINE MUST_CHECK void *kmalloc(size_t bytes, gfp_t gfp)
{
    if (__builtin_constant_p(bytes) && bytes > 0 && bytes <= SLAB_BYTES_MAX)
        return kmem_cache_alloc(kmalloc_caches[kmalloc_class(bytes)], gfp);
    return kmalloc_any(bytes, gfp);
}

/* As kmalloc(), cleared. */
void *kzalloc(size_t bytes, gfp_t gfp) MUST_CHECK;

/* As kmalloc() for @count times @bytes, cleared; a product that overflows is out of memory. */
void *kcalloc(size_t count, size_t bytes, gfp_t gfp) MUST_CHECK;

/* Move @memory (or NULL) to @bytes of memory.  NULL: out of memory, @memory is as before. */
void *krealloc(void *memory, size_t bytes, gfp_t gfp) MUST_CHECK;

/* A copy of @string.  NULL: out of memory. */
char *kstrdup(const char *string, gfp_t gfp) MUST_CHECK;

/* Give back what the functions above gave.  NULL is fine.  Any context but NMI. */
void kfree(const void *memory);

/* How many bytes @memory really has. */
size_t kmalloc_usable(const void *memory);

/* For slab_init(): make the size classes. */
void kmalloc_init(void);

#endif
