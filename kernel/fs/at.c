/*
 * From a system call's path to a dentry.
 */
#include "kernel/fs/at.h"

#include "kernel/fs/files.h"
#include "kernel/fs/fs_context.h"
#include "kernel/task.h"
#include "lib/errno.h"
#include "mm/kmalloc.h"

int at_copy_path(const char __user *user, char **path)
{
    char *copy = kmalloc(PATH_BYTES_MAX, GFP_KERNEL);
    if (!copy)
        return -ENOMEM;
    ssize_t length = strncpy_from_user(copy, user, PATH_BYTES_MAX);
    if (length >= 0 && length < PATH_BYTES_MAX) {
        *path = copy;
        return 0;
    }
    kfree(copy);
    return length < 0 ? (int)length : -ENAMETOOLONG;
}

int at_start(int dir, const char *path, struct walk_start *start)
{
    *start = fs_start(current->fs);
    if (dir == AT_FDCWD || *path == '/')
        return 0;
    struct file *file = files_find(current->files, dir);
    int error = !file ? -EBADF : *path && !mode_is_dir(file->dentry->inode->mode) ? -ENOTDIR : 0;
    if (!error) {
        dentry_put(start->cwd);
        start->cwd = dentry_get(file->dentry);
    } else {
        walk_start_put(start);
    }
    if (file)
        file_put(file);
    return error;
}

int at_find(int dir, const char __user *user, unsigned flags, struct dentry **result)
{
    struct walk_start start;
    char *path = NULL;
    int error = at_copy_path(user, &path);
    if (error)
        return error;
    error = at_start(dir, path, &start);
    if (!error) {
        if (!*path && flags & AT_EMPTY_PATH)
            *result = dentry_get(start.cwd);
        else
            error = path_walk(&start, path, flags & AT_SYMLINK_NOFOLLOW ? 0 : WALK_FOLLOW, result);
        walk_start_put(&start);
    }
    kfree(path);
    return error;
}
