/*
 * Job control: process groups as the targets of signals, and groups that nobody controls.
 *
 * A group is orphaned when no member has a parent in another group of the same session: nobody is
 * left who would let it go on.  Keys do not stop it, and if it is stopped when it becomes orphaned
 * it is hung up.
 *
 * Source: POSIX.1-2017, 3.264 "Orphaned Process Group", 2.4.3, _exit().
 */
#ifndef KERNEL_JOB_H
#define KERNEL_JOB_H

#include "kernel/process.h"
#include "lib/annotate.h"
#include "lib/types.h"

/* Send @signal from the kernel to all processes of @group. */
void group_signal(int group, int signal) MUST_HOLD(tasks_lock);

/* Is @group orphaned, or will it be without @leaving (NULL: nobody leaves)? */
bool group_is_orphaned(int group, const struct process *leaving) MUST_HOLD(tasks_lock);

/*
 * @process ends: the terminal it controls as its session's leader is free, and stopped groups that
 * it orphans are hung up.  Before its children have other parents.
 */
void job_process_ends(struct process *process) MUST_HOLD(tasks_lock);

#endif
