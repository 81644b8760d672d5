/*
 * What a task is doing, as the scheduler sees it.
 *
 *                    task_wake()          exit          the parent waits
 *     NEW ---------> RUNNING -----------> ZOMBIE -----> DEAD
 *                    |     ^
 *      sleeps        v     |  task_wake()
 *          INTERRUPTIBLE, KILLABLE, UNINTERRUPTIBLE
 *
 * RUNNING is both on a CPU and waiting for one.
 */
#ifndef KERNEL_TASK_STATE_H
#define KERNEL_TASK_STATE_H

enum task_state {
    TASK_NEW,             /* made, never run */
    TASK_RUNNING,         /* runs, or would */
    TASK_INTERRUPTIBLE,   /* sleeps; a signal wakes it, too */
    TASK_KILLABLE,        /* sleeps; what ends the task wakes it, too */
    TASK_UNINTERRUPTIBLE, /* sleeps */
    TASK_ZOMBIE,          /* ended; waits to be asked for its exit code */
    TASK_DEAD,            /* ended and asked */
};

#endif
