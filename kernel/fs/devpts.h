/*
 * devpts: the file system of /dev/pts, where each pseudo-terminal's slave has its number as name.
 */
#ifndef KERNEL_FS_DEVPTS_H
#define KERNEL_FS_DEVPTS_H

#include "kernel/fs/vfs.h"
#include "lib/annotate.h"

/* Make one.  NULL: no memory.  Sleeps. */
struct super *devpts_create(void) MUST_CHECK;

/*
 * Name slave @number, whose master was opened as @ptmx, or take its name away.
 * Returns: 0; -ENOENT, -ENODEV: no devpts is mounted on "pts" beside @ptmx; -ENOMEM.  Sleeps.
 */
int devpts_add(unsigned number, const struct dentry *ptmx) MUST_CHECK;
void devpts_remove(unsigned number);

/* Slave @number, referenced.  0, -ENOENT, -EIO: it is mounted nowhere. */
int devpts_find(unsigned number, struct dentry **result) MUST_CHECK;

#endif
