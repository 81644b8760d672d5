/*
 * What the loader told us, in one form for all loaders.
 *
 * GRUB (Multiboot2) and QEMU's -kernel (PVH) each leave their own structures somewhere in memory
 * that will soon be somebody else's.  boot_info_init() copies what matters out of them, as the
 * firmware said it: the memory map is neither sorted nor checked here.
 */
#ifndef BOOT_BOOT_INFO_H
#define BOOT_BOOT_INFO_H

#include "lib/types.h"

enum {
    BOOT_COMMAND_LINE_BYTES = 2048,
    BOOT_MEMORY_RANGES = 256,
    BOOT_RSDP_BYTES = 36,
};

/* As the firmware numbers them.  Source: ACPI specification, "Address Range Types". */
enum boot_memory_kind {
    BOOT_MEMORY_RAM = 1,
    BOOT_MEMORY_RESERVED = 2,
    BOOT_MEMORY_ACPI = 3, /* RAM once the tables in it have been read */
    BOOT_MEMORY_ACPI_NVS = 4,
    BOOT_MEMORY_BAD = 5,
};

struct boot_memory_range {
    paddr_t start, end;
    u32 kind; /* enum boot_memory_kind, or what else the firmware says: then not RAM */
};

struct boot_color {
    u8 position, bits; /* of a colour within a pixel */
};

struct boot_framebuffer {
    paddr_t phys; /* 0: there is none */
    u32 width, height;
    u32 pitch; /* bytes from one line to the next */
    u32 bits_per_pixel;
    struct boot_color red, green, blue;
};

/* Constant after boot_info_init(). */
struct boot_info {
    char command_line[BOOT_COMMAND_LINE_BYTES];
    char loader[64];
    struct boot_memory_range memory[BOOT_MEMORY_RANGES];
    unsigned memory_count;
    paddr_t initrd_start, initrd_end; /* equal: there is none */
    u8 rsdp[BOOT_RSDP_BYTES];         /* a copy, if has_rsdp_copy */
    paddr_t rsdp_phys;                /* else where it is; 0: nobody said */
    bool has_rsdp_copy;
    bool is_efi;
    struct boot_framebuffer framebuffer;
};

extern struct boot_info boot_info;
extern u64 boot_entry_tsc; /* the TSC when the kernel was entered */

/* Fill boot_info from what the loader left.  A loader that leaves too little ends the boot. */
void boot_info_init(void);

#endif
