/*
 * System calls that change what is known of files: chmod(2), chown(2), utimensat(2) and their kin.
 *
 * Everybody is root, so all of it is allowed to everybody.
 */
#include "kernel/fs/at.h"
#include "kernel/fs/files.h"
#include "kernel/sys.h"
#include "kernel/sys_id.h"
#include "kernel/task.h"
#include "kernel/time.h"
#include "lib/errno.h"

/* What is to be changed. */
struct change {
    bool sets_mode, sets_times;
    u32 mode;
    u32 uid, gid; /* UINT32_MAX: as it is */
    struct inode_time atime, mtime;
};

/* Source: utimensat(2). */
enum { UTIME_NOW = (1 << 30) - 1, UTIME_OMIT = (1 << 30) - 2 };

static void set_owner(struct inode *inode, const struct change *change)
{
    if (change->uid == UINT32_MAX && change->gid == UINT32_MAX)
        return;
    if (change->uid != UINT32_MAX)
        inode->uid = change->uid;
    if (change->gid != UINT32_MAX)
        inode->gid = change->gid;
    if (mode_is_file(inode->mode) && inode->mode & 0111) /* chown(2): an owner's program no more */
        inode->mode &= ~(u32)(inode->mode & S_ISGID_X ? S_ISUID | S_ISGID : S_ISUID);
}

static void set_time(struct inode_time *time, struct inode_time wanted)
{
    if (wanted.ns == UTIME_NOW)
        *time = inode_now();
    else if (wanted.ns != UTIME_OMIT)
        *time = wanted;
}

static long apply(struct inode *inode, const struct change *change)
{
    if (inode_is_read_only(inode))
        return -EROFS;
    if (mode_is_link(inode->mode) && change->sets_mode)
        return -EOPNOTSUPP;
    mutex_lock(&inode->lock);
    if (change->sets_mode)
        inode->mode = (inode->mode & S_IFMT) | (change->mode & S_RIGHTS);
    set_owner(inode, change);
    if (change->sets_times) {
        set_time(&inode->atime, change->atime);
        set_time(&inode->mtime, change->mtime);
    }
    inode_changed(inode);
    mutex_unlock(&inode->lock);
    return 0;
}

static long change_path(int dir, const char __user *path, unsigned flags,
                        const struct change *change)
{
    struct dentry *dentry;
    int error = at_find(dir, path, flags, &dentry);
    if (error)
        return error;
    long result = apply(dentry->inode, change);
    dentry_put(dentry);
    return result;
}

static long change_fd(int fd, const struct change *change)
{
    struct file *file = files_find(current->files, fd);
    if (!file)
        return -EBADF;
    long result = file->flags & O_PATH ? -EBADF : apply(file->dentry->inode, change);
    file_put(file);
    return result;
}

/* --- rights ----------------------------------------------------------------------------------- */

static struct change to_mode(unsigned mode)
{
    return (struct change){ .sets_mode = true, .mode = mode, .uid = UINT32_MAX, .gid = UINT32_MAX };
}

