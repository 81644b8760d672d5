/*
 * Where the x86-64 keeps its struct pages: a window of the address space that is mapped only
 * where there is RAM, so that a gap of a terabyte costs nothing.
 */
#ifndef MACHINE_MEMMAP_H
#define MACHINE_MEMMAP_H

#include "machine/layout.h"

struct page;

#define MEMMAP_IS_WINDOW 1
#define HAS_HIGHMEM      0
#define PHYS_BITS_MAX    46 /* as far as the direct map reaches */

/* The struct page of page number 0. */
static inline struct page *memmap(void) { return (struct page *)MEMMAP_BASE; }

/* Not called: the window's place is fixed. */
static inline void memmap_place(struct page *array) { (void)array; }

#endif
