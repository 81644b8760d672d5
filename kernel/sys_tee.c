/*
 * tee(2): what is in one pipe is put into another, too.
 *
 * Bytes are copied, with no lock of both pipes at once; who reads the first pipe meanwhile may cut
 * short what is copied, but never tear it.
 */
#include "kernel/fs/files.h"
#include "kernel/fs/iov.h"
#include "kernel/fs/pipe.h"
#include "kernel/fs/poll.h"
#include "kernel/sys.h"
#include "kernel/task.h"
#include "lib/errno.h"
#include "lib/minmax.h"
#include "mm/kmalloc.h"

enum { SPLICE_NONBLOCK = 2, SPLICE_FLAGS = 15, PIECE_BYTES = 4096 };

static bool has_room(struct file *out) { return out->fops->poll(out, NULL) & POLLOUT; }

/* Copy @size bytes that @in has, as far as there is room in @out. */
static ssize_t copy(struct file *in, struct file *out, size_t size, char *buffer)
{
    size_t total = 0;
    struct pipe_place place = { 0 };
    while (total < size && (!total || has_room(out))) {
        ssize_t got = pipe_peek(in, &place, buffer, min_of(size_t, size - total, PIECE_BYTES));
        if (got <= 0)
            return total ? (ssize_t)total : got;
        struct iov from = iov_kernel(buffer, (size_t)got);
        ssize_t done = out->fops->write(out, &from, NULL);
        if (done <= 0)
            return total ? (ssize_t)total : done;
        total += (size_t)done;
        if (done < got)
            break;
    }
    return (ssize_t)total;
}

static long tee(struct file *in, struct file *out, size_t size, bool nonblock)
{
    if (in->flags & O_PATH || out->flags & O_PATH || (in->flags & O_ACCMODE) == O_WRONLY ||
        (out->flags & O_ACCMODE) == O_RDONLY)
        return -EBADF;
    if (pipe_size(in) < 0 || pipe_size(out) < 0 || in->dentry->inode == out->dentry->inode)
        return -EINVAL;
    int error = pipe_wait_for_bytes(in, nonblock || in->flags & O_NONBLOCK);
    if (error)
        return error == PIPE_ENDED ? 0 : error;
    if (nonblock && !has_room(out))
        return -EAGAIN;
    char *buffer = kmalloc(PIECE_BYTES, GFP_KERNEL);
    long result = buffer ? copy(in, out, size, buffer) : -ENOMEM;
    kfree(buffer);
    return result;
}

long sys_tee(int in_fd, int out_fd, size_t size, unsigned flags)
{
    if (flags & ~(unsigned)SPLICE_FLAGS)
        return -EINVAL;
    if (!size)
        return 0;
    struct file *in = files_find(current->files, in_fd);
    struct file *out = in ? files_find(current->files, out_fd) : NULL;
    long result = out ? tee(in, out, min(size, TRANSFER_MAX), flags & SPLICE_NONBLOCK) : -EBADF;
    if (out)
        file_put(out);
    if (in)
        file_put(in);
    return result;
}
