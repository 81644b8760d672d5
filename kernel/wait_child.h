/*
 * Waiting for child processes to end, stop or go on: what is behind wait4(2) and waitid(2).
 */
#ifndef KERNEL_WAIT_CHILD_H
#define KERNEL_WAIT_CHILD_H

#include "kernel/process.h"
#include "lib/annotate.h"
#include "lib/types.h"

/* Source: waitid(2), Linux uapi linux/wait.h. */
enum wait_type { P_ALL = 0, P_PID = 1, P_PGID = 2 };
enum wait_options {
    WNOHANG = 1,
    WSTOPPED = 2, /* WUNTRACED */
    WEXITED = 4,
    WCONTINUED = 8,
    WNOWAIT = 0x01000000,
    WNOTHREAD = 0x20000000,
    WALL = 0x40000000,
};
#define WCLONE 0x80000000u

struct wait_request {
    enum wait_type type;
    int id; /* a process, or a group */
    u32 options;
};

struct wait_result {
    int pid;
    int status; /* as wait4() gives it */
    int code;   /* CLD_*, and what goes with it: */
    int value;  /* exit code or signal */
    struct usage usage;
};

/*
 * Wait until a child of the current process has done what @request asks for.
 *
 * Returns: its number; 0: none has (WNOHANG); -ECHILD: there is none; -ERESTART: a signal came.
 * Sleeps.
 */
long process_wait(const struct wait_request *request, struct wait_result *result);

#endif
