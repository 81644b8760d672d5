/*
 * System calls about a process's or thread's own signals: sigaction(2), sigprocmask(2),
 * sigsuspend(2), sigtimedwait(2), sigaltstack(2), sigreturn(2).
 */
#include "kernel/posix_timer.h"
#include "kernel/process.h"
#include "kernel/signal_frame.h"
#include "kernel/sys.h"
#include "kernel/sys_time.h"
#include "kernel/time.h"
#include "lib/errno.h"
#include "machine/trapframe.h"

/* struct sigaction as rt_sigaction(2) has it; the C library's own is another. */
struct abi_sigaction {
    unsigned long handler, flags, restorer;
    u64 mask;
} PACKED;

struct signal_action signal_change_action(int signal, const struct signal_action *wanted)
{
    struct process *process = current->process;
    struct task *task;
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    struct signal_action before = process->actions[signal];
    if (wanted) {
        process->actions[signal] = *wanted;
        if (signal_is_ignored(process, signal)) {
            /* what waits, waits in vain */
            signal_discard(&process->pending, signal_bit(signal), &process->discarded);
            list_for_each_entry (task, &process->threads, thread_node)
                signal_discard(&task->pending, signal_bit(signal), &process->discarded);
        }
    }
    spin_unlock_irqrestore(&tasks_lock, flags);
    return before;
}

long sys_rt_sigaction(int signal, const void __user *wanted, void __user *old, size_t mask_bytes)
{
    struct abi_sigaction in, out;
    struct signal_action action;
    if (mask_bytes != sizeof(u64))
        return -EINVAL;
    if (wanted) {
        if (copy_from_user(&in, wanted, sizeof(in)))
            return -EFAULT;
        if (signal == SIGKILL || signal == SIGSTOP)
            return -EINVAL;
        action = (struct signal_action){
            .handler = in.handler,
            .flags = in.flags,
            .restorer = in.restorer,
            .mask = in.mask & ~SIGNALS_UNBLOCKABLE,
        };
    }
    if (signal < 1 || signal > SIGNALS)
        return -EINVAL;
    action = signal_change_action(signal, wanted ? &action : NULL);
    out = (struct abi_sigaction){ action.handler, action.flags, action.restorer, action.mask };
    return old && copy_to_user(old, &out, sizeof(out)) ? -EFAULT : 0;
}

long sys_rt_sigprocmask(int how, const u64 __user *set, u64 __user *old, size_t mask_bytes)
{
    u64 before = current->blocked, change;
    if (mask_bytes != sizeof(u64))
        return -EINVAL;
    if (set) {
        if (copy_from_user(&change, set, sizeof(change)))
            return -EFAULT;
        if (how == SIG_BLOCK)
            change |= before;
        else if (how == SIG_UNBLOCK)
            change = before & ~change;
        else if (how != SIG_SETMASK)
            return -EINVAL;
        signal_set_blocked(change);
    }
    return old && copy_to_user(old, &before, sizeof(before)) ? -EFAULT : 0;
}

u64 signal_blocked_waiting(void)
{
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    u64 waiting = signal_waiting(current) & current->blocked;
    spin_unlock_irqrestore(&tasks_lock, flags);
    return waiting;
}

long sys_rt_sigpending(u64 __user *set, size_t mask_bytes)
{
    const u64 waiting = signal_blocked_waiting();
    if (mask_bytes > sizeof(u64))
        return -EINVAL;
    return copy_to_user(set, &waiting, mask_bytes) ? -EFAULT : 0;
}

/* Sleep until a signal comes that has a handler or ends the process. */
long sys_pause(void)
{
    WAIT_QUEUE(nobody);
    (void)wait_event_interruptible(&nobody, false);
    return -ERESTART_NO_HANDLER;
}

void signal_put_aside_blocked(u64 blocked)
{
    struct task *task = current;
    task->saved_blocked = task->blocked;
    task->restores_blocked = true;
    signal_set_blocked(blocked);
}

/* The same with what a program hands over. */
static int swap_blocked(const u64 __user *user, size_t bytes)
{
    u64 blocked;
    if (bytes != sizeof(u64))
        return -EINVAL;
    if (copy_from_user(&blocked, user, sizeof(blocked)))
        return -EFAULT;
    signal_put_aside_blocked(blocked);
    return 0;
}

int signal_swap_blocked(const struct signal_set_argument *mask)
{
    return mask->set ? swap_blocked(mask->set, mask->bytes) : 0;
}

