/*
 * A place that bytes are read into or written from: stretches of user memory, or of the kernel's.
 *
 * File systems copy through it and never ask whose memory it is, nor in how many pieces.  The copy
 * moves the place on, so that a file's pages are copied one after the other.
 */
#ifndef KERNEL_FS_IOV_H
#define KERNEL_FS_IOV_H

#include "arch/x86/user_copy.h"
#include "lib/annotate.h"
#include "lib/types.h"

/* One stretch, as readv(2) and writev(2) are given it. */
struct iov_range {
    unsigned long address;
    size_t bytes;
};

struct iov {
    char *address;                /* the next byte */
    size_t here;                  /* bytes left in its stretch; more than left: left counts */
    size_t left;                  /* bytes still to come, all stretches together */
    bool is_user;                 /* they are the current process's */
    const struct iov_range *next; /* the stretches behind this one, as many as left asks for */
};

/* A user range; not checked here, every copy is. */
static inline struct iov iov_user(unsigned long address, size_t size)
{
    return (struct iov){ .address = (char *)address, .here = size, .left = size, .is_user = true };
}
struct iov iov_kernel(void *address, size_t size);

/* The user ranges @range and its followers, @size bytes together; they stay the caller's. */
struct iov iov_user_ranges(const struct iov_range *range, size_t size);

/* The copies below where there is more than one stretch, or it is not the user's. */
size_t iov_put_pieces(struct iov *to, const void *data, size_t size) MUST_CHECK;
size_t iov_take_pieces(struct iov *from, void *data, size_t size) MUST_CHECK;

/* Are the next @size bytes user memory in one stretch? */
static inline bool iov_is_simple(const struct iov *iov, size_t size)
{
    return likely(iov->is_user) && likely(size <= iov->left) && likely(size <= iov->here);
}

/* Move the place on by @bytes, which lie in this stretch.  Returns: @bytes. */
static inline size_t iov_advance(struct iov *iov, size_t bytes)
{
    iov->address += bytes;
    iov->here -= bytes;
    iov->left -= bytes;
    return bytes;
}

/*
 * Copy up to @size bytes from @data to the place, or from the place to @data.
 *
 * Returns: bytes copied; fewer than min(@size, left) only if user memory could not be touched.
 * Sleeps (a user page may have to be made).
 */
static ALWAYS_INLINE MUST_CHECK size_t iov_put(struct iov *to, const void *data, size_t size)
{
    if (!iov_is_simple(to, size))
        return iov_put_pieces(to, data, size);
    return iov_advance(to, size - copy_to_user((void __user *)to->address, data, size));
}

static ALWAYS_INLINE MUST_CHECK size_t iov_take(struct iov *from, void *data, size_t size)
{
    if (!iov_is_simple(from, size))
        return iov_take_pieces(from, data, size);
    return iov_advance(from, size - copy_from_user_raw(data, (void __user *)from->address, size));
}

/* Put @size zero bytes. */
size_t iov_put_zeroes(struct iov *to, size_t size) MUST_CHECK;

#endif
