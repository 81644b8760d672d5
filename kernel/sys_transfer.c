/*
 * System calls that move bytes from one file to another: sendfile(2), copy_file_range(2),
 * splice(2).
 *
 * Bytes go through a buffer of the kernel's, a piece at a time.  A piece that was read is written
 * whole, or the place in a file that was read from goes back by what was not.
 */
#include "kernel/fs/files.h"
#include "kernel/fs/iov.h"
#include "kernel/sched.h"
#include "kernel/sys.h"
#include "kernel/task.h"
#include "lib/errno.h"
#include "lib/minmax.h"
#include "mm/kmalloc.h"

enum {
    PIECE_BYTES = 16384,
    SPLICE_FLAGS = 15, /* Source: splice(2) */
};

/* A file and where in it: *offset, or the file's own position if that is NULL. */
struct end {
    struct file *file;
    u64 *offset;
    u64 __user *user; /* where the caller keeps the offset; NULL: nowhere */
};

static bool is_pipe(const struct file *file) { return mode_is_fifo(file->dentry->inode->mode); }

/* Write @size bytes of @buffer.  Returns: how many were, if any; else an errno or 0. */
static ssize_t write_piece(const struct end *out, char *buffer, size_t size)
{
    size_t done = 0;
    while (done < size) {
        struct iov from = iov_kernel(buffer + done, size - done);
        ssize_t now = file_write(out->file, &from, out->offset);
        if (now <= 0)
            return done ? (ssize_t)done : now;
        done += (size_t)now;
    }
    return (ssize_t)done;
}

/* What was read but not written is to be read again. */
static void step_back(const struct end *in, size_t size)
{
    if (in->offset) {
        *in->offset -= size;
    } else if (!in->file->fops->is_stream) {
        mutex_lock(&in->file->lock);
        in->file->position -= min_of(u64, size, in->file->position);
        mutex_unlock(&in->file->lock);
    }
}

/* Move one piece through @buffer.  Returns: bytes; 0 at the end; an errno. */
static ssize_t move_piece(const struct end *in, const struct end *out, char *buffer, size_t size)
{
    struct iov to = iov_kernel(buffer, size);
    ssize_t got = file_read(in->file, &to, in->offset);
    if (got <= 0)
        return got;
    ssize_t done = write_piece(out, buffer, (size_t)got);
    if (done < got)
        step_back(in, (size_t)(got - max_of(ssize_t, done, 0)));
    return done;
}

/* Move up to @size bytes; from a pipe no more than what one read gives. */
static long move(const struct end *in, const struct end *out, size_t size)
{
    char *buffer = kmalloc(PIECE_BYTES, GFP_KERNEL);
    if (!buffer)
        return -ENOMEM;
    size_t total = 0;
    ssize_t done = 0;
    size = min(size, TRANSFER_MAX);
    while (total < size) {
        done = move_piece(in, out, buffer, min_of(size_t, size - total, PIECE_BYTES));
        if (done <= 0)
            break;
        total += (size_t)done;
        if (is_pipe(in->file))
            break;
        cond_resched();
    }
    kfree(buffer);
    return total ? (long)total : done;
}

/* --- offsets ---------------------------------------------------------------------------------- */

/* Move with offsets that lie in user memory, or are the files' own (NULL). */
static long move_at(struct end *in, struct end *out, size_t size)
{
    u64 __user *in_user = in->user, *out_user = out->user;
    u64 in_offset, out_offset;
    if (in_user && copy_from_user(&in_offset, in_user, sizeof(in_offset)))
        return -EFAULT;
    if (out_user && copy_from_user(&out_offset, out_user, sizeof(out_offset)))
        return -EFAULT;
    if ((in_user && (s64)in_offset < 0) || (out_user && (s64)out_offset < 0))
        return -EINVAL;
    in->offset = in_user ? &in_offset : NULL;
    out->offset = out_user ? &out_offset : NULL;
    long result = move(in, out, size);
    if (result > 0 && in_user && put_user(in_offset, in_user))
        return -EFAULT;
    if (result > 0 && out_user && put_user(out_offset, out_user))
        return -EFAULT;
    return result;
}

/* Both files, with references: 0 or -EBADF. */
static int open_ends(int in_fd, struct end *in, int out_fd, struct end *out)
{
    in->file = files_find(current->files, in_fd);
    out->file = in->file ? files_find(current->files, out_fd) : NULL;
    if (in->file && !out->file)
        file_put(in->file);
    if (!out->file)
        return -EBADF;
    bool can = (in->file->flags & O_ACCMODE) != O_WRONLY &&
               (out->file->flags & O_ACCMODE) != O_RDONLY &&
               !((in->file->flags | out->file->flags) & O_PATH);
    if (can)
        return 0;
    file_put(in->file);
    file_put(out->file);
    return -EBADF;
}

