/*
 * System calls about whole file systems: mount(2), umount2(2), statfs(2), chroot(2), sync(2).
 */
#include "kernel/fs/at.h"
#include "kernel/fs/files.h"
#include "kernel/fs/fs_context.h"
#include "kernel/fs/fs_type.h"
#include "kernel/fs/mount.h"
#include "kernel/sys.h"
#include "kernel/task.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "machine/abi.h"
#include "mm/kmalloc.h"
#include "mm/page.h"
#include "mm/zone.h"

enum {
    MS_MAGIC = 0xc0ed0000, /* old programs set this; Source: mount(2) */
    MS_MAGIC_MASK = 0xffff0000,
    MS_KINDS = MS_UNBINDABLE | MS_PRIVATE | MS_SLAVE | MS_SHARED,
    STATFS_FLAGS = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME | MS_NODIRATIME,
    ST_VALID = 0x20,
    ST_RELATIME = 4096,
};

/* Copy @user's string, "" if there is none. */
static int copy_string(const void __user *user, char **copy)
{
    if (user)
        return at_copy_path(user, copy);
    *copy = kzalloc(1, GFP_KERNEL);
    return *copy ? 0 : -ENOMEM;
}

static bool has_word(const char *options, const char *word)
{
    size_t length = strlen(word);
    for (; *options; options += strspn(options, ",")) {
        size_t here = strcspn(options, ",");
        if (here == length && !memcmp(options, word, length))
            return true;
        options += here;
    }
    return false;
}

/* What a mount is to be. */
struct request {
    struct dentry *at;
    char *source, *type, *options;
    unsigned flags;
};

static int mount_new(const struct request *request)
{
    struct super *super;
    unsigned read_only = has_word(request->options, "ro") ? MS_RDONLY : 0;
    int error = fs_type_create(request->type, request->options, &super);
    if (error)
        return error;
    super->flags = (request->flags | read_only) & MS_KEPT;
    error = mount_add(super, request->at, *request->source ? request->source : "none");
    if (error)
        mount_take_down(super);
    return error;
}

static int remount(const struct request *request)
{
    struct super *super = request->at->inode->super;
    int error = request->at == super->root ? fs_type_change(super, request->options) : -EINVAL;
    if (!error)
        WRITE_ONCE(super->flags, request->flags & MS_KEPT);
    return error;
}

/* Do what the flags say. */
static int mount(const struct request *request)
{
    if (request->flags & MS_REMOUNT)
        return remount(request);
    if (request->flags & MS_KINDS) /* nothing is shared with other namespaces, ever */
        return request->at == request->at->inode->super->root ? 0 : -EINVAL;
    if (request->flags & (MS_BIND | MS_MOVE))
        return -EINVAL; /* a tree is mounted at one place */
    return mount_new(request);
}

long sys_mount(const char __user *source, const char __user *target, const char __user *type,
               unsigned long flags, const void __user *data)
{
    struct request request = { .flags = (unsigned)flags };
    if ((flags & MS_MAGIC_MASK) == MS_MAGIC)
        request.flags &= ~(unsigned)MS_MAGIC_MASK;
    int error = copy_string(type, &request.type);
    if (!error)
        error = copy_string(source, &request.source);
    if (!error)
        error = copy_string(data, &request.options);
    if (!error)
        error = at_find(AT_FDCWD, target, 0, &request.at);
    if (!error) {
        error = mount(&request);
        dentry_put(request.at);
    }
    kfree(request.type);
    kfree(request.source);
    kfree(request.options);
    return error;
}

long sys_umount2(const char __user *target, unsigned flags)
{
    struct dentry *dentry;
    if (flags & ~(unsigned)(MNT_FORCE | MNT_DETACH | MNT_EXPIRE | UMOUNT_NOFOLLOW))
        return -EINVAL;
    if (flags & MNT_EXPIRE && flags & (MNT_FORCE | MNT_DETACH))
        return -EINVAL;
    unsigned how = flags & UMOUNT_NOFOLLOW ? AT_SYMLINK_NOFOLLOW : 0;
    int error = at_find(AT_FDCWD, target, how, &dentry);
    if (error)
        return error;
    error = mount_remove(dentry, flags);
    dentry_put(dentry);
    return error;
}

long sys_umount(const char __user *target) { return sys_umount2(target, 0); }

/* --- statfs ----------------------------------------------------------------------------------- */

