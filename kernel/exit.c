/*
 * How threads and processes end.
 *
 *     thread_exit()     count it as gone, clear its number in memory, give back mm and files
 *         |
 *         +-- not the leader: gone at once
 *         |
 *         +-- the leader: sleep until it is the last one; children go to PID 1, the parent is told,
 *             and the process waits as a zombie until the parent asks for its status
 *
 * Nobody is ended from outside.  process_end() marks the threads as killed and wakes them; each
 * ends on its way to user mode, in signal_work().
 */
#include "arch/x86/power.h"
#include "arch/x86/user_copy.h"
#include "kernel/clone.h"
#include "kernel/fs/files.h"
#include "kernel/fs/fs_context.h"
#include "kernel/futex.h"
#include "kernel/job.h"
#include "kernel/pid.h"
#include "kernel/posix_timer.h"
#include "kernel/printk.h"
#include "kernel/process.h"
#include "kernel/robust_list.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "mm/mm.h"

enum { SIGNAL_STATUS = 128 };

/* The end of the first program is the end of the machine. */
static _Noreturn void end_machine(int status)
{
    int signal = status & 0x7f;
    int code = signal ? SIGNAL_STATUS + signal : status >> 8 & 0xff;
    pr_info("PID 1 (%s) ended with status %d: power off", current->name, code);
    machine_exit(code);
}

/* --- one thread ------------------------------------------------------------------------------ */

/* Set the word that set_tid_address() named to 0, and wake who waits for that. */
static void clear_tid(struct task *task)
{
    int __user *word = task->clear_child_tid;
    if (!word || READ_ONCE(task->mm->users) == 1)
        return; /* nobody is there to see it */
    if (put_user(0, word) == 0)
        futex_wake_word((u32 __user *)word);
}

/* Count @task as gone.  The last thread to come here decides about the process's @status. */
static void leave_living(struct task *task, int status)
{
    struct process *process = task->process;
    struct mm *mm = task->mm;
    if (mm)
        mm_note_peak(mm);
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    if (mm && mm->peak_pages > process->usage.peak_pages)
        process->usage.peak_pages = mm->peak_pages;
    if (--process->live_count == 0) {
        process->mm = NULL;
        process_allow_write(process);
        if (!process->ending)
            process->exit_status = status;
        process->ending = true;
    }
    spin_unlock_irqrestore(&tasks_lock, flags);
}

static void leave_mm(struct task *task)
{
    struct mm *mm = task->mm;
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    task->mm = NULL;
    spin_unlock_irqrestore(&tasks_lock, flags);
    mm_put(mm);
}

static bool is_leader(const struct task *task) { return READ_ONCE(task->process->leader) == task; }

/* Take @task, which is about to end, from its process. */
static void leave_process(struct task *task) MUST_HOLD(tasks_lock)
{
    struct process *process = task->process;
    list_del_init(&task->thread_node);
    process->thread_count--;
    usage_add_task(&process->usage, task);
    signal_discard(&task->pending, ~0ull, &process->discarded);
    if (process->thread_count == 1)
        wake_up(&process->last_one);
    if (process->stop_signal && process->stopped_count == process->live_count)
        signal_stop_complete(process);
}

/* --- a process ------------------------------------------------------------------------------- */

void process_tell_parent(struct process *child, int code, int status, struct signal_entry **entry)
{
    struct process *parent = child->parent;
    struct signal_info info = {
        .signal = code <= CLD_KILLED ? child->exit_signal : SIGCHLD,
        .code = code,
        .pid = child->pid,
        .status = status,
        .run = child->usage.run,
    };
    if (info.signal > 0 && info.signal <= SIGNALS)
        (void)signal_send_locked(parent, NULL, &info, entry);
    wake_up(&parent->child_event);
}

/* Does @parent say that it will not ask for its children's status? */
static bool is_careless(const struct process *parent)
{
    const struct signal_action *action = &parent->actions[SIGCHLD];
    return action->handler == SIG_IGN || action->flags & SA_NOCLDWAIT;
}

void process_collect(struct process *process, struct task **leader)
{
    process_leave(process);
    task_leave(process->leader);
    *leader = process->leader;
}

/* @process has become a zombie: who wants to know?  Nobody: it is forgotten at once. */
static void become_zombie(struct process *process, struct signal_entry **entry)
    MUST_HOLD(tasks_lock)
{
    struct task *leader = process->leader;
    process->is_zombie = true;
    if (!process->parent) {
        process_leave(process);
        if (!leader->parent && !leader->detached) { /* it lost its parent, and there is no PID 1 */
            leader->detached = true;
            task_put(leader);
        }
        return;
    }
    bool careless = is_careless(process->parent) && process->exit_signal == SIGCHLD;
    int signal = process->exit_status & 0x7f;
    list_move(&process->sibling, &process->parent->children); /* where wait4() looks first */
    process_tell_parent(process, signal ? CLD_KILLED : CLD_EXITED,
                        signal ? signal : process->exit_status >> 8 & 0xff, entry);
    if (careless) {
        process_leave(process);
        leader->detached = true;
        task_put(leader); /* the reference that the parent would have put */
    }
}

