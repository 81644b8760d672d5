/*
 * Delivering signals: what a thread does about them on its way to user mode.
 */
#include "kernel/signal.h"

#include "arch/x86/user_copy.h"
#include "kernel/job.h"
#include "kernel/pid.h"
#include "kernel/posix_timer.h"
#include "kernel/printk.h"
#include "kernel/process.h"
#include "kernel/signal_frame.h"
#include "lib/errno.h"
#include "machine/trapframe.h"

#define SIGNALS_STOP \
    (signal_bit(SIGSTOP) | signal_bit(SIGTSTP) | signal_bit(SIGTTIN) | signal_bit(SIGTTOU))

static const char *const names[SIGNALS + 1] = {
    [SIGHUP] = "hangup",
    [SIGINT] = "interrupt",
    [SIGQUIT] = "quit",
    [SIGILL] = "illegal instruction",
    [SIGTRAP] = "breakpoint or trace trap",
    [SIGABRT] = "aborted",
    [SIGBUS] = "bus error",
    [SIGFPE] = "arithmetic error",
    [SIGKILL] = "killed",
    [SIGUSR1] = "user signal 1",
    [SIGSEGV] = "segmentation fault",
    [SIGUSR2] = "user signal 2",
    [SIGPIPE] = "broken pipe",
    [SIGALRM] = "alarm clock",
    [SIGTERM] = "terminated",
    [SIGSTKFLT] = "stack fault",
    [SIGXCPU] = "CPU time limit exceeded",
    [SIGXFSZ] = "file size limit exceeded",
    [SIGVTALRM] = "virtual timer expired",
    [SIGPROF] = "profiling timer expired",
    [SIGIO] = "input or output possible",
    [SIGPWR] = "power failure",
    [SIGSYS] = "bad system call",
};

const char *signal_name(int signal)
{
    if (signal > 0 && signal <= SIGNALS && names[signal])
        return names[signal];
    return "signal";
}

/* What the code of a fault's signal adds to its name. */
static const char *reason(int signal, int code)
{
    if (signal == SIGSEGV && code == SEGV_MAPERR)
        return ", nothing is mapped there";
    if (signal == SIGSEGV && code == SEGV_ACCERR)
        return ", the access is not allowed";
    if (signal == SIGFPE && code == FPE_INTDIV)
        return ", division by zero";
    return "";
}

/* The program's own instruction ends it: say so on the console. */
static void report(const struct trapframe *frame, const struct signal_info *info)
{
    printk(LOG_NOTICE, "%s[%d]: %s (signal %d) at address %#lx%s, ip %#lx sp %#lx", current->name,
           current->pid, signal_name(info->signal), info->signal, (unsigned long)info->value,
           reason(info->signal, info->code), (unsigned long)trapframe_ip(frame),
           (unsigned long)trapframe_sp(frame));
}

void process_reset_signals(struct process *process)
{
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    for (unsigned signal = 1; signal <= SIGNALS; signal++) {
        bool ignored = process->actions[signal].handler == SIG_IGN;
        process->actions[signal] = (struct signal_action){ .handler = ignored ? SIG_IGN : SIG_DFL };
    }
    spin_unlock_irqrestore(&tasks_lock, flags);
    current->alt_stack = (struct signal_stack){ 0 };
}

/* --- siginfo --------------------------------------------------------------------------------- */

bool signal_is_fault(const struct signal_info *info)
{
    u64 faults = signal_bit(SIGSEGV) | signal_bit(SIGBUS) | signal_bit(SIGILL) |
                 signal_bit(SIGFPE) | signal_bit(SIGTRAP);
    return signal_bit(info->signal) & faults && info->code > 0;
}

void signal_info_write(struct abi_siginfo *to, const struct signal_info *info)
{
    *to = (struct abi_siginfo){ .signal = info->signal, .code = info->code };
    if (signal_is_fault(info)) {
        to->address = info->code == SI_KERNEL ? 0 : (unsigned long)info->value;
        return;
    }
    to->pid = info->pid;
    to->uid = info->uid;
    if (info->code > 0 && info->code <= CLD_CONTINUED) {
        to->child.status = info->status;
        to->child.user = run_time_ticks(&info->run, RUN_USER);
        to->child.system = run_time_ticks(&info->run, RUN_SYSTEM);
    } else {
        to->value = (unsigned long)info->value;
    }
}

/* --- stopping -------------------------------------------------------------------------------- */

void signal_stop_complete(struct process *process)
{
    struct signal_entry *none = NULL;
    process->stop_news = true;
    process->continue_news = false;
    if (process->parent)
        process_tell_parent(process, CLD_STOPPED, process->stop_signal, &none);
}

/* Stop with all other threads until SIGCONT comes, or the end. */
static void stop(struct process *process)
{
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    bool stops = process->stop_signal && !current->killed;
    if (stops && ++process->stopped_count == process->live_count)
        signal_stop_complete(process);
    spin_unlock_irqrestore(&tasks_lock, flags);
    if (!stops)
        return;
    (void)wait_event_killable(&process->stopped, !READ_ONCE(process->stop_signal));
    flags = spin_lock_irqsave(&tasks_lock);
    process->stopped_count--;
    spin_unlock_irqrestore(&tasks_lock, flags);
}

