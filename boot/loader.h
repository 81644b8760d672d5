/*
 * Which loader started us and where its data is, as start.asm found them in the registers.
 */
#ifndef BOOT_LOADER_H
#define BOOT_LOADER_H

#include "lib/types.h"

enum {
    LOADER_MULTIBOOT2 = 0x36d76289, /* the value that GRUB puts into eax */
    LOADER_PVH = 0x336ec578,        /* ours: the magic in what ebx points at */
};

extern u32 boot_loader;      /* one of the above, or something else */
extern u32 boot_loader_data; /* physical address */

/* The loaders' data at @phys, readable until paging_init(); the boot ends if it is not mapped. */
const void *boot_data(paddr_t phys);

/* Add a range of the firmware's memory map. */
void boot_info_add_range(paddr_t start, paddr_t end, u32 kind);

/* Copy the command line at @text (NULL: there is none). */
void boot_info_set_command_line(const char *text);

/* Set the name of the loader. */
void boot_info_set_loader(const char *name);

/* Fill boot_info from Multiboot2's information at @information, or from PVH's start info. */
void multiboot2_read(const void *information);
void pvh_read(const void *start_info);

#endif
