/*
 * Slabs: caches of objects of one size.
 *
 * The ways of an object:
 *
 *      kmem_cache_alloc <--- magazine of this CPU ---> kmem_cache_free
 *                               ^          |
 *              refill, half full|          |empty half of it
 *                               |          v
 *                         slabs with free objects   <---  page_alloc, if there is none
 *                               |
 *                               +--->  page_free, if more than one slab is empty
 *
 * The upper way takes no lock: a magazine belongs to its CPU, and interrupts are off.  The rest
 * happens under the cache's lock; only page_alloc() is called without it, since it may sleep.
 */
#include "mm/slab.h"

#include "arch/x86/cpu.h"
#include "arch/x86/ipi.h"
#include "kernel/mutex.h"
#include "kernel/report.h"
#include "lib/align.h"
#include "lib/minmax.h"
#include "lib/string.h"
#include "mm/fail.h"
#include "mm/kmalloc.h"
#include "mm/slab_cache.h"

static struct mutex list_mutex; /* guards all_caches */
static LIST(all_caches);
static struct kmem_cache cache_of_caches;

/* --- slabs, under the cache's lock unless they are new ---------------------------------------- */

/* Pages cut into free objects, known to nobody yet.  Sleeps with GFP_MAY_SLEEP. */
static struct page *create_slab(struct kmem_cache *cache, gfp_t gfp)
{
    const gfp_t how = (gfp & ~(gfp_t)(GFP_ZERO | GFP_HIGHMEM)) | GFP_COMPOUND;
    struct page *slab = page_alloc(how, cache->slab_order);
    if (!slab)
        return NULL;

    slab->cache = cache;
    slab->objects = NULL;
    slab->private = 0;
    page_set_flags(slab, PAGE_SLAB);
    for (u32 i = cache->slab_objects; i-- > 0;) {
        void *object = (char *)page_address(slab) + i * cache->stride;
        if (cache->ctor)
            cache->ctor(object);
        if (CONFIG_CHECK)
            slab_check_new(cache, object);
        *slab_link(cache, object) = slab->objects;
        slab->objects = object;
    }
    return slab;
}

static void destroy_slab(struct kmem_cache *cache, struct page *slab)
{
    list_del(&slab->link);
    cache->slabs--;
    cache->empty--;
    page_clear_flags(slab, PAGE_SLAB);
    slab->cache = NULL;
    page_free(slab, cache->slab_order);
}

static void *take_from_slab(struct kmem_cache *cache, struct page *slab)
{
    void *object = slab->objects;

    slab->objects = *slab_link(cache, object);
    if (slab->private ++ == 0)
        cache->empty--;
    if (!slab->objects)
        list_move(&slab->link, &cache->full);
    cache->out++;
    return object;
}

static void give_to_slab(struct kmem_cache *cache, void *object)
{
    struct page *slab = page_head(page_of_address(object));

    if (!slab->objects)
        list_move(&slab->link, &cache->partial);
    *slab_link(cache, object) = slab->objects;
    slab->objects = object;
    cache->out--;
    if (--slab->private > 0)
        return;
    list_move_tail(&slab->link, &cache->partial);
    if (++cache->empty > 1)
        destroy_slab(cache, slab);
}

/* --- magazines -------------------------------------------------------------------------------- */

static void empty_magazine(struct kmem_cache *cache, struct magazine *magazine, unsigned left)
{
    spin_lock(&cache->lock);
    while (magazine->count > left)
        give_to_slab(cache, magazine->objects[--magazine->count]);
    spin_unlock(&cache->lock);
}

/* What an object needs before it is given away, apart from the usual case. */
static NOINLINE void *prepare(struct kmem_cache *cache, void *object, gfp_t gfp)
{
    if (CONFIG_CHECK)
        slab_check_taken(cache, object);
    if (gfp & GFP_ZERO)
        memset(object, 0, cache->object_bytes);
    return object;
}

/* What kmem_cache_alloc() does when this CPU's magazine is empty. */
static NOINLINE void *alloc_slowly(struct kmem_cache *cache, gfp_t gfp)
{
    for (;;) {
        irqflags_t flags = spin_lock_irqsave(&cache->lock);
        struct magazine *magazine = this_magazine(cache);
        while (magazine->count <= cache->magazine_size / 2 && !list_empty(&cache->partial)) {
            struct page *slab = list_first_entry(&cache->partial, struct page, link);
            magazine->objects[magazine->count++] = take_from_slab(cache, slab);
        }
        void *object = magazine->count ? magazine->objects[--magazine->count] : NULL;
        spin_unlock_irqrestore(&cache->lock, flags);
        if (object)
            return prepare(cache, object, gfp);

        struct page *slab = create_slab(cache, gfp);
        if (!slab)
            return NULL;
        flags = spin_lock_irqsave(&cache->lock);
        list_add(&slab->link, &cache->partial);
        cache->slabs++;
        cache->empty++;
        spin_unlock_irqrestore(&cache->lock, flags);
    }
}

void *kmem_cache_alloc(struct kmem_cache *cache, gfp_t gfp)
{
    if (gfp & GFP_MAY_SLEEP) {
        might_sleep();
        if (fail_wanted())
            return NULL;
    }

    const irqflags_t flags = irq_save();
    struct magazine *magazine = this_magazine(cache);
    if (unlikely(magazine->count == 0)) {
        irq_restore(flags);
        return alloc_slowly(cache, gfp);
    }
    void *object = magazine->objects[--magazine->count];
    irq_restore(flags);
    return unlikely(CONFIG_CHECK || gfp & GFP_ZERO) ? prepare(cache, object, gfp) : object;
}

