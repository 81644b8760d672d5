/*
 * System calls about signals as i386 had them first, when 32 signals were enough: a set is a word.
 * What they do to the other signals, they do not know of, is what Linux does.
 *
 * Source: sigaction(2), signal(2), sigprocmask(2), "C library/kernel differences"; sgetmask(2).
 */
#include "kernel/process.h"
#include "kernel/signal.h"
#include "kernel/sys.h"
#include "lib/errno.h"

#define OTHERS (~(u64)UINT32_MAX) /* the signals that a word has no place for */

/* struct sigaction of the old call; the C library's own is another. */
struct abi_old_sigaction {
    unsigned long handler;
    unsigned long mask;
    unsigned long flags, restorer;
};

static bool can_be_handled(int signal)
{
    return signal >= 1 && signal <= SIGNALS && signal != SIGKILL && signal != SIGSTOP;
}

long sys_old_signal(int signal, unsigned long handler)
{
    struct signal_action action = { .handler = handler, .flags = SA_RESETHAND | SA_NODEFER };
    if (!can_be_handled(signal))
        return -EINVAL;
    return (long)signal_change_action(signal, &action).handler;
}

long sys_old_sigaction(int signal, const void __user *wanted, void __user *old)
{
    struct abi_old_sigaction in;
    struct signal_action action;
    if (wanted) {
        if (copy_from_user(&in, wanted, sizeof(in)))
            return -EFAULT;
        action = (struct signal_action){
            .handler = in.handler,
            .flags = in.flags,
            .restorer = in.restorer,
            .mask = in.mask & ~SIGNALS_UNBLOCKABLE,
        };
    }
    if (signal < 1 || signal > SIGNALS || (wanted && !can_be_handled(signal)))
        return -EINVAL;
    action = signal_change_action(signal, wanted ? &action : NULL);
    in = (struct abi_old_sigaction){
        .handler = action.handler,
        .mask = (u32)action.mask,
        .flags = action.flags,
        .restorer = action.restorer,
    };
    return old && copy_to_user(old, &in, sizeof(in)) ? -EFAULT : 0;
}

long sys_old_sigprocmask(int how, const u32 __user *set, u32 __user *old)
{
    u32 change;
    const u64 before = current->blocked;
    if (set) {
        if (copy_from_user(&change, set, sizeof(change)))
            return -EFAULT;
        if (how == SIG_BLOCK)
            signal_set_blocked(before | change);
        else if (how == SIG_UNBLOCK)
            signal_set_blocked(before & ~(u64)change);
        else if (how == SIG_SETMASK)
            signal_set_blocked((before & OTHERS) | change);
        else
            return -EINVAL;
    }
    return old ? put_user((u32)before, old) : 0;
}

long sys_old_sigpending(u32 __user *set) { return put_user((u32)signal_blocked_waiting(), set); }

long sys_old_sigsuspend(int unused, int unused2, u32 blocked)
{
    signal_put_aside_blocked(blocked);
    return sys_pause();
}

long sys_sgetmask(void) { return (long)(u32)current->blocked; }

long sys_ssetmask(u32 blocked)
{
    const u32 before = (u32)current->blocked;
    signal_set_blocked(blocked);
    return (long)before;
}
