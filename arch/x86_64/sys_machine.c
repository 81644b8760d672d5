/*
 * System calls about the x86-64 itself: arch_prctl(2).
 */
#include "kernel/clone.h"
#include "kernel/sys.h"
#include "kernel/task.h"
#include "lib/errno.h"

/* Source: Linux uapi asm/prctl.h. */
enum {
    ARCH_SET_GS = 0x1001,
    ARCH_SET_FS = 0x1002,
    ARCH_GET_FS = 0x1003,
    ARCH_GET_GS = 0x1004,
};

long sys_arch_prctl(int operation, unsigned long address)
{
    bool sets = operation == ARCH_SET_FS || operation == ARCH_SET_GS;
    if (sets && address >= USER_TOP)
        return -EPERM;
    switch (operation) {
    case ARCH_SET_FS:
        machine_set_fs_base(address);
        return 0;
    case ARCH_SET_GS:
        machine_set_gs_base(address);
        return 0;
    case ARCH_GET_FS:
        return put_user(current->machine.fs_base, (u64 __user *)address);
    case ARCH_GET_GS:
        return put_user(current->machine.gs_base, (u64 __user *)address);
    default:
        return -EINVAL;
    }
}

long sys_set_thread_area(void __user *description) { return -ENOSYS; }

long sys_clone(unsigned long flags, unsigned long stack, int __user *parent_tid,
               unsigned long fourth, unsigned long fifth)
{
    return process_clone(&(struct clone_args){
        .flags = (u32)flags,
        .stack = stack,
        .parent_tid = parent_tid,
        .child_tid = (int __user *)fourth,
        .tls = fifth,
    });
}
