/*
 * Inside ramfs: what has bytes, regular files and the texts of symbolic links.
 */
#ifndef KERNEL_FS_RAMFS_FILE_H
#define KERNEL_FS_RAMFS_FILE_H

#include "kernel/fs/page_cache.h"
#include "kernel/fs/vfs.h"
#include "lib/annotate.h"

/* What may not be done to a file any more.  Source: fcntl(2), F_ADD_SEALS. */
enum {
    F_SEAL_SEAL = 1,
    F_SEAL_SHRINK = 2,
    F_SEAL_GROW = 4,
    F_SEAL_WRITE = 8,
    F_SEAL_FUTURE_WRITE = 16,
    F_SEALS = 31,
};

/* An inode's data.  (l) under the inode's lock */
struct ram_file {
    struct page_cache cache;
    u32 seals; /* (l) written; read without */
};

/* Give @inode a place for bytes.  0 or -ENOMEM. */
int ram_file_create(struct inode *inode) MUST_CHECK;

/* A new file, which nobody else knows yet, is @bytes long.  No lock is needed; no limit applies. */
void ram_file_start_size(struct inode *inode, size_t bytes);

/* Free it, if there is one. */
void ram_file_destroy(struct inode *inode);

/* The inode_ops' destroy() of all inodes of ramfs: ramfs.c. */
void ram_file_forget(struct inode *inode);

/* Can @inode have seals?  Which it has; more of them: 0, -EINVAL, -EPERM, -EBUSY; and the right. */
bool inode_has_seals(const struct inode *inode);
u32 ram_file_seals(const struct inode *inode);
int ram_file_add_seals(struct inode *inode, u32 seals) MUST_CHECK;
void ram_file_allow_seals(struct inode *inode);

extern const struct inode_ops ram_file_inode_ops;
extern const struct file_ops ram_file_ops;

#endif
