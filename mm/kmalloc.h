/*
 * kmalloc: memory of any size that the kernel can reach and that is contiguous.
 *
 * A size is rounded up to the next of a few classes, each a slab cache (8, 16, 32, 64, 96, 128,
 * 192, 256, 512 ... 8192 bytes).  Bigger sizes are whole pages, a compound block.
 */
#ifndef MM_KMALLOC_H
#define MM_KMALLOC_H

#include "mm/zone.h"

/* The biggest size that can succeed. */
#define KMALLOC_BYTES_MAX (PAGE_BYTES << PAGE_ORDER_MAX)

/*
 * Take @bytes of memory, aligned to a word; a power of two is aligned to itself, up to a page.
 *
 * Sleeps: may, with GFP_MAY_SLEEP; asserts that it could.  Without: any context but NMI.
 * Returns: NULL: out of memory, or @bytes is 0 or above KMALLOC_BYTES_MAX.
 */
void *kmalloc(size_t bytes, gfp_t gfp) MUST_CHECK;

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
