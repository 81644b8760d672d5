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

/*
 * Replace the current task's address space by the program @args->path and fill
 * task_user_frame(current), so that trap_return() runs its first instruction.
 *
 * Returns: 0, or a negative errno with everything as before, and *@why (if @why is not NULL) one
 * sentence about the file that was refused.  Sleeps.
 */
int exec(const struct exec_args *args, const char **why) MUST_CHECK;

#endif
