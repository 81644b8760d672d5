/*
 * Timers as files.
 *
 * When the time has come, the timer's function notes it and wakes; the timer rests until somebody
 * reads how often that was, or sets it anew.  So one that nobody reads costs nothing.
 */
#include "kernel/fs/timerfd.h"

#include "kernel/fs/anonymous.h"
#include "kernel/fs/iov.h"
#include "kernel/fs/poll.h"
#include "kernel/mutex.h"
#include "kernel/period.h"
#include "kernel/time.h"
#include "kernel/wait.h"
#include "kernel/wall_clock.h"
#include "lib/errno.h"
#include "mm/kmalloc.h"

/* (c) constant; (l) under timerfds_lock; (a) atomic */
struct timerfd {
    struct timer timer;      /* (l) */
    struct period period;    /* (l) */
    bool is_wall;            /* (c) moments are the wall clock's */
    bool by_wall;            /* (l) period is such moments */
    bool is_fragile;         /* (l) */
    struct list_node node;   /* (l) among the fragile ones */
    bool has_come;           /* (a) the timer rests until somebody reads it */
    bool has_given_up;       /* (a) changed under timerfds_lock */
    struct wait_queue queue; /* readers */
};

static MUTEX(timerfds_lock, RANK_ITIMER);
static LIST(fragile); /* (l) */

static u64 clock_now(const struct timerfd *timerfd)
{
    return timerfd->by_wall ? wall_clock_ns() : time_now_ns();
}

/* Interrupts off, no locks: the timer has expired. */
static void expired(struct timer *timer)
{
    struct timerfd *timerfd = container_of(timer, struct timerfd, timer);
    __atomic_store_n(&timerfd->has_come, true, __ATOMIC_RELEASE);
    wake_up(&timerfd->queue);
}

static void start(struct timerfd *timerfd) MUST_HOLD(timerfds_lock)
{
    if (timerfd->by_wall)
        timer_start_wall(&timerfd->timer, timerfd->period.next_ns);
    else
        timer_start(&timerfd->timer, timerfd->period.next_ns);
}

static bool is_readable(const struct timerfd *timerfd)
{
    return __atomic_load_n(&timerfd->has_come, __ATOMIC_ACQUIRE) ||
           READ_ONCE(timerfd->has_given_up);
}

/* How often its time has come since that was asked last; -ECANCELED: it has given up. */
static s64 take(struct timerfd *timerfd) MUST_HOLD(timerfds_lock)
{
    const bool has_come = __atomic_exchange_n(&timerfd->has_come, false, __ATOMIC_ACQ_REL);
    if (timerfd->has_given_up) {
        WRITE_ONCE(timerfd->has_given_up, false);
        if (has_come)
            timerfd->period.next_ns = 0;
        return -ECANCELED;
    }
    if (!has_come)
        return 0;
    u64 times = period_pass(&timerfd->period, clock_now(timerfd));
    if (timerfd->period.next_ns)
        start(timerfd);
    return (s64)times;
}

static ssize_t read_times(struct file *file, struct iov *to, u64 *position)
{
    s64 times;
    struct timerfd *timerfd = file->data;
    if (to->left < sizeof(times))
        return -EINVAL;
    for (;;) {
        mutex_lock(&timerfds_lock);
        times = take(timerfd);
        mutex_unlock(&timerfds_lock);
        if (times)
            break;
        if (file->flags & O_NONBLOCK)
            return -EAGAIN;
        if (wait_event_interruptible(&timerfd->queue, is_readable(timerfd)))
            return -ERESTART;
    }
    if (times < 0)
        return (ssize_t)times;
    return iov_put(to, &times, sizeof(times)) == sizeof(times) ? (ssize_t)sizeof(times) : -EFAULT;
}

static u32 poll_times(struct file *file, struct poll_table *table)
{
    struct timerfd *timerfd = file->data;
    poll_on(table, &timerfd->queue);
    return is_readable(timerfd) ? POLLIN : 0;
}

/* Set @timerfd, whose timer is stopped, to @wanted. */
static void set(struct timerfd *timerfd, const struct timerfd_wish *wanted) MUST_HOLD(timerfds_lock)
{
    const u64 left = wanted->value.left_ns;
    if (timerfd->is_fragile)
        list_del(&timerfd->node);
    timerfd->by_wall = wanted->is_moment && timerfd->is_wall;
    timerfd->is_fragile = timerfd->by_wall && wanted->is_fragile;
    if (timerfd->is_fragile)
        list_add_tail(&timerfd->node, &fragile);
    timerfd->period = (struct period){ .interval_ns = wanted->value.interval_ns };
    if (left)
        timerfd->period.next_ns = time_add_ns(wanted->is_moment ? 0 : clock_now(timerfd), left);
    timerfd->has_come = false;
    WRITE_ONCE(timerfd->has_given_up, false);
}

int timerfd_set(struct file *file, const struct timerfd_wish *wanted, struct itimer_value *before)
{
    int result = 0;
    struct timerfd *timerfd = file->data;
    mutex_lock(&timerfds_lock);
    bool runs = timer_cancel(&timerfd->timer); /* from here on has_come stays as it is */
    *before = period_left(&timerfd->period, clock_now(timerfd), runs);
    if (wanted) {
        const bool had_given_up = timerfd->has_given_up;
        set(timerfd, wanted);
        runs = timerfd->period.next_ns;
        if (runs && timerfd->is_fragile && had_given_up)
            result = -ECANCELED;
    }
    if (runs)
        start(timerfd);
    mutex_unlock(&timerfds_lock);
    return result;
}

void timerfd_clock_was_set(void)
{
    struct timerfd *timerfd;
    mutex_lock(&timerfds_lock);
    list_for_each_entry (timerfd, &fragile, node) {
        WRITE_ONCE(timerfd->has_given_up, true);
        wake_up(&timerfd->queue);
    }
    mutex_unlock(&timerfds_lock);
}

/* --- the file -------------------------------------------------------------------------------- */

static void destroy(struct inode *inode)
{
    struct timerfd *timerfd = inode->data;
    mutex_lock(&timerfds_lock);
    timer_cancel(&timerfd->timer);
    if (timerfd->is_fragile)
        list_del(&timerfd->node);
    mutex_unlock(&timerfds_lock);
    kfree(timerfd);
}

static const struct inode_ops timerfd_inode_ops = { .destroy = destroy };

static const struct file_ops timerfd_ops = {
    .is_stream = true,
    .open = anonymous_attach,
    .read = read_times,
    .poll = poll_times,
};

static const struct anonymous_kind timerfd_kind = {
    .label = "anon_inode:[timerfd]",
    .ops = &timerfd_inode_ops,
    .fops = &timerfd_ops,
};

bool file_is_timerfd(const struct file *file) { return file->fops == &timerfd_ops; }

int timerfd_create(bool is_wall, unsigned flags, struct file **result)
{
    struct timerfd *timerfd = kmalloc(sizeof(*timerfd), GFP_KERNEL);
    if (!timerfd)
        return -ENOMEM;
    *timerfd = (struct timerfd){ .is_wall = is_wall };
    timer_setup(&timerfd->timer, expired);
    wait_queue_init(&timerfd->queue);
    return anonymous_open(&timerfd_kind, timerfd, flags, result);
}
