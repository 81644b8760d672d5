/*
 * Where everything lives in the i386's 4 GiB, with and without PAE.
 *
 *   0xffffffff +--------------------------------+
 *              | the last page, never mapped    |
 *   0xfffff000 +--------------------------------+ FIXADDR_TOP
 *              | fixmap: fixed slots, kmap_local|
 *   0xffe00000 +--------------------------------+ FIXADDR_START
 *              | PKMAP: one leaf table          | 4 MiB, with PAE 2 MiB, from PKMAP_BASE
 *   0xff800000 +--------------------------------+ PKMAP_BASE
 *              | hole                           |
 *   0xff400000 +--------------------------------+ VMALLOC_END
 *              | vmalloc, ioremap, stacks       |
 *   0xf0800000 +--------------------------------+ VMALLOC_START
 *              | hole: runs off the end fault   |
 *   0xf0000000 +--------------------------------+ PAGE_OFFSET + DIRECT_MAP_MAX
 *              | direct map of low memory,      |
 *              | the kernel's image among it    |
 *   0xc0000000 +--------------------------------+ PAGE_OFFSET = KERNEL_BASE = USER_TOP
 *              | the process                    |
 *   0x00000000 +--------------------------------+
 *
 * Memory beyond the direct map is HIGHMEM: reachable only through the windows above it.  Only
 * plain numbers here: C, the linker script and (through gen/offsets.inc) NASM all read them.
 */
#ifndef MACHINE_LAYOUT_H
#define MACHINE_LAYOUT_H

#define USER_TOP           0xc0000000
#define PAGE_OFFSET        0xc0000000
#define DIRECT_MAP_MAX     0x30000000     /* 768 MiB: the window above holds 10 000 stacks */
#define EARLY_MAP_BYTES    DIRECT_MAP_MAX /* what the start code maps, from 0 on */
#define KERNEL_BASE        0xc0000000     /* the image's virtual minus physical addresses */
#define KERNEL_PHYS        0x00100000     /* where it is loaded */
#define VMALLOC_START      0xf0800000
#define VMALLOC_END        0xff400000
#define PKMAP_BASE         0xff800000
#define FIXADDR_START      0xffe00000 /* in one leaf table, whether that covers 4 or 2 MiB */
#define FIXADDR_TOP        0xfffff000
#define BOOT_IDENTITY_MAX  0xc0000000 /* below it virtual = physical until paging_init() */
#define KERNEL_STACK_BYTES 0x4000

#endif
