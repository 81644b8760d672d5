/*
 * Where a host test's kernel image would be: 1 MiB to 3 MiB.
 */
#ifndef TESTS_HOST_SHADOW_MM_IMAGE_H
#define TESTS_HOST_SHADOW_MM_IMAGE_H

#include "machine/layout.h"

#define _boot ((char *)0x100000)
#define _end  ((char *)KERNEL_BASE + 0x300000)

#endif
