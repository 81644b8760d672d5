/*
 * devpts: a ramfs of its own, whose names come and go with the pseudo-terminals.
 */
#include "kernel/fs/devpts.h"

#include "kernel/dev/pty.h"
#include "kernel/fs/dev.h"
#include "kernel/fs/ramfs.h"
#include "kernel/printk.h"
#include "kernel/spinlock.h"
#include "lib/errno.h"
#include "lib/format.h"
#include "lib/string.h"

enum { NAME_BYTES = 12, RIGHTS = 0620, DEVPTS_MAGIC = 0x1cd1 }; /* Source: statfs(2) */

static SPINLOCK(devpts_lock, RANK_FS);
static struct dentry *newest; /* under devpts_lock: the root of the last one made */
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
    if (!super)
        return NULL;
    super->magic = DEVPTS_MAGIC;
    struct dentry *root = dentry_get(super->root);
    spin_lock(&devpts_lock);
    struct dentry *before = newest;
    newest = root;
    spin_unlock(&devpts_lock);
    if (before)
        dentry_put(before);
    return super;
}

/* The root of the newest, with a reference, or NULL. */
static struct dentry *newest_get(void)
{
    spin_lock(&devpts_lock);
    struct dentry *root = newest ? dentry_get(newest) : NULL;
    spin_unlock(&devpts_lock);
    return root;
}

int devpts_add(unsigned number)
{
    char text[NAME_BYTES];
    struct name name = name_of(number, text);
    struct dentry *made, *root = newest_get();
    struct inode_spec spec = {
        .mode = S_IFCHR | RIGHTS,
        .device = device_number(PTY_MAJOR, number),
    };
    if (!root)
        return -EIO;
    int error = dentry_make(root, &name, &spec, &made);
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
