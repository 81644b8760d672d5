/*
 * When memory has run out: one process ends so that the others can go on.
 *
 *     who                            | what happens to it
 *    --------------------------------+-----------------------------------------------------------
 *     the process with most memory   | it is killed; until it is gone it may use the reserve
 *     whoever needs a page           | waits until there is one, or nobody is left to be killed
 *     PID 1                          | is spared: without it the machine ends
 *     a call that can say -ENOMEM    | says so, and kills nobody
 *
 * So only page faults come here: nobody can tell a program that its store has failed.
 */
#ifndef KERNEL_OOM_H
#define KERNEL_OOM_H

#include "kernel/task.h"
#include "lib/annotate.h"
#include "lib/types.h"

struct process;

/*
 * A page fault of the current process found no memory, for the @tries-th time (from 0): see to it
 * that some comes free.  May kill a process, the current one too; says so on the console.
 *
 * Returns: true: try again; false: it is no use, or the current process has to end.
 * Sleeps, for a tick if not more.
 */
bool oom_make_room(unsigned tries) MUST_CHECK;

/* How many pages would come free, more or less, if @process ended.  Under tasks_lock. */
unsigned long oom_pages(const struct process *process);

/* What a process's oom_adjustment is at most; the least is its negative.  Source: proc(5). */
enum { OOM_ADJUSTMENT_MAX = 1000 };

/* How likely is @process to end for want of memory?  0: not at all; as Linux counts. */
unsigned oom_score(const struct process *process) MUST_HOLD(tasks_lock);

/* The process that should end, NULL: there is none but PID 1.  Under tasks_lock. */
struct process *oom_choose(void);

#endif
