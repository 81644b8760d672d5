/*
 * Walks and paths across mounts.
 */
#include "kernel/fs/mount.h"

#include "kernel/fs/dentry.h"
#include "lib/string.h"

struct dentry *mount_follow(struct dentry *at)
{
    while (READ_ONCE(at->mounted)) {
        spin_lock(&tree_lock);
        struct dentry *root = at->mounted ? dentry_get(at->mounted->root) : NULL;
        spin_unlock(&tree_lock);
        if (!root)
            break;
        dentry_put(at);
        at = root;
    }
    return at;
}

/* The root of a mounted file system stands for the directory it covers; @root stands alone. */
static const struct dentry *outside(const struct dentry *dentry, const struct dentry *root)
{
    while (dentry != root && dentry->parent == dentry && dentry->inode->super->mount_point)
        dentry = dentry->inode->super->mount_point;
    return dentry;
}

struct dentry *mount_parent_get(const struct dentry *at, const struct dentry *root)
{
    spin_lock(&tree_lock);
    const struct dentry *here = outside(at, root);
    struct dentry *parent = dentry_get(here == root ? (struct dentry *)here : here->parent);
    spin_unlock(&tree_lock);
    return parent;
}

/* Put @dentry's name and a slash before @start, which moves; false: there is no room. */
static bool add_name(const struct dentry *dentry, const char *buffer, char **start)
{
    if ((size_t)(*start - buffer) < dentry->length + 1u)
        return false;
    *start -= dentry->length;
    memcpy(*start, dentry->name, dentry->length);
    *--*start = '/';
    return true;
}

/* As dentry_path_below(); tree_lock is held. */
static char *write_path(const struct dentry *dentry, const struct dentry *root, char *buffer,
                        size_t size)
{
    char *start = buffer + size;
    *--start = 0;
    dentry = outside(dentry, root);
    if (dentry->parent == dentry && dentry->length) /* in no directory: its name is all */
        return dentry->length < size ? memcpy(start - dentry->length, dentry->name, dentry->length)
                                     : NULL;
    if (dentry->parent == dentry || dentry == root)
        *--start = '/';
    while (dentry != root && dentry->parent != dentry) {
        if (!add_name(dentry, buffer, &start))
            return NULL;
        dentry = outside(dentry->parent, root);
    }
    return start;
}

char *dentry_path_below(const struct dentry *dentry, const struct dentry *root, char *buffer,
                        size_t size)
{
    if (size < sizeof("/"))
        return NULL;
    spin_lock(&tree_lock);
    char *path = write_path(dentry, root, buffer, size);
    spin_unlock(&tree_lock);
    return path;
}

char *dentry_path(const struct dentry *dentry, char *buffer, size_t size)
{
    return dentry_path_below(dentry, NULL, buffer, size);
}

bool dentry_is_gone(const struct dentry *dentry)
{
    return dentry->parent != dentry && !READ_ONCE(dentry->is_listed);
}
