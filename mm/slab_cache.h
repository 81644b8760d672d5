/*
 * Inside a slab cache: for slab.c, and those that look into caches (slab_check.c, slab_audit.c).
 *
 * An object in its slab, `stride` bytes long:
 *
 *      0                 object_bytes       link_offset              stride
 *      |  the object     |  red zone         |  link      |  padding  |
 *
 * Without checks the red zone is empty.  The link, to the next free object of the slab, may then
 * lie over the object, which is free; unless a constructor's work must stay as it is.
 */
#ifndef MM_SLAB_CACHE_H
#define MM_SLAB_CACHE_H

#include "arch/x86/percpu.h"
#include "kernel/spinlock.h"
#include "lib/list.h"
#include "mm/slab.h"

enum {
    MAGAZINE_MAX = 16,
    SLAB_ORDER_MAX = 3,
    RED_BYTES = CONFIG_CHECK ? 8 : 0,
    RED_FREE = 0xbb,
    RED_USED = 0xcc,
};

/* Changed by its CPU alone, with interrupts off. */
struct magazine {
    unsigned count;
    void *objects[MAGAZINE_MAX];
};

/* (c) constant after creation, (l) under lock, (m) slab.c's list_mutex */
struct kmem_cache {
    const char *name;           /* (c) */
    void (*ctor)(void *object); /* (c) */
    u32 object_bytes;           /* (c) */
    u32 stride;                 /* (c) */
    u32 link_offset;            /* (c) */
    u32 reciprocal;             /* (c) 2^32 / stride, rounded up: turns an offset into an index */
    u32 slab_objects;           /* (c) how many in one slab */
    u8 slab_order;              /* (c) */
    u8 magazine_size;           /* (c) at most MAGAZINE_MAX */

    struct spinlock lock;
    struct list_node partial; /* (l) slabs with free objects, the empty ones last; page->link */
    struct list_node full;    /* (l) slabs without */
    unsigned long slabs;      /* (l) */
    unsigned long empty;      /* (l) slabs with free objects only */
    unsigned long out;        /* (l) objects in use or in magazines */
    struct list_node link;    /* (m) */

    struct magazine magazines[NR_CPUS];
};

/* Where @object, free, keeps the address of the next free one. */
static inline void **slab_link(const struct kmem_cache *cache, void *object)
{
    return (void **)((char *)object + cache->link_offset);
}

/* The first byte of the slab that @object is in: blocks of pages are aligned to their size. */
static inline char *slab_base(const struct kmem_cache *cache, const void *object)
{
    return (char *)((vaddr_t)object & ~((PAGE_BYTES << cache->slab_order) - 1));
}

/* Is @object the start of one, as far as its slab's geometry says? */
static inline bool slab_is_object(const struct kmem_cache *cache, const void *object)
{
    const u32 offset = (u32)((const char *)object - slab_base(cache, object));
    const u32 index = (u32)((u64)offset * cache->reciprocal >> 32);
    return index * cache->stride == offset && index < cache->slab_objects;
}

/* Free @object, whose page says that it is in a slab of @cache. */
void slab_free(struct kmem_cache *cache, void *object);

/* Check builds: @object of a new slab is free; is taken; is given back (false: it must not be). */
void slab_check_new(const struct kmem_cache *cache, void *object);
void slab_check_taken(const struct kmem_cache *cache, void *object);
bool slab_check_given(const struct kmem_cache *cache, void *object) MUST_CHECK;

/* Check builds: was @object, free, written to?  Reports it. */
bool slab_check_free(const struct kmem_cache *cache, const void *object);

/* Call @visit for each cache, in order of creation.  Sleeps. */
void slab_for_each(void (*visit)(struct kmem_cache *cache, void *data), void *data);

/* Make @cache, whose memory is the caller's: for kmalloc's classes.  As kmem_cache_create(). */
void slab_cache_init(struct kmem_cache *cache, const char *name, size_t size, size_t align);

#endif
