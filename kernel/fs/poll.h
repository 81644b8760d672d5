/*
 * Waiting for several files at once: what poll(2), select(2) and epoll(7) stand on.
 *
 *     poll_begin()                      a waiter on no queue yet
 *     poll_file(), for each file        file_ops.poll() names its queues and says what is true;
 *         |                             the first time the waiter is put on those queues
 *     nothing asked for is true:
 *     poll_sleep()                      until one of the queues is woken; then ask all again
 *         |
 *     poll_end()                        off all queues
 *
 * The waiter is on a queue before its file is asked, and whoever wakes a queue has changed what
 * the file will say: so no change is lost.  Being woken is remembered until poll_sleep() looks,
 * hence poll() members may take mutexes and sleep.
 */
#ifndef KERNEL_FS_POLL_H
#define KERNEL_FS_POLL_H

#include "kernel/fs/vfs.h"
#include "kernel/wait.h"
#include "lib/annotate.h"
#include "lib/types.h"

/* Source: poll(2), Linux uapi asm-generic/poll.h. */
enum poll_events {
    POLLIN = 0x1,
    POLLPRI = 0x2,
    POLLOUT = 0x4,
    POLLERR = 0x8,   /* told without being asked for */
    POLLHUP = 0x10,  /* likewise */
    POLLNVAL = 0x20, /* likewise: the descriptor is not open */
    POLLRDNORM = 0x40,
    POLLRDBAND = 0x80,
    POLLWRNORM = 0x100,
    POLLWRBAND = 0x200,
    POLLRDHUP = 0x2000,
    POLL_READABLE = POLLIN | POLLRDNORM,
    POLL_WRITABLE = POLLOUT | POLLWRNORM,
};

/* Who wants to know the queues: poll_wait's and epoll's own begin with it. */
struct poll_table {
    void (*on)(struct poll_table *self, struct wait_queue *queue); /* (c) */
};

/* For file_ops.poll(): @queue is woken when the answer may change.  @table NULL: nobody waits. */
static inline void poll_on(struct poll_table *table, struct wait_queue *queue)
{
    if (table)
        table->on(table, queue);
}

/* The waiter's place on one queue; keeps the queue's file open. */
struct poll_entry {
    struct waiter waiter;
    struct wait_queue *queue; /* (c) */
    struct poll_wait *wait;   /* (c) */
    struct file *file;        /* (c) */
};

enum { POLL_ENTRIES_FIRST = 4, POLL_ENTRIES_MORE = 32 };

struct poll_block {
    struct poll_block *next;
    struct poll_entry entry[POLL_ENTRIES_MORE];
};

/* One task that waits.  (o) the task itself alone; (a) atomic */
struct poll_wait {
    struct poll_table table;
    struct task *task;                           /* (c) */
    bool woken;                                  /* (a) since poll_sleep() looked last */
    bool is_placed;                              /* (o) on all queues: no more are taken */
    int error;                                   /* (o) -ENOMEM: not all queues could be noted */
    struct file *asked;                          /* (o) the file that poll_file() is at */
    unsigned count;                              /* (o) entries in use */
    struct poll_entry first[POLL_ENTRIES_FIRST]; /* (o) */
    struct poll_block *more;                     /* (o) the newest first */
};

void poll_begin(struct poll_wait *wait);

/* What is true of @file, enum poll_events; @wait (NULL: nobody) wants to know of changes. */
u32 poll_file(struct poll_wait *wait, struct file *file);

/*
 * All files were asked once, and must be asked again: sleep until that may have another outcome.
 *
 * Returns: 0; -EINTR: a signal came; -ETIMEDOUT; -ENOMEM.  Sleeps.
 */
int poll_sleep(struct poll_wait *wait, u64 deadline_ns) MUST_CHECK;

void poll_end(struct poll_wait *wait);

#endif
