/*
 * System calls about capabilities: capget(2), capset(2).
 *
 * Everybody is root and has them all.  A thread may give some up, is told so from then on, and its
 * children are; but nobody is ever refused anything for it.  A new program has them all again.
 */
#include "kernel/sys.h"
#include "kernel/task.h"
#include "lib/errno.h"

/* Source: capget(2), capabilities(7), Linux uapi capability.h. */
enum { VERSION_1 = 0x19980330, VERSION_2 = 0x20071026, VERSION_3 = 0x20080522 };

#define CAP_ALL ((2ull << CAP_LAST) - 1)

struct abi_header {
    u32 version;
    int pid;
};

struct abi_sets {
    u32 effective, permitted, inheritable;
};

/* Fetch the header.  *@count: of 32-bit parts of the sets; 0: the version was only asked for. */
static int get_header(void __user *user, bool is_question, struct abi_header *header,
                      unsigned *count)
{
    if (copy_from_user(header, user, sizeof(*header)))
        return -EFAULT;
    *count = header->version == VERSION_1                                   ? 1
             : header->version == VERSION_2 || header->version == VERSION_3 ? 2
                                                                            : 0;
    if (*count)
        return header->pid < 0 ? -EINVAL : 0;
    if (put_user((u32)VERSION_3, (u32 __user *)user))
        return -EFAULT;
    return is_question ? 0 : -EINVAL;
}

/* What thread @pid, 0: the caller, has. */
static int find_capabilities(int pid, struct capabilities *found)
{
    struct task *task = task_find_or_current(pid);
    if (!task)
        return -ESRCH;
    *found = task->capabilities; /* another's may be half changed */
    task_put(task);
    return 0;
}

long sys_capget(void __user *user_header, void __user *user)
{
    struct abi_header header;
    struct capabilities has;
    unsigned count;
    int error = get_header(user_header, !user, &header, &count);
    if (error || !count || !user)
        return error;
    error = find_capabilities(header.pid, &has);
    if (error)
        return error;
    struct abi_sets sets[2];
    for (unsigned i = 0; i < 2; i++)
        sets[i] = (struct abi_sets){
            .effective = (u32)((CAP_ALL & ~has.not_effective) >> 32 * i),
            .permitted = (u32)((CAP_ALL & ~has.not_permitted) >> 32 * i),
            .inheritable = (u32)(has.inheritable >> 32 * i),
        };
    return copy_to_user(user, sets, count * sizeof(*sets)) ? -EFAULT : 0;
}

long sys_capset(void __user *user_header, const void __user *user)
{
    struct abi_header header;
    struct abi_sets sets[2] = { 0 };
    unsigned count;
    int error = get_header(user_header, false, &header, &count);
    if (error)
        return error;
    if (header.pid && header.pid != current->pid)
        return -EPERM;
    if (copy_from_user(sets, user, count * sizeof(*sets)))
        return -EFAULT;
    const u64 effective = ((u64)sets[1].effective << 32 | sets[0].effective) & CAP_ALL;
    const u64 permitted = ((u64)sets[1].permitted << 32 | sets[0].permitted) & CAP_ALL;
    const u64 inheritable = ((u64)sets[1].inheritable << 32 | sets[0].inheritable) & CAP_ALL;
    if (permitted & current->capabilities.not_permitted || effective & ~permitted)
        return -EPERM; /* what was given up does not come back */
    current->capabilities = (struct capabilities){
        .not_effective = CAP_ALL & ~effective,
        .not_permitted = CAP_ALL & ~permitted,
        .inheritable = inheritable,
    };
    return 0;
}
