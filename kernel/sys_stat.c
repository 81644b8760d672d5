/*
 * System calls that ask about files: stat(2), statx(2), access(2), readlink(2) and their kin.
 */
#include "kernel/fs/at.h"
#include "kernel/fs/files.h"
#include "kernel/sys.h"
#include "kernel/task.h"
#include "lib/errno.h"
#include "lib/minmax.h"
#include "machine/abi.h"
#include "mm/kmalloc.h"

enum {
    BLOCK_BYTES = 4096,
    SECTOR_BYTES = 512,
    STATX_BASIC_STATS = 0x7ff,
    STATX_RESERVED = 0x80000000,
    X_OK = 1,
    W_OK = 2,
    ACCESS_MODES = 7, /* R_OK, W_OK, X_OK */
};

struct abi_statx_time {
    s64 s;
    u32 ns, pad;
};

/* Source: statx(2). */
struct abi_statx {
    u32 mask, block_bytes;
    u64 attributes;
    u32 links, uid, gid;
    u16 mode, pad;
    u64 inode, size, blocks, attributes_mask;
    struct abi_statx_time atime, btime, ctime, mtime;
    u32 node_major, node_minor, device_major, device_minor;
    u64 mount;
    u32 direct_memory_align, direct_offset_align;
    u64 spare[12];
};

static_assert(sizeof(struct abi_statx) == 256, "as programs know it");

/* What may change about an inode, of one moment. */
struct facts {
    u64 size, blocks;
    struct inode_time atime, mtime, ctime;
    u32 links, mode, uid, gid;
};

static struct facts read_facts(struct inode *inode)
{
    mutex_lock(&inode->lock);
    struct facts facts = {
        .size = inode->size,
        .blocks = inode->ops && inode->ops->blocks ? inode->ops->blocks(inode) : 0,
        .atime = inode->atime,
        .mtime = inode->mtime,
        .ctime = inode->ctime,
        .links = inode->links,
        .mode = inode->mode,
        .uid = inode->uid,
        .gid = inode->gid,
    };
    mutex_unlock(&inode->lock);
    return facts;
}

static long put_stat(struct inode *inode, struct abi_stat __user *user)
{
    struct facts facts = read_facts(inode);
    struct abi_stat stat = {
        .device = inode->super->device,
        .inode = inode->number,
        .links = facts.links,
        .mode = facts.mode,
        .uid = facts.uid,
        .gid = facts.gid,
        .node_device = inode->device,
        .size = (s64)facts.size,
        .block_bytes = BLOCK_BYTES,
        .blocks = facts.blocks * (BLOCK_BYTES / SECTOR_BYTES),
        .atime = (typeof(stat.atime))facts.atime.s,
        .atime_ns = facts.atime.ns,
        .mtime = (typeof(stat.mtime))facts.mtime.s,
        .mtime_ns = facts.mtime.ns,
        .ctime = (typeof(stat.ctime))facts.ctime.s,
        .ctime_ns = facts.ctime.ns,
    };
    return copy_to_user(user, &stat, sizeof(stat)) ? -EFAULT : 0;
}

long sys_fstatat(int dir, const char __user *path, struct abi_stat __user *stat, unsigned flags)
{
    struct dentry *dentry;
    if (flags & ~(unsigned)(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH))
        return -EINVAL;
    int error = at_find(dir, path, flags, &dentry);
    if (error)
        return error;
    long result = put_stat(dentry->inode, stat);
    dentry_put(dentry);
    return result;
}

long sys_stat(const char __user *path, struct abi_stat __user *stat)
{
    return sys_fstatat(AT_FDCWD, path, stat, 0);
}

long sys_lstat(const char __user *path, struct abi_stat __user *stat)
{
    return sys_fstatat(AT_FDCWD, path, stat, AT_SYMLINK_NOFOLLOW);
}

long sys_fstat(int fd, struct abi_stat __user *stat)
{
    struct file *file = files_find(current->files, fd);
    if (!file)
        return -EBADF;
    long result = put_stat(file->dentry->inode, stat);
    file_put(file);
    return result;
}

