/*
 * epoll: see epoll.h for how its parts hang together.
 *
 * Two locks.  epoll_lock, a mutex, guards the items of all epolls and their files' lists of
 * watchers; files are asked with it held.  Each epoll's own spinlock guards its ready list alone,
 * because the list is written by whoever wakes a queue, in any context.
 */
#include "kernel/fs/epoll.h"

#include "kernel/fs/anonymous.h"
#include "kernel/fs/poll.h"
#include "kernel/mutex.h"
#include "kernel/spinlock.h"
#include "kernel/time.h"
#include "kernel/wait.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/rbtree.h"
#include "mm/kmalloc.h"

enum { QUEUES_MAX = 2 }; /* that one file's poll() names */

#define EPOLL_FLAGS (EPOLLEXCLUSIVE | EPOLLWAKEUP | EPOLLONESHOT | EPOLLET)

static MUTEX(epoll_lock, RANK_EPOLL);

/* (e) under epoll_lock; (l) under lock */
struct epoll {
    struct rb_root items;    /* (e) by file and descriptor */
    struct spinlock lock;    /* taken with interrupts off */
    struct list_node ready;  /* (l) items that may be ready, longest first */
    struct wait_queue queue; /* its lock ranks behind those of other queues, whose wakers wake it */
};

struct epoll_waiter {
    struct waiter waiter;
    struct wait_queue *queue;
    struct epoll_item *item;
};

/* (c) constant; (e) under epoll_lock; (l) under epoll->lock */
struct epoll_item {
    struct rb_node node;         /* (e) */
    struct epoll *epoll;         /* (c) */
    struct epoll_target target;  /* (c) no reference to the file */
    struct list_node watch_node; /* (e) among target.file's watchers */
    struct list_node ready_node; /* (l) on epoll->ready, or on a list of who collects; or on none */
    struct epoll_event event;    /* (e) */
    struct poll_table table;     /* (e) takes the queues' names */
    struct epoll_waiter waiter[QUEUES_MAX];
    unsigned waiter_count; /* (e) */
};

/* --- the ready list -------------------------------------------------------------------------- */

/* @item may be ready.  Any context but NMI. */
static void note_ready(struct epoll_item *item)
{
    struct epoll *epoll = item->epoll;
    irqflags_t flags = spin_lock_irqsave(&epoll->lock);
    if (list_empty(&item->ready_node))
        list_add_tail(&item->ready_node, &epoll->ready);
    spin_unlock_irqrestore(&epoll->lock, flags);
    wake_up(&epoll->queue);
}

static void queue_woken(struct waiter *waiter)
{
    note_ready(container_of(waiter, struct epoll_waiter, waiter)->item);
}

/* Move all of @from to the end of @to. */
static void move_all(struct epoll *epoll, struct list_node *from, struct list_node *to)
{
    irqflags_t flags = spin_lock_irqsave(&epoll->lock);
    list_splice_tail(from, to);
    spin_unlock_irqrestore(&epoll->lock, flags);
}

/* Take the first item off @list, or move it to @keep if that is not NULL.  NULL: it is empty. */
static struct epoll_item *pop(struct epoll *epoll, struct list_node *list)
{
    struct epoll_item *item = NULL;
    irqflags_t flags = spin_lock_irqsave(&epoll->lock);
    if (!list_empty(list)) {
        item = list_first_entry(list, struct epoll_item, ready_node);
        list_del_init(&item->ready_node);
    }
    spin_unlock_irqrestore(&epoll->lock, flags);
    return item;
}

static void forget_ready(struct epoll_item *item)
{
    irqflags_t flags = spin_lock_irqsave(&item->epoll->lock);
    list_del_init(&item->ready_node);
    spin_unlock_irqrestore(&item->epoll->lock, flags);
}

/* What of that which @item asks for is true now.  Under epoll_lock. */
static u32 ask(const struct epoll_item *item)
{
    u32 wanted = item->event.events & ~EPOLL_FLAGS;
    return wanted ? poll_file(NULL, item->target.file) & (wanted | POLLERR | POLLHUP) : 0;
}

