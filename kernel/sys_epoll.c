/*
 * System calls that make files to be woken by: eventfd(2), epoll_create(2), epoll_ctl(2),
 * epoll_wait(2).
 */
#include "kernel/fs/epoll.h"
#include "kernel/fs/eventfd.h"
#include "kernel/fs/files.h"
#include "kernel/signal.h"
#include "kernel/sys.h"
#include "kernel/sys_time.h"
#include "kernel/task.h"
#include "kernel/time.h"
#include "lib/errno.h"
#include "lib/minmax.h"
#include "mm/kmalloc.h"

/* Source: eventfd(2), epoll_create(2); the other flags are O_NONBLOCK and O_CLOEXEC. */
enum {
    EFD_SEMAPHORE = 1,
    EVENTS_AT_ONCE = 64, /* one epoll_wait() returns no more, whatever there is room for */
    EVENTS_MAX = INT32_MAX / (int)sizeof(struct epoll_event),
};

static long install(struct file *file, bool cloexec)
{
    return files_install_or_put(current->files, file, 0, cloexec);
}

long sys_eventfd2(unsigned initial, unsigned flags)
{
    struct file *file;
    if (flags & ~(unsigned)(EFD_SEMAPHORE | O_NONBLOCK | O_CLOEXEC))
        return -EINVAL;
    int error = eventfd_create(initial, flags & EFD_SEMAPHORE, flags & O_NONBLOCK, &file);
    return error ? error : install(file, flags & O_CLOEXEC);
}

long sys_eventfd(unsigned initial) { return sys_eventfd2(initial, 0); }

long sys_epoll_create1(unsigned flags)
{
    struct file *file;
    if (flags & ~(unsigned)O_CLOEXEC)
        return -EINVAL;
    int error = epoll_create(&file);
    return error ? error : install(file, flags & O_CLOEXEC);
}

long sys_epoll_create(int size) { return size <= 0 ? -EINVAL : sys_epoll_create1(0); }

/* The file open as @fd, but for O_PATH, with a reference; or NULL. */
static struct file *find(int fd)
{
    struct file *file = files_find(current->files, fd);
    if (file && file->flags & O_PATH) {
        file_put(file);
        return NULL;
    }
    return file;
}

long sys_epoll_ctl(int epoll_fd, int operation, int fd, const struct epoll_event __user *user)
{
    struct epoll_event event = { 0 };
    if (operation != EPOLL_CTL_DEL && copy_from_user(&event, user, sizeof(event)))
        return -EFAULT;
    struct file *epoll = find(epoll_fd);
    struct epoll_target target = { find(fd), fd };
    long result = -EBADF;
    if (epoll && target.file)
        result = epoll_control(epoll, (enum epoll_operation)operation, &target, &event);
    if (target.file)
        file_put(target.file);
    if (epoll)
        file_put(epoll);
    return result;
}

/* What a call waits for. */
struct wait {
    int fd;
    struct epoll_event __user *events;
    int most;
    u64 deadline_ns;
};

static long wait_until(const struct wait *wait)
{
    if (wait->most <= 0 || wait->most > EVENTS_MAX)
        return -EINVAL;
    struct file *file = find(wait->fd);
    if (!file)
        return -EBADF;
    const int most = min_of(int, wait->most, EVENTS_AT_ONCE);
    struct epoll_event *events = kmalloc((size_t)most * sizeof(*events), GFP_KERNEL);
    long result = !events ? -ENOMEM : -EINVAL;
    if (events && file_is_epoll(file))
        result = epoll_wait(file, events, most, wait->deadline_ns);
    if (result > 0 && copy_to_user(wait->events, events, (size_t)result * sizeof(*events)))
        result = -EFAULT;
    kfree(events);
    file_put(file);
    return result;
}

static u64 deadline_after_ms(int ms)
{
    return ms < 0 ? NEVER_NS : deadline_after((u64)ms * NS_PER_MS);
}

long sys_epoll_wait(int fd, struct epoll_event __user *events, int most, int ms)
{
    return wait_until(&(struct wait){ fd, events, most, deadline_after_ms(ms) });
}

/* wait_until() with other signals blocked. */
static long wait_masked(const struct wait *wait, const struct signal_set_argument *mask)
{
    int error = signal_swap_blocked(mask);
    if (error)
        return error;
    long result = wait_until(wait);
    signal_swap_back(mask, result == -EINTR);
    return result;
}

long sys_epoll_pwait(int fd, struct epoll_event __user *events, int most, int ms,
                     const u64 __user *blocked, size_t bytes)
{
    struct signal_set_argument mask = { blocked, bytes };
    struct wait wait = { fd, events, most, deadline_after_ms(ms) };
    return wait_masked(&wait, &mask);
}

long sys_epoll_pwait2(int fd, struct epoll_event __user *events, int most, const void __user *time,
                      const u64 __user *blocked, size_t bytes)
{
    u64 ns = 0;
    struct signal_set_argument mask = { blocked, bytes };
    int error = time ? get_time64(time, &ns) : 0;
    if (error)
        return error;
    struct wait wait = { fd, events, most, time ? deadline_after(ns) : NEVER_NS };
    return wait_masked(&wait, &mask);
}
