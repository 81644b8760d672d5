/*
 * Slabs: caches of objects of one size.
 *
 * A slab is a small block of pages cut into equal objects; its struct page is its only
 * administration.  A cache has slabs, and on each CPU a magazine: an array of free objects, so
 * that the usual allocation takes no lock.
 *
 * In check builds each object ends in a red zone, which says whether it is free, and free ones
 * are filled with POISON_FREE: a write behind the end, a write after the free and a second free
 * are reported with the name of the cache.
 *
 * Source: Bonwick, "The Slab Allocator: An Object-Caching Kernel Memory Allocator", USENIX 1994;
 * Bonwick and Adams, "Magazines and Vmem", USENIX 2001.
 */
#ifndef MM_SLAB_H
#define MM_SLAB_H

#include "mm/zone.h"

struct kmem_cache;

/* The biggest object a cache can have; more comes from page_alloc(). */
#define SLAB_BYTES_MAX 8192

/*
 * Make a cache of objects of @size bytes, aligned to @align (0: a word).  If @ctor is given it
 * runs once when an object's memory is new; objects are then freed in the state it left them.
 * @name is kept, not copied.  Sleeps.
 *
 * Returns: the cache, NULL: out of memory.
 */
struct kmem_cache *kmem_cache_create(const char *name, size_t size, size_t align,
                                     void (*ctor)(void *object)) MUST_CHECK;

/* Destroy an empty cache.  Objects still in use are reported, and leaked.  Sleeps. */
void kmem_cache_destroy(struct kmem_cache *cache);

/*
 * Take an object.  GFP_ZERO clears it, for caches without a constructor.
 *
 * Sleeps: may, with GFP_MAY_SLEEP; asserts that it could.  Without: any context but NMI.
 * Returns: the object, NULL: out of memory.
 */
void *kmem_cache_alloc(struct kmem_cache *cache, gfp_t gfp) MUST_CHECK;

/* Give @object back to @cache, which it came from.  Any context but NMI. */
void kmem_cache_free(struct kmem_cache *cache, void *object);

/* Return the objects in magazines to their slabs, and empty slabs to the zones.  Sleeps. */
void kmem_cache_shrink(struct kmem_cache *cache);

/* What is known of one cache, for statistics and tests. */
struct slab_stat {
    const char *name;
    size_t object_bytes; /* as asked for */
    size_t stride_bytes; /* from one object to the next */
    unsigned slab_order;
    unsigned long slabs;
    unsigned long objects; /* in all slabs */
    unsigned long used;    /* of these, in use; those in magazines are not */
};

/* Fill @stat for the cache numbered @index, in order of creation.  false: there are fewer. */
bool slab_stat(unsigned index, struct slab_stat *stat);

/* Make the first caches: kmem_cache_create() and kmalloc() work from here on. */
void slab_init(void);

/* Prove that the books of all caches agree.  Returns the number of offences, printed.  Sleeps. */
unsigned slab_audit(void);

/* The cache that @object belongs to, NULL: it is no slab's object.  For reports. */
struct kmem_cache *slab_cache_of(const void *object);

#endif
