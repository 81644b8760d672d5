/*
 * System calls that make files to read signals from: signalfd(2).
 */
#include "kernel/fs/files.h"
#include "kernel/fs/signalfd.h"
#include "kernel/sys.h"
#include "kernel/task.h"
#include "lib/errno.h"

enum { NEW_FILE = -1 };

static int change(int fd, u64 set)
{
    struct file *file = files_find(current->files, fd);
    if (!file)
        return -EBADF;
    int result = file->flags & O_PATH ? -EBADF : -EINVAL;
    if (file_is_signalfd(file)) {
        signalfd_set(file, set);
        result = fd;
    }
    file_put(file);
    return result;
}

long sys_signalfd4(int fd, const u64 __user *user, size_t bytes, unsigned flags)
{
    u64 set;
    struct file *file;
    if (bytes != sizeof(set))
        return -EINVAL;
    if (copy_from_user(&set, user, sizeof(set)))
        return -EFAULT;
    if (flags & ~(unsigned)(O_NONBLOCK | O_CLOEXEC))
        return -EINVAL;
    if (fd != NEW_FILE)
        return change(fd, set);
    int error = signalfd_create(set, flags & O_NONBLOCK, &file);
    return error ? error : files_install_or_put(current->files, file, 0, flags & O_CLOEXEC);
}

long sys_signalfd(int fd, const u64 __user *user, size_t bytes)
{
    return sys_signalfd4(fd, user, bytes, 0);
}
