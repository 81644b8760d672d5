/*
 * Files without a name: what pipe(2), memfd_create(2) and shared anonymous memory stand on.
 */
#ifndef KERNEL_FS_ANONYMOUS_H
#define KERNEL_FS_ANONYMOUS_H

#include "kernel/fs/vfs.h"
#include "lib/annotate.h"

/*
 * A dentry in no directory, one reference, with a new inode that has no ops yet.  @label stands
 * for its path in /proc.  NULL: no memory.  Sleeps.
 */
struct dentry *anonymous_create(u32 mode, const char *label) MUST_CHECK;

/* What is behind a descriptor that stands for an object of the kernel's: eventfd(2) and its kin. */
struct anonymous_kind {
    const char *label;
    const struct inode_ops *ops; /* destroy() frees the object */
    const struct file_ops *fops; /* open is anonymous_attach() */
};

/*
 * Open @object, from kmalloc(), as a file of @kind to be read and written, with @flags.  The file
 * has it from now on: if there is none in the end, it is freed.  0 or an errno.  Sleeps.
 */
int anonymous_open(const struct anonymous_kind *kind, void *object, u32 flags, struct file **result)
    MUST_CHECK;

/* Let @file, of such a kind, have its object: also when /proc leads there again.  Returns: 0. */
int anonymous_attach(struct file *file);

/* Is @inode one of those? */
bool inode_is_anonymous(const struct inode *inode);

#endif
