/*
 * Inodes: made by a file system, kept by dentries and open files.  And the file systems.
 */
#include "kernel/fs/mount.h"
#include "kernel/fs/vfs.h"
#include "kernel/time.h"
#include "kernel/wall_clock.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "mm/kmalloc.h"

enum { SECONDS_PER_DAY = 24 * 60 * 60 };

struct inode_time inode_now(void)
{
    u64 now = wall_clock_ns();
    s64 s = (s64)(now / NS_PER_S);
    return (struct inode_time){ s, (u32)(now - (u64)s * NS_PER_S) };
}

void inode_changed(struct inode *inode) { inode->ctime = inode_now(); }
void inode_modified(struct inode *inode) { inode->mtime = inode->ctime = inode_now(); }

static bool is_after(struct inode_time a, struct inode_time b)
{
    return a.s > b.s || (a.s == b.s && a.ns > b.ns);
}

void inode_accessed(struct inode *inode)
{
    struct inode_time now = inode_now();
    if (!is_after(inode->atime, inode->mtime) || !is_after(inode->atime, inode->ctime) ||
        now.s - inode->atime.s >= SECONDS_PER_DAY)
        inode->atime = now;
}

bool inode_is_read_only(const struct inode *inode)
{
    return READ_ONCE(inode->super->flags) & MS_RDONLY;
}

bool inode_is_noexec(const struct inode *inode)
{
    return READ_ONCE(inode->super->flags) & MS_NOEXEC;
}

bool inode_is_nodev(const struct inode *inode) { return READ_ONCE(inode->super->flags) & MS_NODEV; }

struct inode *inode_create(struct super *super, u32 mode)
{
    struct inode *inode = kzalloc(sizeof(*inode), GFP_KERNEL);
    if (!inode)
        return NULL;
    enum lock_rank rank = mode_is_dir(mode) ? RANK_DENTRY : RANK_INODE;
    mutex_init(&inode->lock, rank, mode_is_dir(mode) ? "directory" : "inode");
    __atomic_add_fetch(&super->refs, 1, __ATOMIC_RELAXED);
    inode->super = super;
    inode->number = __atomic_add_fetch(&super->last_inode, 1, __ATOMIC_RELAXED);
    inode->mode = mode;
    inode->atime = inode->mtime = inode->ctime = inode_now();
    inode->links = 1;
    inode->refs = 1;
    list_init(&inode->locks);
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
    super_put(inode->super);
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

/* --- file systems ----------------------------------------------------------------------------- */

struct super *super_create(const char *name, u32 magic)
{
    static u32 last_device;
    struct super *super = kzalloc(sizeof(*super), GFP_KERNEL);
    if (!super)
        return NULL;
    super->name = name;
    super->magic = magic;
    super->device = __atomic_add_fetch(&last_device, 1, __ATOMIC_RELAXED);
    super->refs = 1;
    list_init(&super->node);
    return super;
}

void super_put(struct super *super)
{
    if (__atomic_sub_fetch(&super->refs, 1, __ATOMIC_ACQ_REL))
        return;
    kfree(super->source);
    kfree(super);
}

void super_enter(struct super *super)
{
    WRITE_ONCE(super->is_expiring, false);
    __atomic_add_fetch(&super->users, 1, __ATOMIC_SEQ_CST);
}

void super_leave(struct super *super)
{
    u32 users = __atomic_sub_fetch(&super->users, 1, __ATOMIC_SEQ_CST);
    if (!users && __atomic_load_n(&super->is_detached, __ATOMIC_SEQ_CST))
        mount_left();
}

bool quota_is_full(const struct quota *quota)
{
    unsigned long limit = READ_ONCE(quota->limit);
    return limit && READ_ONCE(quota->used) >= limit;
}

bool quota_take(struct quota *quota)
{
    unsigned long limit = READ_ONCE(quota->limit);
    unsigned long used = __atomic_add_fetch(&quota->used, 1, __ATOMIC_RELAXED);
    if (!limit || used <= limit)
        return true;
    quota_give(quota, 1);
    return false;
}

void quota_give(struct quota *quota, unsigned long count)
{
    __atomic_sub_fetch(&quota->used, count, __ATOMIC_RELAXED);
}
