/*
 * The kernel's own mappings.
 *
 * The image is cut into parts with one kind of rights each; the direct map shows all RAM, but
 * what is read-only in the image is read-only there too, or the protection would be for show.
 * Where the image lies inside the direct map (i386), mapping the image is mapping it there.
 *
 * Entries change by their owner alone (whoever was given the addresses), so there is no lock.
 */
#include "mm/kernel_map.h"

#include "arch/x86/cpu.h"
#include "arch/x86/tlb.h"
#include "kernel/printk.h"
#include "lib/align.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "machine/layout.h"
#include "mm/fixmap.h"
#include "mm/image.h"
#include "mm/kmap.h"
#include "mm/page.h"
#include "mm/pagetable.h"
#include "mm/region.h"

static struct page_table root_table __attribute__((section(".bss.page_aligned")));
struct page_table *kernel_root = &root_table;

enum { LOW_MEMORY = 1 << 20 }; /* the firmware's own: video memory, tables */

/* The highest level this CPU can map a huge page at. */
static unsigned highest_leaf(void) { return PT_LEVELS > 3 && cpu_has(CPU_GIB_PAGES) ? 2 : 1; }

/* The level of the largest page that fits @va and @phys within @bytes. */
static unsigned fitting_level(vaddr_t va, paddr_t phys, size_t bytes)
{
    for (unsigned level = highest_leaf(); level > 0; level--)
        if (!((va | phys) & (LEVEL_BYTES(level) - 1)) && bytes >= LEVEL_BYTES(level))
            return level;
    return 0;
}

/* Map as much as one entry of @level can. */
static int map_one(vaddr_t va, paddr_t phys, unsigned level, prot_t prot)
{
    pte_t *slot = pt_slot(kernel_root, va, level, NULL);
    if (!slot)
        return -ENOMEM;
    assert(!pte_present(pte_get(slot)));
    pte_set(slot, pte_leaf(phys_to_pfn(phys), prot, level));
    return 0;
}

int kernel_map(vaddr_t va, paddr_t phys, size_t bytes, prot_t prot)
{
    assert(va >= USER_TABLES_END);
    assert(!((va | phys | bytes) & (PAGE_BYTES - 1)));

    for (size_t done = 0; done < bytes;) {
        unsigned level = fitting_level(va + done, phys + done, bytes - done);
        /* A table that is there already stays: other CPUs remember it. */
        while (level > 0 && pt_find(kernel_root, va + done, level - 1))
            level--;
        int error = map_one(va + done, phys + done, level, prot);
        if (error) {
            kernel_unmap(va, done);
            return error;
        }
        done += LEVEL_BYTES(level);
    }
    return 0;
}

int kernel_map_page(vaddr_t va, pfn_t pfn, prot_t prot)
{
    assert(va >= USER_TABLES_END);
    return map_one(va, pfn_to_phys(pfn), 0, prot);
}

/* The entry that maps @va and its level, or NULL. */
static pte_t *find_leaf(vaddr_t va, unsigned *level)
{
    for (*level = 0; *level <= highest_leaf(); ++*level) {
        pte_t *slot = pt_find(kernel_root, va, *level);
        if (!slot)
            continue;
        pte_t entry = pte_get(slot);
        if (pte_present(entry) && (*level == 0 || pte_is_huge(entry)))
            return slot;
    }
    return NULL;
}

void kernel_unmap(vaddr_t va, size_t bytes)
{
    size_t step;

    assert(va >= USER_TABLES_END);
    for (size_t done = 0; done < bytes; done += step) {
        unsigned level;
        pte_t *slot = find_leaf(va + done, &level);
        step = slot ? LEVEL_BYTES(level) : PAGE_BYTES;
        assert(bytes - done >= step);
        if (slot)
            pte_clear(slot);
    }
    if (bytes)
        tlb_flush_kernel_range(va, va + bytes);
}

void kernel_protect(vaddr_t va, size_t bytes, prot_t prot)
{
    for (size_t done = 0; done < bytes;) {
        unsigned level;
        pte_t *slot = find_leaf(va + done, &level);
        assert(slot);
        assert(bytes - done >= LEVEL_BYTES(level));
        /* flushed below; the frame stays, so a two-word entry differs in rights alone */
        pte_t old = pte_clear(slot);
        pte_set(slot, pte_with_prot(old, prot, level));
        done += LEVEL_BYTES(level);
    }
    tlb_flush_kernel_range(va, va + bytes);
}

