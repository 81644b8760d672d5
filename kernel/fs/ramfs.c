/*
 * ramfs: inodes whose contents are a page cache and nothing else.
 */
#include "kernel/fs/ramfs.h"

#include "kernel/fs/anonymous.h"
#include "kernel/fs/dev.h"
#include "kernel/fs/iov.h"
#include "kernel/fs/pipe.h"
#include "kernel/fs/ramfs_file.h"
#include "lib/errno.h"
#include "lib/format.h"
#include "lib/string.h"

enum { TMPFS_MAGIC = 0x01021994 }; /* Source: statfs(2) */
enum { NAME_BYTES = 20 };          /* what a name adds to the size of its directory, as on Linux */

static const struct inode_ops dir_ops, link_ops, node_ops;
static const struct file_ops dir_file_ops, no_ops;

static struct page_cache *cache_of(const struct inode *inode)
{
    return &((struct ram_file *)inode->data)->cache;
}

static int init_link(struct inode *inode, const char *target)
{
    size_t length = strlen(target);
    struct iov from = iov_kernel((char *)target, length);
    int error = ram_file_create(inode);
    if (error)
        return error;
    inode->size = length;
    ssize_t written = page_cache_write(cache_of(inode), &from, 0);
    return written < 0 ? (int)written : (size_t)written < length ? -ENOMEM : 0;
}

static int init_inode(struct inode *inode, const struct inode_spec *spec)
{
    switch (spec->mode & S_IFMT) {
    case S_IFDIR:
        inode->ops = &dir_ops;
        inode->fops = &dir_file_ops;
        inode->size = 2 * NAME_BYTES; /* . and .. */
        return 0;
    case S_IFREG:
        inode->ops = &ram_file_inode_ops;
        inode->fops = &ram_file_ops;
        return ram_file_create(inode);
    case S_IFLNK:
        inode->ops = &link_ops;
        inode->fops = &no_ops;
        return init_link(inode, spec->target);
    case S_IFCHR:
        inode->ops = &node_ops;
        inode->device = spec->device;
        inode->fops = dev_ops(spec->device);
        return 0;
    case S_IFIFO:
        inode->ops = &node_ops;
        inode->fops = &fifo_ops;
        return 0;
    case S_IFBLK:
    case S_IFSOCK:
        inode->ops = &node_ops; /* nobody can open them */
        inode->device = spec->device;
        return 0;
    default:
        return -EPERM;
    }
}

static struct inode *create_inode(struct super *super, const struct inode_spec *spec, int *error)
{
    *error = -ENOSPC;
    if (!quota_take(&super->inodes))
        return NULL;
    struct inode *inode = inode_create(super, spec->mode);
    *error = inode ? init_inode(inode, spec) : -ENOMEM;
    if (!*error)
        return inode;
    if (!inode || !inode->ops) /* else destroy() does it */
        quota_give(&super->inodes, 1);
    if (inode)
        inode_put(inode);
    return NULL;
}

static int dir_create(struct inode *dir, struct dentry *dentry, const struct inode_spec *spec)
{
    int error;
    struct inode *inode = create_inode(dir->super, spec, &error);
    if (!inode)
        return error;
    if (mode_is_dir(spec->mode)) {
        inode->links++; /* its own "." */
        dir->links++;   /* and its ".." */
    }
    dir->mtime = dir->ctime = inode->ctime;
    dir->size += NAME_BYTES;
    dentry_fill(dentry, inode);
    dentry_get(dentry); /* the name exists from now on */
    return 0;
}

static int dir_link(struct inode *dir, struct dentry *dentry, struct inode *inode)
{
    if (inode->super != dir->super)
        return -EXDEV;
    mutex_lock(&inode->lock);
    inode->links++;
    inode_changed(inode);
    mutex_unlock(&inode->lock);
    inode_get(inode);
    inode_modified(dir);
    dir->size += NAME_BYTES;
    dentry_fill(dentry, inode);
    dentry_get(dentry);
    return 0;
}

static void dir_unlink(struct inode *dir, struct dentry *dentry)
{
    struct inode *inode = dentry->inode;
    inode_modified(dir);
    dir->size -= NAME_BYTES;
    if (mode_is_dir(inode->mode)) {
        dir->links--; /* its ".." */
        return;
    }
    mutex_lock(&inode->lock);
    inode->links--;
    inode_changed(inode);
    mutex_unlock(&inode->lock);
}

static void dir_move(struct inode *from, struct inode *to, struct dentry *dentry)
{
    inode_modified(from);
    inode_modified(to);
    from->size -= NAME_BYTES;
    to->size += NAME_BYTES;
    inode_changed(dentry->inode);
    if (mode_is_dir(dentry->inode->mode)) {
        from->links--; /* its ".." */
        to->links++;
    }
}

static ssize_t link_read(struct inode *inode, char *buffer, size_t size)
{
    struct iov to = iov_kernel(buffer, size);
    return page_cache_read(cache_of(inode), &to, 0, inode->size);
}

void ram_file_forget(struct inode *inode)
{
    quota_give(&inode->super->inodes, 1);
    ram_file_destroy(inode);
}

static const struct inode_ops dir_ops = {
    .create = dir_create,
    .link = dir_link,
    .unlink = dir_unlink,
    .move = dir_move,
    .destroy = ram_file_forget,
};
static const struct inode_ops link_ops = { .readlink = link_read, .destroy = ram_file_forget };
static const struct inode_ops node_ops = { .destroy = ram_file_forget };
static const struct file_ops dir_file_ops = { .list = dentry_list };
static const struct file_ops no_ops = { 0 };

struct dentry *ramfs_create_anonymous(u32 rights, const char *label)
{
    struct dentry *dentry = anonymous_create(S_IFREG | rights, label);
    if (!dentry)
        return NULL;
    dentry->inode->links = 0;
    if (!quota_take(&dentry->inode->super->inodes) ||
        init_inode(dentry->inode, &(struct inode_spec){ .mode = S_IFREG | rights })) {
        dentry_put(dentry);
        return NULL;
    }
    return dentry;
}

struct dentry *ramfs_create_unnamed(const struct dentry *dir, u32 rights)
{
    int error;
    char label[16];
    struct inode *inode =
        create_inode(dir->inode->super, &(struct inode_spec){ .mode = S_IFREG | rights }, &error);
    if (!inode)
        return NULL;
    inode->links = 0;
    snprintf(label, sizeof(label), "/#%u (deleted)", inode->number);
    struct dentry *dentry = dentry_create_alone(inode, label);
    if (!dentry)
        inode_put(inode);
    return dentry;
}

struct super *ramfs_create(const char *name)
{
    int error;
    struct super *super = super_create(name, TMPFS_MAGIC);
    struct inode *inode =
        super ? create_inode(super, &(struct inode_spec){ .mode = S_IFDIR | 0755 }, &error) : NULL;
    if (inode) {
        inode->links = 2; /* its own "." and ".." */
        super->root = dentry_create_root(inode);
        if (super->root)
            return super;
        inode_put(inode);
    }
    if (super)
        super_put(super);
    return NULL;
}
