/*
 * Processes: what a program owns beyond its task and its address space.
 */
#ifndef KERNEL_PROCESS_H
#define KERNEL_PROCESS_H

#include "kernel/signal.h"
#include "lib/annotate.h"
#include "lib/types.h"

struct dentry;

/* What a program wants done with a signal, as rt_sigaction hands it over. */
struct signal_action {
    vaddr_t handler; /* SIG_DFL 0, SIG_IGN 1, or a function */
    unsigned long flags;
    vaddr_t restorer;
    u64 mask;
};

/* (o) only by the process's own tasks, one at a time; (a) atomic; (t) under tasks_lock */
struct process {
    u32 refs;                                  /* (a) its tasks */
    struct dentry *program;                    /* (t) /proc/self/exe */
    struct signal_action actions[SIGNALS + 1]; /* (o) by number */
    u64 blocked;                               /* (o) signal mask: bit n - 1 for signal n */
};

/* A process with default actions.  NULL: no memory. */
struct process *process_create(void) MUST_CHECK;
void process_get(struct process *process);

/* Drop a reference.  Sleeps. */
void process_put(struct process *process);

/* Remember that @process runs @program: for /proc/self/exe. */
void process_set_program(struct process *process, struct dentry *program);

/* The program @process runs, with a reference; NULL: none yet.  Any task may ask. */
struct dentry *process_program_get(struct process *process) MUST_CHECK;

/* A new program starts: what had a handler has none now, what was ignored still is. */
void process_reset_signals(struct process *process);

/*
 * End the calling program with wait(2)'s @status: exit code << 8, or the signal that killed it.
 * PID 1's end is the machine's: it powers off with the exit code, or 128 + signal.
 */
_Noreturn void process_exit(int status);

#endif
