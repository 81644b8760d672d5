/*
 * The layout of the build, but for the direct map: a host test's memory lies where malloc put it.
 */
#ifndef TESTS_HOST_SHADOW_MACHINE_LAYOUT_H
#define TESTS_HOST_SHADOW_MACHINE_LAYOUT_H

#include_next "machine/layout.h"

#undef PAGE_OFFSET
#define PAGE_OFFSET host_memory

/* Where physical address 0 is; the build's own, unless the test has memory. */
extern __UINTPTR_TYPE__ host_memory;

#endif
