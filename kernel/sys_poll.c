/*
 * System calls that wait for files: poll(2), select(2) and those that block signals meanwhile.
 *
 *     call               | interrupted, no handler: goes on with | tells what time is left
 *    --------------------+---------------------------------------+------------------------
 *     poll               | the same deadline (restart_syscall)   | no
 *     ppoll, select,     | what time is left, started anew       | yes
 *     pselect6           |                                       |
 *
 * With a handler all of them fail with EINTR, SA_RESTART or not: signal(7).
 */
#include "kernel/fs/files.h"
#include "kernel/fs/poll.h"
#include "kernel/process.h"
#include "kernel/sys.h"
#include "kernel/sys_time.h"
#include "kernel/task.h"
#include "kernel/time.h"
#include "lib/bitmap.h"
#include "lib/errno.h"
#include "lib/minmax.h"
#include "lib/string.h"
#include "mm/kmalloc.h"

/* --- poll ------------------------------------------------------------------------------------ */

/* Source: poll(2), Linux uapi asm-generic/poll.h. */
struct abi_pollfd {
    int fd;
    s16 events, revents;
};

/* What is true of descriptor @fd; @wait as in poll_file(). */
static u32 poll_fd(struct poll_wait *wait, int fd)
{
    struct file *file = files_find(current->files, fd);
    if (!file)
        return POLLNVAL;
    u32 events = file->flags & O_PATH ? POLLNVAL : poll_file(wait, file);
    file_put(file);
    return events;
}

/* Ask all of @entry[@count] once.  Returns: how many have something to tell. */
static long poll_once(struct poll_wait *wait, struct abi_pollfd *entry, size_t count)
{
    long found = 0;
    for (size_t i = 0; i < count; i++) {
        u32 wanted = (u16)entry[i].events | POLLERR | POLLHUP | POLLNVAL;
        u32 events = entry[i].fd < 0 ? 0 : poll_fd(wait, entry[i].fd) & wanted;
        entry[i].revents = (s16)events;
        found += events != 0;
    }
    return found;
}

/* Returns: how many have something to tell; 0: @deadline_ns has come; -EINTR, -ENOMEM. */
static long poll_until(struct abi_pollfd *entry, size_t count, u64 deadline_ns)
{
    struct poll_wait wait;
    long found;
    int error = 0;
    poll_begin(&wait);
    while (!(found = poll_once(&wait, entry, count)) && !error)
        error = poll_sleep(&wait, deadline_ns);
    poll_end(&wait);
    return found || error == -ETIMEDOUT ? found : error;
}

/* poll_until() on the program's own array. */
static long poll_user(struct abi_pollfd __user *user, unsigned count, u64 deadline_ns)
{
    if (count > current->process->limit[RLIMIT_NOFILE].now)
        return -EINVAL;
    size_t bytes = count * sizeof(struct abi_pollfd);
    struct abi_pollfd *entry = count ? kmalloc(bytes, GFP_KERNEL) : NULL;
    if (count && !entry)
        return -ENOMEM;
    long result = -EFAULT;
    if (!count || !copy_from_user(entry, user, bytes))
        result = poll_until(entry, count, deadline_ns);
    for (unsigned i = 0; i < count && result >= 0; i++)
        if (put_user(entry[i].revents, &user[i].revents))
            result = -EFAULT;
    kfree(entry);
    return result;
}

static long poll_again(const struct syscall_restart *restart);

static long poll_restartable(struct abi_pollfd __user *user, unsigned count, u64 deadline_ns)
{
    long result = poll_user(user, count, deadline_ns);
    if (result != -EINTR)
        return result;
    current->restart = (struct syscall_restart){
        .function = poll_again,
        .deadline_ns = deadline_ns,
        .address = (vaddr_t)user,
        .value = count,
    };
    return -ERESTART_BLOCK;
}

static long poll_again(const struct syscall_restart *restart)
{
    return poll_restartable((struct abi_pollfd __user *)restart->address, restart->value,
                            restart->deadline_ns);
}

long sys_poll(struct abi_pollfd __user *user, unsigned count, int ms)
{
    return poll_restartable(user, count, ms < 0 ? NEVER_NS : deadline_after((u64)ms * NS_PER_MS));
}

