/*
 * Mounts: the places where one file system's tree goes on in another's.
 *
 * A file system is mounted at most once.  The root of a mounted one covers a directory, its mount
 * point, whose own names nobody gets to see until it is unmounted again.
 */
#ifndef KERNEL_FS_MOUNT_H
#define KERNEL_FS_MOUNT_H

#include "kernel/fs/vfs.h"
#include "lib/annotate.h"

/* Source: mount(2), umount2(2). */
enum mount_flags {
    MS_RDONLY = 1,
    MS_NOSUID = 2,
    MS_NODEV = 4,
    MS_NOEXEC = 8,
    MS_REMOUNT = 32,
    MS_NOATIME = 1024,
    MS_NODIRATIME = 2048,
    MS_BIND = 4096,
    MS_MOVE = 8192,
    MS_REC = 16384,
    MS_SILENT = 32768,
    MS_UNBINDABLE = 1 << 17,
    MS_PRIVATE = 1 << 18,
    MS_SLAVE = 1 << 19,
    MS_SHARED = 1 << 20,
    MS_RELATIME = 1 << 21,
    MS_STRICTATIME = 1 << 24,
    MS_KEPT = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME | MS_NODIRATIME,
    MNT_FORCE = 1,
    MNT_DETACH = 2,
    MNT_EXPIRE = 4,
    UMOUNT_NOFOLLOW = 8,
};

/* What is to be seen at @at: itself, or the root mounted there.  Exchanges the reference. */
struct dentry *mount_follow(struct dentry *at) MUST_CHECK;

/* What ".." leads to from @at for whom @root is the root: with a reference. */
struct dentry *mount_parent_get(const struct dentry *at, const struct dentry *root) MUST_CHECK;

/*
 * Cover directory @at with @super, which takes over the caller's reference and is called @source.
 *
 * Returns: 0; -ENOTDIR, -EBUSY (it is covered already), -ENOENT (it was removed), -ENOMEM: then
 * the reference stays the caller's.  Sleeps.
 */
int mount_add(struct super *super, struct dentry *at, const char *source) MUST_CHECK;

/*
 * Unmount the file system whose root is @root, and with MNT_DETACH those mounted below it.
 *
 * With MNT_EXPIRE only the second time, if nobody has used it since the first: -EAGAIN.
 *
 * Returns: 0; -EINVAL: it is no such root; -EBUSY: it is in use, or the first.  Sleeps.
 */
int mount_remove(struct dentry *root, unsigned flags) MUST_CHECK;

/* The first file system, which is mounted nowhere, is @super. */
void mount_set_first(struct super *super);

/* Call @each for all mounts in the order they were made.  With a lock held: it must not mount. */
void mount_for_each(void (*each)(const struct super *super, void *data), void *data);

/* The last user of a file system that is detached has left: it is taken down soon. */
void mount_left(void);

/* Take @super down, which is detached and on no list, when nobody uses it any more.  Sleeps. */
void mount_take_down_when_left(struct super *super);

/* Forget all names of @super, a tree that nobody finds any more, and drop a reference.  Sleeps. */
void mount_take_down(struct super *super);

#endif
