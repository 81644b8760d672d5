/*
 * Pipes and FIFOs.
 *
 * All of a pipe stands under its inode's lock, which is held while bytes are copied to or from
 * user memory: so a read or a small write is one step for everybody else.  Nobody sleeps for the
 * other end with the lock held.  Whoever waits looks at head, tail and the number of ends without
 * it, then takes it and looks again.
 */
#include "kernel/fs/pipe.h"

#include "arch/x86/user_copy.h"
#include "kernel/fs/anonymous.h"
#include "kernel/fs/iov.h"
#include "kernel/fs/pipe_ring.h"
#include "kernel/fs/poll.h"
#include "kernel/signal.h"
#include "kernel/sys.h"
#include "kernel/task.h"
#include "lib/align.h"
#include "lib/annotate.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/minmax.h"
#include "mm/kmalloc.h"
#include "mm/kmap.h"
#include "mm/page.h"
#include "mm/zone.h"

static_assert(PIPE_BYTES == PIPE_PAGES * PAGE_BYTES, "pipe.h knows no pages");

/* Bytes that can come: a page that is being read takes none until it has been read to its end. */
static u32 room(const struct pipe *pipe)
{
    u32 tail = align_down(__atomic_load_n(&pipe->tail, __ATOMIC_RELAXED), (u32)PAGE_BYTES);
    u32 bytes = pipe_room_for(pipe), taken = __atomic_load_n(&pipe->head, __ATOMIC_RELAXED) - tail;
    return taken < bytes ? bytes - taken : 0;
}

static struct pipe *pipe_alloc(void)
{
    struct pipe *pipe = kzalloc(sizeof(*pipe), GFP_KERNEL);
    if (pipe) {
        pipe->pages = PIPE_PAGES;
        pipe->page = pipe->first;
        wait_queue_init(&pipe->readable);
        wait_queue_init(&pipe->writable);
    }
    return pipe;
}

static void pipe_free(struct pipe *pipe)
{
    for (unsigned i = 0; i < pipe->pages; i++)
        if (pipe->page[i])
            page_put(pipe->page[i]);
    if (pipe->page != pipe->first)
        kfree(pipe->page);
    kfree(pipe);
}

/* No byte of @page is in use any more. */
static void put_page(struct page **page)
{
    page_put(*page);
    *page = NULL;
}

/*
 * The last byte is gone: go once around, to the start of its page.  So the next bytes have a page,
 * which they can fill, and no place in the pipe is ever come upon twice (pipe_peek() asks).
 */
static void start_again(struct pipe *pipe)
{
    u32 start = align_down(pipe->tail - 1, (u32)PAGE_BYTES) + pipe_room_for(pipe);
    __atomic_store_n(&pipe->tail, start, __ATOMIC_RELAXED);
    __atomic_store_n(&pipe->head, start, __ATOMIC_RELEASE);
}

/* Copy what is there, page by page; a page's bytes leave all or not at all, as on Linux. */
static ssize_t take_bytes(struct pipe *pipe, struct iov *to)
{
    ssize_t total = 0;
    while (to->left && pipe_used(pipe)) {
        u32 offset = pipe->tail % PAGE_BYTES;
        struct page **page = pipe_page_at(pipe, pipe->tail);
        size_t here = min_of(size_t, pipe_used(pipe), PAGE_BYTES - offset);
        size_t size = min(here, to->left);
        char *bytes = kmap_local_page(*page);
        size_t done = iov_put(to, bytes + offset, size);
        kunmap_local(bytes);
        if (done < size)
            return total ? total : -EFAULT;
        __atomic_store_n(&pipe->tail, pipe->tail + (u32)size, __ATOMIC_RELAXED);
        total += (ssize_t)size;
        if (pipe->tail == pipe->head)
            start_again(pipe);
        else if (pipe->tail % PAGE_BYTES == 0)
            put_page(page);
    }
    return total;
}

