/*
 * The parts of the kernel's image.
 *
 * What will be given back after the boot is a part of its own, so that no huge page holds both
 * it and a neighbour.
 */
#include "mm/image.h"

#include "mm/kernel_map.h"

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
