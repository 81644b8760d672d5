/*
 * devpts: a ramfs of its own, whose names come and go with the pseudo-terminals.
 *
 * There may be many.  Whoever opens a ptmx means the one mounted on "pts" in the same directory.
 * Source: Linux Documentation/filesystems/devpts.rst
 */
#include "kernel/fs/devpts.h"

#include "kernel/dev/pty.h"
#include "kernel/fs/dentry.h"
#include "kernel/fs/dev.h"
#include "kernel/fs/mount.h"
#include "kernel/fs/ramfs.h"
#include "kernel/printk.h"
#include "lib/errno.h"
#include "lib/format.h"
#include "lib/string.h"

enum { NAME_BYTES = 12, RIGHTS = 0620, DEVPTS_MAGIC = 0x1cd1 }; /* Source: statfs(2) */

/* By number, of the pseudo-terminal's master while it is open: the root that it is named in. */
static struct dentry *home[PTYS_MAX];

/* Slave @number's name, in @text. */
static struct name name_of(unsigned number, char text[NAME_BYTES])
{
    int length = scnprintf(text, NAME_BYTES, "%u", number);
    return (struct name){ text, (size_t)length };
}

struct super *devpts_create(void)
{
    struct super *super = ramfs_create("devpts");
    if (super)
        super->magic = DEVPTS_MAGIC;
    return super;
}

/* The root of the devpts that is mounted on "pts" beside @ptmx, with a reference. */
static int find_home(const struct dentry *ptmx, struct dentry **root)
{
    struct dentry *dir = dentry_parent_get(ptmx), *pts;
    int error = dentry_lookup(dir, &(struct name){ "pts", strlen("pts") }, &pts);
    dentry_put(dir);
    if (error)
        return error;
    *root = mount_follow(pts);
    const struct super *super = (*root)->inode->super;
    if (super->magic == DEVPTS_MAGIC && super->root == *root)
        return 0;
    dentry_put(*root);
    return -ENODEV;
}

int devpts_add(unsigned number, const struct dentry *ptmx)
{
    char text[NAME_BYTES];
    struct name name = name_of(number, text);
    struct dentry *made, *root;
    struct inode_spec spec = {
        .mode = S_IFCHR | RIGHTS,
        .device = device_number(PTY_MAJOR, number),
    };
    int error = find_home(ptmx, &root);
    if (error)
        return error;
    error = dentry_make(root, &name, &spec, &made);
    if (error) {
        dentry_put(root);
        return error;
    }
    dentry_put(made);
    home[number] = root;
    return 0;
}

/* Unmounting may have taken the name away already. */
void devpts_remove(unsigned number)
{
    char text[NAME_BYTES];
    struct name name = name_of(number, text);
    struct dentry *root = home[number];
    home[number] = NULL;
    int error = dentry_remove(root, &name, false);
    if (error && error != -ENOENT)
        pr_warn("devpts: %u cannot be removed: error %d", number, -error);
    dentry_put(root);
}

int devpts_find(unsigned number, struct dentry **result)
{
    char text[NAME_BYTES];
    struct name name = name_of(number, text);
    return home[number] ? dentry_lookup(home[number], &name, result) : -EIO;
}
