/*
 * /dev/kmsg: the kernel's messages as a file, and a way to add some.
 */
#ifndef KERNEL_FS_KMSG_H
#define KERNEL_FS_KMSG_H

#include "kernel/fs/vfs.h"

extern const struct file_ops kmsg_ops;

/* Sleep until there is a message @next.  0; -ERESTART: a signal came. */
int kmsg_wait(u32 next) MUST_CHECK;

#endif
