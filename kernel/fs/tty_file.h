/*
 * The terminal as a file.
 */
#ifndef KERNEL_FS_TTY_FILE_H
#define KERNEL_FS_TTY_FILE_H

#include "kernel/fs/vfs.h"

/* Lines in, characters out; its settings can be asked for, but not changed. */
extern const struct file_ops tty_ops;

#endif
