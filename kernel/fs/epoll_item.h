/*
 * What the two halves of epoll share: epoll.c, what is watched, and epoll_ready.c, what of it is
 * ready.  See epoll.h for how the parts hang together.
 */
#ifndef KERNEL_FS_EPOLL_ITEM_H
#define KERNEL_FS_EPOLL_ITEM_H

#include "kernel/fs/epoll.h"
#include "kernel/fs/poll.h"
#include "kernel/mutex.h"
#include "kernel/spinlock.h"
#include "kernel/wait.h"
#include "lib/annotate.h"
#include "lib/rbtree.h"

enum { EPOLL_QUEUES_MAX = 2 }; /* that one file's poll() names */

#define EPOLL_FLAGS (EPOLLEXCLUSIVE | EPOLLWAKEUP | EPOLLONESHOT | EPOLLET)

extern struct mutex epoll_lock; /* which files each epoll watches; files are asked with it held */

/* (e) under epoll_lock; (r) under epoll_ready.c's ready_lock; (b) to read either, to write both */
struct epoll {
    struct rb_root items;    /* (e) by file and descriptor */
    struct list_node ready;  /* (r) items that may be ready, longest first */
    struct list_node outer;  /* (b) items of other epolls that watch this one */
    struct wait_queue queue; /* its lock ranks behind ready_lock */
    unsigned visit, levels;  /* (e) what visit number @visit found */
};

struct epoll_waiter {
    struct waiter waiter;
    struct wait_queue *queue;
    struct epoll_item *item;
};

/* (c) constant; the others as above */
struct epoll_item {
    struct rb_node node;         /* (e) */
    struct epoll *epoll;         /* (c) */
    struct epoll_target target;  /* (c) no reference to the file */
    struct list_node watch_node; /* (e) among target.file's watchers */
    struct list_node ready_node; /* (r) on epoll->ready, or on a list of who collects; or on none */
    struct list_node outer_node; /* (b) on target's list outer, if that is an epoll */
    struct epoll_event event;    /* (e) */
    struct poll_table table;     /* (e) takes the queues' names */
    struct epoll_waiter waiter[EPOLL_QUEUES_MAX];
    unsigned waiter_count; /* (e) */
};

/* @item may be ready, and so may be its epoll, for those that watch that.  Any context but NMI. */
void epoll_note_ready(struct epoll_item *item);

/* What makes @inner ready makes @outer, which watches it, ready. */
void epoll_tell_outer(struct epoll_item *outer, struct epoll *inner) MUST_HOLD(epoll_lock);

/* @item is on no list any more, and no epoll tells it. */
void epoll_tell_no_more(struct epoll_item *item) MUST_HOLD(epoll_lock);

/* Is anything that @epoll watches truly ready? */
bool epoll_has_ready(struct epoll *epoll) MUST_HOLD(epoll_lock);

#endif
