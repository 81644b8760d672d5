/*
 * Locks of files, for fcntl(2).
 */
#ifndef KERNEL_SYS_LOCK_H
#define KERNEL_SYS_LOCK_H

struct file;

/* The commands of fcntl(2) about locks.  -EINVAL: @command is none; else as the manual says. */
long fcntl_lock(struct file *file, unsigned command, unsigned long argument);

#endif