void signal_swap_back(const struct signal_set_argument *mask, bool interrupted)
{
    struct task *task = current;
    if (!mask->set || interrupted)
        return;
    task->restores_blocked = false;
    signal_set_blocked(task->saved_blocked);
}

long sys_rt_sigsuspend(const u64 __user *set, size_t mask_bytes)
{
    int error = swap_blocked(set, mask_bytes);
    return error ? error : sys_pause();
}

/* --- waiting for a signal instead of being interrupted by it --------------------------------- */

/* Take a signal of @set, if there is one; else from now on @awaited wake us.  Its number or 0. */
static int take_or_await(u64 set, u64 awaited, struct signal_info *info)
{
    struct signal_entry *entry;
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    int signal = signal_take(set, info, &entry);
    current->awaited = signal ? 0 : awaited;
    signal_update(current);
    spin_unlock_irqrestore(&tasks_lock, flags);
    signal_entry_free(entry);
    if (signal && info->code == SI_TIMER)
        posix_timer_taken(info);
    return signal;
}

int signal_take_one(u64 set, struct signal_info *info) { return take_or_await(set, 0, info); }

/* Wait for a signal of @set until @deadline_ns.  Returns: its number, -EAGAIN, -EINTR. */
static long wait_for(u64 set, struct signal_info *info, u64 deadline_ns)
{
    WAIT_QUEUE(nobody);
    set &= ~SIGNALS_UNBLOCKABLE;
    const bool waits = deadline_ns > time_now_ns();
    int signal = take_or_await(set, waits ? set : 0, info);
    if (signal || !waits)
        return signal ? signal : -EAGAIN;
    int error = wait_event_interruptible_until(&nobody, false, deadline_ns);
    signal = signal_take_one(set, info);
    return signal ? signal : error == -ETIMEDOUT ? -EAGAIN : -EINTR;
}

static long timed_wait(const u64 __user *set, void __user *user, u64 deadline_ns)
{
    u64 wanted;
    struct signal_info info;
    struct abi_siginfo out;
    if (copy_from_user(&wanted, set, sizeof(wanted)))
        return -EFAULT;
    long signal = wait_for(wanted, &info, deadline_ns);
    if (signal <= 0 || !user)
        return signal;
    signal_info_write(&out, &info);
    return copy_to_user(user, &out, sizeof(out)) ? -EFAULT : signal;
}

static long timed_wait_for(const u64 __user *set, void __user *info, u64 ns)
{
    return timed_wait(set, info, deadline_after(ns));
}

long sys_rt_sigtimedwait(const u64 __user *set, void __user *info, const void __user *time,
                         size_t mask_bytes)
{
    u64 ns = NEVER_NS;
    if (mask_bytes != sizeof(u64))
        return -EINVAL;
    int error = time ? get_time(time, &ns) : 0;
    return error ? error : timed_wait_for(set, info, ns);
}

long sys_rt_sigtimedwait64(const u64 __user *set, void __user *info, const void __user *time,
                           size_t mask_bytes)
{
    u64 ns = NEVER_NS;
    if (mask_bytes != sizeof(u64))
        return -EINVAL;
    int error = time ? get_time64(time, &ns) : 0;
    return error ? error : timed_wait_for(set, info, ns);
}

/* --- handlers -------------------------------------------------------------------------------- */

long sys_sigaltstack(const struct abi_stack __user *wanted, struct abi_stack __user *old)
{
    vaddr_t sp = trapframe_sp(task_frame(current));
    struct abi_stack before = signal_stack_get(sp), stack;
    if (wanted) {
        if (copy_from_user(&stack, wanted, sizeof(stack)))
            return -EFAULT;
        int error = signal_stack_set(&stack, sp);
        if (error)
            return error;
    }
    return old && copy_to_user(old, &before, sizeof(before)) ? -EFAULT : 0;
}

/* The handler has returned: go on where it interrupted.  Returns: what that register held. */
static long sigreturn(bool old)
{
    struct trapframe *frame = task_frame(current);
    if (signal_frame_pop(frame, old))
        signal_force(&(struct signal_info){ .signal = SIGSEGV, .code = SI_KERNEL });
    return syscall_result(frame);
}

long sys_rt_sigreturn(void) { return sigreturn(false); }
long sys_sigreturn(void) { return sigreturn(true); }
