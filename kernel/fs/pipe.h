/*
 * Pipes and FIFOs: bytes that leave in the order in which they came.
 *
 * A pipe is a ring of pages, PIPE_PAGES unless fcntl(2) says otherwise, each there only while it
 * holds bytes, but for one that an emptied pipe keeps.  They may lie beyond the direct map: whoever
 * copies maps one for a moment.  A pipe(2) and a FIFO, which has a name, differ in how they are
 * opened and in nothing else.
 */
#ifndef KERNEL_FS_PIPE_H
#define KERNEL_FS_PIPE_H

#include "kernel/fs/vfs.h"
#include "lib/annotate.h"

enum {
    PIPE_PAGES = 16,
    PIPE_BYTES = PIPE_PAGES << 12,
    PIPE_BYTES_MAX = 1 << 20, /* F_SETPIPE_SZ allows no more */
    PIPE_ATOMIC = 4096,       /* PIPE_BUF: a write of no more is never torn apart */
};

/* What an inode with S_IFIFO does. */
extern const struct file_ops fifo_ops;

/* Both ends of a new pipe, opened with @flags (O_NONBLOCK).  0, -ENOMEM.  Sleeps. */
int pipe_create(unsigned flags, struct file **reader, struct file **writer) MUST_CHECK;

/* How many bytes @file, a pipe, can hold; -EBADF: it is no pipe. */
long pipe_size(const struct file *file);

/*
 * Let @file hold @wanted bytes, rounded up to a power of two of pages.
 *
 * Returns: how many it is; -EBADF: it is no pipe; -EINVAL; -EBUSY: more is in it; -EPERM: more than
 * PIPE_BYTES_MAX; -ENOMEM.  Sleeps.
 */
long pipe_set_size(const struct file *file, unsigned long wanted) MUST_CHECK;

/* Where somebody looks into a pipe without taking anything; at first all 0. */
struct pipe_place {
    bool is_set;
    u32 at;
};

/*
 * Copy up to @size bytes that stand in @file, a pipe, from @place on, which moves.  Returns: how
 * many; 0: there are no more, or somebody has read on meanwhile.
 */
ssize_t pipe_peek(struct file *file, struct pipe_place *place, char *buffer, size_t size);

/* Wait until @file, a pipe, has bytes.  0; PIPE_ENDED: nobody writes; -EAGAIN; -ERESTART. */
enum { PIPE_ENDED = 1 };
int pipe_wait_for_bytes(struct file *file, bool nonblock) MUST_CHECK;

#endif
