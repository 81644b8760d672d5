/*
 * Task numbers: a bitmap says which are taken, a table who has them.
 */
#include "kernel/pid.h"

#include "lib/bitmap.h"
#include "lib/errno.h"

enum { PID_FIRST = 2 }; /* where counting starts, and starts again */

/* All under tasks_lock. */
static BITMAP(taken, PID_MAX + 1);
static u16 holders[PID_MAX + 1]; /* processes whose group or session is called so */
static struct task *tasks_by_pid[PID_MAX + 1];
static int last_pid = PID_FIRST - 1;

/* The next number that is free, or -EAGAIN. */
static int next_free(void)
{
    size_t pid = bitmap_find_clear(taken, PID_MAX + 1, (size_t)last_pid + 1);
    if (pid > PID_MAX)
        pid = bitmap_find_clear(taken, PID_MAX + 1, PID_FIRST);
    if (pid > PID_MAX)
        return -EAGAIN;
    last_pid = (int)pid;
    return last_pid;
}

int pid_assign(struct task *task, int wanted)
{
    int pid = wanted ? wanted : next_free();
    if (pid < 0 || bitmap_test(taken, (size_t)pid))
        return -EAGAIN;
    bitmap_set(taken, (size_t)pid);
    task->pid = task->tgid = pid;
    tasks_by_pid[pid] = task;
    return 0;
}

void pid_release(struct task *task)
{
    tasks_by_pid[task->pid] = NULL;
    if (!holders[task->pid])
        bitmap_clear(taken, (size_t)task->pid);
}

void pid_swap(struct task *a, struct task *b)
{
    int pid = a->pid;
    a->pid = b->pid;
    b->pid = pid;
    tasks_by_pid[a->pid] = a;
    tasks_by_pid[b->pid] = b;
}

void pid_hold(int pid) { holders[pid]++; }

void pid_drop(int pid)
{
    if (--holders[pid] == 0 && !pid_lookup(pid))
        bitmap_clear(taken, (size_t)pid);
}

struct task *pid_lookup(int pid) { return pid >= 0 && pid <= PID_MAX ? tasks_by_pid[pid] : NULL; }
