/*
 * System calls on open files: read(2), write(2), lseek(2), ioctl(2) and their kin.
 */
#include "kernel/fs/files.h"
#include "kernel/fs/iov.h"
#include "kernel/sys.h"
#include "kernel/task.h"
#include "lib/annotate.h"
#include "lib/errno.h"
#include "lib/minmax.h"
#include "mm/kmalloc.h"

typedef ssize_t transfer(struct file *file, struct iov *iov, u64 *position);

/* Read or write one user range; @position NULL: the file's own. */
static ALWAYS_INLINE long transfer_range(int fd, transfer *function, struct iov *iov, u64 *position)
{
    struct file *file = files_find(current->files, fd);
    if (!file)
        return -EBADF;
    long result = -EFAULT;
    if (user_range_ok((void __user *)iov->address, iov->left)) {
        iov->left = min(iov->left, TRANSFER_MAX);
        result = function(file, iov, position);
    }
    file_put(file);
    return result;
}

long sys_read(int fd, void __user *buffer, size_t size)
{
    struct iov to = iov_user((unsigned long)buffer, size);
    return transfer_range(fd, file_read, &to, NULL);
}

long sys_write(int fd, const void __user *buffer, size_t size)
{
    struct iov from = iov_user((unsigned long)buffer, size);
    return transfer_range(fd, file_write, &from, NULL);
}

/* Do pread() and lseek() fail on @file? */
static bool has_no_position(const struct file *file)
{
    return file->fops->is_stream && !file->fops->is_the_same;
}

static long transfer_at(int fd, transfer *function, struct iov *iov, u64 position)
{
    if ((s64)position < 0)
        return -EINVAL;
    struct file *file = files_find(current->files, fd);
    bool is_stream = file && has_no_position(file);
    if (file)
        file_put(file);
    return is_stream ? -ESPIPE : transfer_range(fd, function, iov, &position);
}

long sys_pread64(int fd, void __user *buffer, size_t size, long position)
{
    struct iov to = iov_user((unsigned long)buffer, size);
    return transfer_at(fd, file_read, &to, (u64)position);
}

long sys_pwrite64(int fd, const void __user *buffer, size_t size, long position)
{
    struct iov from = iov_user((unsigned long)buffer, size);
    return transfer_at(fd, file_write, &from, (u64)position);
}

/* As sys_pread64() and sys_pwrite64() on i386, whose words hold half a position. */
long sys_pread64_halves(int fd, void __user *buffer, size_t size, u32 low, u32 high)
{
    struct iov to = iov_user((unsigned long)buffer, size);
    return transfer_at(fd, file_read, &to, (u64)high << 32 | low);
}

long sys_pwrite64_halves(int fd, const void __user *buffer, size_t size, u32 low, u32 high)
{
    struct iov from = iov_user((unsigned long)buffer, size);
    return transfer_at(fd, file_write, &from, (u64)high << 32 | low);
}

/* Check all ranges before the first byte moves.  Returns: their sum, cut to what one call may. */
static long check_ranges(const struct iov_range *range, size_t count)
{
    size_t total = 0;
    for (size_t i = 0; i < count; i++)
        if ((ssize_t)range[i].bytes < 0)
            return -EINVAL;
    for (size_t i = 0; i < count; i++) {
        if (!user_range_ok((void __user *)range[i].address, range[i].bytes))
            return -EFAULT;
        size_t room = TRANSFER_MAX - total;
        total += min(room, range[i].bytes);
    }
    return (long)total;
}

/* A call with many ranges. */
struct vector {
    const void __user *user;
    size_t count;
    u64 *position; /* NULL: the file's own */
};

static long transfer_ranges(struct file *file, transfer *function, const struct iov_range *range,
                            const struct vector *vector)
{
    size_t count = vector->count;
    long size = check_ranges(range, count);
    if (size < 0)
        return size;
    struct iov iov = iov_user_ranges(range, (size_t)size);
    return function(file, &iov, vector->position);
}

static long transfer_vector(int fd, transfer *function, const struct vector *vector)
{
    size_t count = vector->count;
    struct file *file = files_find(current->files, fd);
    if (!file)
        return -EBADF;
    struct iov_range *range = NULL;
    long result = count > VECTOR_MAX                          ? -EINVAL
                  : vector->position && has_no_position(file) ? -ESPIPE
                                                              : 0;
    if (!result && count) {
        range = kmalloc(count * sizeof(*range), GFP_KERNEL);
        if (!range)
            result = -ENOMEM;
        else if (copy_from_user(range, vector->user, count * sizeof(*range)))
            result = -EFAULT;
    }
    if (!result)
        result = transfer_ranges(file, function, range, vector);
    kfree(range);
    file_put(file);
    return result;
}

long sys_readv(int fd, const void __user *vector, size_t count)
{
    return transfer_vector(fd, file_read, &(struct vector){ vector, count, NULL });
}

long sys_writev(int fd, const void __user *vector, size_t count)
{
    return transfer_vector(fd, file_write, &(struct vector){ vector, count, NULL });
}

/* Source: preadv2(2): what changes nothing where there are no disks. */
enum { RWF_HIPRI = 1, RWF_DSYNC = 2, RWF_SYNC = 4, RWF_KNOWN = 7 };

static long transfer_vector_at(int fd, transfer *function, struct vector vector, u64 position)
{
    if ((s64)position < 0)
        return -EINVAL;
    vector.position = &position;
    return transfer_vector(fd, function, &vector);
}

