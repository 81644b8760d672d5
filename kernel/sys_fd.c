/*
 * System calls that make and copy open files: dup(2), fcntl(2), pipe(2), memfd_create(2) and kin.
 */
#include "kernel/fs/files.h"
#include "kernel/fs/pipe.h"
#include "kernel/fs/ramfs.h"
#include "kernel/fs/ramfs_file.h"
#include "kernel/process.h"
#include "kernel/sys.h"
#include "kernel/sys_lock.h"
#include "kernel/task.h"
#include "lib/errno.h"
#include "lib/string.h"

/* Source: fcntl(2), Linux uapi asm-generic/fcntl.h and linux/fcntl.h. */
enum {
    F_DUPFD = 0,
    F_GETFD = 1,
    F_SETFD = 2,
    F_GETFL = 3,
    F_SETFL = 4,
    F_DUPFD_CLOEXEC = 1030,
    F_SETPIPE_SZ = 1031,
    F_GETPIPE_SZ = 1032,
    F_ADD_SEALS = 1033,
    F_GET_SEALS = 1034,
    FD_CLOEXEC = 1,
};

/* What F_SETFL may change. */
#define CHANGEABLE (O_APPEND | O_NONBLOCK | O_DIRECT | O_NOATIME)

static long duplicate(int fd, unsigned long from, bool cloexec)
{
    struct file *file = files_find(current->files, fd);
    if (!file)
        return -EBADF;
    if (from >= READ_ONCE(current->process->limit[RLIMIT_NOFILE].now)) {
        file_put(file);
        return -EINVAL;
    }
    return files_install_or_put(current->files, file, (unsigned)from, cloexec);
}

/* Source: close_range(2). */
enum { CLOSE_RANGE_UNSHARE = 2, CLOSE_RANGE_CLOEXEC = 4 };

long sys_close_range(unsigned first, unsigned last, unsigned flags)
{
    if (flags & ~(unsigned)(CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC) || first > last)
        return -EINVAL;
    if (flags & CLOSE_RANGE_UNSHARE && READ_ONCE(current->files->refs) > 1) {
        struct files *copy = files_copy(current->files);
        if (!copy)
            return -ENOMEM;
        task_set_files(current, copy);
    }
    if (flags & CLOSE_RANGE_CLOEXEC)
        files_mark_range(current->files, first, last);
    else
        files_close_range(current->files, first, last);
    return 0;
}

long sys_dup(int fd) { return duplicate(fd, 0, false); }

static long duplicate_as(int fd, int new_fd, bool cloexec)
{
    struct file *file = files_find(current->files, fd);
    if (!file)
        return -EBADF;
    int result = files_replace(current->files, file, new_fd, cloexec);
    if (result < 0)
        file_put(file);
    return result;
}

long sys_dup2(int fd, int new_fd)
{
    if (fd != new_fd)
        return duplicate_as(fd, new_fd, false);
    int open = files_get_cloexec(current->files, fd);
    return open < 0 ? open : fd;
}

long sys_dup3(int fd, int new_fd, unsigned flags)
{
    if (flags & ~(unsigned)O_CLOEXEC || fd == new_fd)
        return -EINVAL;
    return duplicate_as(fd, new_fd, flags & O_CLOEXEC);
}

static long set_flags(struct file *file, unsigned flags)
{
    u32 old = __atomic_load_n(&file->flags, __ATOMIC_RELAXED);
    u32 wanted;
    do
        wanted = (old & ~(u32)CHANGEABLE) | (flags & CHANGEABLE);
    while (!__atomic_compare_exchange_n(&file->flags, &old, wanted, true, __ATOMIC_RELAXED,
                                        __ATOMIC_RELAXED));
    return 0;
}

static long control_seals(struct file *file, unsigned command, u32 seals)
{
    struct inode *inode = file->dentry->inode;
    if (!inode_has_seals(inode))
        return -EINVAL;
    if (command == F_GET_SEALS)
        return (long)ram_file_seals(inode);
    return (file->flags & O_ACCMODE) == O_RDONLY ? -EPERM : ram_file_add_seals(inode, seals);
}

