/*
 * The loops that zero and copy pages.
 *
 * A CPU may do it best word by word or byte by byte (ERMS: its microcode then takes whole cache
 * lines).  Which is better here is measured at boot, not believed.
 *
 * Many pages that follow one another in the direct map are one loop, so that the CPU sees how much
 * there is to do: with some 32 MiB ahead it may leave its caches alone.  Where pages may lie beyond
 * the direct map, or kmap=always asks for slots everywhere, each is mapped for as long as it takes.
 */
#include "mm/clear.h"

#include "arch/x86/copy.h"
#include "arch/x86/cpu.h"
#include "kernel/printk.h"
#include "lib/assert.h"
#include "mm/kmap.h"
#include "mm/page.h"

static bool by_bytes; /* constant after boot */

void clear_page(void *page)
{
    if (by_bytes)
        clear_page_bytes(page);
    else
        clear_page_words(page);
}

void clear_pages(void *address, unsigned long pages)
{
    assert(pages != 0); /* a loop that first does and then asks would run through all memory */
    if (by_bytes)
        clear_pages_bytes(address, pages);
    else
        clear_pages_words(address, pages);
}

void copy_page(void *to, const void *from)
{
    if (by_bytes)
        copy_page_bytes(to, from);
    else
        copy_page_words(to, from);
}

static u64 ticks_of(void (*clear)(void *page), void *page)
{
    u64 start = rdtsc();
    clear(page);
    return rdtsc() - start;
}

void clear_init(void)
{
    static u8 page[PAGE_BYTES] ALIGNED(4096);

    if (!cpu_has(CPU_ERMS) || !cpu_has(CPU_TSC))
        return;
    clear_page_words(page); /* into the cache, for both */
    u64 words = ticks_of(clear_page_words, page);
    u64 bytes = ticks_of(clear_page_bytes, page);
    by_bytes = bytes < words;
    pr_info("clear: pages are cleared by %s", by_bytes ? "bytes" : "words");
}

void clear_highpage(struct page *page)
{
    void *bytes = kmap_local_page(page);
    clear_page(bytes);
    kunmap_local(bytes);
}

void clear_user_highpages(struct page *page, vaddr_t va, unsigned long pages)
{
    void *memory = kmap_local_page(page);

    assert(pages != 0);
    if (address_is_direct(memory)) { /* so are the others: a block lies in one zone */
        clear_user_pages(memory, va, pages);
        kunmap_local(memory);
        return;
    }
    for (;;) {
        clear_page(memory);
        kunmap_local(memory);
        if (--pages == 0)
            return;
        memory = kmap_local_page(++page);
    }
}

void copy_highpage(struct page *to, struct page *from)
{
    void *target = kmap_local_page(to);
    void *source = kmap_local_page(from);
    copy_page(target, source);
    kunmap_local(source);
    kunmap_local(target);
}
