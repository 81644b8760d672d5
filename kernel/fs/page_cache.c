/*
 * Finding, making and copying the pages of a file.
 */
#include "kernel/fs/page_cache.h"

#include "kernel/fs/iov.h"
#include "kernel/fs/vfs.h"
#include "lib/errno.h"
#include "lib/minmax.h"
#include "mm/highmem.h"
#include "mm/kmap.h"
#include "mm/page.h"
#include "mm/zone.h"

static struct page_cache *cache_of(struct mapping *mapping)
{
    return container_of(mapping, struct page_cache, mapping);
}

struct page *page_cache_find(struct page_cache *cache, u64 index)
{
    mutex_lock(&cache->lock);
    struct page *page = page_tree_find(&cache->tree, index);
    if (page)
        page_get(page);
    mutex_unlock(&cache->lock);
    return page;
}

/* Is there no page because the file system has no more, rather than the machine? */
static bool is_full(const struct page_cache *cache)
{
    return cache->quota && quota_is_full(cache->quota);
}

/* Make page @index, which is not there; the lock is held.  NULL: no memory. */
static struct page *make(struct page_cache *cache, u64 index)
{
    if (cache->quota && !quota_take(cache->quota))
        return NULL;
    struct page *page = page_alloc(GFP_HIGHUSER | GFP_ZERO, 0);
    if (page && page_tree_insert(&cache->tree, index, page)) {
        page_put(page);
        page = NULL;
    }
    if (!page) {
        if (cache->quota)
            quota_give(cache->quota, 1);
        return NULL;
    }
    page->mapping = &cache->mapping;
    page->index = (unsigned long)index;
    cache->pages++;
    return page;
}

struct page *page_cache_get(struct page_cache *cache, u64 index)
{
    mutex_lock(&cache->lock);
    struct page *page = page_tree_find(&cache->tree, index);
    if (!page)
        page = make(cache, index);
    if (page)
        page_get(page);
    mutex_unlock(&cache->lock);
    return page;
}

void page_cache_set_end(struct page_cache *cache, u64 bytes)
{
    mutex_lock(&cache->lock);
    cache->end = bytes / PAGE_BYTES + (bytes % PAGE_BYTES != 0);
    mutex_unlock(&cache->lock);
}

/* Move the pages [@index, @end) from the tree to the list @pages, as nobody's. */
static void take_out(struct page_cache *cache, u64 index, u64 end, struct list_node *pages)
{
    struct page *page;
    mutex_lock(&cache->lock);
    while ((page = page_tree_next(&cache->tree, &index)) && index < end) {
        page_tree_remove(&cache->tree, index);
        __atomic_store_n(&page->mapping, NULL, __ATOMIC_RELEASE);
        list_add_tail(&page->link, pages);
        cache->pages--;
        if (cache->quota)
            quota_give(cache->quota, 1);
    }
    mutex_unlock(&cache->lock);
}

/* In the order that mm/mapping.h asks for. */
void page_cache_drop(struct page_cache *cache, u64 index, u64 end, bool copies)
{
    struct mapping_range range = {
        .first = (unsigned long)min_of(u64, index, ~0ul),
        .end = (unsigned long)min_of(u64, end, ~0ul),
        .copies = copies,
    };
    LIST(pages);
    take_out(cache, index, end, &pages);
    mapping_unmap(&cache->mapping, &range);
    while (!list_empty(&pages)) {
        struct page *page = list_first_entry(&pages, struct page, link);
        list_del(&page->link);
        page_put(page);
    }
}

/* How much of @wanted bytes at @position lies in one page. */
static size_t within_page(u64 position, u64 wanted)
{
    u64 in_page = PAGE_BYTES - position % PAGE_BYTES;
    return (size_t)min(in_page, wanted);
}

/* Copy @size bytes at @offset of @page (NULL: zeroes) to @to. */
static size_t copy_out(struct iov *to, const struct page *page, size_t offset, size_t size)
{
    if (!page)
        return iov_put_zeroes(to, size);
    char *bytes = kmap_local_page(page);
    size_t done = iov_put(to, bytes + offset, size);
    kunmap_local(bytes);
    return done;
}

ssize_t page_cache_read(struct page_cache *cache, struct iov *to, u64 position, u64 end)
{
    ssize_t total = 0;
    while (to->left && position < end) {
        size_t size = within_page(position, min_of(u64, to->left, end - position));
        struct page *page = page_cache_find(cache, position / PAGE_BYTES);
        size_t done = copy_out(to, page, position % PAGE_BYTES, size);
        if (page)
            page_put(page);
        position += done;
        total += (ssize_t)done;
        if (done < size)
            return total ? total : -EFAULT;
    }
    return total;
}

ssize_t page_cache_write(struct page_cache *cache, struct iov *from, u64 position)
{
    ssize_t total = 0;
    while (from->left) {
        size_t size = within_page(position, from->left);
        struct page *page = page_cache_get(cache, position / PAGE_BYTES);
        if (!page)
            return total ? total : is_full(cache) ? -ENOSPC : -ENOMEM;
        char *bytes = kmap_local_page(page);
        size_t done = iov_take(from, bytes + position % PAGE_BYTES, size);
        kunmap_local(bytes);
        page_put(page);
        position += done;
        total += (ssize_t)done;
        if (done < size)
            return total ? total : -EFAULT;
    }
    return total;
}

u64 page_cache_next(struct page_cache *cache, u64 index)
{
    mutex_lock(&cache->lock);
    bool found = page_tree_next(&cache->tree, &index);
    mutex_unlock(&cache->lock);
    return found ? index : UINT64_MAX;
}

void page_cache_clear(struct page_cache *cache, u64 start, u64 end)
{
    struct page *page = start < end ? page_cache_find(cache, start / PAGE_BYTES) : NULL;
    if (!page)
        return;
    zero_user(page, start % PAGE_BYTES, (size_t)(end - start));
    page_put(page);
}

void page_cache_clear_tail(struct page_cache *cache, u64 position)
{
    u64 in_page = position % PAGE_BYTES;
    if (in_page)
        page_cache_clear(cache, position, position - in_page + PAGE_BYTES);
}

static enum fault_result get_for_fault(struct mapping *mapping, unsigned long index,
                                       struct page **page)
{
    struct page_cache *cache = cache_of(mapping);
    mutex_lock(&cache->lock);
    bool inside = index < cache->end;
    struct page *found = inside ? page_tree_find(&cache->tree, index) : NULL;
    if (inside && !found)
        found = make(cache, index);
    if (found)
        page_get(found);
    mutex_unlock(&cache->lock);
    *page = found;
    if (found)
        return FAULT_FIXED;
    return inside && !is_full(cache) ? FAULT_NO_MEMORY : FAULT_BUS_ERROR;
}

static bool has(struct mapping *mapping, unsigned long index)
{
    struct page_cache *cache = cache_of(mapping);
    mutex_lock(&cache->lock);
    bool found = page_tree_find(&cache->tree, index);
    mutex_unlock(&cache->lock);
    return found;
}

static void punch(struct mapping *mapping, unsigned long index, unsigned long count)
{
    page_cache_drop(cache_of(mapping), index, (u64)index + count, false);
}

static const struct mapping_ops ops = { .get = get_for_fault, .has = has, .punch = punch };

void page_cache_init(struct page_cache *cache)
{
    mapping_init(&cache->mapping, &ops);
    mutex_init(&cache->lock, RANK_PAGE_CACHE, "page cache");
    cache->tree = (struct page_tree){ 0 };
    cache->pages = 0;
    cache->quota = NULL;
    cache->end = 0;
}
