/*
 * Counters as files.
 */
#include "kernel/fs/eventfd.h"

#include "kernel/fs/anonymous.h"
#include "kernel/fs/iov.h"
#include "kernel/fs/poll.h"
#include "kernel/spinlock.h"
#include "kernel/wait.h"
#include "lib/errno.h"
#include "mm/kmalloc.h"

/* The most it counts to; one more would mean "overflowed".  Source: eventfd(2). */
#define COUNT_MAX (UINT64_MAX - 1)

/* (c) constant; (l) under lock, read by those who wait without it */
struct eventfd {
    struct spinlock lock;
    u64 count;               /* (l) */
    bool semaphore;          /* (c) */
    struct wait_queue queue; /* readers and writers */
};

/* Take what a read takes.  0: nothing is there. */
static u64 take(struct eventfd *eventfd)
{
    spin_lock(&eventfd->lock);
    u64 taken = eventfd->semaphore && eventfd->count ? 1 : eventfd->count;
    eventfd->count -= taken;
    spin_unlock(&eventfd->lock);
    return taken;
}

static bool add(struct eventfd *eventfd, u64 more)
{
    spin_lock(&eventfd->lock);
    bool fits = more <= COUNT_MAX - eventfd->count;
    if (fits)
        eventfd->count += more;
    spin_unlock(&eventfd->lock);
    return fits;
}

/* The count, whole on 32-bit machines, too. */
static u64 count_of(struct eventfd *eventfd)
{
    spin_lock(&eventfd->lock);
    u64 count = eventfd->count;
    spin_unlock(&eventfd->lock);
    return count;
}

static ssize_t read_count(struct file *file, struct iov *to, u64 *position)
{
    u64 taken;
    struct eventfd *eventfd = file->data;
    if (to->left < sizeof(taken))
        return -EINVAL;
    while (!(taken = take(eventfd))) {
        if (file->flags & O_NONBLOCK)
            return -EAGAIN;
        if (wait_event_interruptible(&eventfd->queue, count_of(eventfd) != 0))
            return -ERESTART;
    }
    wake_up(&eventfd->queue);
    return iov_put(to, &taken, sizeof(taken)) == sizeof(taken) ? (ssize_t)sizeof(taken) : -EFAULT;
}

static ssize_t write_count(struct file *file, struct iov *from, u64 *position)
{
    u64 more;
    struct eventfd *eventfd = file->data;
    if (from->left < sizeof(more))
        return -EINVAL;
    if (iov_take(from, &more, sizeof(more)) < sizeof(more))
        return -EFAULT;
    if (more > COUNT_MAX)
        return -EINVAL;
    while (!add(eventfd, more)) {
        if (file->flags & O_NONBLOCK)
            return -EAGAIN;
        if (wait_event_interruptible(&eventfd->queue, more <= COUNT_MAX - count_of(eventfd)))
            return -ERESTART;
    }
    wake_up(&eventfd->queue);
    return (ssize_t)sizeof(more);
}

static u32 poll_count(struct file *file, struct poll_table *table)
{
    struct eventfd *eventfd = file->data;
    poll_on(table, &eventfd->queue);
    u64 count = count_of(eventfd);
    return (count ? POLL_READABLE : 0u) | (count < COUNT_MAX ? POLL_WRITABLE : 0u);
}

static void destroy(struct inode *inode) { kfree(inode->data); }

static const struct inode_ops eventfd_inode_ops = { .destroy = destroy };

static const struct file_ops eventfd_ops = {
    .is_stream = true,
    .open = anonymous_attach,
    .read = read_count,
    .write = write_count,
    .poll = poll_count,
};

static const struct anonymous_kind eventfd_kind = {
    .label = "anon_inode:[eventfd]",
    .ops = &eventfd_inode_ops,
    .fops = &eventfd_ops,
};

int eventfd_create(unsigned initial, bool semaphore, unsigned flags, struct file **result)
{
    struct eventfd *eventfd = kmalloc(sizeof(*eventfd), GFP_KERNEL);
    if (!eventfd)
        return -ENOMEM;
    *eventfd = (struct eventfd){ .count = initial, .semaphore = semaphore };
    spin_lock_init(&eventfd->lock, RANK_FS, "eventfd");
    wait_queue_init(&eventfd->queue);
    return anonymous_open(&eventfd_kind, eventfd, flags, result);
}
