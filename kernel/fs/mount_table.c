/*
 * What is mounted: one list, in the order in which it was.
 *
 * mounts_lock makes mounting and unmounting one at a time; tree_lock, under it, guards what walks
 * look at: where a file system is mounted, and what is mounted on a dentry.
 */
#include "kernel/fs/dentry.h"
#include "kernel/fs/mount.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/kmalloc.h"

static MUTEX(mounts_lock, RANK_MOUNTS);
static LIST(mounts); /* under mounts_lock; the first file system first */
static int last_id;  /* likewise */

static void enter_list(struct super *super) MUST_HOLD(mounts_lock)
{
    super->id = ++last_id;
    list_add_tail(&super->node, &mounts);
}

void mount_set_first(struct super *super)
{
    mutex_lock(&mounts_lock);
    enter_list(super);
    mutex_unlock(&mounts_lock);
}

/* Cover @at; the root's lock keeps it from being removed meanwhile. */
static int cover(struct super *super, struct dentry *at) MUST_HOLD(mounts_lock)
{
    struct inode *inode = at->inode;
    mutex_lock(&inode->lock);
    int error = !inode->links ? -ENOENT : at->mounted ? -EBUSY : 0;
    if (!error) {
        dentry_get(at);
        spin_lock(&tree_lock);
        super->mount_point = at;
        WRITE_ONCE(at->mounted, super);
        spin_unlock(&tree_lock);
    }
    mutex_unlock(&inode->lock);
    return error;
}

static char *copy_text(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = kmalloc(size, GFP_KERNEL);
    return copy ? memcpy(copy, text, size) : NULL;
}

int mount_add(struct super *super, struct dentry *at, const char *source)
{
    if (!mode_is_dir(at->inode->mode))
        return -ENOTDIR;
    char *copy = copy_text(source);
    if (!copy)
        return -ENOMEM;
    mutex_lock(&mounts_lock);
    bool is_detached = __atomic_load_n(&at->inode->super->is_detached, __ATOMIC_RELAXED);
    int error = is_detached ? -EINVAL : cover(super, at);
    if (!error) {
        super->source = copy;
        enter_list(super);
    }
    mutex_unlock(&mounts_lock);
    if (error)
        kfree(copy);
    return error;
}

/* The file system that @super is mounted in; NULL: in none. */
static struct super *super_above(const struct super *super) MUST_HOLD(mounts_lock)
{
    return super->mount_point ? super->mount_point->inode->super : NULL;
}

static bool is_busy(const struct super *super) MUST_HOLD(mounts_lock)
{
    const struct super *each;
    list_for_each_entry (each, &mounts, node)
        if (super_above(each) == super)
            return true;
    return __atomic_load_n(&super->users, __ATOMIC_SEQ_CST);
}

/* Nobody finds @super any more. */
static void detach(struct super *super, struct list_node *detached) MUST_HOLD(mounts_lock)
{
    struct dentry *at = super->mount_point;
    spin_lock(&tree_lock);
    WRITE_ONCE(at->mounted, NULL);
    super->mount_point = NULL;
    spin_unlock(&tree_lock);
    __atomic_store_n(&super->is_detached, true, __ATOMIC_SEQ_CST);
    list_move_tail(&super->node, detached);
    dentry_put(at);
}

/* Detach what is mounted in those that are, until there are no more. */
static void detach_below(struct list_node *detached) MUST_HOLD(mounts_lock)
{
    struct super *each, *after;
    unsigned found;
    do {
        found = 0;
        list_for_each_entry_safe (each, after, &mounts, node) {
            const struct super *above = super_above(each);
            if (!above || !above->is_detached)
                continue;
            detach(each, detached);
            found++;
        }
    } while (found);
}

int mount_remove(struct dentry *root, unsigned flags)
{
    struct super *super = root->inode->super, *each, *after;
    LIST(detached);
    int error = 0;
    mutex_lock(&mounts_lock);
    if (root != super->root || super->is_detached || list_empty(&super->node))
        error = -EINVAL;
    else if (!super->mount_point || (!(flags & MNT_DETACH) && is_busy(super)))
        error = -EBUSY;
    else if (flags & MNT_EXPIRE && !super->is_expiring)
        error = -EAGAIN; /* next time, if nobody uses it until then */
    WRITE_ONCE(super->is_expiring, error == -EAGAIN);
    if (!error) {
        detach(super, &detached);
        detach_below(&detached);
    }
    mutex_unlock(&mounts_lock);
    list_for_each_entry_safe (each, after, &detached, node) {
        list_del_init(&each->node);
        mount_take_down_when_left(each);
    }
    return error;
}

void mount_for_each(void (*each)(const struct super *super, void *data), void *data)
{
    const struct super *super;
    mutex_lock(&mounts_lock);
    list_for_each_entry (super, &mounts, node)
        each(super, data);
    mutex_unlock(&mounts_lock);
}
