/*
 * System calls about the bytes of files: truncate(2), fallocate(2), fsync(2), fadvise(2) and kin.
 */
#include "kernel/fs/at.h"
#include "kernel/fs/file_limit.h"
#include "kernel/fs/files.h"
#include "kernel/sys.h"
#include "kernel/task.h"
#include "lib/errno.h"

/* All there is is in memory; what can be synced is what Linux can sync. */
long sys_fsync(int fd)
{
    struct file *file = files_find(current->files, fd);
    if (!file || file->flags & O_PATH) {
        if (file)
            file_put(file);
        return -EBADF;
    }
    u32 mode = file->dentry->inode->mode;
    file_put(file);
    return mode_is_file(mode) || mode_is_dir(mode) ? 0 : -EINVAL;
}

long sys_sync(void) { return 0; }

long sys_syncfs(int fd)
{
    struct file *file = files_find(current->files, fd);
    if (!file)
        return -EBADF;
    long result = file->flags & O_PATH ? -EBADF : 0;
    file_put(file);
    return result;
}

static long set_size(struct inode *inode, u64 size)
{
    if (!mode_is_file(inode->mode) || !inode->ops->truncate)
        return -EINVAL;
    if (inode_is_read_only(inode))
        return -EROFS;
    mutex_lock(&inode->lock);
    bool may_be = size <= inode->size || file_limit_allows(size);
    int error = may_be ? inode->ops->truncate(inode, size) : -EFBIG;
    mutex_unlock(&inode->lock);
    return error;
}

static long truncate_path(const char __user *path, s64 size)
{
    struct dentry *dentry;
    if (size < 0)
        return -EINVAL;
    int error = at_find(AT_FDCWD, path, 0, &dentry);
    if (error)
        return error;
    bool is_dir = mode_is_dir(dentry->inode->mode);
    long result = is_dir ? -EISDIR : inode_get_write(dentry->inode);
    if (!result) {
        result = set_size(dentry->inode, (u64)size);
        inode_put_write(dentry->inode);
    }
    dentry_put(dentry);
    return result;
}

static long truncate_fd(int fd, s64 size)
{
    if (size < 0)
        return -EINVAL;
    struct file *file = files_find(current->files, fd);
    if (!file)
        return -EBADF;
    long result = -EBADF;
    if (!(file->flags & O_PATH))
        result = (file->flags & O_ACCMODE) == O_RDONLY ? -EINVAL
                                                       : set_size(file->dentry->inode, (u64)size);
    file_put(file);
    return result;
}

long sys_truncate(const char __user *path, long size) { return truncate_path(path, size); }
long sys_ftruncate(int fd, long size) { return truncate_fd(fd, size); }

static s64 join(u32 low, u32 high) { return (s64)((u64)high << 32 | low); }

/* The same on i386, whose words hold half a size. */
long sys_truncate_halves(const char __user *path, u32 low, u32 high)
{
    return truncate_path(path, join(low, high));
}

long sys_ftruncate_halves(int fd, u32 low, u32 high) { return truncate_fd(fd, join(low, high)); }

static int check_allocate(const struct file *file)
{
    u32 mode = file->dentry->inode->mode;
    if ((file->flags & O_ACCMODE) == O_RDONLY || file->flags & O_PATH)
        return -EBADF;
    if (mode_is_fifo(mode))
        return -ESPIPE;
    if (mode_is_dir(mode))
        return -EISDIR;
    if (!mode_is_file(mode))
        return -ENODEV;
    return file->dentry->inode->ops->allocate ? 0 : -EOPNOTSUPP;
}

static long allocate(int fd, unsigned mode, s64 start, s64 bytes)
{
    s64 end;
    struct file *file = files_find(current->files, fd);
    if (!file)
        return -EBADF;
    int error = start < 0 || bytes <= 0 ? -EINVAL : check_allocate(file);
    if (!error && __builtin_add_overflow(start, bytes, &end))
        error = -EFBIG;
    if (!error) {
        struct inode *inode = file->dentry->inode;
        mutex_lock(&inode->lock);
        error = inode->ops->allocate(inode, mode, (u64)start, (u64)end);
        mutex_unlock(&inode->lock);
    }
    file_put(file);
    return error;
}

long sys_fallocate(int fd, unsigned mode, long start, long bytes)
{
    return allocate(fd, mode, start, bytes);
}

long sys_fallocate_halves(int fd, unsigned mode, u32 start, u32 start_high, u32 bytes,
                          u32 bytes_high)
{
    return allocate(fd, mode, join(start, start_high), join(bytes, bytes_high));
}

/* Advice about files in memory: checked, and of no use. */
static long advise(int fd, unsigned advice)
{
    enum { ADVICES = 6 };
    struct file *file = files_find(current->files, fd);
    if (!file)
        return -EBADF;
    long result = file->flags & O_PATH                      ? -EBADF
                  : mode_is_fifo(file->dentry->inode->mode) ? -ESPIPE
                  : advice >= ADVICES                       ? -EINVAL
                                                            : 0;
    file_put(file);
    return result;
}

long sys_fadvise64(int fd, long start, size_t bytes, unsigned advice) { return advise(fd, advice); }

long sys_fadvise64_halves(int fd, u32 start, u32 start_high, size_t bytes, unsigned advice)
{
    return advise(fd, advice);
}

long sys_fadvise64_64(int fd, u32 start, u32 start_high, u32 bytes, u32 bytes_high, unsigned advice)
{
    return advise(fd, advice);
}

long sys_readahead(int fd, long start, size_t bytes)
{
    struct file *file = files_find(current->files, fd);
    if (!file)
        return -EBADF;
    bool is_readable = !(file->flags & O_PATH) && (file->flags & O_ACCMODE) != O_WRONLY;
    long result = !is_readable ? -EBADF : !mode_is_file(file->dentry->inode->mode) ? -EINVAL : 0;
    file_put(file);
    return result;
}

long sys_readahead_halves(int fd, u32 start, u32 start_high, size_t bytes)
{
    return sys_readahead(fd, 0, bytes);
}

/* Source: sync_file_range(2). */
enum { SYNC_FILE_RANGE_FLAGS = 7 };

static long sync_range(int fd, s64 start, s64 bytes, unsigned flags)
{
    s64 end;
    struct file *file = files_find(current->files, fd);
    if (!file)
        return -EBADF;
    const u32 mode = file->dentry->inode->mode;
    bool is_wrong = flags & ~(unsigned)SYNC_FILE_RANGE_FLAGS || start < 0 || bytes < 0 ||
                    __builtin_add_overflow(start, bytes, &end);
    long result = 0;
    if (file->flags & O_PATH)
        result = -EBADF;
    else if (is_wrong)
        result = -EINVAL;
    else if (!mode_is_file(mode) && !mode_is_dir(mode))
        result = -ESPIPE;
    file_put(file);
    return result;
}

long sys_sync_file_range(int fd, long start, long bytes, unsigned flags)
{
    return sync_range(fd, start, bytes, flags);
}

long sys_sync_file_range_halves(int fd, u32 start, u32 start_high, u32 bytes, u32 bytes_high,
                                unsigned flags)
{
    return sync_range(fd, join(start, start_high), join(bytes, bytes_high), flags);
}