/* Limits that are none are those of the machine. */
static void fill_statfs(struct abi_statfs *statfs, const struct super *super)
{
    unsigned long pages = READ_ONCE(super->pages.limit), used = READ_ONCE(super->pages.used);
    unsigned long inodes = READ_ONCE(super->inodes.limit), inodes_used = super->inodes.used;
    unsigned long room = pages ? pages - (used < pages ? used : pages) : pages_free();
    bool has_pages = super->root && super->root->inode->ops->create;
    *statfs = (struct abi_statfs){
        .type = super->magic,
        .block_bytes = PAGE_BYTES,
        .blocks = has_pages ? (pages ? pages : pages_total()) : 0,
        .free = has_pages ? room : 0,
        .available = has_pages ? room : 0,
        .files = inodes,
        .files_free = inodes > inodes_used ? inodes - inodes_used : 0,
        .id = { super->device, 0 },
        .name_bytes = NAME_BYTES_MAX,
        .fragment_bytes = PAGE_BYTES,
        .flags = ST_VALID | ST_RELATIME | (super->flags & STATFS_FLAGS),
    };
}

static long put_statfs(const struct super *super, void __user *user)
{
    struct abi_statfs statfs;
    fill_statfs(&statfs, super);
    return copy_to_user(user, &statfs, sizeof(statfs)) ? -EFAULT : 0;
}

long sys_statfs(const char __user *path, void __user *user)
{
    struct dentry *dentry;
    int error = at_find(AT_FDCWD, path, 0, &dentry);
    if (error)
        return error;
    long result = put_statfs(dentry->inode->super, user);
    dentry_put(dentry);
    return result;
}

long sys_fstatfs(int fd, void __user *user)
{
    struct file *file = files_find(current->files, fd);
    if (!file)
        return -EBADF;
    long result = put_statfs(file->dentry->inode->super, user);
    file_put(file);
    return result;
}

/* On i386 the caller says how large it thinks that the structure is. */
long sys_statfs64(const char __user *path, size_t size, void __user *user)
{
    return size == sizeof(struct abi_statfs) ? sys_statfs(path, user) : -EINVAL;
}

long sys_fstatfs64(int fd, size_t size, void __user *user)
{
    return size == sizeof(struct abi_statfs) ? sys_fstatfs(fd, user) : -EINVAL;
}

/* The i386's first struct statfs, whose numbers are words. */
struct abi_statfs_old {
    u32 type, block_bytes, blocks, free, available, files, files_free;
    u32 id[2];
    u32 name_bytes, fragment_bytes, flags;
    u32 spare[4];
};

static_assert(sizeof(struct abi_statfs_old) == 64, "as programs know it");

static long put_statfs_old(const struct super *super, void __user *user)
{
    struct abi_statfs it;
    fill_statfs(&it, super);
    if ((it.blocks | it.free | it.available | it.files | it.files_free) > UINT32_MAX)
        return -EOVERFLOW;
    const struct abi_statfs_old old = {
        .type = (u32)it.type,
        .block_bytes = (u32)it.block_bytes,
        .blocks = (u32)it.blocks,
        .free = (u32)it.free,
        .available = (u32)it.available,
        .files = (u32)it.files,
        .files_free = (u32)it.files_free,
        .id = { it.id[0], it.id[1] },
        .name_bytes = (u32)it.name_bytes,
        .fragment_bytes = (u32)it.fragment_bytes,
        .flags = (u32)it.flags,
    };
    return copy_to_user(user, &old, sizeof(old)) ? -EFAULT : 0;
}

long sys_statfs_old(const char __user *path, void __user *user)
{
    struct dentry *dentry;
    int error = at_find(AT_FDCWD, path, 0, &dentry);
    if (error)
        return error;
    long result = put_statfs_old(dentry->inode->super, user);
    dentry_put(dentry);
    return result;
}

long sys_fstatfs_old(int fd, void __user *user)
{
    struct file *file = files_find(current->files, fd);
    if (!file)
        return -EBADF;
    long result = put_statfs_old(file->dentry->inode->super, user);
    file_put(file);
    return result;
}

/* --- where paths begin ------------------------------------------------------------------------ */

static long change(struct dentry *dentry, void (*set)(struct fs_context *fs, struct dentry *dir))
{
    if (!mode_is_dir(dentry->inode->mode))
        return -ENOTDIR;
    set(current->fs, dentry);
    return 0;
}

static long change_to_path(const char __user *path,
                           void (*set)(struct fs_context *fs, struct dentry *dir))
{
    struct dentry *dentry;
    int error = at_find(AT_FDCWD, path, 0, &dentry);
    if (error)
        return error;
    long result = change(dentry, set);
    dentry_put(dentry);
    return result;
}

long sys_chdir(const char __user *path) { return change_to_path(path, fs_set_cwd); }
long sys_chroot(const char __user *path) { return change_to_path(path, fs_set_root); }

long sys_fchdir(int fd)
{
    struct file *file = files_find(current->files, fd);
    if (!file)
        return -EBADF;
    long result = change(file->dentry, fs_set_cwd);
    file_put(file);
    return result;
}
