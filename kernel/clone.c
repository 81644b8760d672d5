/*
 * clone: gather everything the new task needs, then let it be seen and run.
 *
 *     flag given      | shared with the caller        | else
 *    -----------------+-------------------------------+-----------------------------
 *     CLONE_VM        | the mm                        | a copy of it (mm_fork)
 *     CLONE_FILES     | descriptors                   | a copy of them
 *     CLONE_FS        | root, directory, umask        | a copy of them
 *     CLONE_THREAD    | the process                   | a new one, a child
 *
 * Handlers are shared by threads only.
 */
#include "kernel/clone.h"

#include "arch/x86/context.h"
#include "arch/x86/user_copy.h"
#include "kernel/fs/files.h"
#include "kernel/fs/fs_context.h"
#include "kernel/process.h"
#include "kernel/sched.h"
#include "lib/errno.h"
#include "machine/machine_task.h"
#include "machine/trapframe.h"
#include "mm/fork.h"
#include "mm/mm.h"

static WAIT_QUEUE(vfork_queue); /* callers of vfork(), until their child does not need their mm */

void vfork_done(void)
{
    if (!READ_ONCE(current->borrows_mm))
        return;
    WRITE_ONCE(current->borrows_mm, false);
    wake_up_all(&vfork_queue);
}

static bool flags_make_sense(u32 flags)
{
    if (flags & (CLONE_NAMESPACES | CLONE_PIDFD))
        return false; /* there is one namespace of each kind, and no descriptors of processes */
    if (flags & CLONE_THREAD && !(flags & CLONE_SIGHAND))
        return false;
    if (flags & CLONE_SIGHAND && !(flags & CLONE_VM))
        return false;
    return true;
}

/* Give @task what it shares with the current task, or copies of it. */
static int give_parts(struct task *task, u32 flags)
{
    struct task *parent = current;
    if (flags & CLONE_THREAD) {
        process_get(parent->process);
        task->process = parent->process;
        task->detached = true;
    } else {
        task->process = process_copy(task);
    }
    if (flags & CLONE_FILES)
        files_get(parent->files);
    task->files = flags & CLONE_FILES ? parent->files : files_copy(parent->files);
    if (flags & CLONE_FS)
        fs_get(parent->fs);
    task->fs = flags & CLONE_FS ? parent->fs : fs_copy(parent->fs);
    if (!task->process || !task->files || !task->fs)
        return -ENOMEM;
    if (flags & CLONE_VM)
        mm_get(parent->mm);
    task->mm = flags & CLONE_VM ? parent->mm : mm_fork(parent->mm);
    return task->mm ? 0 : -ENOMEM;
}

static void take_parts(struct task *task)
{
    if (task->mm)
        mm_put(task->mm);
    task_set_files(task, NULL);
    task_set_fs(task, NULL);
    task_destroy(task); /* and its process */
}

/* Set what the flags ask for in @task alone. */
static int set_up(struct task *task, const struct clone_args *args)
{
    u32 flags = args->flags;
    struct trapframe *frame = task_frame(task);
    if (args->stack)
        trapframe_set_sp(frame, args->stack);
    if (flags & CLONE_CHILD_CLEARTID)
        task->clear_child_tid = args->child_tid;
    if (flags & CLONE_CHILD_SETTID) {
        task->set_child_tid = args->child_tid;
        task->signal_pending = true; /* signal_work() sets it, in the child's own memory */
    }
    if (!(flags & CLONE_VM) || flags & CLONE_VFORK)
        task->alt_stack = current->alt_stack;
    task->borrows_mm = flags & CLONE_VFORK;
    return flags & CLONE_SETTLS ? machine_clone_tls(task, frame, args->tls) : 0;
}

/* Let @task be found.  Returns: 0, -EAGAIN: no number is free; -EINTR: the current task ends. */
static int enter(struct task *task, u32 flags)
{
    struct process *here = current->process, *process = task->process;
    irqflags_t flags_before = spin_lock_irqsave(&tasks_lock);
    int error = task_is_killed(current) ? -EINTR : task_enter(task);
    if (!error) {
        process_add_thread(process, task);
        if (process != here) {
            process->pid = task->pid;
            process->mm = task->mm;
            process->group = here->group;
            process->session = here->session;
            process->left_tty = here->left_tty;
            process->exit_signal =
                flags & CLONE_PARENT ? here->exit_signal : (int)(flags & CLONE_SIGNAL);
            process_enter(process, flags & CLONE_PARENT ? here->parent : here);
        }
        task->tgid = process->pid;
    }
    spin_unlock_irqrestore(&tasks_lock, flags_before);
    return error;
}

/* Sleep until @child has a memory of its own, or has ended, or the caller must end. */
static void wait_for_vfork(struct task *child)
{
    (void)wait_event_killable(&vfork_queue, !READ_ONCE(child->borrows_mm));
    task_put_now(child);
}

long process_clone(const struct clone_args *args)
{
    u32 flags = args->flags;
    if (!flags_make_sense(flags))
        return -EINVAL;
    struct task *task = task_create_fork(task_frame(current));
    if (!task)
        return -ENOMEM;
    int error = give_parts(task, flags);
    if (!error)
        error = set_up(task, args);
    if (!error)
        error = enter(task, flags);
    if (error) {
        take_parts(task);
        return error;
    }

    int pid = task->pid;
    if (flags & CLONE_PARENT_SETTID)
        (void)put_user(pid, (int __user *)args->parent_tid);
    if (flags & CLONE_VFORK)
        task_get(task);
    if (flags & CLONE_THREAD)
        task_put(task); /* nobody will ask for a thread */
    task_wake(task);    /* it may have ended when this returns */
    if (flags & CLONE_VFORK)
        wait_for_vfork(task);
    return pid;
}
