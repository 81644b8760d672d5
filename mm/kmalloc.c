/*
 * kmalloc: memory of any size that the kernel can reach and that is contiguous.
 */
#include "mm/kmalloc.h"

#include "kernel/report.h"
#include "lib/minmax.h"
#include "lib/string.h"
#include "mm/slab_cache.h"

static const struct {
    u16 bytes;
    const char *name;
} classes[KMALLOC_CLASSES] = {
    { 8, "kmalloc-8" },       { 16, "kmalloc-16" },     { 32, "kmalloc-32" },
    { 64, "kmalloc-64" },     { 96, "kmalloc-96" },     { 128, "kmalloc-128" },
    { 192, "kmalloc-192" },   { 256, "kmalloc-256" },   { 512, "kmalloc-512" },
    { 1024, "kmalloc-1024" }, { 2048, "kmalloc-2048" }, { 4096, "kmalloc-4096" },
    { 8192, "kmalloc-8192" },
};

struct kmem_cache *kmalloc_caches[KMALLOC_CLASSES];

void kmalloc_init(void)
{
    static struct kmem_cache caches[KMALLOC_CLASSES];

    for (unsigned i = 0; i < KMALLOC_CLASSES; i++) {
        const size_t bytes = classes[i].bytes;
        const size_t align = is_power_of_two(bytes) ? min(bytes, PAGE_BYTES) : 0;
        assert(kmalloc_class(bytes) == i);
        slab_cache_init(&caches[i], classes[i].name, bytes, align);
        kmalloc_caches[i] = &caches[i];
    }
}

/* More than any cache has: whole pages. */
static NOINLINE void *alloc_pages(size_t bytes, gfp_t gfp)
{
    if (bytes > KMALLOC_BYTES_MAX)
        return NULL;

    const unsigned order = log2_ceil((bytes + PAGE_BYTES - 1) >> PAGE_SHIFT);
    struct page *page = page_alloc((gfp & ~(gfp_t)GFP_HIGHMEM) | GFP_COMPOUND, order);
    if (!page)
        return NULL;
    page_set_flags(page, PAGE_KMALLOC);
    return page_address(page);
}

void *kmalloc_any(size_t bytes, gfp_t gfp)
{
    if (unlikely(bytes > SLAB_BYTES_MAX))
        return alloc_pages(bytes, gfp);
    if (unlikely(bytes == 0))
        return NULL;
    return kmem_cache_alloc(kmalloc_caches[kmalloc_class(bytes)], gfp);
}

void *kzalloc(size_t bytes, gfp_t gfp) { return kmalloc(bytes, gfp | GFP_ZERO); }

void *kcalloc(size_t count, size_t bytes, gfp_t gfp)
{
    size_t total;

    if (__builtin_mul_overflow(count, bytes, &total))
        return NULL;
    return kzalloc(total, gfp);
}

/* The head of the pages of one big kmalloc() that starts at @memory, NULL: there is none. */
static struct page *big_head(const void *memory)
{
    if (!address_is_direct(memory))
        return NULL;
    struct page *page = page_of_address(memory);
    return page->flags & PAGE_KMALLOC && page_address(page) == memory ? page : NULL;
}

/* What is no slab's object: a big kmalloc(), nothing at all, or an error. */
static NOINLINE void free_other(const void *memory)
{
    struct page *page = big_head(memory);

    if (!page) {
        if (memory)
            report("%p is freed by kfree(), but did not come from kmalloc()", memory);
        return;
    }
    page_clear_flags(page, PAGE_KMALLOC);
    page_free(page, page->order);
}

void kfree(const void *memory)
{
    const struct page *slab = slab_of(memory);

    if (likely(slab))
        slab_give(slab->cache, (void *)memory);
    else
        free_other(memory);
}

size_t kmalloc_usable(const void *memory)
{
    const struct kmem_cache *cache = slab_cache_of(memory);

    if (cache)
        return cache->object_bytes;
    const struct page *page = big_head(memory);
    assert(page);
    return PAGE_BYTES << page->order;
}

void *krealloc(void *memory, size_t bytes, gfp_t gfp)
{
    if (memory && bytes <= kmalloc_usable(memory))
        return memory;

    void *bigger = kmalloc(bytes, gfp);
    if (bigger && memory) {
        memcpy(bigger, memory, kmalloc_usable(memory));
        kfree(memory);
    }
    return bigger;
}

char *kstrdup(const char *string, gfp_t gfp)
{
    const size_t bytes = strlen(string) + 1;
    char *copy = kmalloc(bytes, gfp);

    return copy ? memcpy(copy, string, bytes) : NULL;
}
