/*
 * devpts: a ramfs of its own, whose names come and go with the pseudo-terminals.
 */
#include "kernel/fs/devpts.h"

#include "kernel/dev/pty.h"
#include "kernel/fs/dev.h"
#include "kernel/fs/mount.h"
#include "kernel/fs/path.h"
#include "kernel/fs/ramfs.h"
#include "kernel/printk.h"
#include "lib/errno.h"
#include "lib/format.h"
#include "lib/string.h"

enum { NAME_BYTES = 12, RIGHTS = 0620 };

static struct dentry *root; /* (c) after devpts_mount() */

/* Slave @number's name, in @text. */
static struct name name_of(unsigned number, char text[NAME_BYTES])
{
    int length = scnprintf(text, NAME_BYTES, "%u", number);
    return (struct name){ text, (size_t)length };
}

int devpts_mount(void)
{
    struct walk_start start = path_root();
    struct dentry *at;
    struct super *super = ramfs_create("devpts");
    if (!super)
        return -ENOMEM;
    int error = path_walk(&start, "/dev/pts", WALK_FOLLOW | WALK_DIRECTORY, &at);
    if (error)
        return error;
    root = dentry_get(super->root);
    error = mount_add(super, at, "devpts");
    dentry_put(at);
    return error;
}

int devpts_add(unsigned number)
{
    char text[NAME_BYTES];
    struct name name = name_of(number, text);
    struct dentry *made;
    struct inode_spec spec = {
        .mode = S_IFCHR | RIGHTS,
        .device = device_number(PTY_MAJOR, number),
    };
    if (!root)
        return -EIO;
    int error = dentry_make(root, &name, &spec, &made);
    if (!error)
        dentry_put(made);
    return error;
}

void devpts_remove(unsigned number)
{
    char text[NAME_BYTES];
    struct name name = name_of(number, text);
    int error = dentry_remove(root, &name, false);
    if (error)
        pr_warn("devpts: %u cannot be removed: error %d", number, -error);
}

int devpts_find(unsigned number, struct dentry **result)
{
    char text[NAME_BYTES];
    struct name name = name_of(number, text);
    return root ? dentry_lookup(root, &name, result) : -EIO;
}
