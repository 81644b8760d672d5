/*
 * Where a host test keeps its struct pages: in an array of its own, whatever the build.
 */
#ifndef TESTS_HOST_SHADOW_MACHINE_MEMMAP_H
#define TESTS_HOST_SHADOW_MACHINE_MEMMAP_H

#include "machine/paging.h"

struct page;

#define MEMMAP_IS_WINDOW 0
#define HAS_HIGHMEM      (PT_LEVELS < 4)
#define PHYS_BITS_MAX    (PT_LEVELS == 2 ? 32 : PT_LEVELS == 3 ? 36 : 46)

extern struct page *memmap_array;

static inline struct page *memmap(void) { return memmap_array; }

/* The kernel's choice of a place is an address of its machine: the test has chosen already. */
static inline void memmap_place(struct page *array) { (void)array; }

#endif
