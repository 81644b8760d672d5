/*
 * ramfs: inodes whose contents are a page cache and nothing else.
 */
#include "kernel/fs/ramfs.h"

#include "kernel/fs/anonymous.h"
#include "kernel/fs/dev.h"
#include "kernel/fs/iov.h"
#include "kernel/fs/map.h"
#include "kernel/fs/page_cache.h"
#include "kernel/fs/pipe.h"
#include "lib/errno.h"
#include "lib/minmax.h"
#include "lib/string.h"
#include "mm/kmalloc.h"
#include "mm/page.h"
#include "mm/vma.h"

enum { TMPFS_MAGIC = 0x01021994 }; /* Source: statfs(2) */

/* A page's number must fit page->index, a word. */
#define FILE_BYTES_MAX (sizeof(long) == 4 ? (u64)UINT32_MAX << PAGE_SHIFT : (u64)INT64_MAX)

static const struct inode_ops dir_ops, file_inode_ops, link_ops, node_ops;
static const struct file_ops file_ops, dir_file_ops, no_ops;

static struct page_cache *cache_of(const struct inode *inode) { return inode->data; }

/* Give @inode a place for bytes: a file's, or a link's text. */
static int add_cache(struct inode *inode)
{
    struct page_cache *cache = kmalloc(sizeof(*cache), GFP_KERNEL);
    if (!cache)
        return -ENOMEM;
    page_cache_init(cache);
    cache->quota = &inode->super->pages;
    inode->data = cache;
    return 0;
}

static int init_link(struct inode *inode, const char *target)
{
    size_t length = strlen(target);
    struct iov from = iov_kernel((char *)target, length);
    int error = add_cache(inode);
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
        return 0;
    case S_IFREG:
        inode->ops = &file_inode_ops;
        inode->fops = &file_ops;
        return add_cache(inode);
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
    dentry_fill(dentry, inode);
    dentry_get(dentry);
    return 0;
}

static void dir_unlink(struct inode *dir, struct dentry *dentry)
{
    struct inode *inode = dentry->inode;
    inode_modified(dir);
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

static int file_truncate(struct inode *inode, u64 size)
{
    if (size > FILE_BYTES_MAX)
        return -EFBIG;
    page_cache_set_end(cache_of(inode), size);
    if (size < inode->size) {
        u64 first = size / PAGE_BYTES + (size % PAGE_BYTES != 0);
        page_cache_drop(cache_of(inode), first, ~(u64)0, true);
        page_cache_clear_tail(cache_of(inode), size); /* or growing would show old bytes */
    }
    inode->size = size;
    inode_modified(inode);
    return 0;
}

static u64 blocks(const struct inode *inode) { return READ_ONCE(cache_of(inode)->pages); }

static void destroy(struct inode *inode)
{
    quota_give(&inode->super->inodes, 1);
    if (!inode->data)
        return;
    page_cache_drop(cache_of(inode), 0, ~(u64)0, true);
    kfree(inode->data);
}

static ssize_t ram_file_read(struct file *file, struct iov *to, u64 *position)
{
    struct inode *inode = file->dentry->inode;
    mutex_lock(&inode->lock);
    ssize_t done = page_cache_read(cache_of(inode), to, *position, inode->size);
    if (done > 0 && !(file->flags & O_NOATIME))
        inode_accessed(inode);
    mutex_unlock(&inode->lock);
    if (done > 0)
        *position += (u64)done;
    return done;
}

static ssize_t ram_file_write(struct file *file, struct iov *from, u64 *position)
{
    struct inode *inode = file->dentry->inode;
    mutex_lock(&inode->lock);
    if (file->flags & O_APPEND)
        *position = inode->size;
    ssize_t done = -EFBIG;
    if (*position <= FILE_BYTES_MAX && from->left <= FILE_BYTES_MAX - *position)
        done = page_cache_write(cache_of(inode), from, *position);
    if (done > 0) {
        *position += (u64)done;
        if (*position > inode->size) {
            inode->size = *position;
            page_cache_set_end(cache_of(inode), inode->size);
        }
        inode_modified(inode);
    }
    mutex_unlock(&inode->lock);
    return done;
}

static int ram_file_mmap(struct file *file, struct vma *vma)
{
    struct inode *inode = file->dentry->inode;
    if (vma->offset > FILE_BYTES_MAX || vma->end - vma->start > FILE_BYTES_MAX - vma->offset)
        return -EOVERFLOW;
    if (inode_is_anonymous(inode))
        vma->flags |= VM_SHMEM;
    map_file_pages(vma, file, &cache_of(inode)->mapping);
    return 0;
}

static const struct inode_ops dir_ops = {
    .create = dir_create,
    .link = dir_link,
    .unlink = dir_unlink,
    .move = dir_move,
    .destroy = destroy,
};
static const struct inode_ops file_inode_ops = {
    .truncate = file_truncate,
    .blocks = blocks,
    .destroy = destroy,
};
static const struct inode_ops link_ops = { .readlink = link_read, .destroy = destroy };
static const struct inode_ops node_ops = { .destroy = destroy };
static const struct file_ops file_ops = {
    .read = ram_file_read,
    .write = ram_file_write,
    .mmap = ram_file_mmap,
};
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