/* --- what time is left ----------------------------------------------------------------------- */

/* How a call is given its time, and told what is left of it. */
struct timeout {
    void __user *user; /* NULL: no limit */
    int (*get)(const void __user *user, u64 *ns);
    long (*put)(void __user *user, u64 ns);
    u64 deadline_ns;
};

static int timeout_begin(struct timeout *timeout)
{
    u64 ns = 0;
    int error = timeout->user ? timeout->get(timeout->user, &ns) : 0;
    timeout->deadline_ns = timeout->user ? deadline_after(ns) : NEVER_NS;
    return error;
}

/* The call has come to @result.  Returns: what it returns. */
static long timeout_end(const struct timeout *timeout, long result)
{
    u64 now = time_now_ns(), deadline_ns = timeout->deadline_ns;
    bool told = true;
    if (timeout->user && deadline_ns != NEVER_NS)
        told = timeout->put(timeout->user, deadline_ns > now ? deadline_ns - now : 0) == 0;
    if (result != -EINTR)
        return result;
    return told ? -ERESTART_NO_HANDLER : -EINTR; /* it cannot start anew with the old time */
}

static long poll_masked(struct abi_pollfd __user *user, unsigned count, struct timeout *timeout,
                        const struct signal_set_argument *mask)
{
    int error = timeout_begin(timeout);
    if (!error)
        error = signal_swap_blocked(mask);
    if (error)
        return error;
    long result = poll_user(user, count, timeout->deadline_ns);
    signal_swap_back(mask, result == -EINTR);
    return timeout_end(timeout, result);
}

long sys_ppoll(struct abi_pollfd __user *user, unsigned count, void __user *time,
               const u64 __user *blocked, size_t bytes)
{
    struct timeout timeout = { .user = time, .get = get_time, .put = put_time };
    return poll_masked(user, count, &timeout, &(struct signal_set_argument){ blocked, bytes });
}

long sys_ppoll64(struct abi_pollfd __user *user, unsigned count, void __user *time,
                 const u64 __user *blocked, size_t bytes)
{
    struct timeout timeout = { .user = time, .get = get_time64, .put = put_time64 };
    return poll_masked(user, count, &timeout, &(struct signal_set_argument){ blocked, bytes });
}

/* --- select ---------------------------------------------------------------------------------- */

enum select_set { SELECT_READ, SELECT_WRITE, SELECT_EXCEPT, SELECT_SETS };

/* What makes a descriptor ready for select(2), set by set. */
static const u32 select_events[SELECT_SETS] = {
    [SELECT_READ] = POLL_READABLE | POLLRDBAND | POLLHUP | POLLERR,
    [SELECT_WRITE] = POLL_WRITABLE | POLLWRBAND | POLLERR,
    [SELECT_EXCEPT] = POLLPRI,
};

/* The sets as the program gives them and gets them back. */
struct select {
    size_t count; /* descriptors, from 0 on */
    void __user *user[SELECT_SETS];
    unsigned long *wanted[SELECT_SETS], *found[SELECT_SETS]; /* bitmaps of all of them */
};

/* The sets are arrays of words. */
static size_t set_bytes(const struct select *select)
{
    size_t bits = 8 * sizeof(long);
    return (select->count + bits - 1) / bits * sizeof(long);
}

/* Make room for all sets, one block that begins with wanted[0], and fetch those wanted. */
static int select_get(struct select *select)
{
    char *room = kzalloc(2 * SELECT_SETS * set_bytes(select) + 1, GFP_KERNEL);
    select->wanted[0] = (unsigned long *)room;
    if (!room)
        return -ENOMEM;
    for (unsigned set = 0; set < SELECT_SETS; set++) {
        select->wanted[set] = (unsigned long *)(room + set * set_bytes(select));
        select->found[set] = (unsigned long *)(room + (SELECT_SETS + set) * set_bytes(select));
    }
    for (unsigned set = 0; set < SELECT_SETS; set++)
        if (select->user[set] &&
            copy_from_user(select->wanted[set], select->user[set], set_bytes(select)))
            return -EFAULT;
    return 0;
}

