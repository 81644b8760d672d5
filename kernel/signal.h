/*
 * Signals: for now those that end a program, and the bookkeeping that lets it say what it wants.
 */
#ifndef KERNEL_SIGNAL_H
#define KERNEL_SIGNAL_H

#include "lib/types.h"

struct trapframe;

/* Source: Linux's numbers, signal(7). */
enum signal_number {
    SIGHUP = 1,
    SIGINT = 2,
    SIGQUIT = 3,
    SIGILL = 4,
    SIGTRAP = 5,
    SIGABRT = 6,
    SIGBUS = 7,
    SIGFPE = 8,
    SIGKILL = 9,
    SIGUSR1 = 10,
    SIGSEGV = 11,
    SIGUSR2 = 12,
    SIGPIPE = 13,
    SIGALRM = 14,
    SIGTERM = 15,
    SIGSTKFLT = 16,
    SIGCHLD = 17,
    SIGCONT = 18,
    SIGSTOP = 19,
    SIGTSTP = 20,
    SIGTTIN = 21,
    SIGTTOU = 22,
    SIGURG = 23,
    SIGXCPU = 24,
    SIGXFSZ = 25,
    SIGVTALRM = 26,
    SIGPROF = 27,
    SIGWINCH = 28,
    SIGIO = 29,
    SIGPWR = 30,
    SIGSYS = 31,
    SIGNALS = 64, /* the highest number */
};

/* Why, as siginfo's si_code says it: sigaction(2). */
enum signal_code {
    ILL_ILLOPN = 2,
    FPE_INTDIV = 1,
    FPE_INTOVF = 2,
    FPE_FLTINV = 7,
    SEGV_MAPERR = 1, /* nothing is mapped there */
    SEGV_ACCERR = 2, /* something is, but not for this access */
    BUS_ADRALN = 1,
    BUS_ADRERR = 2,
    TRAP_BRKPT = 1,
    TRAP_TRACE = 2,
    SI_KERNEL = 0x80,
};

/*
 * End the current program by @signal, raised by its own instruction at @frame; say so in one line
 * on the console.  @address is what it touched (SIGSEGV, SIGBUS), else its instruction.
 * Does not return.  Interrupts on, no lock held.
 */
_Noreturn void task_fatal_signal(struct trapframe *frame, int signal, int code, vaddr_t address);

/* A signal's meaning in words: "segmentation fault". */
const char *signal_name(int signal);

#endif
