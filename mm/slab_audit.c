/*
 * What the slab caches' books say, and whether it is true.
 */
#include "kernel/printk.h"
#include "mm/slab_cache.h"

static unsigned long in_magazines(const struct kmem_cache *cache)
{
    unsigned long count = 0;

    for_each_online_cpu (cpu)
        count += READ_ONCE(cache->magazines[cpu].count);
    return count;
}

struct search {
    unsigned index;
    struct slab_stat *stat;
    bool found;
};

static void fill_if_wanted(struct kmem_cache *cache, void *data)
{
    struct search *search = data;

    if (search->index-- != 0)
        return;
    const irqflags_t flags = spin_lock_irqsave(&cache->lock);
    *search->stat = (struct slab_stat){
        .name = cache->name,
        .object_bytes = cache->object_bytes,
        .stride_bytes = cache->stride,
        .slab_order = cache->slab_order,
        .slabs = cache->slabs,
        .objects = cache->slabs * cache->slab_objects,
        .used = cache->out - in_magazines(cache),
    };
    spin_unlock_irqrestore(&cache->lock, flags);
    search->found = true;
}

bool slab_stat(unsigned index, struct slab_stat *stat)
{
    struct search search = { index, stat, false };

    slab_for_each(fill_if_wanted, &search);
    return search.found;
}

/* What is wrong with @slab; NULL: nothing.  Adds its objects that are out to *@out. */
static const char *find_fault(const struct kmem_cache *cache, struct page *slab, bool full,
                              unsigned long *out)
{
    u32 free_objects = 0;

    if (!(slab->flags & PAGE_SLAB) || slab->cache != cache)
        return "is in a cache's list but not its slab";
    for (void *object = slab->objects; object; object = *slab_link(cache, object)) {
        if (page_head(page_of_address(object)) != slab || !slab_is_object(cache, object))
            return "has a free object that is not one";
        if (CONFIG_CHECK && !slab_check_free(cache, object))
            return "has a free object that was written to";
        if (++free_objects > cache->slab_objects)
            return "has a circle of free objects";
    }
    if (free_objects + slab->private != cache->slab_objects)
        return "lost objects";
    if (full != (free_objects == 0))
        return "is in the wrong list";
    *out += slab->private;
    return NULL;
}

static unsigned audit_list(struct kmem_cache *cache, struct list_node *list, unsigned long *out)
{
    unsigned offences = 0;
    struct page *slab;

    list_for_each_entry (slab, list, link) {
        const char *fault = find_fault(cache, slab, list == &cache->full, out);
        if (!fault)
            continue;
        pr_err("audit: slab at page %#lx of cache %s %s\n", page_pfn(slab).number, cache->name,
               fault);
        offences++;
    }
    return offences;
}

static void audit_cache(struct kmem_cache *cache, void *data)
{
    unsigned *offences = data;
    unsigned long out = 0;

    const irqflags_t flags = spin_lock_irqsave(&cache->lock);
    *offences += audit_list(cache, &cache->partial, &out);
    *offences += audit_list(cache, &cache->full, &out);
    if (out != cache->out || in_magazines(cache) > cache->out) {
        pr_err("audit: cache %s: %lu objects are out of its slabs, counted %lu\n", cache->name, out,
               cache->out);
        (*offences)++;
    }
    spin_unlock_irqrestore(&cache->lock, flags);
}

unsigned slab_audit(void)
{
    unsigned offences = 0;

    slab_for_each(audit_cache, &offences);
    return offences;
}
