/*
 * System calls that send signals: kill(2), tgkill(2), sigqueue(3) and their kin.
 */
#include "kernel/pid.h"
#include "kernel/process.h"
#include "kernel/sys.h"
#include "lib/errno.h"

static bool is_signal(int signal) { return signal >= 0 && signal <= SIGNALS; }

static struct signal_info from_here(int signal, int code)
{
    return (struct signal_info){ .signal = signal, .code = code, .pid = current->process->pid };
}

/* Who is meant by kill()'s @pid, beyond a single process? */
static bool is_meant(const struct process *process, int pid) MUST_HOLD(tasks_lock)
{
    const struct process *here = current->process;
    if (pid == -1)
        return process->pid != PID_INIT && process != here;
    return process->group == (pid ? -pid : here->group);
}

/* Signal all processes that @pid means.  Returns: 0; -ESRCH: there are none. */
static long send_to_many(int pid, const struct signal_info *info)
{
    long result = -ESRCH;
    for (struct process *process = process_next(NULL); process; process = process_next(process)) {
        irqflags_t flags = spin_lock_irqsave(&tasks_lock);
        bool meant = is_meant(process, pid) && !process->is_gone;
        spin_unlock_irqrestore(&tasks_lock, flags);
        if (!meant)
            continue;
        result = 0;
        if (info->signal)
            (void)signal_send(process, NULL, info);
    }
    return result;
}

/* Signal process @pid.  0 only asks whether it is there. */
static long send_to_process(int pid, const struct signal_info *info)
{
    struct process *process = process_find(pid);
    if (!process) {
        struct task *task = task_find(pid); /* a thread's number stands for its process */
        process = task ? task_process_get(task) : NULL;
        if (task)
            task_put(task);
    }
    if (!process)
        return -ESRCH;
    long result = info->signal ? signal_send(process, NULL, info) : 0;
    process_put(process);
    return result;
}

long sys_kill(int pid, int signal)
{
    struct signal_info info = from_here(signal, SI_USER);
    if (!is_signal(signal))
        return -EINVAL;
    if (pid == INT32_MIN)
        return -ESRCH;
    return pid > 0 ? send_to_process(pid, &info) : send_to_many(pid, &info);
}

/* Signal thread @tid, of process @tgid if that is not 0. */
static long send_to_thread(int tgid, int tid, const struct signal_info *info)
{
    long result = -ESRCH;
    if (!is_signal(info->signal))
        return -EINVAL;
    struct signal_entry *entry = info->signal ? signal_entry_alloc() : NULL;
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    struct task *task = pid_lookup(tid);
    if (task && task->process && (!tgid || task->process->pid == tgid) &&
        !list_empty(&task->thread_node))
        result = info->signal ? signal_send_locked(task->process, task, info, &entry) : 0;
    spin_unlock_irqrestore(&tasks_lock, flags);
    signal_entry_free(entry);
    return result;
}

long sys_tkill(int tid, int signal)
{
    struct signal_info info = from_here(signal, SI_TKILL);
    return tid <= 0 ? -EINVAL : send_to_thread(0, tid, &info);
}

long sys_tgkill(int tgid, int tid, int signal)
{
    struct signal_info info = from_here(signal, SI_TKILL);
    return tgid <= 0 || tid <= 0 ? -EINVAL : send_to_thread(tgid, tid, &info);
}

/* The siginfo that a program brings.  Only to itself may it claim to be the kernel, or kill(). */
static int get_info(int pid, int signal, const void __user *user, struct signal_info *info)
{
    struct abi_siginfo in;
    if (copy_from_user(&in, user, sizeof(in)))
        return -EFAULT;
    if ((in.code >= 0 || in.code == SI_TKILL) && pid != current->process->pid)
        return -EPERM;
    *info = (struct signal_info){
        .signal = signal,
        .code = in.code,
        .pid = in.pid,
        .uid = in.uid,
        .value = in.value,
    };
    return 0;
}

long sys_rt_sigqueueinfo(int pid, int signal, const void __user *user)
{
    struct signal_info info;
    int error = get_info(pid, signal, user, &info);
    if (error)
        return error;
    if (!is_signal(signal))
        return -EINVAL;
    return pid > 0 ? send_to_process(pid, &info) : -ESRCH;
}

long sys_rt_tgsigqueueinfo(int tgid, int tid, int signal, const void __user *user)
{
    struct signal_info info;
    if (tgid <= 0 || tid <= 0)
        return -EINVAL;
    int error = get_info(tgid, signal, user, &info);
    return error ? error : send_to_thread(tgid, tid, &info);
}