long sys_fchmodat2(int dir, const char __user *path, unsigned mode, unsigned flags)
{
    struct change change = to_mode(mode);
    if (flags & ~(unsigned)(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
        return -EINVAL;
    return change_path(dir, path, flags, &change);
}

long sys_fchmodat(int dir, const char __user *path, unsigned mode)
{
    return sys_fchmodat2(dir, path, mode, 0);
}

long sys_chmod(const char __user *path, unsigned mode)
{
    return sys_fchmodat2(AT_FDCWD, path, mode, 0);
}

long sys_fchmod(int fd, unsigned mode)
{
    struct change change = to_mode(mode);
    return change_fd(fd, &change);
}

/* --- owners ----------------------------------------------------------------------------------- */

static struct change to_owner(u32 uid, u32 gid)
{
    return (struct change){ .uid = uid, .gid = gid };
}

long sys_fchownat(int dir, const char __user *path, u32 uid, u32 gid, unsigned flags)
{
    struct change change = to_owner(uid, gid);
    if (flags & ~(unsigned)(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
        return -EINVAL;
    return change_path(dir, path, flags, &change);
}

long sys_chown(const char __user *path, u32 uid, u32 gid)
{
    return sys_fchownat(AT_FDCWD, path, uid, gid, 0);
}

long sys_lchown(const char __user *path, u32 uid, u32 gid)
{
    return sys_fchownat(AT_FDCWD, path, uid, gid, AT_SYMLINK_NOFOLLOW);
}

long sys_fchown(int fd, u32 uid, u32 gid)
{
    struct change change = to_owner(uid, gid);
    return change_fd(fd, &change);
}

long sys_chown16(const char __user *path, u32 uid, u32 gid)
{
    return sys_chown(path, id_of_16(uid), id_of_16(gid));
}

long sys_lchown16(const char __user *path, u32 uid, u32 gid)
{
    return sys_lchown(path, id_of_16(uid), id_of_16(gid));
}

long sys_fchown16(int fd, u32 uid, u32 gid) { return sys_fchown(fd, id_of_16(uid), id_of_16(gid)); }

/* --- times ------------------------------------------------------------------------------------ */

struct abi_time {
    long s, part; /* nanoseconds, or microseconds */
};

struct abi_time64 {
    s64 s;
    long ns, pad;
};

static struct change to_times(struct inode_time atime, struct inode_time mtime)
{
    return (struct change){
        .sets_times = true, .uid = UINT32_MAX, .gid = UINT32_MAX, .atime = atime, .mtime = mtime
    };
}

static bool is_valid(long ns)
{
    return (ns >= 0 && ns < (long)NS_PER_S) || ns == UTIME_NOW || ns == UTIME_OMIT;
}

/* Set the times of what @dir and @path name; no path: the file open as @dir. */
static long set_times(int dir, const char __user *path, unsigned flags, const struct change *change)
{
    if (flags & ~(unsigned)(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
        return -EINVAL;
    if (change->atime.ns == UTIME_OMIT && change->mtime.ns == UTIME_OMIT)
        return 0;
    if (path || dir == AT_FDCWD)
        return change_path(dir, path, flags, change);
    return flags ? -EINVAL : change_fd(dir, change);
}

long sys_utimensat(int dir, const char __user *path, const void __user *user, unsigned flags)
{
    struct abi_time time[2] = { { 0, UTIME_NOW }, { 0, UTIME_NOW } };
    if (user && copy_from_user(time, user, sizeof(time)))
        return -EFAULT;
    if (!is_valid(time[0].part) || !is_valid(time[1].part))
        return -EINVAL;
    struct change change = to_times((struct inode_time){ time[0].s, (u32)time[0].part },
                                    (struct inode_time){ time[1].s, (u32)time[1].part });
    return set_times(dir, path, flags, &change);
}

long sys_utimensat64(int dir, const char __user *path, const void __user *user, unsigned flags)
{
    struct abi_time64 time[2] = { { 0, UTIME_NOW, 0 }, { 0, UTIME_NOW, 0 } };
    if (user && copy_from_user(time, user, sizeof(time)))
        return -EFAULT;
    if (!is_valid(time[0].ns) || !is_valid(time[1].ns))
        return -EINVAL;
    struct change change = to_times((struct inode_time){ time[0].s, (u32)time[0].ns },
                                    (struct inode_time){ time[1].s, (u32)time[1].ns });
    return set_times(dir, path, flags, &change);
}

long sys_futimesat(int dir, const char __user *path, const void __user *user)
{
    enum { US_PER_S = 1000000 };
    struct abi_time time[2];
    struct change change =
        to_times((struct inode_time){ 0, UTIME_NOW }, (struct inode_time){ 0, UTIME_NOW });
    if (user) {
        if (copy_from_user(time, user, sizeof(time)))
            return -EFAULT;
        for (int i = 0; i < 2; i++)
            if (time[i].part < 0 || time[i].part >= US_PER_S)
                return -EINVAL;
        change.atime = (struct inode_time){ time[0].s, (u32)time[0].part * NS_PER_US };
        change.mtime = (struct inode_time){ time[1].s, (u32)time[1].part * NS_PER_US };
    }
    return set_times(dir, path, 0, &change);
}

long sys_utimes(const char __user *path, const void __user *times)
{
    return sys_futimesat(AT_FDCWD, path, times);
}

long sys_utime(const char __user *path, const long __user *user)
{
    long s[2];
    struct change change =
        to_times((struct inode_time){ 0, UTIME_NOW }, (struct inode_time){ 0, UTIME_NOW });
    if (user) {
        if (copy_from_user(s, user, sizeof(s)))
            return -EFAULT;
        change.atime = (struct inode_time){ s[0], 0 };
        change.mtime = (struct inode_time){ s[1], 0 };
    }
    return set_times(AT_FDCWD, path, 0, &change);
}