/* The parent of @child, the current process, ends: prctl(2), PR_SET_PDEATHSIG. */
static void tell_of_death(struct process *child) MUST_HOLD(tasks_lock)
{
    struct task *thread;
    struct signal_entry *none = NULL;
    list_for_each_entry (thread, &child->threads, thread_node) {
        struct signal_info info = {
            .signal = thread->parent_death_signal,
            .code = SI_USER,
            .pid = current->tgid,
        };
        if (info.signal)
            (void)signal_send_locked(child, NULL, &info, &none);
    }
}

/*
 * Give the children of @process, which ends, to PID 1.  It did not choose by which signal they tell
 * of their end, and would not wait for those that do it by another one.
 */
static void pass_on_children(struct process *process) MUST_HOLD(tasks_lock)
{
    struct process *heir = process_lookup(PID_INIT);
    struct process *child, *after;
    struct signal_entry *none = NULL;
    list_for_each_entry_safe (child, after, &process->children, sibling) {
        tell_of_death(child);
        child->exit_signal = SIGCHLD;
        list_del_init(&child->sibling);
        process_set_parent(child, heir == process ? NULL : heir);
        if (!child->is_zombie)
            continue;
        if (child->parent) {
            become_zombie(child, &none);
            if (child->leader->detached)
                task_leave(child->leader);
        } else {
            struct task *leader;
            process_collect(child, &leader);
            task_put(leader);
        }
    }
}

/* The current task is the leader, and the last thread. */
static _Noreturn void finish_process(struct process *process)
{
    struct signal_entry *entry = process->parent ? signal_entry_alloc() : NULL;
    if (process->pid == PID_INIT)
        end_machine(process->exit_status);
    itimers_stop(process);
    posix_timers_delete(process);

    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    leave_process(current);
    signal_discard(&process->pending, ~0ull, &process->discarded);
    job_process_ends(process);
    pass_on_children(process);
    become_zombie(process, &entry);
    if (entry)
        signal_entry_discard(entry, &process->discarded);
    task_exit_locked(process->exit_status, flags);
}

_Noreturn void thread_exit(int status)
{
    struct task *task = current;
    struct process *process = task->process;
    might_sleep();
    leave_living(task, status);
    if (task->mm) {
        robust_list_release();
        clear_tid(task); /* whoever waits for it finds the thread counted as gone */
        leave_mm(task);
    }
    vfork_done();
    task_set_files(task, NULL); /* a test's program may have none */
    task_set_fs(task, NULL);
    if (is_leader(task))
        wait_event(&process->last_one, READ_ONCE(process->thread_count) == 1 || !is_leader(task));
    if (is_leader(task))
        finish_process(process);

    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    leave_process(task);
    task_exit_locked(status, flags);
}

/* --- all threads at once --------------------------------------------------------------------- */

static void end_thread(struct task *task) MUST_HOLD(tasks_lock)
{
    WRITE_ONCE(task->killed, true);
    signal_notify(task, true);
}

void process_end(struct process *process, int status)
{
    struct task *task;
    if (process->ending)
        return;
    process->ending = true;
    process->exit_status = status;
    process->stop_signal = 0;
    list_for_each_entry (task, &process->threads, thread_node)
        end_thread(task);
}

_Noreturn void process_exit(int status)
{
    struct process *process = current->process;
    if (process->pid == PID_INIT)
        end_machine(status);
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    process_end(process, status);
    spin_unlock_irqrestore(&tasks_lock, flags);
    thread_exit(process->exit_status);
}

/* Make @task the leader instead of the one there is: it gets its number and its place. */
static void replace_leader(struct process *process, struct task *task) MUST_HOLD(tasks_lock)
{
    struct task *old = process->leader;
    assert(!old->parent || old->detached); /* no kernel thread waits for it */
    pid_swap(old, task);
    process->leader = task;
    if (!old->detached) {
        task_get(task); /* the parent's reference moves */
        task->detached = false;
        old->detached = true;
        task_put(old);
    }
    wake_up(&process->last_one); /* it may be waiting there to be the last */
}

int process_make_single(void)
{
    struct task *task = current, *other;
    struct process *process = task->process;
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    bool ends = process->ending || process->is_execing;
    if (!ends && process->thread_count > 1) {
        process->is_execing = true;
        if (process->leader != task)
            replace_leader(process, task);
        list_for_each_entry (other, &process->threads, thread_node) {
            if (other != task)
                end_thread(other);
        }
    }
    spin_unlock_irqrestore(&tasks_lock, flags);
    if (ends)
        return -EINTR;
    int error = wait_event_killable(&process->last_one, READ_ONCE(process->thread_count) == 1);
    flags = spin_lock_irqsave(&tasks_lock);
    process->is_execing = false;
    spin_unlock_irqrestore(&tasks_lock, flags);
    return error;
}
