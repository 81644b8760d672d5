/*
 * Copying into and out of a place, be it a user's or the kernel's.
 */
#include "kernel/fs/iov.h"

#include "lib/minmax.h"
#include "lib/string.h"

struct iov iov_kernel(void *address, size_t size)
{
    return (struct iov){ .address = address, .here = size, .left = size };
}

struct iov iov_user_ranges(const struct iov_range *range, size_t size)
{
    return (struct iov){ .left = size, .is_user = true, .next = range };
}

/* Stand in a stretch that has bytes.  Returns: how many of @size it can take. */
static size_t enter(struct iov *iov, size_t size)
{
    while (!iov->here) {
        iov->address = (char *)iov->next->address;
        iov->here = iov->next->bytes;
        iov->next++;
    }
    return min(size, iov->here);
}

/* What a copy does with one stretch.  Returns: the bytes it could not do. */
typedef size_t piece(const struct iov *iov, void *data, size_t size);

static size_t put_piece(const struct iov *to, void *data, size_t size)
{
    if (to->is_user)
        return copy_to_user((void __user *)to->address, data, size);
    memcpy(to->address, data, size);
    return 0;
}

static size_t take_piece(const struct iov *from, void *data, size_t size)
{
    if (from->is_user)
        return copy_from_user_raw(data, (const void __user *)from->address, size);
    memcpy(data, from->address, size);
    return 0;
}

static size_t clear_piece(const struct iov *to, void *data, size_t size)
{
    if (to->is_user)
        return clear_user((void __user *)to->address, size);
    memset(to->address, 0, size);
    return 0;
}

/* Do up to @size bytes, stretch by stretch. */
static size_t copy_pieces(struct iov *iov, piece *function, void *data, size_t size)
{
    size_t done = 0, wanted = 0, moved = 0;
    size = min(size, iov->left);
    while (done < size && moved == wanted) {
        wanted = enter(iov, size - done);
        moved = iov_advance(iov, wanted - function(iov, (char *)data + done, wanted));
        done += moved;
    }
    return done;
}

size_t iov_put_pieces(struct iov *to, const void *data, size_t size)
{
    return copy_pieces(to, put_piece, (void *)data, size);
}

size_t iov_take_pieces(struct iov *from, void *data, size_t size)
{
    return copy_pieces(from, take_piece, data, size);
}

size_t iov_put_zeroes(struct iov *to, size_t size)
{
    return copy_pieces(to, clear_piece, NULL, size);
}
