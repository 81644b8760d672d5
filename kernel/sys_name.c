/*
 * System calls that make, remove and change names: mkdir(2), unlink(2), rename(2) and their kin.
 */
#include "kernel/fs/at.h"
#include "kernel/fs/fs_context.h"
#include "kernel/sys.h"
#include "kernel/task.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/kmalloc.h"

/* A path of the caller's, split into the directory and the name in it. */
struct target {
    char *path; /* a copy, which the name points into */
    struct walk_start start;
    struct dentry_place at;
    bool slash; /* it ends in one: a directory is meant */
};

/* Fill in @target; 0 or an errno: then there is nothing to give back.  -EEXIST: "/", ".", "..". */
static int find_target(int dir, const char __user *user, struct target *target)
{
    int error = at_copy_path(user, &target->path);
    if (error)
        return error;
    error = at_start(dir, target->path, &target->start);
    if (!error) {
        error = path_walk_parent(&target->start, target->path, &target->at.dir, &target->at.name);
        if (error)
            walk_start_put(&target->start);
    }
    if (error) {
        kfree(target->path);
        return error;
    }
    target->slash = target->at.name.text[target->at.name.length] == '/';
    return 0;
}

static void put_target(struct target *target)
{
    dentry_put(target->at.dir);
    walk_start_put(&target->start);
    kfree(target->path);
}

/* Make the inode that @spec says, under the caller's umask. */
static long make(int dir, const char __user *path, struct inode_spec spec)
{
    struct target target;
    struct dentry *made;
    int error = find_target(dir, path, &target);
    if (error)
        return error;
    if (!mode_is_link(spec.mode))
        spec.mode = fs_masked(current->fs, spec.mode);
    error = target.slash && !mode_is_dir(spec.mode)
                ? -ENOENT
                : dentry_make(target.at.dir, &target.at.name, &spec, &made);
    if (!error)
        dentry_put(made);
    put_target(&target);
    return error;
}

long sys_mkdirat(int dir, const char __user *path, unsigned mode)
{
    return make(dir, path, (struct inode_spec){ .mode = S_IFDIR | (mode & 01777) });
}

long sys_mkdir(const char __user *path, unsigned mode) { return sys_mkdirat(AT_FDCWD, path, mode); }

long sys_mknodat(int dir, const char __user *path, unsigned mode, unsigned device)
{
    unsigned type = mode & S_IFMT ? mode & S_IFMT : S_IFREG;
    if (type == S_IFDIR)
        return -EPERM;
    if (type != S_IFREG && type != S_IFCHR && type != S_IFBLK && type != S_IFIFO &&
        type != S_IFSOCK)
        return -EINVAL;
    return make(dir, path,
                (struct inode_spec){ .mode = type | (mode & S_RIGHTS), .device = device });
}

long sys_mknod(const char __user *path, unsigned mode, unsigned device)
{
    return sys_mknodat(AT_FDCWD, path, mode, device);
}

long sys_symlinkat(const char __user *user, int dir, const char __user *path)
{
    char *text;
    int error = at_copy_path(user, &text);
    if (error)
        return error;
    long result = *text ? make(dir, path, (struct inode_spec){ S_IFLNK | 0777, 0, text }) : -ENOENT;
    kfree(text);
    return result;
}

long sys_symlink(const char __user *target, const char __user *path)
{
    return sys_symlinkat(target, AT_FDCWD, path);
}

/* What a path that has no last name means to rmdir(2). */
static int rmdir_error(const char __user *user)
{
    char *path;
    int error = at_copy_path(user, &path);
    if (error)
        return error;
    size_t end = strlen(path);
    while (end && path[end - 1] == '/')
        end--;
    if (!end)
        error = -EBUSY;
    else
        error = end >= 2 && path[end - 2] == '.' ? -ENOTEMPTY : -EINVAL;
    kfree(path);
    return error;
}

/* Why unlink(2) does not remove a name with a slash behind it. */
static int unlink_slash_error(const struct dentry_place *at)
{
    struct dentry *dentry;
    int error = dentry_lookup(at->dir, &at->name, &dentry);
    if (error)
        return error;
    error = mode_is_dir(dentry->inode->mode) ? -EISDIR : -ENOTDIR;
    dentry_put(dentry);
    return error;
}

long sys_unlinkat(int dir, const char __user *path, unsigned flags)
{
    struct target target;
    if (flags & ~(unsigned)AT_REMOVEDIR)
        return -EINVAL;
    int error = find_target(dir, path, &target);
    if (error == -EEXIST)
        return flags & AT_REMOVEDIR ? rmdir_error(path) : -EISDIR;
    if (error)
        return error;
    if (target.slash && !(flags & AT_REMOVEDIR))
        error = unlink_slash_error(&target.at);
    else
        error = dentry_remove(target.at.dir, &target.at.name, flags & AT_REMOVEDIR);
    put_target(&target);
    return error;
}

long sys_unlink(const char __user *path) { return sys_unlinkat(AT_FDCWD, path, 0); }
long sys_rmdir(const char __user *path) { return sys_unlinkat(AT_FDCWD, path, AT_REMOVEDIR); }

/* A slash behind a name says that it is a directory. */
static int check_directory(const struct dentry_place *at)
{
    struct dentry *dentry;
    int error = dentry_lookup(at->dir, &at->name, &dentry);
    if (error)
        return error;
    error = mode_is_dir(dentry->inode->mode) ? 0 : -ENOTDIR;
    dentry_put(dentry);
    return error;
}

long sys_renameat2(int from_dir, const char __user *from, int to_dir, const char __user *to,
                   unsigned flags)
{
    struct target source, goal;
    if (flags & ~(unsigned)RENAME_FLAGS || flags == RENAME_FLAGS)
        return -EINVAL;
    int error = find_target(from_dir, from, &source);
    if (error)
        return error == -EEXIST ? -EBUSY : error;
    error = find_target(to_dir, to, &goal);
    if (!error) {
        error = source.slash || goal.slash ? check_directory(&source.at) : 0;
        if (!error)
            error = dentry_rename(&source.at, &goal.at, flags);
        put_target(&goal);
    } else if (error == -EEXIST) {
        error = -EBUSY;
    }
    put_target(&source);
    return error;
}

long sys_renameat(int from_dir, const char __user *from, int to_dir, const char __user *to)
{
    return sys_renameat2(from_dir, from, to_dir, to, 0);
}

long sys_rename(const char __user *from, const char __user *to)
{
    return sys_renameat2(AT_FDCWD, from, AT_FDCWD, to, 0);
}

long sys_linkat(int from_dir, const char __user *from, int to_dir, const char __user *to,
                unsigned flags)
{
    struct target goal;
    struct dentry *dentry;
    if (flags & ~(unsigned)(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH))
        return -EINVAL;
    unsigned how = flags & AT_SYMLINK_FOLLOW ? 0 : AT_SYMLINK_NOFOLLOW;
    int error = at_find(from_dir, from, how | (flags & AT_EMPTY_PATH), &dentry);
    if (error)
        return error;
    error = find_target(to_dir, to, &goal);
    if (!error) {
        error = goal.slash ? -ENOENT : dentry_link(goal.at.dir, &goal.at.name, dentry->inode);
        put_target(&goal);
    }
    dentry_put(dentry);
    return error;
}

long sys_link(const char __user *from, const char __user *to)
{
    return sys_linkat(AT_FDCWD, from, AT_FDCWD, to, 0);
}
