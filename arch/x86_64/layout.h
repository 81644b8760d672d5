/*
 * Where things are in the address space: constants only, because the linker reads this too.
 */
#ifndef MACHINE_LAYOUT_H
#define MACHINE_LAYOUT_H

/* The kernel is loaded at KERNEL_PHYS and runs KERNEL_BASE higher. */
#define KERNEL_PHYS 0x100000
#define KERNEL_BASE 0xffffffff80000000

#endif
