/*
 * Waiting for child processes.
 */
#include "kernel/wait_child.h"

#include "kernel/pid.h"
#include "lib/errno.h"

/* One look at all children.  @leader: of a process that was collected, to be put. */
struct look {
    const struct wait_request *request;
    struct wait_result *result;
    struct task *leader;
};

/* Is @child one of those that @request asks for? */
static bool is_meant(const struct process *child, const struct wait_request *request)
    MUST_HOLD(tasks_lock)
{
    bool by_clone = child->exit_signal != SIGCHLD;
    if (!(request->options & WALL) && by_clone != !!(request->options & WCLONE))
        return false;
    switch (request->type) {
    case P_PID:
        return child->pid == request->id;
    case P_PGID:
        return child->group == request->id;
    case P_ALL:
        return true;
    }
    return false;
}

/* Write down that @child has done @code, with @value; @status is wait4()'s way to say it. */
static void note(const struct look *look, const struct process *child, int code, int value)
    MUST_HOLD(tasks_lock)
{
    struct wait_result *result = look->result;
    *result = (struct wait_result){ .pid = child->pid, .code = code, .value = value };
    result->usage = child->usage;
    usage_add(&result->usage, &child->children_usage);
    switch (code) {
    case CLD_STOPPED:
        result->status = value << 8 | 0x7f;
        break;
    case CLD_CONTINUED:
        result->status = 0xffff;
        break;
    default:
        result->status = child->exit_status;
    }
}

/* Does @child have news that were asked for?  Then they are told, and no longer news. */
static bool has_news(struct look *look, struct process *child) MUST_HOLD(tasks_lock)
{
    u32 options = look->request->options;
    bool keep = options & WNOWAIT;
    if (child->is_zombie) {
        int signal = child->exit_status & 0x7f;
        if (!(options & WEXITED))
            return false;
        note(look, child, signal ? CLD_KILLED : CLD_EXITED,
             signal ? signal : child->exit_status >> 8 & 0xff);
        if (!keep) {
            usage_add(&current->process->children_usage, &look->result->usage);
            process_collect(child, &look->leader);
        }
        return true;
    }
    if (child->stop_news && options & WSTOPPED) {
        note(look, child, CLD_STOPPED, child->stop_signal);
        child->stop_news = keep;
        return true;
    }
    if (child->continue_news && options & WCONTINUED) {
        note(look, child, CLD_CONTINUED, SIGCONT);
        child->continue_news = keep;
        return true;
    }
    return false;
}

/* Returns: the number of a child with news; 0: none has; -ECHILD: there is none at all. */
static long look_once(struct look *look)
{
    long result = -ECHILD;
    struct process *here = current->process, *child;
    const struct wait_request *request = look->request;
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    if (request->type == P_PID) {
        child = process_lookup(request->id);
        if (child && child->parent == here && is_meant(child, request))
            result = has_news(look, child) ? child->pid : 0;
    } else {
        list_for_each_entry (child, &here->children, sibling) {
            if (!is_meant(child, request))
                continue;
            result = 0;
            if (has_news(look, child)) {
                result = look->result->pid;
                break;
            }
        }
    }
    spin_unlock_irqrestore(&tasks_lock, flags);
    return result;
}

long process_wait(const struct wait_request *request, struct wait_result *result)
{
    struct look look = { request, result, NULL };
    long found = look_once(&look);
    int error = 0;
    if (!found && !(request->options & WNOHANG))
        error = wait_event_interruptible(&current->process->child_event,
                                         (found = look_once(&look)) != 0);
    if (look.leader)
        task_put_now(look.leader);
    return error ? -ERESTART : found;
}
