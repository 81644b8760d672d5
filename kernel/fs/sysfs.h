/*
 * /sys: a small one, of what programs look at.
 *
 *     /sys/devices/system/cpu/online, possible, present
 *     /sys/kernel/mm/transparent_hugepage/enabled, hpage_pmd_size
 *
 * It is made as /proc is: tables of names, and texts written when they are read.
 */
#ifndef KERNEL_FS_SYSFS_H
#define KERNEL_FS_SYSFS_H

#include "lib/annotate.h"

struct super;

/* Such a file system, not mounted yet.  NULL: no memory.  Sleeps. */
struct super *sysfs_create(void) MUST_CHECK;

#endif
