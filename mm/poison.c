/*
 * Poison: patterns in freed memory, so that a use after the free shows.
 */
#include "mm/poison.h"

#include "kernel/printk.h"
#include "lib/string.h"
#include "mm/kmap.h"
#include "mm/page.h"

const u8 *poison_find_damage(const void *memory, u8 byte, size_t count)
{
    const unsigned long word = ~0ul / 0xff * byte;
    const u8 *bytes = memory;
    size_t i = 0;

    /* By words as long as it can, since most of what is checked is whole pages. */
    if ((uintptr_t)bytes % sizeof(word) == 0)
        while (i + sizeof(word) <= count && *(const unsigned long *)(bytes + i) == word)
            i += sizeof(word);
    while (i < count && bytes[i] == byte)
        i++;
    return i < count ? &bytes[i] : NULL;
}

void poison_pages(struct page *page, unsigned order)
{
    for (unsigned long i = 0; i < 1ul << order; i++) {
        void *memory = kmap_local_page(page + i);
        memset(memory, POISON_PAGE, PAGE_BYTES);
        kunmap_local(memory);
        page[i].flags |= PAGE_POISONED;
    }
}

static void check_page(struct page *page)
{
    const u8 *memory = kmap_local_page(page);
    const u8 *damage = poison_find_damage(memory, POISON_PAGE, PAGE_BYTES);

    page->flags &= (u16)~PAGE_POISONED;
    if (damage) {
        pr_err("page %#lx: byte %#zx is %#04x instead of %#04x\n", page_pfn(page).number,
               (size_t)(damage - memory), *damage, POISON_PAGE);
        page_report(page, "was written to while it was free");
    }
    kunmap_local(memory);
}

void poison_check_pages(struct page *page, unsigned order)
{
    for (unsigned long i = 0; i < 1ul << order; i++)
        if (page[i].flags & PAGE_POISONED)
            check_page(&page[i]);
}
