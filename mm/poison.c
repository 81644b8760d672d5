/*
 * Poison: patterns in freed memory, so that a use after the free shows.
 */
#include "mm/poison.h"

#include "kernel/printk.h"
#include "mm/kmap.h"
#include "mm/page.h"

/* How many words are filled or looked at in one round of a loop. */
enum { AT_ONCE = 4 };

static unsigned long repeated(u8 byte) { return ~0ul / 0xff * byte; }

static bool all_equal(const unsigned long *words, unsigned long word)
{
    return ((words[0] ^ word) | (words[1] ^ word) | (words[2] ^ word) | (words[3] ^ word)) == 0;
}

const u8 *poison_find_damage(const void *memory, u8 byte, size_t count)
{
    const unsigned long word = repeated(byte);
    const size_t step = AT_ONCE * sizeof(word);
    const u8 *bytes = memory;
    size_t i = 0;

    /* By words as long as it can, since most of what is checked is whole pages. */
    if ((uintptr_t)bytes % sizeof(word) == 0)
        while (i + step <= count && all_equal((const unsigned long *)(bytes + i), word))
            i += step;
    while (i < count && bytes[i] == byte)
        i++;
    return i < count ? &bytes[i] : NULL;
}

static void fill_page(unsigned long *words, unsigned long word)
{
    for (size_t i = 0; i < PAGE_BYTES / sizeof(word); i += AT_ONCE)
        words[i] = words[i + 1] = words[i + 2] = words[i + 3] = word;
}

void poison_pages(struct page *page, unsigned order)
{
    for (unsigned long i = 0; i < 1ul << order; i++) {
        void *memory = kmap_local_page(page + i);
        fill_page(memory, repeated(POISON_PAGE));
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
