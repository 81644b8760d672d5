/*
 * Files without a name: inodes of a file system that is mounted nowhere.
 */
#include "kernel/fs/anonymous.h"

#include "lib/errno.h"
#include "mm/kmalloc.h"

enum { ANONYMOUS_DEVICE = 0xff }; /* st_dev; those of ramfs are counted from 1 */

static struct super super = { .name = "anonymous", .device = ANONYMOUS_DEVICE, .refs = 1 };

struct dentry *anonymous_create(u32 mode, const char *label)
{
    struct inode *inode = inode_create(&super, mode);
    struct dentry *dentry = inode ? dentry_create_alone(inode, label) : NULL;
    if (inode && !dentry)
        inode_put(inode);
    return dentry;
}

int anonymous_attach(struct file *file)
{
    file->data = file->dentry->inode->data;
    return 0;
}

int anonymous_open(const struct anonymous_kind *kind, void *object, u32 flags, struct file **result)
{
    struct dentry *dentry = anonymous_create(0600, kind->label);
    if (!dentry) {
        kfree(object);
        return -ENOMEM;
    }
    dentry->inode->data = object;
    dentry->inode->ops = kind->ops;
    dentry->inode->fops = kind->fops;
    int error = file_open(dentry, O_RDWR | flags, result);
    dentry_put(dentry);
    return error;
}

bool inode_is_anonymous(const struct inode *inode) { return inode->super == &super; }
