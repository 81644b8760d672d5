/*
 * Terminals as files: /dev/tty, /dev/console and the other names of the console, /dev/ptmx and
 * /dev/pts/N.
 */
#ifndef KERNEL_FS_TTY_FILE_H
#define KERNEL_FS_TTY_FILE_H

#include "kernel/fs/vfs.h"

extern const struct file_ops tty_ops;  /* the terminal that the inode's number says */
extern const struct file_ops ptmx_ops; /* a new pseudo-terminal's master */

#endif