static long select_put(const struct select *select, long result)
{
    for (unsigned set = 0; set < SELECT_SETS; set++)
        if (select->user[set] &&
            copy_to_user(select->user[set], select->found[set], set_bytes(select)))
            return -EFAULT;
    return result;
}

/* Ask all descriptors once.  Returns: how many bits were found, or -EBADF. */
static long select_once(struct poll_wait *wait, struct select *select)
{
    long count = 0;
    memset(select->found[0], 0, SELECT_SETS * set_bytes(select));
    for (size_t fd = 0; fd < select->count; fd++) {
        bool wanted = false;
        for (unsigned set = 0; set < SELECT_SETS; set++)
            wanted |= bitmap_test(select->wanted[set], fd);
        if (!wanted)
            continue;
        u32 events = poll_fd(wait, (int)fd);
        if (events & POLLNVAL)
            return -EBADF;
        for (unsigned set = 0; set < SELECT_SETS; set++)
            if (bitmap_test(select->wanted[set], fd) && events & select_events[set]) {
                bitmap_set(select->found[set], fd);
                count++;
            }
    }
    return count;
}

static long select_until(struct select *select, u64 deadline_ns)
{
    struct poll_wait wait;
    long found;
    int error = 0;
    poll_begin(&wait);
    while (!(found = select_once(&wait, select)) && !error)
        error = poll_sleep(&wait, deadline_ns);
    poll_end(&wait);
    if (!found && error != -ETIMEDOUT)
        return error;
    return found < 0 ? found : select_put(select, found);
}

static long select_masked(struct select *select, long count, struct timeout *timeout,
                          const struct signal_set_argument *mask)
{
    int error = timeout_begin(timeout);
    if (!error && count < 0)
        error = -EINVAL;
    if (!error)
        error = signal_swap_blocked(mask);
    if (error)
        return error;
    select->count = min_of(size_t, (size_t)count, FILES_MAX); /* what is beyond cannot be open */
    long result = select_get(select);
    if (!result)
        result = select_until(select, timeout->deadline_ns);
    kfree(select->wanted[0]);
    signal_swap_back(mask, result == -EINTR);
    return timeout_end(timeout, result);
}

long sys_select(int count, void __user *read, void __user *write, void __user *except,
                void __user *time)
{
    struct select select = { .user = { read, write, except } };
    struct timeout timeout = { .user = time, .get = get_timeval, .put = put_timeval };
    return select_masked(&select, count, &timeout, &(struct signal_set_argument){ 0 });
}

/* i386's first select(): a pointer to its five arguments. */
long sys_select_block(const unsigned long __user *arguments)
{
    unsigned long word[5];
    if (copy_from_user(word, arguments, sizeof(word)))
        return -EFAULT;
    return sys_select((int)word[0], (void __user *)word[1], (void __user *)word[2],
                      (void __user *)word[3], (void __user *)word[4]);
}

/* @user: a set of signals and its size, or NULL. */
static int get_mask(const unsigned long __user *user, struct signal_set_argument *mask)
{
    unsigned long word[2];
    *mask = (struct signal_set_argument){ 0 };
    if (!user)
        return 0;
    if (copy_from_user(word, user, sizeof(word)))
        return -EFAULT;
    *mask = (struct signal_set_argument){ (const u64 __user *)word[0], word[1] };
    return 0;
}

long sys_pselect6(int count, void __user *read, void __user *write, void __user *except,
                  void __user *time, const unsigned long __user *mask_and_size)
{
    struct signal_set_argument mask;
    struct select select = { .user = { read, write, except } };
    struct timeout timeout = { .user = time, .get = get_time, .put = put_time };
    int error = get_mask(mask_and_size, &mask);
    return error ? error : select_masked(&select, count, &timeout, &mask);
}

long sys_pselect64(int count, void __user *read, void __user *write, void __user *except,
                   void __user *time, const unsigned long __user *mask_and_size)
{
    struct signal_set_argument mask;
    struct select select = { .user = { read, write, except } };
    struct timeout timeout = { .user = time, .get = get_time64, .put = put_time64 };
    int error = get_mask(mask_and_size, &mask);
    return error ? error : select_masked(&select, count, &timeout, &mask);
}
