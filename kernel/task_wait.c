/*
 * Waiting for kernel threads to end: task_wait() and task_wait_pid().
 */
#include "kernel/task.h"
#include "lib/assert.h"
#include "lib/errno.h"

int task_wait(struct task *task)
{
    assert(task->parent == current);
    wait_event(&current->child_exit, READ_ONCE(task->state) == TASK_ZOMBIE);
    int exit_code = task->exit_code;
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    task_leave(task);
    spin_unlock_irqrestore(&tasks_lock, flags);
    task_put(task);
    return exit_code;
}

/*
 * Look for a child of the current task: @pid, or any if that is -1.  If one has ended, let it go.
 *
 * Returns: its pid; 0: there is one, but it has not ended; -ECHILD: there is none.
 */
static int collect_child(int pid, int *exit_code)
{
    struct task *child, *found = NULL;
    int result = -ECHILD;
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    list_for_each_entry (child, &current->children, sibling) {
        if ((pid != -1 && child->pid != pid) || child->detached)
            continue;
        result = 0;
        if (child->state == TASK_ZOMBIE) {
            found = child;
            break;
        }
    }
    if (found) {
        result = found->pid;
        *exit_code = found->exit_code;
        task_leave(found);
    }
    spin_unlock_irqrestore(&tasks_lock, flags);
    if (found)
        task_put(found);
    return result;
}

int task_wait_pid(int pid, int *exit_code)
{
    int result = 0;
    int error = wait_event_interruptible(&current->child_exit,
                                         (result = collect_child(pid, exit_code)) != 0);
    return error ? error : result;
}
