/*
 * System calls of timers that are files: timerfd_create(2) and its kin.
 */
#include "kernel/fs/files.h"
#include "kernel/fs/timerfd.h"
#include "kernel/sys.h"
#include "kernel/sys_time.h"
#include "kernel/task.h"
#include "lib/errno.h"

/* Source: timerfd_create(2), Linux uapi linux/timerfd.h. */
enum { TFD_TIMER_ABSTIME = 1, TFD_TIMER_CANCEL_ON_SET = 2 };

long sys_timerfd_create(int clock, unsigned flags)
{
    struct file *file;
    const int plain = clock_plain(clock);
    bool is_wall = plain == CLOCK_REALTIME && clock != CLOCK_TAI;
    bool is_clock = is_wall || plain == CLOCK_MONOTONIC || plain == CLOCK_BOOTTIME;
    if (flags & ~(unsigned)(O_NONBLOCK | O_CLOEXEC) || !is_clock)
        return -EINVAL;
    int error = timerfd_create(is_wall, flags & O_NONBLOCK, &file);
    return error ? error : files_install_or_put(current->files, file, 0, flags & O_CLOEXEC);
}

/* timerfd_set() for the file open as @fd.  -EBADF, -EINVAL: there is none, or of another kind. */
static int set_fd(int fd, const struct timerfd_wish *wanted, struct itimer_value *before)
{
    struct file *file = files_find(current->files, fd);
    if (!file)
        return -EBADF;
    int error = -EINVAL;
    if (file->flags & O_PATH)
        error = -EBADF;
    else if (file_is_timerfd(file))
        error = timerfd_set(file, wanted, before);
    file_put(file);
    return error;
}

/* What timerfd_settime() is asked for, beside the file. */
struct setting {
    unsigned flags;
    const void __user *wanted;
    void __user *old;
};

static long set(const struct itimer_form *form, int fd, const struct setting *setting)
{
    struct itimer_value before;
    struct timerfd_wish wish = {
        .is_moment = setting->flags & TFD_TIMER_ABSTIME,
        .is_fragile = setting->flags & TFD_TIMER_CANCEL_ON_SET,
    };
    int error = itimer_get(form, setting->wanted, &wish.value);
    if (!error && setting->flags & ~(unsigned)(TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET))
        error = -EINVAL;
    if (!error)
        error = set_fd(fd, &wish, &before);
    if (error)
        return error;
    return setting->old ? itimer_put(form, setting->old, &before) : 0;
}

static long get(const struct itimer_form *form, int fd, void __user *user)
{
    struct itimer_value value;
    int error = set_fd(fd, NULL, &value);
    return error ? error : itimer_put(form, user, &value);
}

long sys_timerfd_settime(int fd, unsigned flags, const void __user *wanted, void __user *old)
{
    return set(&itimer_narrow, fd, &(struct setting){ flags, wanted, old });
}

long sys_timerfd_settime64(int fd, unsigned flags, const void __user *wanted, void __user *old)
{
    return set(&itimer_wide, fd, &(struct setting){ flags, wanted, old });
}

long sys_timerfd_gettime(int fd, void __user *value) { return get(&itimer_narrow, fd, value); }
long sys_timerfd_gettime64(int fd, void __user *value) { return get(&itimer_wide, fd, value); }
