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

#include "arch/x86/cpu.h"
#include "arch/x86/percpu.h"
#include "kernel/spinlock.h"
#include "lib/list.h"
#include "mm/slab.h"

enum {
    MAGAZINE_MAX = 15, /* with its count, a magazine is a power of two long */
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
    u32 reciprocal;             /* (c) 2^32 / stride, rounded up */
    u32 slab_mask;              /* (c) bytes of a slab less one */
    u32 slab_end;               /* (c) bytes of its objects together */
    u32 slab_objects;           /* (c) how many in one slab */
    u8 slab_order;              /* (c) */
    u32 magazine_size;          /* (c) at most MAGAZINE_MAX */

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

/*
 * Is @object the start of one, as far as its slab's geometry says?  Blocks of pages are aligned to
 * their size, so the offset within the slab is the low bits of the address.
 * Source: Lemire, Kaser, Kurz, "Faster remainder by direct computation", 2019: n is a multiple of d
 * if n times 2^32 / d, rounded up, has a fraction less than that.
 */
static inline bool slab_is_object(const struct kmem_cache *cache, const void *object)
{
    const u32 offset = (u32)(vaddr_t)object & cache->slab_mask;
    return offset * cache->reciprocal < cache->reciprocal && offset < cache->slab_end;
}

/* This CPU's magazine of @cache.  Interrupts off.  As bytes: then it stays one address. */
static ALWAYS_INLINE struct magazine *this_magazine(struct kmem_cache *cache)
{
    assert_slow(irqs_disabled());
    return (struct magazine *)((char *)cache->magazines + cpu_id() * sizeof(struct magazine));
}

/* What slab_give() does in the unusual case: no object, a full magazine, a check build. */
void slab_give_slowly(struct kmem_cache *cache, void *object);

/* Free @object, whose page says that it is in a slab of @cache.  Any context. */
static ALWAYS_INLINE void slab_give(struct kmem_cache *cache, void *object)
{
    if (unlikely(CONFIG_CHECK || !slab_is_object(cache, object))) {
        slab_give_slowly(cache, object);
        return;
    }
    const irqflags_t flags = irq_save();
    struct magazine *magazine = this_magazine(cache);
    if (unlikely(magazine->count == cache->magazine_size)) {
        irq_restore(flags);
        slab_give_slowly(cache, object);
        return;
    }
    magazine->objects[magazine->count++] = object;
    irq_restore(flags);
}

/* The slab that @object is in, by its first page; NULL: in none. */
static ALWAYS_INLINE struct page *slab_of(const void *object)
{
    if (unlikely(!address_is_direct(object)))
        return NULL;
    struct page *page = page_head(page_of_address(object));
    return likely(page->flags & PAGE_SLAB) ? page : NULL;
}

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
