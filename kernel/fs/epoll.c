/*
 * epoll: what is watched.  epoll_ready.c tells what of it is ready.
 */
#include "kernel/fs/epoll_item.h"

#include "kernel/fs/anonymous.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/minmax.h"
#include "mm/kmalloc.h"

enum { LEVELS_MAX = 5 }; /* of epolls that watch epolls.  Source: epoll_ctl(2), ELOOP */

/* With EPOLLEXCLUSIVE nothing else may be asked for.  Source: epoll_ctl(2) */
#define EXCLUSIVE_WITH \
    (EPOLLEXCLUSIVE | EPOLLWAKEUP | EPOLLET | POLL_READABLE | POLL_WRITABLE | POLLERR | POLLHUP)

MUTEX(epoll_lock, RANK_EPOLL);
static unsigned visits; /* under epoll_lock: of all epolls, to count levels */

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

static void queue_woken(struct waiter *waiter)
{
    epoll_note_ready(container_of(waiter, struct epoll_waiter, waiter)->item);
}

static void watch_queue(struct poll_table *table, struct wait_queue *queue)
{
    struct epoll_item *item = container_of(table, struct epoll_item, table);
    assert(item->waiter_count < EPOLL_QUEUES_MAX);
    struct epoll_waiter *place = &item->waiter[item->waiter_count++];
    *place = (struct epoll_waiter){ .queue = queue, .item = item };
    waiter_init(&place->waiter, false);
    place->waiter.function = queue_woken;
    wait_attach(queue, &place->waiter);
}

/* Of how many epolls is the longest way that begins with @epoll, and goes to those it watches? */
static unsigned levels_below(struct epoll *epoll) MUST_HOLD(epoll_lock)
{
    if (epoll->visit == visits)
        return epoll->levels;
    epoll->visit = visits;
    epoll->levels = 1;
    for (struct rb_node *node = rb_first(&epoll->items); node; node = rb_next(node)) {
        const struct file *file = rb_entry(node, struct epoll_item, node)->target.file;
        if (file_is_epoll(file))
            epoll->levels = max_of(unsigned, epoll->levels, 1 + levels_below(file->data));
    }
    return epoll->levels;
}

/* The same, to those that watch it. */
static unsigned levels_above(struct epoll *epoll) MUST_HOLD(epoll_lock)
{
    struct epoll_item *outer;
    if (epoll->visit == visits)
        return epoll->levels;
    epoll->visit = visits;
    epoll->levels = 1;
    list_for_each_entry (outer, &epoll->outer, outer_node)
        epoll->levels = max_of(unsigned, epoll->levels, 1 + levels_above(outer->epoll));
    return epoll->levels;
}

/* Would a way be too long, or a circle, if @epoll watched @inner? */
static bool is_too_deep(struct epoll *epoll, struct epoll *inner) MUST_HOLD(epoll_lock)
{
    epoll->visit = ++visits;
    epoll->levels = LEVELS_MAX; /* who comes here from @inner came round */
    unsigned below = levels_below(inner);
    visits++;
    return below + levels_above(epoll) > LEVELS_MAX;
}

static int add(struct epoll *epoll, const struct epoll_target *target,
               const struct epoll_event *event) MUST_HOLD(epoll_lock)
{
    struct file *file = target->file;
    if (event->events & EPOLLEXCLUSIVE && (file_is_epoll(file) || event->events & ~EXCLUSIVE_WITH))
        return -EINVAL;
    if (file_is_epoll(file) && is_too_deep(epoll, file->data))
        return -ELOOP;
    struct epoll_item *item = kzalloc(sizeof(*item), GFP_KERNEL);
    if (!item)
        return -ENOMEM;
    item->epoll = epoll;
    item->target = *target;
    item->event = *event;
    item->table.on = watch_queue;
    list_init(&item->ready_node);
    list_init(&item->outer_node);
    if (!file->watchers.next)
        list_init(&file->watchers);
    list_add_tail(&item->watch_node, &file->watchers);
    rb_insert(&epoll->items, &item->node, goes_before);
    if (file_is_epoll(file))
        epoll_tell_outer(item, file->data);
    else
        (void)file->fops->poll(file, &item->table);
    epoll_note_ready(item); /* perhaps: who collects will ask */
    return 0;
}

static void take_out(struct epoll_item *item) MUST_HOLD(epoll_lock)
{
    while (item->waiter_count > 0) {
        struct epoll_waiter *place = &item->waiter[--item->waiter_count];
        wait_detach(place->queue, &place->waiter);
    }
    epoll_tell_no_more(item); /* for good: nobody is left to note it */
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
        if ((item->event.events | event->events) & EPOLLEXCLUSIVE)
            return -EINVAL;
        item->event = *event;
        epoll_note_ready(item);
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

static u32 poll_epoll(struct file *file, struct poll_table *table)
{
    struct epoll *epoll = file->data;
    poll_on(table, &epoll->queue);
    mutex_lock(&epoll_lock);
    bool found = epoll_has_ready(epoll);
    mutex_unlock(&epoll_lock);
    return found ? POLL_READABLE : 0;
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
    .open = anonymous_attach,
    .poll = poll_epoll,
};

static const struct anonymous_kind epoll_kind = {
    .label = "anon_inode:[eventpoll]",
    .ops = &epoll_inode_ops,
    .fops = &epoll_ops,
};

bool file_is_epoll(const struct file *file) { return file->fops == &epoll_ops; }

int epoll_create(struct file **result)
{
    struct epoll *epoll = kzalloc(sizeof(*epoll), GFP_KERNEL);
    if (!epoll)
        return -ENOMEM;
    list_init(&epoll->ready);
    list_init(&epoll->outer);
    wait_queue_init(&epoll->queue);
    spin_lock_init(&epoll->queue.lock, RANK_EPOLLING, "epoll's queue");
    return anonymous_open(&epoll_kind, epoll, 0, result);
}
