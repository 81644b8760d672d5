/*
 * exec: from a file to a program's first instruction.
 */
#ifndef KERNEL_EXEC_H
#define KERNEL_EXEC_H

#include "lib/annotate.h"
#include "lib/types.h"

struct dentry;

/* What a program is started with; the strings are the kernel's own. */
struct exec_args {
    const char *path;        /* as given: AT_EXECFN */
    const char *const *argv; /* NULL at the end */
    const char *const *envp; /* NULL at the end */
    struct dentry *dentry;   /* the program; NULL: what path leads to from the working directory */
    bool path_is_lost;       /* path leads nowhere once the program runs: it is a descriptor's */
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
 * Returns: 0, or a negative errno with everything as before and @start->why: those of path_walk();
 *          -EACCES, -ETXTBSY (it is open for writing), -ENOEXEC, -ELIBBAD (its interpreter),
 *          -ELOOP (too many scripts), -E2BIG, -ENOMEM, -EINTR.  Sleeps.
 */
int exec(const struct exec_args *args, struct exec_start *start) MUST_CHECK;

#endif
