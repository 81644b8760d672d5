/*
 * Pipes and FIFOs: bytes that leave in the order in which they came.
 *
 * A pipe is a ring of PIPE_PAGES pages, each there only while it holds bytes.  They may lie beyond
 * the direct map: whoever copies maps one for a moment.  A pipe(2) and a FIFO, which has a name,
 * differ in how they are opened and in nothing else.
 */
#ifndef KERNEL_FS_PIPE_H
#define KERNEL_FS_PIPE_H

#include "kernel/fs/vfs.h"
#include "lib/annotate.h"

enum {
    PIPE_PAGES = 16,
    PIPE_BYTES = PIPE_PAGES << 12,
    PIPE_ATOMIC = 4096, /* PIPE_BUF: a write of no more is never torn apart */
};

/* What an inode with S_IFIFO does. */
extern const struct file_ops fifo_ops;

/* Both ends of a new pipe, opened with @flags (O_NONBLOCK).  0, -ENOMEM.  Sleeps. */
int pipe_create(unsigned flags, struct file **reader, struct file **writer) MUST_CHECK;

/* How many bytes @file, a pipe, can hold; -EBADF: it is no pipe. */
long pipe_size(const struct file *file);

/* A pipe's size is what it is: at least @wanted bytes, or -EPERM; -EBADF: it is no pipe. */
long pipe_set_size(const struct file *file, unsigned long wanted);

#endif
