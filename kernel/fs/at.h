/*
 * Paths as system calls name them: a string in user memory, relative to an open directory.
 */
#ifndef KERNEL_FS_AT_H
#define KERNEL_FS_AT_H

#include "arch/x86/user_copy.h"
#include "kernel/fs/path.h"
#include "lib/annotate.h"

/* A copy of the path at @user, to be given to kfree(): 0, -EFAULT, -ENAMETOOLONG, -ENOMEM. */
int at_copy_path(const char __user *user, char **path) MUST_CHECK;

/*
 * Where the walk of @path starts, with references for walk_start_put(): at the root, at the
 * working directory (@dir AT_FDCWD), or at the directory open as @dir.
 *
 * Returns: 0, -EBADF, -ENOTDIR.
 */
int at_start(int dir, const char *path, struct walk_start *start) MUST_CHECK;

/*
 * The dentry that @user names, with a reference; @flags are of the *at() calls:
 * AT_SYMLINK_NOFOLLOW, AT_EMPTY_PATH.
 */
int at_find(int dir, const char __user *user, unsigned flags, struct dentry **result) MUST_CHECK;

#endif