paddr_t kernel_phys_of(vaddr_t va)
{
    if (address_is_direct((void *)va))
        return direct_to_phys((void *)va);
    if (va >= KERNEL_BASE + KERNEL_PHYS && va < (vaddr_t)_end)
        return va - KERNEL_BASE;

    unsigned level;
    pte_t *slot = find_leaf(va, &level);
    assert(slot);
    return pfn_to_phys(pte_pfn(pte_get(slot))) + (va & (LEVEL_BYTES(level) - 1));
}

/* While booting there is nobody to tell that memory has run out. */
static void must_map(vaddr_t va, paddr_t phys, size_t bytes, prot_t prot)
{
    int error = kernel_map(va, phys, bytes, prot);
    assert(!error);
}

static void map_image(void)
{
    for (const struct image_part *part = image_parts; part->start; part++)
        must_map((vaddr_t)part->start, (vaddr_t)part->start - KERNEL_BASE,
                 (size_t)(part->end - part->start), part->prot);
}

/* Show [@start, @end) in the direct map, none of it the image's. */
static void map_direct(paddr_t start, paddr_t end)
{
    if (start < end)
        must_map((vaddr_t)phys_to_direct(start), start, (size_t)(end - start), PROT_KERNEL_DATA);
}

/* The same around the image, whose parts keep their rights; but nothing executes here. */
static void map_direct_around_image(paddr_t start, paddr_t end)
{
    for (const struct image_part *part = image_parts; part->start; part++) {
        paddr_t part_start = (vaddr_t)part->start - KERNEL_BASE;
        paddr_t part_end = (vaddr_t)part->end - KERNEL_BASE;
        if (part_start < start || part_end > end || part_start == part_end)
            continue;
        map_direct(start, part_start);
        if (PAGE_OFFSET != KERNEL_BASE)
            must_map((vaddr_t)phys_to_direct(part_start), part_start,
                     (size_t)(part_end - part_start),
                     part->prot.bits & PROT_WRITE ? PROT_KERNEL_DATA : PROT_KERNEL_RODATA);
        start = part_end;
    }
    map_direct(start, end);
}

/* All RAM the window has room for, by whole pages, and the firmware's first MiB. */
static void map_memory(void)
{
    paddr_t limit = region_direct_end();
    paddr_t done = LOW_MEMORY;

    map_direct(0, LOW_MEMORY);
    for_each_ram_range (range) {
        paddr_t start = align_up(range->start, PAGE_BYTES);
        paddr_t end = align_down(range->end, PAGE_BYTES);
        if (start < done)
            start = done;
        if (end > limit)
            end = limit;
        if (start >= end)
            continue;
        map_direct_around_image(start, end);
        done = end;
    }
}

/*
 * Make the tables that root entries for [@start, @end) point to.  An mm copies root entries when
 * it is made, so those of the kernel must not change any more.
 */
static void prebuild(vaddr_t start, vaddr_t end)
{
    size_t first = pt_index(start, PT_LEVELS - 1), last = pt_index(end - 1, PT_LEVELS - 1);

    for (size_t i = first; i <= last; i++) {
        vaddr_t va = start + (i - first) * LEVEL_BYTES(PT_LEVELS - 1);
        pte_t *slot = pt_slot(kernel_root, va, PT_LEVELS - 2, NULL);
        assert(slot);
    }
}

void paging_init(void)
{
    map_image();
    map_memory();
    fixmap_init(kernel_root);
    kmap_pool_init(kernel_root);
    kmap_local_init_cpu(0);
    prebuild(VMALLOC_START, VMALLOC_END);

    cr3_write((unsigned long)kernel_phys_of((vaddr_t)kernel_root));
    tlb_flush_all_local(); /* the start code's translations may be global */
    pr_info("paging: %u levels, direct map of %llu MiB by pages of up to %lu KiB, NX %s", PT_LEVELS,
            (unsigned long long)(region_direct_end() >> 20),
            (unsigned long)(LEVEL_BYTES(highest_leaf()) >> 10), pte_nx ? "on" : "missing");
}