static long put_statx(struct inode *inode, void __user *user)
{
    struct facts facts = read_facts(inode);
    struct abi_statx statx = {
        .mask = STATX_BASIC_STATS,
        .block_bytes = BLOCK_BYTES,
        .links = facts.links,
        .mode = (u16)facts.mode,
        .uid = facts.uid,
        .gid = facts.gid,
        .inode = inode->number,
        .size = facts.size,
        .blocks = facts.blocks * (BLOCK_BYTES / SECTOR_BYTES),
        .atime = { facts.atime.s, facts.atime.ns, 0 },
        .ctime = { facts.ctime.s, facts.ctime.ns, 0 },
        .mtime = { facts.mtime.s, facts.mtime.ns, 0 },
        .node_major = (u32)(inode->device >> 8),
        .node_minor = (u32)(inode->device & 0xff),
        .device_minor = inode->super->device,
    };
    return copy_to_user(user, &statx, sizeof(statx)) ? -EFAULT : 0;
}

long sys_statx(int dir, const char __user *path, unsigned flags, unsigned mask, void __user *statx)
{
    struct dentry *dentry;
    unsigned known = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH | AT_STATX_SYNC_TYPE;
    if (flags & ~known || mask & STATX_RESERVED ||
        (flags & AT_STATX_SYNC_TYPE) == AT_STATX_SYNC_TYPE)
        return -EINVAL;
    int error = at_find(dir, path, flags, &dentry);
    if (error)
        return error;
    long result = put_statx(dentry->inode, statx);
    dentry_put(dentry);
    return result;
}

/* Everybody is root here: all may be read and written, and executed if anybody may. */
long sys_faccessat2(int dir, const char __user *path, unsigned mode, unsigned flags)
{
    struct dentry *dentry;
    if (mode & ~(unsigned)ACCESS_MODES ||
        flags & ~(unsigned)(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH | AT_EACCESS))
        return -EINVAL;
    int error = at_find(dir, path, flags, &dentry);
    if (error)
        return error;
    u32 rights = dentry->inode->mode;
    bool has_contents = mode_is_file(rights) || mode_is_dir(rights);
    bool may_not_run =
        !mode_is_dir(rights) &&
        (!(rights & 0111) || (mode_is_file(rights) && inode_is_noexec(dentry->inode)));
    bool may_not_change = has_contents && inode_is_read_only(dentry->inode);
    dentry_put(dentry);
    if (mode & W_OK && may_not_change)
        return -EROFS;
    return mode & X_OK && may_not_run ? -EACCES : 0;
}

long sys_faccessat(int dir, const char __user *path, unsigned mode)
{
    return sys_faccessat2(dir, path, mode, 0);
}

long sys_access(const char __user *path, unsigned mode)
{
    return sys_faccessat2(AT_FDCWD, path, mode, 0);
}

/* Copy the text of the link @inode to @user, at most @size bytes. */
static long put_link(struct inode *inode, char __user *user, size_t size)
{
    if (!inode->ops->readlink)
        return -EINVAL;
    char *buffer = kmalloc(PATH_BYTES_MAX, GFP_KERNEL);
    if (!buffer)
        return -ENOMEM;
    long length = inode->ops->readlink(inode, buffer, PATH_BYTES_MAX);
    if (length > 0) {
        length = min(length, (long)size);
        if (copy_to_user(user, buffer, (size_t)length))
            length = -EFAULT;
    }
    kfree(buffer);
    return length;
}

long sys_readlinkat(int dir, const char __user *path, char __user *buffer, int size)
{
    struct dentry *dentry;
    if (size <= 0)
        return -EINVAL;
    int error = at_find(dir, path, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH, &dentry);
    if (error)
        return error;
    long result = put_link(dentry->inode, buffer, (size_t)size);
    dentry_put(dentry);
    return result;
}

long sys_readlink(const char __user *path, char __user *buffer, int size)
{
    return sys_readlinkat(AT_FDCWD, path, buffer, size);
}
