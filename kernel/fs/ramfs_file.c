/*
 * Regular files of ramfs: their bytes are a page cache.
 */
#include "kernel/fs/ramfs_file.h"

#include "kernel/fs/anonymous.h"
#include "kernel/fs/file_limit.h"
#include "kernel/fs/iov.h"
#include "kernel/fs/map.h"
#include "lib/errno.h"
#include "lib/minmax.h"
#include "mm/kmalloc.h"
#include "mm/page.h"
#include "mm/vma.h"
#include "mm/zone.h"

/* A page's number must fit page->index, a word. */
#define FILE_BYTES_MAX (sizeof(long) == 4 ? (u64)UINT32_MAX << PAGE_SHIFT : (u64)INT64_MAX)

static struct ram_file *ram_file_of(const struct inode *inode) { return inode->data; }
static struct page_cache *cache_of(const struct inode *inode) { return &ram_file_of(inode)->cache; }

int ram_file_create(struct inode *inode)
{
    struct ram_file *file = kmalloc(sizeof(*file), GFP_KERNEL);
    if (!file)
        return -ENOMEM;
    page_cache_init(&file->cache);
    file->cache.quota = &inode->super->pages;
    file->seals = F_SEAL_SEAL;
    inode->data = file;
    return 0;
}

void ram_file_destroy(struct inode *inode)
{
    if (!inode->data)
        return;
    page_cache_drop(cache_of(inode), 0, ~(u64)0, true);
    kfree(inode->data);
}

static bool is_sealed(const struct inode *inode, u32 seals)
{
    return READ_ONCE(ram_file_of(inode)->seals) & seals;
}

static int truncate(struct inode *inode, u64 size)
{
    if (size > FILE_BYTES_MAX)
        return -EFBIG;
    if (is_sealed(inode, size < inode->size ? F_SEAL_SHRINK : size > inode->size ? F_SEAL_GROW : 0))
        return -EPERM;
    page_cache_set_end(cache_of(inode), size);
    if (size < inode->size) {
        u64 first = size / PAGE_BYTES + (size % PAGE_BYTES != 0);
        page_cache_drop(cache_of(inode), first, ~(u64)0, true);
        page_cache_clear_tail(cache_of(inode), size); /* or growing would show old bytes */
    }
    inode->size = size;
    inode_modified(inode);
    return 0;
}

static void grow_to(struct inode *inode, u64 size)
{
    if (size <= inode->size)
        return;
    inode->size = size;
    page_cache_set_end(cache_of(inode), size);
}

void ram_file_start_size(struct inode *inode, size_t bytes) { grow_to(inode, bytes); }

static ssize_t read(struct file *file, struct iov *to, u64 *position)
{
    struct inode *inode = file->dentry->inode;
    mutex_lock(&inode->lock);
    ssize_t done = page_cache_read(cache_of(inode), to, *position, inode->size);
    if (done > 0 && !(file->flags & O_NOATIME))
        inode_accessed(inode);
    mutex_unlock(&inode->lock);
    if (done > 0)
        *position += (u64)done;
    return done;
}

/* May @from be written at @position?  What is over a limit is cut off.  With the lock held. */
static int check_write(const struct inode *inode, struct iov *from, u64 position)
{
    if (is_sealed(inode, F_SEAL_WRITE | F_SEAL_FUTURE_WRITE))
        return -EPERM;
    if (position > FILE_BYTES_MAX || from->left > FILE_BYTES_MAX - position)
        return -EFBIG;
    u64 room = file_limit_room(position);
    if (from->left && !room)
        return -EFBIG;
    from->left = (size_t)min_of(u64, from->left, room);
    if (position + from->left <= inode->size || !is_sealed(inode, F_SEAL_GROW))
        return 0;
    return -EPERM;
}

static ssize_t write(struct file *file, struct iov *from, u64 *position)
{
    struct inode *inode = file->dentry->inode;
    mutex_lock(&inode->lock);
    if (file->flags & O_APPEND)
        *position = inode->size;
    ssize_t done = check_write(inode, from, *position);
    if (!done)
        done = page_cache_write(cache_of(inode), from, *position);
    if (done > 0) {
        *position += (u64)done;
        grow_to(inode, *position);
        inode_modified(inode);
    }
    mutex_unlock(&inode->lock);
    return done;
}

static int map(struct file *file, struct vma *vma)
{
    struct inode *inode = file->dentry->inode;
    if (vma->offset > FILE_BYTES_MAX || vma->end - vma->start > FILE_BYTES_MAX - vma->offset)
        return -EOVERFLOW;
    if (vma->flags & VM_MAYSHARE && is_sealed(inode, F_SEAL_WRITE | F_SEAL_FUTURE_WRITE)) {
        if (vma->flags & VM_WRITE)
            return -EPERM;
        vma->flags &= ~(unsigned)VM_MAYWRITE;
    }
    if (inode_is_anonymous(inode))
        vma->flags |= VM_SHMEM;
    map_file_pages(vma, file, &cache_of(inode)->mapping);
    return 0;
}

