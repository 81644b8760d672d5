/*
 * System calls that wait for children: wait4(2), waitid(2).
 */
#include "kernel/sys.h"
#include "kernel/sys_usage.h"
#include "kernel/wait_child.h"
#include "lib/errno.h"

long sys_wait4(int pid, int __user *status, unsigned options, void __user *usage)
{
    struct wait_result result;
    const u32 allowed = WNOHANG | WSTOPPED | WCONTINUED | WNOTHREAD | WALL | WCLONE;
    struct wait_request request = { .type = P_ALL, .options = options | WEXITED };
    if (options & ~allowed)
        return -EINVAL;
    if (pid == INT32_MIN)
        return -ESRCH;
    if (pid > 0)
        request = (struct wait_request){ P_PID, pid, options | WEXITED };
    else if (pid < -1)
        request = (struct wait_request){ P_PGID, -pid, options | WEXITED };
    else if (pid == 0)
        request = (struct wait_request){ P_PGID, current->process->group, options | WEXITED };
    long found = process_wait(&request, &result);
    if (found <= 0)
        return found;
    if (status && put_user(result.status, status))
        return -EFAULT;
    if (usage && put_usage(&result.usage, usage))
        return -EFAULT;
    return found;
}

long sys_waitpid(int pid, int __user *status, unsigned options)
{
    return sys_wait4(pid, status, options, NULL);
}

long sys_waitid(int type, int id, void __user *user, unsigned options, void __user *usage)
{
    struct wait_result result = { 0 };
    const u32 events = WEXITED | WSTOPPED | WCONTINUED;
    const u32 allowed = events | WNOHANG | WNOWAIT | WNOTHREAD | WALL | WCLONE;
    if (options & ~allowed || !(options & events))
        return -EINVAL;
    if (type < P_ALL || type > P_PGID || (type == P_PID && id <= 0) || (type == P_PGID && id < 0))
        return -EINVAL;
    if (type == P_PGID && id == 0)
        id = current->process->group;
    struct wait_request request = { (enum wait_type)type, id, options };
    long found = process_wait(&request, &result);
    if (found < 0)
        return found;
    if (found && usage && put_usage(&result.usage, usage))
        return -EFAULT;
    if (!user)
        return 0;
    struct abi_siginfo info;
    struct signal_info told = { 0 };
    if (found)
        told = (struct signal_info){
            .signal = SIGCHLD, .code = result.code, .pid = result.pid, .status = result.value
        };
    signal_info_write(&info, &told);
    /* only as far as waitid() is said to write */
    size_t bytes = offsetof(struct abi_siginfo, child.status) + sizeof(int);
    return copy_to_user(user, &info, bytes) ? -EFAULT : 0;
}
