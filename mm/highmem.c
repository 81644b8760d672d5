/*
 * Work on pages that may lie beyond the direct map.
 */
#include "mm/highmem.h"

#include "lib/assert.h"
#include "lib/string.h"
#include "mm/kmap_local.h"
#include "mm/zone.h"

/* Is [@start, @start + @bytes) within a page?  Cannot wrap. */
static bool fits(size_t start, size_t bytes)
{
    return start <= PAGE_BYTES && bytes <= PAGE_BYTES - start;
}

void memcpy_to_page(struct page *page, size_t offset, const void *from, size_t bytes)
{
    assert(fits(offset, bytes));
    char *mapped = kmap_local_page(page);
    memcpy(mapped + offset, from, bytes);
    kunmap_local(mapped);
}

void memcpy_from_page(void *to, struct page *page, size_t offset, size_t bytes)
{
    assert(fits(offset, bytes));
    const char *mapped = kmap_local_page(page);
    memcpy(to, mapped + offset, bytes);
    kunmap_local(mapped);
}

void zero_user_segments(struct page *page, struct page_part first, struct page_part second)
{
    assert(first.start <= first.end && first.end <= PAGE_BYTES);
    assert(second.start <= second.end && second.end <= PAGE_BYTES);
    char *mapped = kmap_local_page(page);
    memset(mapped + first.start, 0, first.end - first.start);
    memset(mapped + second.start, 0, second.end - second.start);
    kunmap_local(mapped);
}

void zero_user(struct page *page, size_t start, size_t bytes)
{
    assert(fits(start, bytes));
    zero_user_segments(page, (struct page_part){ start, start + bytes }, (struct page_part){ 0 });
}

unsigned long nr_free_highpages(void) { return HAS_HIGHMEM ? zone_free_pages(ZONE_HIGHMEM) : 0; }
