/*
 * Making the initrd readable, wherever it lies.
 */
#include "kernel/initrd.h"

#include "boot/boot_info.h"
#include "kernel/panic.h"
#include "kernel/printk.h"
#include "lib/align.h"
#include "mm/kmalloc.h"
#include "mm/page.h"
#include "mm/region.h"
#include "mm/vmalloc.h"

/* Map the pages of [@start, @start + @size) side by side. */
static void *map_pages(paddr_t start, size_t size)
{
    size_t offset = start % PAGE_BYTES;
    size_t count = (offset + size + PAGE_BYTES - 1) / PAGE_BYTES;
    struct page **pages = kcalloc(count, sizeof(*pages), GFP_KERNEL);
    if (!pages)
        return NULL;
    for (size_t i = 0; i < count; i++)
        pages[i] = page_of(phys_to_pfn(start + i * PAGE_BYTES));
    char *window = vmap(pages, count, (prot_t){ PROT_READ });
    kfree(pages);
    return window ? window + offset : NULL;
}

bool initrd_map(struct initrd *initrd)
{
    paddr_t start = boot_info.initrd_start, end = boot_info.initrd_end;
    *initrd = (struct initrd){ .size = (size_t)(end - start) };
    if (start >= end)
        return false;
    if (end <= region_direct_end()) {
        initrd->bytes = phys_to_direct(start);
        return true;
    }
    initrd->bytes = initrd->window = map_pages(start, initrd->size);
    if (!initrd->bytes)
        panic("initrd: no room to map its %zu bytes beyond the direct map", initrd->size);
    return true;
}

void initrd_release(struct initrd *initrd)
{
    if (initrd->window)
        vunmap((void *)align_down((vaddr_t)initrd->window, PAGE_BYTES));
    unsigned long pages = page_release(boot_info.initrd_start, boot_info.initrd_end);
    pr_info("memory: the initrd's %lu pages are free again", pages);
}
