/*
 * A place that bytes are read into or written from: a stretch of user memory, or of the kernel's.
 *
 * File systems copy through it and never ask whose memory it is.  The copy moves the place on,
 * so that a file's pages are copied one after the other.
 */
#ifndef KERNEL_FS_IOV_H
#define KERNEL_FS_IOV_H

#include "lib/annotate.h"
#include "lib/types.h"

struct iov {
    char *address; /* the next byte */
    size_t left;   /* bytes still to come */
    bool is_user;  /* address is the current process's */
};

/* A user range; not checked here, every copy is. */
struct iov iov_user(unsigned long address, size_t size);
struct iov iov_kernel(void *address, size_t size);

/*
 * Copy up to @size bytes from @data to the place, or from the place to @data.
 *
 * Returns: bytes copied; fewer than min(@size, left) only if user memory could not be touched.
 * Sleeps (a user page may have to be made).
 */
size_t iov_put(struct iov *to, const void *data, size_t size) MUST_CHECK;
size_t iov_take(struct iov *from, void *data, size_t size) MUST_CHECK;

/* Put @size zero bytes. */
size_t iov_put_zeroes(struct iov *to, size_t size) MUST_CHECK;

#endif
