/*
 * System calls about signals.  Handlers are remembered, not yet called.
 */
#include "kernel/process.h"
#include "kernel/sys.h"
#include "kernel/task.h"
#include "lib/errno.h"

enum { SIG_BLOCK = 0, SIG_UNBLOCK = 1, SIG_SETMASK = 2, SIG_IGN = 1 };

/* struct sigaction as rt_sigaction(2) has it; the C library's own is another. */
struct abi_sigaction {
    unsigned long handler, flags, restorer;
    u64 mask;
} PACKED;

static u64 signal_bit(int signal) { return 1ull << (signal - 1); }

long sys_rt_sigaction(int signal, const void __user *wanted, void __user *old, size_t mask_bytes)
{
    struct abi_sigaction in, out;
    if (mask_bytes != sizeof(u64) || signal < 1 || signal > SIGNALS)
        return -EINVAL;
    struct signal_action *action = &current->process->actions[signal];
    if (wanted) {
        if (copy_from_user(&in, wanted, sizeof(in)))
            return -EFAULT;
        if (signal == SIGKILL || signal == SIGSTOP)
            return -EINVAL;
    }
    out = (struct abi_sigaction){ action->handler, action->flags, action->restorer, action->mask };
    if (wanted)
        *action = (struct signal_action){
            .handler = in.handler,
            .flags = in.flags,
            .restorer = in.restorer,
            .mask = in.mask & ~(signal_bit(SIGKILL) | signal_bit(SIGSTOP)),
        };
    return old && copy_to_user(old, &out, sizeof(out)) ? -EFAULT : 0;
}

long sys_rt_sigprocmask(int how, const u64 __user *set, u64 __user *old, size_t mask_bytes)
{
    u64 *blocked = &current->process->blocked, before = *blocked, change;
    if (mask_bytes != sizeof(u64))
        return -EINVAL;
    if (set) {
        if (copy_from_user(&change, set, sizeof(change)))
            return -EFAULT;
        change &= ~(signal_bit(SIGKILL) | signal_bit(SIGSTOP));
        if (how == SIG_BLOCK)
            *blocked |= change;
        else if (how == SIG_UNBLOCK)
            *blocked &= ~change;
        else if (how == SIG_SETMASK)
            *blocked = change;
        else
            return -EINVAL;
    }
    return old && copy_to_user(old, &before, sizeof(before)) ? -EFAULT : 0;
}

/* Does @signal do nothing when nobody handles it?  Source: signal(7). */
static bool is_harmless(int signal)
{
    u64 harmless = signal_bit(SIGCHLD) | signal_bit(SIGCONT) | signal_bit(SIGURG) |
                   signal_bit(SIGWINCH) | signal_bit(SIGSTOP) | signal_bit(SIGTSTP) |
                   signal_bit(SIGTTIN) | signal_bit(SIGTTOU);
    return harmless & signal_bit(signal);
}

/* Send @signal to the caller itself: there is nobody else. */
static long send_to_self(int signal)
{
    if (signal < 0 || signal > SIGNALS)
        return -EINVAL;
    if (!signal || is_harmless(signal) || current->process->actions[signal].handler == SIG_IGN)
        return 0;
    task_fatal_signal(task_frame(current), signal, 0, 0);
}

long sys_kill(int pid, int signal)
{
    return pid == current->tgid || pid == 0 ? send_to_self(signal) : -ESRCH;
}

long sys_tkill(int tid, int signal)
{
    if (tid <= 0)
        return -EINVAL;
    return tid == current->pid ? send_to_self(signal) : -ESRCH;
}

long sys_tgkill(int tgid, int tid, int signal)
{
    if (tgid <= 0 || tid <= 0)
        return -EINVAL;
    return tgid == current->tgid && tid == current->pid ? send_to_self(signal) : -ESRCH;
}
