/*
 * exec: from a file to a program's first instruction.
 */
#ifndef KERNEL_EXEC_H
#define KERNEL_EXEC_H

#include "lib/annotate.h"
#include "lib/types.h"

/* What a program is started with; the strings are the kernel's own. */
struct exec_args {
    const char *path;        /* as given: AT_EXECFN */
    const char *const *argv; /* NULL at the end */
    const char *const *envp; /* NULL at the end */
};

/* Where the program starts, and on a refusal why. */
struct exec_start {
    vaddr_t ip, sp;
    const char *why; /* one sentence about the file that was refused; NULL: the errno says it */
};

/*
 * Replace the current task's address space by the program @args->path.  The caller goes on to
 * user mode at @start with all other registers zero.
 *
 * Returns: 0, or a negative errno with everything as before and @start->why.  Sleeps.
 */
int exec(const struct exec_args *args, struct exec_start *start) MUST_CHECK;

#endif