static u64 blocks(const struct inode *inode) { return READ_ONCE(cache_of(inode)->pages); }

/* --- holes ------------------------------------------------------------------------------------ */

/* Source: fallocate(2). */
enum { KEEP_SIZE = 1, PUNCH_HOLE = 2 };

/* Make [@start, @end) a hole: parts of pages are cleared, whole ones go. */
static int punch(struct inode *inode, u64 start, u64 end)
{
    struct page_cache *cache = cache_of(inode);
    if (is_sealed(inode, F_SEAL_WRITE | F_SEAL_FUTURE_WRITE))
        return -EPERM;
    u64 first = start / PAGE_BYTES + (start % PAGE_BYTES != 0), behind = end / PAGE_BYTES;
    if (first > behind) { /* within one page */
        page_cache_clear(cache, start, end);
        return 0;
    }
    page_cache_clear(cache, start, first * PAGE_BYTES);
    page_cache_clear(cache, behind * PAGE_BYTES, end);
    page_cache_drop(cache, first, behind, false);
    return 0;
}

/* Have a page for each byte in [@start, @end), or none that was not there before and fails. */
static int reserve(struct inode *inode, u64 start, u64 end)
{
    u64 first = start / PAGE_BYTES, behind = (end + PAGE_BYTES - 1) / PAGE_BYTES;
    const struct quota *quota = &inode->super->pages;
    u64 room = quota->limit ? quota->limit - min(quota->limit, quota->used) : pages_free() / 2;
    if (behind - first > room + blocks(inode))
        return -ENOSPC;
    for (u64 index = first; index < behind; index++) {
        struct page *page = page_cache_get(cache_of(inode), index);
        if (!page)
            return -ENOSPC;
        page_put(page);
    }
    return 0;
}

static int allocate(struct inode *inode, unsigned mode, u64 start, u64 end)
{
    int error;
    if (mode & ~(unsigned)(KEEP_SIZE | PUNCH_HOLE) || mode == PUNCH_HOLE)
        return -EOPNOTSUPP;
    if (end > FILE_BYTES_MAX)
        return -EFBIG;
    if (mode & PUNCH_HOLE) {
        error = punch(inode, start, end);
    } else {
        bool grows = !(mode & KEEP_SIZE) && end > inode->size;
        if (grows && !file_limit_allows(end))
            return -EFBIG;
        if (end > inode->size && is_sealed(inode, F_SEAL_GROW))
            return -EPERM;
        error = reserve(inode, start, end);
        if (!error && grows)
            grow_to(inode, end);
    }
    if (!error)
        inode_modified(inode);
    return error;
}

/* Holes are pages that are not there; one begins at the end of the file. */
static u64 seek(struct inode *inode, u64 from, bool hole)
{
    struct page_cache *cache = cache_of(inode);
    u64 index = from / PAGE_BYTES, found;
    if (!hole) {
        found = page_cache_next(cache, index);
        return found == index ? from : found > UINT64_MAX / PAGE_BYTES ? found : found * PAGE_BYTES;
    }
    found = index;
    while (found * PAGE_BYTES < inode->size && page_cache_next(cache, found) == found)
        found++;
    return min(found == index ? from : found * PAGE_BYTES, inode->size);
}

/* --- seals ------------------------------------------------------------------------------------ */

bool inode_has_seals(const struct inode *inode) { return inode->ops == &ram_file_inode_ops; }

u32 ram_file_seals(const struct inode *inode) { return READ_ONCE(ram_file_of(inode)->seals); }

void ram_file_allow_seals(struct inode *inode) { ram_file_of(inode)->seals = 0; }

int ram_file_add_seals(struct inode *inode, u32 seals)
{
    struct ram_file *file = ram_file_of(inode);
    int error = 0;
    if (seals & ~(u32)F_SEALS)
        return -EINVAL;
    mutex_lock(&inode->lock);
    if (file->seals & F_SEAL_SEAL)
        error = -EPERM;
    else if (seals & F_SEAL_WRITE && !(file->seals & F_SEAL_WRITE) &&
             mapping_is_writable(&file->cache.mapping))
        error = -EBUSY;
    else
        WRITE_ONCE(file->seals, file->seals | seals);
    mutex_unlock(&inode->lock);
    return error;
}

const struct inode_ops ram_file_inode_ops = {
    .truncate = truncate,
    .allocate = allocate,
    .seek = seek,
    .blocks = blocks,
    .destroy = ram_file_forget,
};
const struct file_ops ram_file_ops = { .read = read, .write = write, .mmap = map };
