/*
 * Files without a name: inodes of a file system that is mounted nowhere.
 */
#include "kernel/fs/anonymous.h"

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

bool inode_is_anonymous(const struct inode *inode) { return inode->super == &super; }
