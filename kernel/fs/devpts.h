/*
 * devpts: the file system of /dev/pts, where each pseudo-terminal's slave has its number as name.
 */
#ifndef KERNEL_FS_DEVPTS_H
#define KERNEL_FS_DEVPTS_H

#include "kernel/fs/vfs.h"
#include "lib/annotate.h"

/*
 * Make one, where the names of later pseudo-terminals go; those there are stay where they are.
 * NULL: no memory.  Sleeps.
 */
struct super *devpts_create(void) MUST_CHECK;

/* Name slave @number, or take its name away. */
int devpts_add(unsigned number) MUST_CHECK;
void devpts_remove(unsigned number);

/* Slave @number, referenced.  0, -ENOENT, -EIO: it is mounted nowhere. */
int devpts_find(unsigned number, struct dentry **result) MUST_CHECK;

#endif