/* The commands about the open file, not about its number. */
static long control_file(struct file *file, unsigned command, unsigned long argument)
{
    if (command == F_GETFL)
        return (long)file->flags;
    if (file->flags & O_PATH)
        return -EBADF;
    if (command == F_SETFL)
        return set_flags(file, (unsigned)argument);
    if (command == F_GETPIPE_SZ || command == F_SETPIPE_SZ)
        return command == F_GETPIPE_SZ ? pipe_size(file) : pipe_set_size(file, argument);
    if (command == F_GET_SEALS || command == F_ADD_SEALS)
        return control_seals(file, command, (u32)argument);
    return fcntl_lock(file, command, argument);
}

long sys_fcntl(int fd, unsigned command, unsigned long argument)
{
    if (command == F_DUPFD || command == F_DUPFD_CLOEXEC)
        return duplicate(fd, argument, command == F_DUPFD_CLOEXEC);
    if (command == F_GETFD)
        return files_get_cloexec(current->files, fd);
    if (command == F_SETFD)
        return files_set_cloexec(current->files, fd, argument & FD_CLOEXEC);
    struct file *file = files_find(current->files, fd);
    if (!file)
        return -EBADF;
    long result = control_file(file, command, argument);
    file_put(file);
    return result;
}

/* Install both ends and tell their numbers; on failure neither is open. */
static long install_pipe(struct file *reader, struct file *writer, int __user *fds, bool cloexec)
{
    struct files *files = current->files;
    int fd[2];
    fd[0] = files_install_or_put(current->files, reader, 0, cloexec);
    if (fd[0] < 0) {
        file_put(writer);
        return fd[0];
    }
    fd[1] = files_install_or_put(current->files, writer, 0, cloexec);
    long error = fd[1] < 0 ? fd[1] : copy_to_user(fds, fd, sizeof(fd)) ? -EFAULT : 0;
    if (error && fd[1] >= 0)
        (void)files_close(files, fd[1]);
    if (error)
        (void)files_close(files, fd[0]);
    return error;
}

long sys_pipe2(int __user *fds, unsigned flags)
{
    struct file *reader, *writer;
    if (flags & ~(unsigned)(O_CLOEXEC | O_NONBLOCK))
        return -EINVAL;
    int error = pipe_create(flags & O_NONBLOCK, &reader, &writer);
    return error ? error : install_pipe(reader, writer, fds, flags & O_CLOEXEC);
}

long sys_pipe(int __user *fds) { return sys_pipe2(fds, 0); }

/* Source: memfd_create(2), Linux uapi linux/memfd.h. */
enum {
    MFD_CLOEXEC = 1,
    MFD_ALLOW_SEALING = 2,
    MFD_NOEXEC_SEAL = 8,
    MFD_EXEC = 16,
    MEMFD_NAME_MAX = 249, /* so that "memfd:" before it makes a file name */
};

#define MEMFD_PREFIX "/memfd:"
#define MEMFD_SUFFIX " (deleted)"

long sys_memfd_create(const char __user *name, unsigned flags)
{
    enum { PREFIX = sizeof(MEMFD_PREFIX) - 1, SUFFIX = sizeof(MEMFD_SUFFIX) };
    char label[PREFIX + MEMFD_NAME_MAX + 1 + SUFFIX] = MEMFD_PREFIX;
    unsigned known = MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL | MFD_EXEC;
    if (flags & ~known || (flags & MFD_EXEC && flags & MFD_NOEXEC_SEAL))
        return -EINVAL;
    ssize_t length = strncpy_from_user(label + PREFIX, name, MEMFD_NAME_MAX + 1);
    if (length < 0)
        return length;
    if (length > MEMFD_NAME_MAX)
        return -EINVAL;
    memcpy(label + PREFIX + length, MEMFD_SUFFIX, SUFFIX);
    struct file *file;
    struct dentry *dentry = ramfs_create_anonymous(0777, label);
    if (!dentry)
        return -ENOMEM;
    if (flags & (MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL))
        ram_file_allow_seals(dentry->inode);
    int error = file_open(dentry, O_RDWR | O_LARGEFILE, &file);
    dentry_put(dentry);
    return error ? error : files_install_or_put(current->files, file, 0, flags & MFD_CLOEXEC);
}
