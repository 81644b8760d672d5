/*
 * Open files: reading and writing at a position.
 */
#include "kernel/fs/anonymous.h"
#include "kernel/fs/epoll.h"
#include "kernel/fs/file_lock.h"
#include "kernel/fs/iov.h"
#include "kernel/fs/vfs.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "mm/kmalloc.h"

/* Does @file keep its inode from being executed?  Memory that has no name does not, on Linux. */
static bool is_writer(const struct file *file)
{
    const struct inode *inode = file->dentry->inode;
    return (file->flags & O_ACCMODE) != O_RDONLY && !(file->flags & O_PATH) &&
           mode_is_file(inode->mode) && !inode_is_anonymous(inode);
}

/* What a file opened with O_PATH can do: it only says where it is. */
static const struct file_ops path_ops = { .is_stream = true };

int file_open(struct dentry *dentry, u32 flags, struct file **result)
{
    struct inode *inode = dentry->inode;
    bool writes = (flags & O_ACCMODE) != O_RDONLY && !(flags & O_PATH);
    if (writes && mode_is_file(inode->mode) && inode_is_read_only(inode))
        return -EROFS;
    if (mode_is_char(inode->mode) && !(flags & O_PATH) && inode_is_nodev(inode))
        return -EACCES;
    struct file *file = kzalloc(sizeof(*file), GFP_KERNEL);
    if (!file)
        return -ENOMEM;
    mutex_init(&file->lock, RANK_POSITION, "file");
    file->dentry = dentry_get(dentry);
    super_enter(inode->super);
    file->fops = flags & O_PATH ? &path_ops : inode->fops;
    file->flags = flags;
    file->refs = 1;

    int error = is_writer(file) ? inode_get_write(inode) : 0;
    if (!error) {
        error = !file->fops ? -ENXIO : file->fops->open ? file->fops->open(file) : 0;
        if (error && is_writer(file))
            inode_put_write(inode);
    }
    if (error) {
        super_leave(inode->super);
        dentry_put(dentry);
        kfree(file);
        return error;
    }
    *result = file;
    return 0;
}

void file_put(struct file *file)
{
    if (__atomic_sub_fetch(&file->refs, 1, __ATOMIC_ACQ_REL))
        return;
    if (file->watchers.next)
        epoll_forget(file);
    file_lock_close(file);
    if (file->fops->release)
        file->fops->release(file);
    if (is_writer(file))
        inode_put_write(file->dentry->inode);
    super_leave(file->dentry->inode->super);
    dentry_put(file->dentry);
    kfree(file);
}

typedef ssize_t transfer(struct file *file, struct iov *iov, u64 *position);

/* Read or write at the file's own position, which nobody else may move meanwhile. */
static NOINLINE ssize_t transfer_on(struct file *file, transfer *function, struct iov *iov)
{
    mutex_lock(&file->lock);
    ssize_t result = function(file, iov, &file->position);
    mutex_unlock(&file->lock);
    return result;
}

/* Read or write at @position, or NULL: at the file's own, which a stream has no use for. */
static ALWAYS_INLINE ssize_t transfer_at(struct file *file, transfer *function, struct iov *iov,
                                         u64 *position)
{
    if (position)
        return function(file, iov, position);
    if (file->fops->is_stream)
        return function(file, iov, &file->position);
    return transfer_on(file, function, iov);
}

ssize_t file_read(struct file *file, struct iov *to, u64 *position)
{
    if ((file->flags & O_ACCMODE) == O_WRONLY || file->flags & O_PATH)
        return -EBADF;
    if (unlikely(!file->fops->read))
        return mode_is_dir(file->dentry->inode->mode) ? -EISDIR : -EINVAL;
    return transfer_at(file, file->fops->read, to, position);
}

ssize_t file_write(struct file *file, struct iov *from, u64 *position)
{
    if ((file->flags & O_ACCMODE) == O_RDONLY || file->flags & O_PATH)
        return -EBADF;
    if (!file->fops->write)
        return -EINVAL;
    return transfer_at(file, file->fops->write, from, position);
}

ssize_t file_read_kernel(struct file *file, void *buffer, size_t size, u64 position)
{
    struct iov to = iov_kernel(buffer, size);
    return file_read(file, &to, &position);
}
