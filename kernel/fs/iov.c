/*
 * Copying into and out of a place, be it a user's or the kernel's.
 */
#include "kernel/fs/iov.h"

#include "arch/x86/user_copy.h"
#include "lib/minmax.h"
#include "lib/string.h"

struct iov iov_user(unsigned long address, size_t size)
{
    return (struct iov){ .address = (char *)address, .left = size, .is_user = true };
}

struct iov iov_kernel(void *address, size_t size)
{
    return (struct iov){ .address = address, .left = size };
}

/* Move the place on by the @size bytes asked for, less those that were @missed. */
static size_t advance(struct iov *iov, size_t size, size_t missed)
{
    iov->address += size - missed;
    iov->left -= size - missed;
    return size - missed;
}

size_t iov_put(struct iov *to, const void *data, size_t size)
{
    size = min(size, to->left);
    if (to->is_user)
        return advance(to, size, copy_to_user((void __user *)to->address, data, size));
    memcpy(to->address, data, size);
    return advance(to, size, 0);
}

size_t iov_take(struct iov *from, void *data, size_t size)
{
    size = min(size, from->left);
    if (from->is_user)
        return advance(from, size, copy_from_user(data, (const void __user *)from->address, size));
    memcpy(data, from->address, size);
    return advance(from, size, 0);
}

size_t iov_put_zeroes(struct iov *to, size_t size)
{
    size = min(size, to->left);
    if (to->is_user)
        return advance(to, size, clear_user((void __user *)to->address, size));
    memset(to->address, 0, size);
    return advance(to, size, 0);
}