void slab_give_slowly(struct kmem_cache *cache, void *object)
{
    if (!slab_is_object(cache, object)) {
        report("%p is freed to cache %s, but is not where an object starts", object, cache->name);
        return;
    }
    if (CONFIG_CHECK && !slab_check_given(cache, object))
        return;

    const irqflags_t flags = irq_save();
    struct magazine *magazine = this_magazine(cache);
    if (magazine->count == cache->magazine_size)
        empty_magazine(cache, magazine, cache->magazine_size / 2);
    magazine->objects[magazine->count++] = object;
    irq_restore(flags);
}

void kmem_cache_free(struct kmem_cache *cache, void *object)
{
    const struct kmem_cache *owner = slab_cache_of(object);

    if (likely(owner == cache))
        slab_give(cache, object);
    else
        report("%p is freed to cache %s, but belongs to %s", object, cache->name,
               owner ? owner->name : "no cache");
}

struct kmem_cache *slab_cache_of(const void *object)
{
    const struct page *slab = slab_of(object);
    return slab ? slab->cache : NULL;
}

/* --- caches ----------------------------------------------------------------------------------- */

/* The smallest order whose slab wastes at most an eighth and holds a few objects. */
static u8 choose_order(u32 stride)
{
    u8 order = 0;

    for (; order < SLAB_ORDER_MAX; order++) {
        const u32 bytes = (u32)PAGE_BYTES << order;
        if (bytes / stride >= 4 && bytes % stride <= bytes / 8)
            break;
    }
    return order;
}

void slab_cache_init(struct kmem_cache *cache, const char *name, size_t size, size_t align)
{
    const bool link_apart = CONFIG_CHECK || cache->ctor;

    assert(size > 0 && size <= SLAB_BYTES_MAX);
    align = max(align, sizeof(void *));
    assert((align & (align - 1)) == 0 && align <= PAGE_BYTES);

    size = max(size, sizeof(void *));
    cache->name = name;
    cache->object_bytes = (u32)size;
    cache->link_offset = link_apart ? (u32)align_up(size + RED_BYTES, sizeof(void *)) : 0;
    cache->stride = (u32)align_up(link_apart ? cache->link_offset + sizeof(void *) : size, align);
    cache->reciprocal = 0xffffffffu / cache->stride + 1;
    cache->slab_order = choose_order(cache->stride);
    cache->slab_objects = ((u32)PAGE_BYTES << cache->slab_order) / cache->stride;
    cache->slab_mask = ((u32)PAGE_BYTES << cache->slab_order) - 1;
    cache->slab_end = cache->slab_objects * cache->stride;
    cache->magazine_size = size >= PAGE_BYTES ? 2 : size >= PAGE_BYTES / 4 ? 4 : MAGAZINE_MAX;

    spin_lock_init(&cache->lock, RANK_SLAB, name);
    list_init(&cache->partial);
    list_init(&cache->full);
    mutex_lock(&list_mutex);
    list_add_tail(&cache->link, &all_caches);
    mutex_unlock(&list_mutex);
}

struct kmem_cache *kmem_cache_create(const char *name, size_t size, size_t align,
                                     void (*ctor)(void *object))
{
    struct kmem_cache *cache = kmem_cache_alloc(&cache_of_caches, GFP_KERNEL | GFP_ZERO);
    if (!cache)
        return NULL;
    cache->ctor = ctor;
    slab_cache_init(cache, name, size, align);
    return cache;
}

static void empty_magazine_here(void *data)
{
    struct kmem_cache *cache = data;

    const irqflags_t flags = irq_save();
    empty_magazine(cache, this_magazine(cache), 0);
    irq_restore(flags);
}

void kmem_cache_shrink(struct kmem_cache *cache)
{
    if (cpus_online == 1)
        empty_magazine_here(cache);
    else
        ipi_call(cpumask_online(), empty_magazine_here, cache, true);

    const irqflags_t flags = spin_lock_irqsave(&cache->lock);
    while (cache->empty)
        destroy_slab(cache, list_last_entry(&cache->partial, struct page, link));
    spin_unlock_irqrestore(&cache->lock, flags);
}

void kmem_cache_destroy(struct kmem_cache *cache)
{
    might_sleep();
    kmem_cache_shrink(cache);
    if (cache->out) {
        report("cache %s is destroyed with %lu objects in use", cache->name, cache->out);
        return;
    }
    mutex_lock(&list_mutex);
    list_del(&cache->link);
    mutex_unlock(&list_mutex);
    kmem_cache_free(&cache_of_caches, cache);
}

void slab_for_each(void (*visit)(struct kmem_cache *cache, void *data), void *data)
{
    struct kmem_cache *cache;

    mutex_lock(&list_mutex);
    list_for_each_entry (cache, &all_caches, link)
        visit(cache, data);
    mutex_unlock(&list_mutex);
}

void slab_init(void)
{
    mutex_init(&list_mutex, RANK_SLAB_CREATE, "slab caches");
    slab_cache_init(&cache_of_caches, "kmem_cache", sizeof(struct kmem_cache), 64);
    kmalloc_init();
}