/* The default of a signal like SIGSTOP: all threads stop. */
static void begin_stop(struct process *process, int signal)
{
    struct task *task;
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    if (!process->ending && !process->stop_signal) {
        process->stop_signal = signal;
        list_for_each_entry (task, &process->threads, thread_node)
            signal_notify(task, false);
    }
    spin_unlock_irqrestore(&tasks_lock, flags);
}

/* --- system calls that were interrupted ------------------------------------------------------ */

/* @frame's system call was interrupted.  Is it done again, the signal being handled by @action? */
static bool is_restarted(long error, const struct signal_action *action)
{
    if (!action)
        return true;
    return error == -ERESTART && action->flags & SA_RESTART;
}

/* Settle what an interrupted system call returns; @action: the handler to be called, or NULL. */
static void settle_syscall(struct trapframe *frame, const struct signal_action *action)
{
    long error = syscall_result(frame);
    if (!trapframe_in_syscall(frame) ||
        (error != -ERESTART && error != -ERESTART_NO_HANDLER && error != -ERESTART_BLOCK))
        return;
    if (!is_restarted(error, action))
        syscall_set_result(frame, -EINTR);
    else if (error == -ERESTART_BLOCK)
        syscall_restart(frame, MACHINE_RESTART_SYSCALL);
    else
        syscall_restart(frame, syscall_number(frame));
}

/* --- delivery -------------------------------------------------------------------------------- */

/* Give back what rt_sigsuspend() and its kin put aside, for no handler has done it. */
static void restore_blocked(struct task *task)
{
    if (!task->restores_blocked)
        return;
    task->restores_blocked = false;
    signal_set_blocked(task->saved_blocked);
}

/* Let @info's handler run first when the thread gets to user mode. */
static void call_handler(struct trapframe *frame, struct signal_delivery *delivery)
{
    struct task *task = current;
    const struct signal_action *action = &delivery->action;
    int signal = delivery->info.signal;
    settle_syscall(frame, action);
    delivery->blocked = task->restores_blocked ? task->saved_blocked : task->blocked;
    if (signal_frame_push(frame, delivery) < 0) {
        struct signal_info info = { .signal = SIGSEGV, .code = SI_KERNEL };
        if (signal == SIGSEGV) /* its handler cannot run: do not try again */
            task->process->actions[SIGSEGV].handler = SIG_DFL;
        signal_force(&info);
        return;
    }
    task->restores_blocked = false;
    u64 more = action->mask | (action->flags & SA_NODEFER ? 0 : signal_bit(signal));
    signal_set_blocked(task->blocked | more);
}

/* Take one signal.  Returns: 0: there is none; else its number, and what to do with it. */
static int take(struct signal_delivery *delivery)
{
    struct task *task = current;
    struct signal_entry *entry;
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    int signal = signal_take(~task->blocked, &delivery->info, &entry);
    if (signal) {
        struct signal_action *action = &task->process->actions[signal];
        delivery->action = *action;
        if (action->flags & SA_RESETHAND && action->handler > SIG_IGN)
            action->handler = SIG_DFL;
    } else {
        signal_update(task);
    }
    spin_unlock_irqrestore(&tasks_lock, flags);
    signal_entry_free(entry);
    if (signal && delivery->info.code == SI_TIMER)
        posix_timer_taken(&delivery->info);
    return signal;
}

/* Would @info end the first program, which nobody but itself can do?  It waited, blocked. */
static bool spares_init(const struct process *process, const struct signal_info *info)
{
    bool is_own = signal_is_fault(info) ||
                  (info->code <= SI_USER && info->code != SI_TIMER && info->pid == PID_INIT);
    return process->pid == PID_INIT && !is_own && info->signal != SIGSTOP;
}

/* Take signals until there is none, or one has a handler.  Returns: its number or 0. */
static int take_handled(struct trapframe *frame, struct signal_delivery *delivery)
{
    int signal;
    struct process *process = current->process;
    while ((signal = take(delivery))) {
        bool ignored = false;
        if (delivery->action.handler > SIG_IGN)
            return signal;
        irqflags_t flags = spin_lock_irqsave(&tasks_lock);
        ignored = signal_is_ignored(process, signal) || spares_init(process, &delivery->info) ||
                  (signal_bit(signal) & SIGNALS_STOP && signal != SIGSTOP &&
                   group_is_orphaned(process->group, NULL));
        spin_unlock_irqrestore(&tasks_lock, flags);
        if (ignored)
            continue;
        if (signal_bit(signal) & SIGNALS_STOP) {
            begin_stop(process, signal);
            stop(process);
            continue;
        }
        if (signal_is_fault(&delivery->info))
            report(frame, &delivery->info);
        process_exit(signal);
    }
    return 0;
}

void signal_work(struct trapframe *frame)
{
    struct task *task = current;
    struct signal_delivery delivery;
    if (task->set_child_tid) {
        (void)put_user(task->pid, (int __user *)task->set_child_tid);
        task->set_child_tid = NULL;
    }
    if (task->killed)
        thread_exit(task->process->exit_status);
    if (READ_ONCE(task->process->stop_signal))
        stop(task->process);
    if (task->killed)
        thread_exit(task->process->exit_status);
    if (take_handled(frame, &delivery)) {
        call_handler(frame, &delivery);
        return; /* others come on top of it: trap_to_user() looks again */
    }
    settle_syscall(frame, NULL);
    restore_blocked(task);
}
