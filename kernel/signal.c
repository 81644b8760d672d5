/*
 * Signals that end a program.
 */
#include "kernel/signal.h"

#include "kernel/printk.h"
#include "kernel/process.h"
#include "kernel/task.h"
#include "machine/trapframe.h"

enum { SIG_DFL = 0, SIG_IGN = 1 };

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

_Noreturn void task_fatal_signal(struct trapframe *frame, int signal, int code, vaddr_t address)
{
    printk(LOG_NOTICE, "%s[%d]: %s (signal %d) at address %#lx%s, ip %#lx sp %#lx", current->name,
           current->pid, signal_name(signal), signal, (unsigned long)address, reason(signal, code),
           (unsigned long)trapframe_ip(frame), (unsigned long)trapframe_sp(frame));
    process_exit(signal);
}

void process_reset_signals(struct process *process)
{
    for (unsigned signal = 1; signal <= SIGNALS; signal++)
        if (process->actions[signal].handler != SIG_IGN)
            process->actions[signal] = (struct signal_action){ .handler = SIG_DFL };
}