static void put_ends(struct end *in, struct end *out)
{
    file_put(in->file);
    file_put(out->file);
}

/* --- calls ------------------------------------------------------------------------------------ */

/* What one can read from at any place: files, not pipes or terminals. */
static bool has_places(const struct file *file)
{
    return file->fops->read && !file->fops->is_stream;
}

long sys_sendfile64(int out_fd, int in_fd, u64 __user *offset, size_t size)
{
    struct end in = { .user = offset }, out = { 0 };
    long result = open_ends(in_fd, &in, out_fd, &out);
    if (result)
        return result;
    if (!has_places(in.file))
        result = offset ? -ESPIPE : -EINVAL;
    else if (out.file->flags & O_APPEND)
        result = -EINVAL;
    else
        result = move_at(&in, &out, size);
    put_ends(&in, &out);
    return result;
}

/* On i386 the first sendfile() has an offset of one word. */
long sys_sendfile(int out_fd, int in_fd, long __user *user, size_t size)
{
    struct end in = { 0 }, out = { 0 };
    long word = 0;
    if (user && copy_from_user(&word, user, sizeof(word)))
        return -EFAULT;
    u64 offset = (u64)word;
    long result = open_ends(in_fd, &in, out_fd, &out);
    if (result)
        return result;
    in.offset = user ? &offset : NULL;
    out.offset = NULL;
    if (!has_places(in.file))
        result = user ? -ESPIPE : -EINVAL;
    else if (word < 0 || out.file->flags & O_APPEND)
        result = -EINVAL;
    else
        result = move(&in, &out, size);
    put_ends(&in, &out);
    if (result > 0 && user && put_user((long)offset, user))
        return -EFAULT;
    return result;
}

/* Does a copy within one file read what it writes? */
static int check_overlap(const struct end *in, const struct end *out, size_t size)
{
    if (in->file->dentry->inode != out->file->dentry->inode)
        return 0;
    u64 from = in->offset ? *in->offset : in->file->position;
    u64 to = out->offset ? *out->offset : out->file->position;
    return from < to + size && to < from + size ? -EINVAL : 0;
}

long sys_copy_file_range(int in_fd, u64 __user *in_user, int out_fd, u64 __user *out_user,
                         size_t size, unsigned flags)
{
    struct end in = { .user = in_user }, out = { .user = out_user };
    u64 offset[2] = { 0 };
    long result = open_ends(in_fd, &in, out_fd, &out);
    if (result)
        return result;
    u32 in_mode = in.file->dentry->inode->mode, out_mode = out.file->dentry->inode->mode;
    if (flags)
        result = -EINVAL;
    else if (mode_is_dir(in_mode) || mode_is_dir(out_mode))
        result = -EISDIR;
    else if (!mode_is_file(in_mode) || !mode_is_file(out_mode))
        result = -EINVAL;
    else if (out.file->flags & O_APPEND)
        result = -EBADF;
    else if ((in_user && copy_from_user(&offset[0], in_user, sizeof(u64))) ||
             (out_user && copy_from_user(&offset[1], out_user, sizeof(u64))))
        result = -EFAULT;
    if (!result) {
        in.offset = in_user ? &offset[0] : NULL;
        out.offset = out_user ? &offset[1] : NULL;
        result = check_overlap(&in, &out, min(size, TRANSFER_MAX));
    }
    if (!result)
        result = move_at(&in, &out, size);
    put_ends(&in, &out);
    return result;
}

long sys_splice(int in_fd, u64 __user *in_user, int out_fd, u64 __user *out_user, size_t size,
                unsigned flags)
{
    struct end in = { .user = in_user }, out = { .user = out_user };
    if (flags & ~(unsigned)SPLICE_FLAGS)
        return -EINVAL;
    if (!size)
        return 0;
    long result = open_ends(in_fd, &in, out_fd, &out);
    if (result)
        return result;
    if ((is_pipe(in.file) && in_user) || (is_pipe(out.file) && out_user))
        result = -ESPIPE;
    else if (!is_pipe(in.file) && !is_pipe(out.file))
        result = -EINVAL;
    else if (is_pipe(in.file) && in.file->dentry->inode == out.file->dentry->inode)
        result = -EINVAL;
    else
        result = move_at(&in, &out, size);
    put_ends(&in, &out);
    return result;
}