/* @item was told: is it looked at again without a new wake-up?  Under epoll_lock. */
static bool settle(struct epoll_item *item)
{
    if (item->event.events & EPOLLONESHOT) {
        item->event.events &= EPOLL_FLAGS; /* asks for nothing until EPOLL_CTL_MOD */
        return false;
    }
    return !(item->event.events & EPOLLET);
}

/* Fill in up to @most of @events.  Returns: how many. */
static int collect(struct epoll *epoll, struct epoll_event *events, int most)
{
    int count = 0;
    LIST(taken);
    LIST(again);
    struct epoll_item *item;
    mutex_lock(&epoll_lock);
    move_all(epoll, &epoll->ready, &taken);
    while (count < most && (item = pop(epoll, &taken))) {
        u32 now = ask(item);
        if (!now)
            continue;
        events[count++] = (struct epoll_event){ .events = now, .data = item->event.data };
        if (!settle(item))
            continue;
        irqflags_t flags = spin_lock_irqsave(&epoll->lock);
        list_del_init(&item->ready_node); /* it may have been woken meanwhile */
        list_add_tail(&item->ready_node, &again);
        spin_unlock_irqrestore(&epoll->lock, flags);
    }
    /* Those not asked yet come first the next time, then what came meanwhile, then those told. */
    move_all(epoll, &epoll->ready, &taken);
    move_all(epoll, &again, &taken);
    move_all(epoll, &taken, &epoll->ready);
    mutex_unlock(&epoll_lock);
    return count;
}

static bool may_be_ready(struct epoll *epoll)
{
    irqflags_t flags = spin_lock_irqsave(&epoll->lock);
    bool result = !list_empty(&epoll->ready);
    spin_unlock_irqrestore(&epoll->lock, flags);
    return result;
}

int epoll_wait(struct file *file, struct epoll_event *events, int most, u64 deadline_ns)
{
    struct epoll *epoll = file->data;
    for (;;) {
        int count = collect(epoll, events, most);
        if (count || deadline_ns <= time_now_ns())
            return count;
        int error = wait_event_interruptible_until(&epoll->queue, may_be_ready(epoll), deadline_ns);
        if (error == -EINTR)
            return -EINTR;
    }
}

/* --- what is watched ------------------------------------------------------------------------- */

static int compare(const struct epoll_target *a, const struct epoll_target *b)
{
    if (a->file != b->file)
        return a->file < b->file ? -1 : 1;
    return a->fd - b->fd;
}

static bool goes_before(const struct rb_node *a, const struct rb_node *b)
{
    return compare(&rb_entry(a, struct epoll_item, node)->target,
                   &rb_entry(b, struct epoll_item, node)->target) < 0;
}

static struct epoll_item *find(const struct epoll *epoll, const struct epoll_target *target)
{
    struct rb_node *node = epoll->items.node;
    while (node) {
        struct epoll_item *item = rb_entry(node, struct epoll_item, node);
        int order = compare(target, &item->target);
        if (order == 0)
            return item;
        node = node->child[order > 0];
    }
    return NULL;
}

static void watch_queue(struct poll_table *table, struct wait_queue *queue)
{
    struct epoll_item *item = container_of(table, struct epoll_item, table);
    assert(item->waiter_count < QUEUES_MAX);
    struct epoll_waiter *place = &item->waiter[item->waiter_count++];
    *place = (struct epoll_waiter){ .queue = queue, .item = item };
    waiter_init(&place->waiter, false);
    place->waiter.function = queue_woken;
    wait_attach(queue, &place->waiter);
}

static int add(struct epoll *epoll, const struct epoll_target *target,
               const struct epoll_event *event) MUST_HOLD(epoll_lock)
{
    struct file *file = target->file;
    struct epoll_item *item = kzalloc(sizeof(*item), GFP_KERNEL);
    if (!item)
        return -ENOMEM;
    item->epoll = epoll;
    item->target = *target;
    item->event = *event;
    item->table.on = watch_queue;
    list_init(&item->ready_node);
    if (!file->watchers.next)
        list_init(&file->watchers);
    list_add_tail(&item->watch_node, &file->watchers);
    rb_insert(&epoll->items, &item->node, goes_before);
    (void)file->fops->poll(file, &item->table);
    note_ready(item); /* perhaps: who collects will ask */
    return 0;
}