/* The same, but -1 is the file's own position. */
static long transfer_vector_2(int fd, transfer *function, struct vector vector, u64 position)
{
    if (position == ~(u64)0)
        return transfer_vector(fd, function, &vector);
    return transfer_vector_at(fd, function, vector, position);
}

/* A position in two words, of which x86_64 takes but the first. */
static u64 join(unsigned long low, unsigned long high)
{
    return sizeof(long) == sizeof(u64) ? low : (u64)high << 32 | low;
}

long sys_preadv(int fd, const void __user *vector, size_t count, unsigned long low,
                unsigned long high)
{
    struct vector read = { vector, count, NULL };
    return transfer_vector_at(fd, file_read, read, join(low, high));
}

long sys_pwritev(int fd, const void __user *vector, size_t count, unsigned long low,
                 unsigned long high)
{
    struct vector written = { vector, count, NULL };
    return transfer_vector_at(fd, file_write, written, join(low, high));
}

long sys_preadv2(int fd, const void __user *vector, size_t count, unsigned long low,
                 unsigned long high, unsigned flags)
{
    struct vector read = { vector, count, NULL };
    if (flags & ~(unsigned)RWF_KNOWN)
        return -EOPNOTSUPP;
    return transfer_vector_2(fd, file_read, read, join(low, high));
}

long sys_pwritev2(int fd, const void __user *vector, size_t count, unsigned long low,
                  unsigned long high, unsigned flags)
{
    struct vector written = { vector, count, NULL };
    if (flags & ~(unsigned)RWF_KNOWN)
        return -EOPNOTSUPP;
    return transfer_vector_2(fd, file_write, written, join(low, high));
}

/* Where data, or a hole, begin at @from or behind it.  lseek(2). */
static s64 seek_data(const struct file *file, s64 from, bool hole)
{
    struct inode *inode = file->dentry->inode;
    mutex_lock(&inode->lock);
    u64 size = inode->size, found = hole ? size : (u64)from;
    bool is_inside = from >= 0 && (u64)from < size;
    if (is_inside && inode->ops && inode->ops->seek)
        found = inode->ops->seek(inode, (u64)from, hole);
    mutex_unlock(&inode->lock);
    return is_inside && (hole || found < size) ? (s64)found : -ENXIO;
}

/* Where @offset from @whence is in @file, whose lock is held. */
static s64 seek_target(const struct file *file, s64 offset, unsigned whence)
{
    s64 base;
    if (whence == SEEK_DATA || whence == SEEK_HOLE)
        return seek_data(file, offset, whence == SEEK_HOLE);
    if (whence == SEEK_SET)
        base = 0;
    else if (whence == SEEK_CUR)
        base = (s64)file->position;
    else if (whence == SEEK_END)
        base = (s64)file->dentry->inode->size;
    else
        return -EINVAL;
    s64 target;
    if (__builtin_add_overflow(base, offset, &target))
        return -EOVERFLOW;
    return target < 0 ? -EINVAL : target;
}

static s64 seek(int fd, s64 offset, unsigned whence)
{
    struct file *file = files_find(current->files, fd);
    if (!file)
        return -EBADF;
    s64 target = -ESPIPE;
    if (!file->fops->is_stream) {
        mutex_lock(&file->lock);
        target = seek_target(file, offset, whence);
        if (target >= 0)
            file->position = (u64)target;
        mutex_unlock(&file->lock);
    } else if (file->fops->is_the_same) {
        target = whence <= SEEK_HOLE ? 0 : -EINVAL;
    }
    file_put(file);
    return target;
}

long sys_lseek(int fd, long offset, unsigned whence)
{
    s64 target = seek(fd, offset, whence);
    return target == (long)target ? (long)target : -EOVERFLOW;
}

long sys_llseek(int fd, u32 high, u32 low, u64 __user *result, unsigned whence)
{
    s64 target = seek(fd, (s64)((u64)high << 32 | low), whence);
    if (target < 0)
        return (long)target;
    return put_user((u64)target, result);
}

/* Source: ioctl_fs(2), Linux uapi asm-generic/ioctls.h: what works on every file. */
enum { FIONBIO = 0x5421, FIONCLEX = 0x5450, FIOCLEX = 0x5451 };

/* The commands that are about the descriptor or its flags.  -ENOTTY: it is none of them. */
static long control_any(int fd, struct file *file, unsigned command, unsigned long argument)
{
    int on;
    if (file->flags & O_PATH)
        return -EBADF;
    switch (command) {
    case FIOCLEX:
    case FIONCLEX:
        return files_set_cloexec(current->files, fd, command == FIOCLEX);
    case FIONBIO:
        if (get_user(on, (int __user *)argument))
            return -EFAULT;
        if (on)
            __atomic_fetch_or(&file->flags, (u32)O_NONBLOCK, __ATOMIC_RELAXED);
        else
            __atomic_fetch_and(&file->flags, ~(u32)O_NONBLOCK, __ATOMIC_RELAXED);
        return 0;
    default:
        return -ENOTTY;
    }
}

long sys_ioctl(int fd, unsigned command, unsigned long argument)
{
    struct file *file = files_find(current->files, fd);
    if (!file)
        return -EBADF;
    long result = control_any(fd, file, command, argument);
    if (result == -ENOTTY && file->fops->ioctl)
        result = file->fops->ioctl(file, command, argument);
    file_put(file);
    return result;
}