/* Copy what there is room for, likewise; there is some, and something to copy. */
static ssize_t add_bytes(struct pipe *pipe, struct iov *from)
{
    ssize_t total = 0;
    do {
        u32 offset = pipe->head % PAGE_BYTES;
        struct page **page = pipe_page_at(pipe, pipe->head);
        size_t size = min_of(size_t, PAGE_BYTES - offset, from->left);
        if (!*page)
            *page = page_alloc(GFP_HIGHUSER, 0);
        if (!*page)
            return total ? total : -ENOMEM;
        char *bytes = kmap_local_page(*page);
        size_t done = iov_take(from, bytes + offset, size);
        kunmap_local(bytes);
        if (done < size && !offset)
            put_page(page); /* none of its bytes are in use */
        if (done < size)
            return total ? total : -EFAULT;
        __atomic_store_n(&pipe->head, pipe->head + (u32)size, __ATOMIC_RELAXED);
        total += (ssize_t)size;
    } while (from->left && room(pipe));
    return total;
}

/* Wait until there are bytes, or nobody will ever write some.  0, -EAGAIN, -ERESTART. */
static ALWAYS_INLINE int wait_for_bytes(struct pipe *pipe, bool nonblock)
{
    if (pipe_used(pipe) || !pipe_has(&pipe->writers))
        return 0;
    if (nonblock)
        return -EAGAIN;
    return wait_event_interruptible(&pipe->readable, pipe_used(pipe) || !pipe_has(&pipe->writers))
               ? -ERESTART
               : 0;
}

int pipe_wait_for_bytes(struct file *file, bool nonblock)
{
    struct pipe *pipe = file->data;
    int error = wait_for_bytes(pipe, nonblock);
    return error ? error : pipe_used(pipe) ? 0 : PIPE_ENDED;
}

static ssize_t pipe_read(struct file *file, struct iov *to, u64 *position)
{
    struct inode *inode = file->dentry->inode;
    struct pipe *pipe = file->data;
    if (!to->left)
        return 0;
    for (;;) {
        int error = wait_for_bytes(pipe, file->flags & O_NONBLOCK);
        if (error)
            return error;
        mutex_lock(&inode->lock);
        ssize_t done = take_bytes(pipe, to);
        bool ended = !pipe->writers;
        mutex_unlock(&inode->lock);
        if (done > 0)
            wake_up(&pipe->writable);
        if (done || ended)
            return done;
    }
}

/* Write what can be written now; @need: the room there must be.  -EAGAIN: there is not. */
static ssize_t write_once(struct inode *inode, struct pipe *pipe, struct iov *from, size_t need)
{
    ssize_t done = -EAGAIN;
    mutex_lock(&inode->lock);
    if (!pipe->readers)
        done = -EPIPE;
    else if (room(pipe) >= need)
        done = add_bytes(pipe, from);
    mutex_unlock(&inode->lock);
    if (done > 0)
        wake_up(&pipe->readable);
    return done;
}

/* Nobody will ever read: who writes all the same is told so the hard way.  pipe(7). */
static void raise_sigpipe(void)
{
    if (current->process)
        (void)sys_tkill(current->pid, SIGPIPE);
}

static ssize_t pipe_write(struct file *file, struct iov *from, u64 *position)
{
    struct inode *inode = file->dentry->inode;
    struct pipe *pipe = file->data;
    size_t need = from->left <= PIPE_ATOMIC ? from->left : 1;
    ssize_t total = 0;
    while (from->left) {
        ssize_t done = write_once(inode, pipe, from, need);
        if (done > 0) {
            total += done;
            continue;
        }
        if (done == -EPIPE)
            raise_sigpipe();
        if (done == -EAGAIN && !(file->flags & O_NONBLOCK))
            done = wait_event_interruptible(&pipe->writable,
                                            room(pipe) >= need || !pipe_has(&pipe->readers))
                       ? -ERESTART
                       : 0;
        if (done < 0)
            return total ? total : done;
    }
    return total;
}

/* Source: ioctl(2), Linux uapi asm-generic/ioctls.h. */
enum { FIONREAD = 0x541b };

static long pipe_ioctl(struct file *file, unsigned command, unsigned long argument)
{
    const struct pipe *pipe = file->data;
    if (command != FIONREAD)
        return -ENOTTY;
    return put_user((int)pipe_used(pipe), (int __user *)argument);
}

static bool reads(const struct file *file) { return (file->flags & O_ACCMODE) != O_WRONLY; }
static bool writes(const struct file *file) { return (file->flags & O_ACCMODE) != O_RDONLY; }

