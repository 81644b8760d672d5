/*
 * ramfs: a file system that lives in memory alone.
 *
 * The tree of dentries is its directory: a name exists as long as ramfs keeps a reference to its
 * dentry.  A file's bytes are its page cache, which is never written anywhere.
 */
#ifndef KERNEL_FS_RAMFS_H
#define KERNEL_FS_RAMFS_H

#include "kernel/fs/vfs.h"

/* Make an empty file system of type @name.  NULL: out of memory.  Sleeps. */
struct super *ramfs_create(const char *name) MUST_CHECK;

/* A file of ramfs's kind that has no name, as memfd_create(2) makes; see anonymous_create(). */
struct dentry *ramfs_create_anonymous(u32 rights, const char *label) MUST_CHECK;

/* A file without a name in the file system of @dir, as O_TMPFILE makes.  NULL: no room.  Sleeps. */
struct dentry *ramfs_create_unnamed(const struct dentry *dir, u32 rights) MUST_CHECK;

#endif
