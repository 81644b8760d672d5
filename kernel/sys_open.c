/*
 * System calls that open and close: open(2), close(2) and their kin.
 */
#include "kernel/fs/at.h"
#include "kernel/fs/files.h"
#include "kernel/fs/fs_context.h"
#include "kernel/fs/ramfs.h"
#include "kernel/sys.h"
#include "kernel/task.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/kmalloc.h"

/* What has done its work when a file is open. */
#define CREATION_FLAGS (O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_CLOEXEC)

/* What open() was asked for. */
struct request {
    const char *path;
    unsigned flags;
    unsigned mode; /* of a new file */
};

/* Make the file. */
static int create_file(const struct walk_start *start, const struct request *request,
                       struct dentry **result)
{
    struct dentry *parent;
    struct name name;
    if (request->path[strlen(request->path) - 1] == '/')
        return -EISDIR;
    int error = path_walk_parent(start, request->path, &parent, &name);
    if (error)
        return error;
    u32 rights = fs_masked(current->fs, request->mode & S_RIGHTS);
    error = dentry_make(parent, &name, &(struct inode_spec){ .mode = S_IFREG | rights }, result);
    dentry_put(parent);
    return error;
}

/* Make a file without a name, in the file system of the directory that the path names. */
static int create_unnamed(const struct walk_start *start, const struct request *request,
                          struct dentry **result)
{
    struct dentry *dir;
    if ((request->flags & O_ACCMODE) == O_RDONLY)
        return -EINVAL;
    int error = path_walk(start, request->path, WALK_FOLLOW | WALK_DIRECTORY, &dir);
    if (error)
        return error;
    u32 rights = fs_masked(current->fs, request->mode & S_RIGHTS);
    const struct inode_ops *ops = dir->inode->ops;
    *result = ops->create ? ramfs_create_unnamed(dir, rights) : NULL;
    dentry_put(dir);
    return *result ? 0 : ops->create ? -ENOSPC : -EOPNOTSUPP;
}

/* Find the file, or make it if the flags say so. */
static int find_or_create(const struct walk_start *start, const struct request *request,
                          struct dentry **result)
{
    unsigned flags = request->flags;
    if (flags & O_TMPFILE)
        return flags & O_DIRECTORY ? create_unnamed(start, request, result) : -EINVAL;
    bool must_be_new = flags & O_CREAT && flags & O_EXCL;
    bool keep_link = flags & O_NOFOLLOW || must_be_new;
    unsigned walk = (keep_link ? 0 : WALK_FOLLOW) | (flags & O_DIRECTORY ? WALK_DIRECTORY : 0);
    int error = path_walk(start, request->path, walk, result);
    if (error == -ENOENT && flags & O_CREAT && *request->path)
        return create_file(start, request, result);
    if (!error && must_be_new) {
        dentry_put(*result);
        return -EEXIST;
    }
    return error;
}

/* May what @dentry names be opened with @flags? */
static int check_open(const struct dentry *dentry, unsigned flags)
{
    u32 mode = dentry->inode->mode;
    bool wants_write = (flags & O_ACCMODE) != O_RDONLY || flags & (O_TRUNC | O_CREAT);
    if (mode_is_link(mode) && !(flags & O_PATH))
        return -ELOOP;
    if (mode_is_dir(mode) && wants_write && !(flags & O_PATH))
        return -EISDIR;
    return 0;
}

static int truncate_file(struct inode *inode)
{
    if (!mode_is_file(inode->mode) || !inode->ops->truncate)
        return 0;
    mutex_lock(&inode->lock);
    int error = inode->ops->truncate(inode, 0);
    mutex_unlock(&inode->lock);
    return error;
}

static long open_path(int dir, const struct request *request)
{
    unsigned flags = request->flags;
    struct walk_start start;
    struct dentry *dentry;
    struct file *file;
    int error = at_start(dir, request->path, &start);
    if (error)
        return error;
    error = find_or_create(&start, request, &dentry);
    walk_start_put(&start);
    if (error)
        return error;
    error = check_open(dentry, flags);
    if (!error)
        error = file_open(dentry, flags & ~(unsigned)CREATION_FLAGS, &file);
    dentry_put(dentry);
    if (error)
        return error;
    if (flags & O_TRUNC && (flags & O_ACCMODE) != O_RDONLY) /* it is not being executed */
        error = truncate_file(dentry->inode);
    if (error) {
        file_put(file);
        return error;
    }
    return files_install_or_put(current->files, file, 0, flags & O_CLOEXEC);
}

long sys_openat(int dir, const char __user *user, unsigned flags, unsigned mode)
{
    char *path;
    int error = at_copy_path(user, &path);
    if (error)
        return error;
    long result = open_path(dir, &(struct request){ path, flags, mode });
    kfree(path);
    return result;
}

long sys_open(const char __user *path, unsigned flags, unsigned mode)
{
    return sys_openat(AT_FDCWD, path, flags, mode);
}

long sys_creat(const char __user *path, unsigned mode)
{
    return sys_open(path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

long sys_close(int fd) { return files_close(current->files, fd); }

long sys_getcwd(char __user *user, size_t size)
{
    struct walk_start start = fs_start(current->fs);
    char *buffer = kmalloc(PATH_BYTES_MAX, GFP_KERNEL);
    long result = -ENOMEM;
    if (buffer) {
        const char *path = dentry_path_below(start.cwd, start.root, buffer, PATH_BYTES_MAX);
        size_t length = path ? strlen(path) + 1 : 0;
        if (dentry_is_gone(start.cwd))
            result = -ENOENT;
        else if (!path)
            result = -ENAMETOOLONG;
        else if (length > size)
            result = -ERANGE;
        else
            result = copy_to_user(user, path, length) ? -EFAULT : (long)length;
    }
    kfree(buffer);
    walk_start_put(&start);
    return result;
}

long sys_umask(unsigned mask)
{
    return (long)__atomic_exchange_n(&current->fs->umask, mask & 0777, __ATOMIC_RELAXED);
}
