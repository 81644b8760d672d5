/*
 * eventfd(2): a file that is a counter, for one thread to wake another that polls.
 */
#ifndef KERNEL_FS_EVENTFD_H
#define KERNEL_FS_EVENTFD_H

#include "kernel/fs/vfs.h"
#include "lib/annotate.h"

/*
 * A counter of @initial; @semaphore: each read takes one, not all.  @flags: O_NONBLOCK or none.
 * Returns: 0 and a file, or -ENOMEM.  Sleeps.
 */
int eventfd_create(unsigned initial, bool semaphore, unsigned flags, struct file **result)
    MUST_CHECK;

#endif
