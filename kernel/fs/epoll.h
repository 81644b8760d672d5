/*
 * epoll(7): a file that remembers which other files are watched, and which of them may be ready.
 *
 *     struct epoll -- items --> struct epoll_item --> struct file    one for each descriptor added
 *        |                          |
 *        | ready: may be ready      +-- a waiter on each queue that the file's poll() names
 *        v
 *     queue: who waits for the epoll itself
 *
 * When a file's queue is woken, the item's waiter puts the item on the ready list and wakes the
 * epoll's queue.  epoll_wait() asks the files on that list, and no others: what is true is told,
 * and put back for the next time unless the item is edge triggered or one-shot.
 *
 * An item does not keep its file open: the file's last file_put() takes it out (epoll_forget()).
 *
 * An epoll that watches another has no waiter on that one's queue: whoever puts an item on the
 * inner ready list goes on to the outer ones, under the one lock of all these lists.  At most five
 * levels, and no circle (-ELOOP).
 */
#ifndef KERNEL_FS_EPOLL_H
#define KERNEL_FS_EPOLL_H

#include "kernel/fs/vfs.h"
#include "lib/annotate.h"

/* Source: epoll_ctl(2), Linux uapi linux/eventpoll.h. */
enum epoll_operation { EPOLL_CTL_ADD = 1, EPOLL_CTL_DEL = 2, EPOLL_CTL_MOD = 3 };
#define EPOLLEXCLUSIVE (1u << 28)
#define EPOLLWAKEUP    (1u << 29)
#define EPOLLONESHOT   (1u << 30)
#define EPOLLET        (1u << 31)

/* As programs know it, on all machines. */
struct epoll_event {
    u32 events;
    u64 data;
} PACKED;

/* A new epoll that watches nothing.  0 or -ENOMEM.  Sleeps. */
int epoll_create(struct file **result) MUST_CHECK;

bool file_is_epoll(const struct file *file);

/* A file, and the descriptor it was named by: together they are the name of an item. */
struct epoll_target {
    struct file *file;
    int fd;
};

/*
 * Add, change or remove what @epoll watches.  @event: not for EPOLL_CTL_DEL.
 *
 * Returns: 0, -EEXIST, -ENOENT, -EPERM (a file that is always ready), -ELOOP, -EINVAL, -ENOMEM.
 * Sleeps.
 */
int epoll_control(struct file *epoll, enum epoll_operation operation,
                  const struct epoll_target *target, const struct epoll_event *event) MUST_CHECK;

/*
 * Wait until something that @epoll watches is ready.
 *
 * Returns: how many of @events, at most @most, were filled in; 0: @deadline_ns has come; -EINTR.
 * Sleeps.
 */
int epoll_wait(struct file *epoll, struct epoll_event *events, int most, u64 deadline_ns)
    MUST_CHECK;

/* @file, which is closed for good, is not watched any more.  Sleeps. */
void epoll_forget(struct file *file);

#endif
