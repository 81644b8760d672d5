/*
 * Task numbers: given out in turn, so that a number just freed is not soon somebody else.
 */
#ifndef KERNEL_PID_H
#define KERNEL_PID_H

#include "kernel/task.h"
#include "lib/annotate.h"

enum {
    PID_INIT = 1, /* the first user task: only task_create_first() takes it */
    PID_MAX = 32767,
};

/* Give @task the next free number, or number @wanted if that is not 0.  Returns: 0 or -EAGAIN. */
int pid_assign(struct task *task, int wanted) MUST_CHECK MUST_HOLD(tasks_lock);

/* Take @task's number back; it stays taken while a process group or session is called so. */
void pid_release(struct task *task) MUST_HOLD(tasks_lock);

/* The task numbered @pid, or NULL. */
struct task *pid_lookup(int pid) MUST_HOLD(tasks_lock);

/* Exchange the numbers of @a and @b. */
void pid_swap(struct task *a, struct task *b) MUST_HOLD(tasks_lock);

/* Number @pid is one more, or one less, process's group or session. */
void pid_hold(int pid) MUST_HOLD(tasks_lock);
void pid_drop(int pid) MUST_HOLD(tasks_lock);

#endif
