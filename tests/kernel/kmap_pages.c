/*
 * Pages for tests of kmap and kmap_local.
 */
#include "tests/kernel/kmap_pages.h"

#include "kernel/ktest.h"
#include "lib/string.h"
#include "mm/kmap.h"
#include "mm/zone.h"

struct page *kmap_pages[KMAP_PAGES_MAX];

static unsigned taken;
static bool forced_before;

void kmap_pages_get(unsigned count)
{
    forced_before = kmap_force(true);
    for (taken = 0; taken < count; taken++) {
        struct page *page = page_alloc(GFP_HIGHUSER, 0);
        ktest_assert(page);
        kmap_pages[taken] = page;
        u8 *bytes = kmap_local_page(page);
        ktest_assert(kmap_owns((vaddr_t)bytes));
        memset(bytes, kmap_pages_byte(taken), PAGE_BYTES);
        kunmap_local(bytes);
    }
}

void kmap_pages_put(void)
{
    kmap_flush_unused(); /* the next test begins with an empty window */
    while (taken > 0)
        page_free(kmap_pages[--taken], 0);
    kmap_force(forced_before);
}
