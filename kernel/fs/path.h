/*
 * Paths: from a string to the dentry it names.
 *
 * "." stays, ".." goes up (and out of a mounted file system, but never above the root), a
 * symbolic link in the middle is followed, at the end only if asked.  At most SYMLINKS_MAX links
 * are followed in one walk, so a loop of links ends in -ELOOP.
 */
#ifndef KERNEL_FS_PATH_H
#define KERNEL_FS_PATH_H

#include "kernel/fs/vfs.h"

enum walk_flags {
    WALK_FOLLOW = 1 << 0,    /* a symbolic link at the end is followed */
    WALK_DIRECTORY = 1 << 1, /* anything but a directory is -ENOTDIR */
};

/* Where walks begin: (c) for the time of a walk. */
struct walk_start {
    struct dentry *root; /* of "/..." */
    struct dentry *cwd;  /* of anything else */
};

/*
 * The dentry that @path names, with a reference.
 *
 * Returns: 0, or -ENOENT (also for ""), -ENOTDIR, -ELOOP, -ENAMETOOLONG, -ENOMEM.  Sleeps.
 */
int path_walk(const struct walk_start *start, const char *path, unsigned flags,
              struct dentry **result) MUST_CHECK;

/*
 * The directory that @path's last name is in, with a reference, and that name, which points into
 * @path.
 *
 * Returns: as path_walk(); -EEXIST: the last name is "." or ".." or none ("/").
 */
int path_walk_parent(const struct walk_start *start, const char *path, struct dentry **parent,
                     struct name *name) MUST_CHECK;

/* Where walks of the kernel itself begin: at the root of the first file system. */
struct walk_start path_root(void);

/* Make @root the root of the first file system.  Once. */
void path_set_root(struct dentry *root);

#endif
