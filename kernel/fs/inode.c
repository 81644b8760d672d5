/*
 * Inodes: made by a file system, kept by dentries and open files.
 */
#include "kernel/fs/vfs.h"

#include "kernel/wall_clock.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "mm/kmalloc.h"

struct inode *inode_create(struct super *super, u32 mode)
{
    struct inode *inode = kzalloc(sizeof(*inode), GFP_KERNEL);
    if (!inode)
        return NULL;
    enum lock_rank rank = mode_is_dir(mode) ? RANK_DENTRY : RANK_INODE;
    mutex_init(&inode->lock, rank, mode_is_dir(mode) ? "directory" : "inode");
    inode->super = super;
    inode->number = __atomic_add_fetch(&super->last_inode, 1, __ATOMIC_RELAXED);
    inode->mode = mode;
    inode->mtime_s = wall_clock_s();
    inode->links = 1;
    inode->refs = 1;
    return inode;
}

void inode_get(struct inode *inode)
{
    u32 before = __atomic_fetch_add(&inode->refs, 1, __ATOMIC_RELAXED);
    assert(before);
}

void inode_put(struct inode *inode)
{
    if (__atomic_sub_fetch(&inode->refs, 1, __ATOMIC_ACQ_REL))
        return;
    if (inode->ops && inode->ops->destroy)
        inode->ops->destroy(inode);
    kfree(inode);
}

/* Move @inode->writers by @step, away from 0 on its own side. */
static int move_writers(struct inode *inode, s32 step)
{
    s32 now = __atomic_load_n(&inode->writers, __ATOMIC_RELAXED);
    do {
        if (step > 0 ? now < 0 : now > 0)
            return -ETXTBSY;
    } while (!__atomic_compare_exchange_n(&inode->writers, &now, now + step, false,
                                          __ATOMIC_ACQ_REL, __ATOMIC_RELAXED));
    return 0;
}

int inode_get_write(struct inode *inode) { return move_writers(inode, 1); }
int inode_deny_write(struct inode *inode) { return move_writers(inode, -1); }

void inode_put_write(struct inode *inode)
{
    s32 before = __atomic_fetch_sub(&inode->writers, 1, __ATOMIC_ACQ_REL);
    assert(before > 0);
}

void inode_allow_write(struct inode *inode)
{
    s32 before = __atomic_fetch_add(&inode->writers, 1, __ATOMIC_ACQ_REL);
    assert(before < 0);
}
