/*
 * Signals as files.
 */
#include "kernel/fs/signalfd.h"

#include "kernel/fs/anonymous.h"
#include "kernel/fs/iov.h"
#include "kernel/fs/poll.h"
#include "kernel/signal.h"
#include "kernel/spinlock.h"
#include "kernel/wait.h"
#include "lib/errno.h"
#include "mm/kmalloc.h"

/* (l) under lock */
struct signalfd {
    struct spinlock lock;
    u64 set; /* (l) */
};

/* Source: signalfd(2), Linux uapi linux/signalfd.h. */
struct abi_signalfd_siginfo {
    u32 signal;
    int error, code;
    u32 pid, uid;
    int fd;
    u32 timer, band, overrun, trap;
    int status, value;
    u64 pointer, user_ticks, system_ticks, address;
    u8 unused[48];
};

static_assert(sizeof(struct abi_signalfd_siginfo) == 128, "as programs know it");

/* The set, whole on 32-bit machines, too. */
static u64 set_of(struct signalfd *signalfd)
{
    spin_lock(&signalfd->lock);
    u64 set = signalfd->set;
    spin_unlock(&signalfd->lock);
    return set;
}

void signalfd_set(struct file *file, u64 set)
{
    struct signalfd *signalfd = file->data;
    spin_lock(&signalfd->lock);
    signalfd->set = set & ~SIGNALS_UNBLOCKABLE;
    spin_unlock(&signalfd->lock);
    wake_up_all(signal_news());
}

/* Which member means what depends on who sent it: sigaction(2). */
static void describe(struct abi_signalfd_siginfo *to, const struct signal_info *info)
{
    *to = (struct abi_signalfd_siginfo){ .signal = (u32)info->signal, .code = info->code };
    if (signal_is_fault(info)) {
        to->address = info->code == SI_KERNEL ? 0 : info->value;
        return;
    }
    if (info->code == SI_TIMER) {
        to->timer = (u32)info->pid;
        to->overrun = info->uid;
    } else {
        to->pid = (u32)info->pid;
        to->uid = info->uid;
    }
    if (info->code > 0 && info->code <= CLD_CONTINUED) {
        to->status = info->status;
        to->user_ticks = (u64)run_time_ticks(&info->run, RUN_USER);
        to->system_ticks = (u64)run_time_ticks(&info->run, RUN_SYSTEM);
    } else if (info->code < 0 && info->code != SI_TKILL) {
        to->value = (int)info->value;
        to->pointer = (unsigned long)info->value;
    }
}

static ssize_t read_signals(struct file *file, struct iov *to, u64 *position)
{
    ssize_t done = 0;
    struct signal_info info;
    struct abi_signalfd_siginfo out;
    struct signalfd *signalfd = file->data;
    if (to->left < sizeof(out))
        return -EINVAL;
    while (to->left >= sizeof(out)) {
        if (signal_take_one(set_of(signalfd), &info)) {
            describe(&out, &info);
            if (iov_put(to, &out, sizeof(out)) < sizeof(out))
                return done ? done : -EFAULT;
            done += (ssize_t)sizeof(out);
        } else if (done) {
            break;
        } else if (file->flags & O_NONBLOCK) {
            return -EAGAIN;
        } else if (wait_event_interruptible(signal_news(), signal_waits(set_of(signalfd)))) {
            return -ERESTART;
        }
    }
    return done;
}

static u32 poll_signals(struct file *file, struct poll_table *table)
{
    poll_on(table, signal_news());
    return signal_waits(set_of(file->data)) ? POLLIN : 0;
}

static void destroy(struct inode *inode) { kfree(inode->data); }

static const struct inode_ops signalfd_inode_ops = { .destroy = destroy };

static const struct file_ops signalfd_ops = {
    .is_stream = true,
    .open = anonymous_attach,
    .read = read_signals,
    .poll = poll_signals,
};

static const struct anonymous_kind signalfd_kind = {
    .label = "anon_inode:[signalfd]",
    .ops = &signalfd_inode_ops,
    .fops = &signalfd_ops,
};

bool file_is_signalfd(const struct file *file) { return file->fops == &signalfd_ops; }

int signalfd_create(u64 set, unsigned flags, struct file **result)
{
    struct signalfd *signalfd = kmalloc(sizeof(*signalfd), GFP_KERNEL);
    if (!signalfd)
        return -ENOMEM;
    spin_lock_init(&signalfd->lock, RANK_FS, "signalfd");
    signalfd->set = set & ~SIGNALS_UNBLOCKABLE;
    return anonymous_open(&signalfd_kind, signalfd, flags, result);
}
