/*
 * Files without a name: what pipe(2), memfd_create(2) and shared anonymous memory stand on.
 */
#ifndef KERNEL_FS_ANONYMOUS_H
#define KERNEL_FS_ANONYMOUS_H

#include "kernel/fs/vfs.h"
#include "lib/annotate.h"

/*
 * A dentry in no directory, one reference, with a new inode that has no ops yet.  @label stands
 * for its path in /proc.  NULL: no memory.  Sleeps.
 */
struct dentry *anonymous_create(u32 mode, const char *label) MUST_CHECK;

/* Is @inode one of those? */
bool inode_is_anonymous(const struct inode *inode);

#endif
