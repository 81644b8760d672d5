/*
 * Where everything lives in the x86-64's 48-bit address space.
 *
 *   0xffffffffffffffff +--------------------------------+
 *                      | the last page, never mapped    |
 *   0xfffffffffffff000 +--------------------------------+ FIXADDR_TOP
 *                      | fixmap: fixed slots, kmap_local|
 *   0xffffffffffe00000 +--------------------------------+ FIXADDR_START
 *                      | hole                           |
 *   0xffffffffffa00000 +--------------------------------+
 *                      | PKMAP: one leaf table          | used with kmap=always
 *   0xffffffffff800000 +--------------------------------+ PKMAP_BASE
 *                      | hole                           |
 *                      | the kernel's image             |
 *   0xffffffff80000000 +--------------------------------+ KERNEL_BASE
 *                      | hole                           |
 *   0xffffeb0000000000 +--------------------------------+ MEMMAP_END
 *                      | struct page of every frame     | 1 TiB, mapped where there is memory
 *   0xffffea0000000000 +--------------------------------+ MEMMAP_BASE
 *                      | hole                           |
 *   0xffffc98000000000 +--------------------------------+ VMALLOC_END
 *                      | vmalloc, ioremap, stacks       | 512 GiB: one entry of the root
 *   0xffffc90000000000 +--------------------------------+ VMALLOC_START
 *                      | hole                           |
 *   0xffffc88000000000 +--------------------------------+ PAGE_OFFSET + DIRECT_MAP_MAX
 *                      | direct map of all memory       | 64 TiB
 *   0xffff888000000000 +--------------------------------+ PAGE_OFFSET
 *                      | hole, and not canonical        |
 *   0x00007ffffffff000 +--------------------------------+ USER_TOP
 *                      | the process                    |
 *   0x0000000000000000 +--------------------------------+
 *
 * The last user page stays empty: a system call at its very end would return to an address that
 * is not canonical.  Only plain numbers here: C, the linker script and (through gen/offsets.inc)
 * NASM all read them.
 */
#ifndef MACHINE_LAYOUT_H
#define MACHINE_LAYOUT_H

#define USER_TOP           0x00007ffffffff000
#define PAGE_OFFSET        0xffff888000000000
#define DIRECT_MAP_MAX     0x0000400000000000 /* 64 TiB */
#define EARLY_MAP_BYTES    0x40000000         /* 1 GiB: what the start code maps, from 0 on */
#define KERNEL_BASE        0xffffffff80000000 /* the image's virtual minus physical addresses */
#define KERNEL_PHYS        0x00100000         /* where it is loaded */
#define VMALLOC_START      0xffffc90000000000
#define VMALLOC_END        0xffffc98000000000
#define MEMMAP_BASE        0xffffea0000000000
#define MEMMAP_END         0xffffeb0000000000
#define PKMAP_BASE         0xffffffffff800000
#define FIXADDR_START      0xffffffffffe00000
#define FIXADDR_TOP        0xfffffffffffff000
#define BOOT_IDENTITY_MAX  0x100000000 /* below it virtual = physical until paging_init() */
#define KERNEL_STACK_BYTES 0x4000

#endif
