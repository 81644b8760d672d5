/*
 * Mounts: the places where one file system's tree goes on in another's, and paths across them.
 */
#include "kernel/fs/vfs.h"
#include "lib/errno.h"
#include "lib/string.h"

/* The root of a mounted file system stands for the directory it covers. */
static const struct dentry *outside(const struct dentry *dentry)
{
    while (dentry->parent == dentry && dentry->inode->super->mount_point)
        dentry = dentry->inode->super->mount_point;
    return dentry;
}

char *dentry_path(const struct dentry *dentry, char *buffer, size_t size)
{
    char *start = buffer + size;
    if (size < sizeof("/"))
        return NULL;
    *--start = 0;
    dentry = outside(dentry);
    if (dentry->parent == dentry && dentry->length)
        return dentry->length < size ? memcpy(start - dentry->length, dentry->name, dentry->length)
                                     : NULL;
    if (dentry->parent == dentry)
        *--start = '/';
    for (; dentry->parent != dentry; dentry = outside(dentry->parent)) {
        if ((size_t)(start - buffer) < dentry->length + 1u)
            return NULL;
        start -= dentry->length;
        memcpy(start, dentry->name, dentry->length);
        *--start = '/';
    }
    return start;
}

int super_mount(struct super *super, struct dentry *at)
{
    if (!mode_is_dir(at->inode->mode))
        return -ENOTDIR;
    if (at->mounted)
        return -EBUSY;
    super->mount_point = dentry_get(at);
    at->mounted = super;
    return 0;
}
