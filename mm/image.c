/*
 * The parts of the kernel's image.
 *
 * What will be given back after the boot is a part of its own, so that no huge page holds both
 * it and a neighbour.
 */
#include "mm/image.h"

#include "machine/layout.h"
#include "mm/kernel_map.h"
#include "mm/page.h"

const struct image_part image_parts[] = {
    { _text, _tests_text, PROT_KERNEL_TEXT },
    { _tests_text, _init_text, PROT_KERNEL_TEXT },
    { _init_text, _rodata, PROT_KERNEL_TEXT },
    { _rodata, _tests_rodata, PROT_KERNEL_RODATA },
    { _tests_rodata, _etests_rodata, PROT_KERNEL_RODATA },
    { _etests_rodata, _data, PROT_KERNEL_RODATA },
    { _data, _init_data, PROT_KERNEL_DATA },
    { _init_data, _tests_data, PROT_KERNEL_DATA },
    { _tests_data, _bss, PROT_KERNEL_DATA },
    { _bss, _end, PROT_KERNEL_DATA },
    { .start = NULL },
};

/* Make ordinary memory of [@start, @end), whose rights are still those of a part of the image. */
static unsigned long free_part(const char *start, const char *end)
{
    size_t bytes = (size_t)(end - start);
    paddr_t phys = (vaddr_t)start - KERNEL_BASE;

    if (!bytes)
        return 0;
    if (PAGE_OFFSET != KERNEL_BASE)
        kernel_unmap((vaddr_t)start, bytes);
    kernel_protect((vaddr_t)phys_to_direct(phys), bytes, PROT_KERNEL_DATA);
    return page_release(phys, phys + bytes);
}

unsigned long image_free_unused(bool keep_tests)
{
    unsigned long pages = page_release((vaddr_t)_boot, (vaddr_t)_eboot);

    pages += free_part(_init_text, _rodata);
    pages += free_part(_init_data, _tests_data);
    if (keep_tests)
        return pages;
    pages += free_part(_tests_text, _init_text);
    pages += free_part(_tests_rodata, _etests_rodata);
    pages += free_part(_tests_data, _bss);
    return pages;
}
