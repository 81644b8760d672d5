/*
 * signalfd(2): a file that is read for signals, instead of being interrupted by them.
 *
 * Whose signals?  Those of whoever reads or polls it, process and thread.  So the file has but a
 * set of numbers, and waits where kernel/signal_send.c tells of signals: signal_news().
 */
#ifndef KERNEL_FS_SIGNALFD_H
#define KERNEL_FS_SIGNALFD_H

#include "kernel/fs/vfs.h"
#include "lib/annotate.h"

/* A file for the signals of @set.  @flags: O_NONBLOCK or none.  0 or -ENOMEM.  Sleeps. */
int signalfd_create(u64 set, unsigned flags, struct file **result) MUST_CHECK;

bool file_is_signalfd(const struct file *file);

/* From now on @file is for those of @set. */
void signalfd_set(struct file *file, u64 set);

#endif
