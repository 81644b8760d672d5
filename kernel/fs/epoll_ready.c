/*
 * epoll: what may be ready, and telling what is.
 *
 * The ready lists are written by whoever wakes a queue, in any context: hence a spinlock.
 */
#include "kernel/fs/epoll_item.h"

#include "kernel/time.h"
#include "lib/errno.h"

static SPINLOCK(ready_lock, RANK_READY); /* taken with interrupts off */

/* @item may be ready, and so may its epoll, for those that watch it: a few levels of them. */
static void note_ready_locked(struct epoll_item *item) MUST_HOLD(ready_lock)
{
    struct epoll *epoll = item->epoll;
    struct epoll_item *outer;
    if (list_empty(&item->ready_node))
        list_add_tail(&item->ready_node, &epoll->ready);
    wake_up(&epoll->queue);
    list_for_each_entry (outer, &epoll->outer, outer_node)
        note_ready_locked(outer);
}

void epoll_note_ready(struct epoll_item *item)
{
    irqflags_t flags = spin_lock_irqsave(&ready_lock);
    note_ready_locked(item);
    spin_unlock_irqrestore(&ready_lock, flags);
}

/* Move all of @from to the end of @to. */
static void move_all(struct list_node *from, struct list_node *to)
{
    irqflags_t flags = spin_lock_irqsave(&ready_lock);
    list_splice_tail(from, to);
    spin_unlock_irqrestore(&ready_lock, flags);
}

/* Take the first item off @list.  NULL: it is empty. */
static struct epoll_item *pop(struct list_node *list)
{
    struct epoll_item *item = NULL;
    irqflags_t flags = spin_lock_irqsave(&ready_lock);
    if (!list_empty(list)) {
        item = list_first_entry(list, struct epoll_item, ready_node);
        list_del_init(&item->ready_node);
    }
    spin_unlock_irqrestore(&ready_lock, flags);
    return item;
}

/* Put @item, which is ready still, at the end of @list; nobody is woken. */
static void put_back(struct epoll_item *item, struct list_node *list)
{
    irqflags_t flags = spin_lock_irqsave(&ready_lock);
    list_del_init(&item->ready_node); /* it may have been woken meanwhile */
    list_add_tail(&item->ready_node, list);
    spin_unlock_irqrestore(&ready_lock, flags);
}

void epoll_tell_outer(struct epoll_item *outer, struct epoll *inner)
{
    irqflags_t flags = spin_lock_irqsave(&ready_lock);
    list_add_tail(&outer->outer_node, &inner->outer);
    spin_unlock_irqrestore(&ready_lock, flags);
}

void epoll_tell_no_more(struct epoll_item *item)
{
    irqflags_t flags = spin_lock_irqsave(&ready_lock);
    list_del_init(&item->ready_node);
    list_del_init(&item->outer_node);
    spin_unlock_irqrestore(&ready_lock, flags);
}

/*
 * What of that which @item asks for is true now.  An epoll is not asked by its poll(): we hold the
 * lock that it would take.
 */
static u32 ask(const struct epoll_item *item) MUST_HOLD(epoll_lock)
{
    struct file *file = item->target.file;
    u32 wanted = item->event.events & ~EPOLL_FLAGS;
    if (!wanted)
        return 0;
    if (file_is_epoll(file))
        return epoll_has_ready(file->data) ? POLL_READABLE & wanted : 0;
    return poll_file(NULL, file) & (wanted | POLLERR | POLLHUP);
}

bool epoll_has_ready(struct epoll *epoll)
{
    struct epoll_item *item;
    while ((item = pop(&epoll->ready))) {
        if (!ask(item))
            continue;
        put_back(item, &epoll->ready);
        return true;
    }
    return false;
}

/* @item was told: is it looked at again without a new wake-up? */
static bool settle(struct epoll_item *item) MUST_HOLD(epoll_lock)
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
    move_all(&epoll->ready, &taken);
    while (count < most && (item = pop(&taken))) {
        u32 now = ask(item);
        if (!now)
            continue;
        events[count++] = (struct epoll_event){ .events = now, .data = item->event.data };
        if (settle(item))
            put_back(item, &again);
    }
    /* Those not asked yet come first the next time, then what came meanwhile, then those told. */
    move_all(&epoll->ready, &taken);
    move_all(&again, &taken);
    move_all(&taken, &epoll->ready);
    mutex_unlock(&epoll_lock);
    return count;
}

static bool may_be_ready(struct epoll *epoll)
{
    irqflags_t flags = spin_lock_irqsave(&ready_lock);
    bool result = !list_empty(&epoll->ready);
    spin_unlock_irqrestore(&ready_lock, flags);
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