static void take_out(struct epoll_item *item) MUST_HOLD(epoll_lock)
{
    while (item->waiter_count > 0) {
        struct epoll_waiter *place = &item->waiter[--item->waiter_count];
        wait_detach(place->queue, &place->waiter);
    }
    forget_ready(item); /* for good: nobody is left to note it */
    rb_erase(&item->epoll->items, &item->node);
    list_del(&item->watch_node);
    kfree(item);
}

static int change(struct epoll *epoll, enum epoll_operation operation,
                  const struct epoll_target *target, const struct epoll_event *event)
    MUST_HOLD(epoll_lock)
{
    struct epoll_item *item = find(epoll, target);
    switch (operation) {
    case EPOLL_CTL_ADD:
        return item ? -EEXIST : add(epoll, target, event);
    case EPOLL_CTL_DEL:
        if (item)
            take_out(item);
        return item ? 0 : -ENOENT;
    case EPOLL_CTL_MOD:
        if (!item)
            return -ENOENT;
        item->event = *event;
        note_ready(item);
        return 0;
    }
    return -EINVAL;
}

int epoll_control(struct file *file, enum epoll_operation operation,
                  const struct epoll_target *target, const struct epoll_event *event)
{
    if (!target->file->fops->poll)
        return -EPERM;
    if (file == target->file || !file_is_epoll(file))
        return -EINVAL;
    if (file_is_epoll(target->file))
        return -ELOOP;
    mutex_lock(&epoll_lock);
    int result = change(file->data, operation, target, event);
    mutex_unlock(&epoll_lock);
    return result;
}

void epoll_forget(struct file *file)
{
    mutex_lock(&epoll_lock);
    while (!list_empty(&file->watchers))
        take_out(list_first_entry(&file->watchers, struct epoll_item, watch_node));
    mutex_unlock(&epoll_lock);
}

/* --- the file -------------------------------------------------------------------------------- */

/* Is one of the items truly ready?  The others need not be looked at again until woken. */
static u32 poll_epoll(struct file *file, struct poll_table *table)
{
    struct epoll *epoll = file->data;
    struct epoll_item *item;
    bool found = false;
    poll_on(table, &epoll->queue);
    mutex_lock(&epoll_lock);
    while (!found && (item = pop(epoll, &epoll->ready))) {
        found = ask(item);
        if (found)
            note_ready(item);
    }
    mutex_unlock(&epoll_lock);
    return found ? POLL_READABLE : 0;
}

static int open_again(struct file *file)
{
    file->data = file->dentry->inode->data;
    return 0;
}

static void destroy(struct inode *inode)
{
    struct epoll *epoll = inode->data;
    mutex_lock(&epoll_lock);
    while (!rb_empty(&epoll->items))
        take_out(rb_entry(epoll->items.node, struct epoll_item, node));
    mutex_unlock(&epoll_lock);
    kfree(epoll);
}

static const struct inode_ops epoll_inode_ops = { .destroy = destroy };

static const struct file_ops epoll_ops = {
    .is_stream = true,
    .open = open_again,
    .poll = poll_epoll,
};

bool file_is_epoll(const struct file *file) { return file->fops == &epoll_ops; }

int epoll_create(struct file **result)
{
    struct epoll *epoll = kzalloc(sizeof(*epoll), GFP_KERNEL);
    struct dentry *dentry = epoll ? anonymous_create(0600, "anon_inode:[eventpoll]") : NULL;
    if (!dentry) {
        kfree(epoll);
        return -ENOMEM;
    }
    spin_lock_init(&epoll->lock, RANK_READY, "epoll");
    list_init(&epoll->ready);
    wait_queue_init(&epoll->queue);
    spin_lock_init(&epoll->queue.lock, RANK_READY, "epoll's queue");
    dentry->inode->data = epoll;
    dentry->inode->ops = &epoll_inode_ops;
    dentry->inode->fops = &epoll_ops;
    int error = file_open(dentry, O_RDWR, result);
    dentry_put(dentry);
    return error;
}
