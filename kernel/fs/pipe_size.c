/*
 * How much a pipe can hold, and looking into one without taking anything.
 */
#include "kernel/fs/pipe.h"
#include "kernel/fs/pipe_ring.h"
#include "lib/align.h"
#include "lib/errno.h"
#include "lib/minmax.h"
#include "lib/string.h"
#include "mm/kmalloc.h"
#include "mm/kmap.h"

long pipe_size(const struct file *file)
{
    const struct pipe *pipe = file->data;
    return file->fops == &fifo_ops && pipe ? (long)READ_ONCE(pipe->pages) << PAGE_SHIFT : -EBADF;
}

/* Give @pipe @pages places, which are @page.  -EBUSY: what is in it needs more. */
static int exchange_places(struct pipe *pipe, u32 pages, struct page **page)
{
    const u32 first = pipe->tail / PAGE_BYTES, end = align_up(pipe->head, (u32)PAGE_BYTES);
    const u32 used = (end - first * (u32)PAGE_BYTES) / (u32)PAGE_BYTES;
    const u32 count = max(used, 1u); /* an empty pipe keeps one for the bytes to come */
    if (count > pages)
        return -EBUSY;
    for (u32 i = 0; i < count; i++)
        page[(first + i) % pages] = pipe->page[(first + i) % pipe->pages];
    __atomic_store_n(&pipe->pages, pages, __ATOMIC_RELAXED);
    return 0;
}

long pipe_set_size(const struct file *file, unsigned long wanted)
{
    struct pipe *pipe = file->data;
    struct inode *inode = file->dentry->inode;
    u32 pages = 1;
    if (pipe_size(file) < 0)
        return -EBADF;
    if (wanted > 1ul << 31)
        return -EINVAL;
    while ((size_t)pages * PAGE_BYTES < wanted)
        pages *= 2;
    if (pages > PIPE_BYTES_MAX / PAGE_BYTES)
        return -EPERM;
    struct page **page = kzalloc(pages * sizeof(*page), GFP_KERNEL);
    if (!page)
        return -ENOMEM;
    mutex_lock(&inode->lock);
    struct page **old = pipe->page;
    int error = exchange_places(pipe, pages, page);
    if (!error)
        pipe->page = page;
    mutex_unlock(&inode->lock);
    if (error || old != pipe->first)
        kfree(error ? page : old);
    wake_up(&pipe->writable);
    return error ? error : (long)pages << PAGE_SHIFT;
}

ssize_t pipe_peek(struct file *file, struct pipe_place *place, char *buffer, size_t size)
{
    struct pipe *pipe = file->data;
    size_t total = 0;
    mutex_lock(&file->dentry->inode->lock);
    if (!place->is_set)
        *place = (struct pipe_place){ true, pipe->tail };
    const bool is_there = place->at - pipe->tail <= pipe_used(pipe);
    while (is_there && total < size && place->at != pipe->head) {
        const u32 offset = place->at % PAGE_BYTES;
        const u32 rest = min_of(u32, pipe->head - place->at, (u32)PAGE_BYTES - offset);
        const size_t part = min_of(size_t, rest, size - total);
        char *bytes = kmap_local_page(*pipe_page_at(pipe, place->at));
        memcpy(buffer + total, bytes + offset, part);
        kunmap_local(bytes);
        place->at += (u32)part;
        total += part;
    }
    mutex_unlock(&file->dentry->inode->lock);
    return (ssize_t)total;
}