static u32 pipe_poll(struct file *file, struct poll_table *table)
{
    u32 events = 0;
    struct pipe *pipe = file->data;
    if (reads(file)) {
        poll_on(table, &pipe->readable);
        if (pipe_used(pipe))
            events |= POLL_READABLE;
        if (!pipe_has(&pipe->writers) && pipe_has(&pipe->writer_opens))
            events |= POLLHUP;
    }
    if (writes(file)) {
        poll_on(table, &pipe->writable);
        if (room(pipe) >= PIPE_ATOMIC)
            events |= POLL_WRITABLE;
        if (!pipe_has(&pipe->readers))
            events |= POLLERR;
    }
    return events;
}

/* One more end, or two; the inode's lock is held. */
static void add_ends(struct pipe *pipe, struct file *file)
{
    pipe->readers += reads(file);
    pipe->reader_opens += reads(file);
    pipe->writers += writes(file);
    pipe->writer_opens += writes(file);
    file->data = pipe;
}

static void pipe_release(struct file *file)
{
    struct inode *inode = file->dentry->inode;
    struct pipe *pipe = file->data;
    if (!pipe)
        return;
    mutex_lock(&inode->lock);
    pipe->readers -= reads(file);
    pipe->writers -= writes(file);
    bool is_last = !pipe->readers && !pipe->writers;
    if (is_last) {
        inode->data = NULL;
    } else { /* while it is locked: another end may be the last soon */
        wake_up(&pipe->readable);
        wake_up(&pipe->writable);
    }
    mutex_unlock(&inode->lock);
    if (is_last)
        pipe_free(pipe);
}

/* Be an end of the pipe behind @file's inode, which is made for the first one. */
static int join(struct file *file)
{
    struct inode *inode = file->dentry->inode;
    struct pipe *pipe = inode->data;
    bool only_writes = !reads(file);
    if (only_writes && file->flags & O_NONBLOCK && (!pipe || !pipe->readers))
        return -ENXIO;
    if (!pipe)
        pipe = inode->data = pipe_alloc();
    if (!pipe)
        return -ENOMEM;
    add_ends(pipe, file);
    return 0;
}

/* fifo(7): whoever opens one end waits for somebody to open the other. */
static int fifo_open(struct file *file)
{
    struct inode *inode = file->dentry->inode;
    if (file->flags & O_PATH)
        return 0;
    mutex_lock(&inode->lock);
    int error = join(file);
    struct pipe *pipe = file->data;
    unsigned *other = error ? NULL : reads(file) ? &pipe->writer_opens : &pipe->reader_opens;
    unsigned seen = error ? 0 : *other;
    bool alone = !error && !(reads(file) ? pipe->writers : pipe->readers);
    mutex_unlock(&inode->lock);
    if (error)
        return error;

    wake_up(&pipe->readable);
    wake_up(&pipe->writable);
    if (alone && !(file->flags & O_NONBLOCK))
        error = wait_event_interruptible(reads(file) ? &pipe->readable : &pipe->writable,
                                         __atomic_load_n(other, __ATOMIC_RELAXED) != seen);
    if (error)
        pipe_release(file);
    return error ? -ERESTART : 0;
}

const struct file_ops fifo_ops = {
    .is_stream = true,
    .open = fifo_open,
    .release = pipe_release,
    .read = pipe_read,
    .write = pipe_write,
    .poll = pipe_poll,
    .ioctl = pipe_ioctl,
};

static const struct inode_ops pipe_inode_ops = { 0 };

int pipe_create(unsigned flags, struct file **reader, struct file **writer)
{
    struct dentry *dentry = anonymous_create(S_IFIFO | 0600, "pipe");
    if (!dentry)
        return -ENOMEM;
    dentry->inode->ops = &pipe_inode_ops;
    dentry->inode->fops = &fifo_ops;
    /* O_RDWR needs no other end to open: it holds the pipe while the two ends come. */
    struct file *both;
    int error = file_open(dentry, O_RDWR, &both);
    if (!error) {
        error = file_open(dentry, O_RDONLY | flags, reader);
        if (!error) {
            error = file_open(dentry, O_WRONLY | flags, writer);
            if (error)
                file_put(*reader);
        }
        file_put(both);
    }
    dentry_put(dentry);
    return error;
}
