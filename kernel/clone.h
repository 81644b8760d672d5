/*
 * clone: a new thread of this process, or a new process.
 */
#ifndef KERNEL_CLONE_H
#define KERNEL_CLONE_H

#include "lib/annotate.h"
#include "lib/types.h"

/* Source: clone(2), Linux uapi linux/sched.h. */
enum clone_flags {
    CLONE_SIGNAL = 0xff, /* the bits of the signal for the parent */
    CLONE_VM = 0x100,
    CLONE_FS = 0x200,
    CLONE_FILES = 0x400,
    CLONE_SIGHAND = 0x800,
    CLONE_PIDFD = 0x1000,
    CLONE_VFORK = 0x4000,
    CLONE_PARENT = 0x8000,
    CLONE_THREAD = 0x10000,
    CLONE_NEWNS = 0x20000,
    CLONE_SETTLS = 0x80000,
    CLONE_PARENT_SETTID = 0x100000,
    CLONE_CHILD_CLEARTID = 0x200000,
    CLONE_CHILD_SETTID = 0x1000000,
    CLONE_NAMESPACES = 0x7e020000, /* all CLONE_NEW* */
};

struct clone_args {
    u32 flags;
    vaddr_t stack;   /* 0: as the caller's */
    int *parent_tid; /* user addresses */
    int *child_tid;
    unsigned long tls; /* as the machine describes it */
};

/*
 * Make the new task and let it run: it returns 0 from the system call that the caller is in.
 *
 * Returns: its number; -EINVAL: the flags make no sense; -EAGAIN, -ENOMEM, -EFAULT (i386's TLS),
 * -EINTR: the caller has to end.  With CLONE_VFORK after the child's exec or end.  Sleeps.
 */
long process_clone(const struct clone_args *args);

/* The current task, if made with CLONE_VFORK, no longer uses its parent's memory. */
void vfork_done(void);

#endif
