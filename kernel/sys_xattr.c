/*
 * Extended attributes: setxattr(2), getxattr(2), listxattr(2), removexattr(2) and their kin.
 *
 * No file system here keeps any, and this is how a kernel says so: a list of them is empty, and one
 * by its name is EOPNOTSUPP.  Programs take that for an answer: `ls -l` and `cp -a` ask each file
 * for its access control list, which is such an attribute, and complain about ENOSYS.
 */
#include "kernel/fs/at.h"
#include "kernel/fs/files.h"
#include "kernel/fs/stat.h"
#include "kernel/fs/vfs.h"
#include "kernel/sys.h"
#include "kernel/task.h"
#include "lib/errno.h"
#include "lib/string.h"

/* Source: setxattr(2), xattr(7), Linux uapi linux/limits.h. */
enum {
    XATTR_CREATE = 1,
    XATTR_REPLACE = 2,
    XATTR_NAME_MAX = 255,
    XATTR_SIZE_MAX = 65536,
};

/* What is asked of a file's attributes. */
enum request { XATTR_LIST, XATTR_GET, XATTR_CHANGE };

/* The answer to @request about @inode's attribute @user, a name; none is needed for the list. */
static long answer(const struct inode *inode, enum request request, const char __user *user)
{
    static const char users_own[] = "user.";
    char name[XATTR_NAME_MAX + 1];
    if (request == XATTR_LIST)
        return 0;
    if (request == XATTR_CHANGE && inode_is_read_only(inode))
        return -EROFS;
    ssize_t length = strncpy_from_user(name, user, sizeof(name));
    if (length < 0)
        return length;
    if (length == 0 || length == sizeof(name))
        return -ERANGE;
    bool may_have = mode_is_file(inode->mode) || mode_is_dir(inode->mode);
    if (may_have || strncmp(name, users_own, sizeof(users_own) - 1) != 0)
        return -EOPNOTSUPP;
    return request == XATTR_CHANGE ? -EPERM : -ENODATA;
}

static long ask_path(const char __user *path, unsigned flags, enum request request,
                     const char __user *name)
{
    struct dentry *dentry;
    int error = at_find(AT_FDCWD, path, flags, &dentry);
    if (error)
        return error;
    long result = answer(dentry->inode, request, name);
    dentry_put(dentry);
    return result;
}

static long ask_fd(int fd, enum request request, const char __user *name)
{
    struct file *file = files_find(current->files, fd);
    if (!file)
        return -EBADF;
    long result = file->flags & O_PATH ? -EBADF : answer(file->dentry->inode, request, name);
    file_put(file);
    return result;
}

/* What is wrong with a new value of @bytes, set with @flags: 0 or an errno. */
static int check_value(size_t bytes, unsigned flags)
{
    if (flags & ~(unsigned)(XATTR_CREATE | XATTR_REPLACE))
        return -EINVAL;
    return bytes > XATTR_SIZE_MAX ? -E2BIG : 0;
}

long sys_setxattr(const char __user *path, const char __user *name, const void __user *value,
                  size_t bytes, unsigned flags)
{
    (void)value;
    int error = check_value(bytes, flags);
    return error ? error : ask_path(path, 0, XATTR_CHANGE, name);
}

long sys_lsetxattr(const char __user *path, const char __user *name, const void __user *value,
                   size_t bytes, unsigned flags)
{
    (void)value;
    int error = check_value(bytes, flags);
    return error ? error : ask_path(path, AT_SYMLINK_NOFOLLOW, XATTR_CHANGE, name);
}

long sys_fsetxattr(int fd, const char __user *name, const void __user *value, size_t bytes,
                   unsigned flags)
{
    (void)value;
    int error = check_value(bytes, flags);
    return error ? error : ask_fd(fd, XATTR_CHANGE, name);
}

long sys_getxattr(const char __user *path, const char __user *name)
{
    return ask_path(path, 0, XATTR_GET, name);
}

long sys_lgetxattr(const char __user *path, const char __user *name)
{
    return ask_path(path, AT_SYMLINK_NOFOLLOW, XATTR_GET, name);
}

long sys_fgetxattr(int fd, const char __user *name) { return ask_fd(fd, XATTR_GET, name); }

long sys_listxattr(const char __user *path) { return ask_path(path, 0, XATTR_LIST, NULL); }

long sys_llistxattr(const char __user *path)
{
    return ask_path(path, AT_SYMLINK_NOFOLLOW, XATTR_LIST, NULL);
}

long sys_flistxattr(int fd) { return ask_fd(fd, XATTR_LIST, NULL); }

long sys_removexattr(const char __user *path, const char __user *name)
{
    return ask_path(path, 0, XATTR_CHANGE, name);
}

long sys_lremovexattr(const char __user *path, const char __user *name)
{
    return ask_path(path, AT_SYMLINK_NOFOLLOW, XATTR_CHANGE, name);
}

long sys_fremovexattr(int fd, const char __user *name) { return ask_fd(fd, XATTR_CHANGE, name); }
