/*
 * The devices of /dev: files that are not stored anywhere.
 *
 *     number | name            | reads as             | writes
 *    --------+-----------------+----------------------+----------
 *     1, 1   | mem             | only to be mapped    |
 *     1, 3   | null            | the end              | vanish
 *     1, 5   | zero            | zeroes               | vanish
 *     1, 7   | full            | zeroes               | -ENOSPC
 *     1, 8   | random          | random bytes         | vanish
 *     1, 9   | urandom         | the same             | vanish
 *     1, 11  | kmsg            | the kernel's messages | are some more
 *     4, 0   | tty0            | what is typed        | the screen
 *     4, 64  | ttyS0           | the same             | the same
 *     5, 0   | tty             | the session's terminal, whichever it is
 *     5, 1   | console         | as tty0              | as tty0
 *     5, 2   | ptmx            | a new pseudo-terminal's master
 *     29, 0  | fb0             | only to be mapped    | (if there is a framebuffer)
 *     136, N | pts/N           | its slave
 *
 * /dev/mem maps physical memory as it is, in whole pages, the kernel's own included: who may open
 * it may do anything.  Registers of devices are cached as memory is, which few of them like.
 *
 * Source: Linux, "Linux allocated devices".
 */
#ifndef KERNEL_FS_DEV_H
#define KERNEL_FS_DEV_H

#include "kernel/fs/vfs.h"
#include "lib/annotate.h"

static inline u64 device_number(unsigned major, unsigned minor) { return major << 8 | minor; }

/* What the character device numbered @device does; NULL: there is none. */
const struct file_ops *dev_ops(u64 device);

/* Make the devices in directory @dev that are missing in it.  0 or an errno.  Sleeps. */
int dev_populate(struct dentry *dev) MUST_CHECK;

#endif
