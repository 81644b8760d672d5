/*
 * System calls about the i386 itself: set_thread_area(2), get_thread_area(2); and those that come
 * by sysenter.
 */
#include "arch/x86/entry.h"
#include "arch/x86/vdso.h"
#include "kernel/clone.h"
#include "kernel/sys.h"
#include "kernel/syscall.h"
#include "kernel/task.h"
#include "lib/errno.h"
#include "machine/trapframe.h"
#include "machine/vsyscall.h"

/* Source: set_thread_area(2), Linux uapi asm/ldt.h. */
struct abi_user_desc {
    u32 entry;
    u32 base, limit;
    u32 flags;
};

enum user_desc_flags {
    DESC_32_BITS = 1 << 0,
    DESC_CONTENTS = 3 << 1,
    DESC_READ_ONLY = 1 << 3,
    DESC_IN_PAGES = 1 << 4,
    DESC_NOT_PRESENT = 1 << 5,
    DESC_USEABLE = 1 << 6,
};

#define TLS_USEABLE (1ull << 52) /* the bit of a descriptor that is for programs */

long sys_arch_prctl(int operation, unsigned long address) { return -EINVAL; }

/* An empty description frees the entry; others must be what C libraries use: all memory, data. */
static bool is_empty(const struct abi_user_desc *desc)
{
    return !desc->base && !desc->limit &&
           (desc->flags & (DESC_READ_ONLY | DESC_NOT_PRESENT)) ==
               (DESC_READ_ONLY | DESC_NOT_PRESENT);
}

static bool is_flat_data(const struct abi_user_desc *desc)
{
    return desc->flags & DESC_32_BITS && desc->flags & DESC_IN_PAGES &&
           !(desc->flags & (DESC_CONTENTS | DESC_READ_ONLY | DESC_NOT_PRESENT)) &&
           desc->limit == 0xfffff;
}

/* As the CPU knows it.  That it is "useable" means nothing, and is kept where there is room. */
static u64 descriptor_of(const struct abi_user_desc *desc)
{
    if (is_empty(desc))
        return 0;
    return machine_tls_descriptor(desc->base) | (desc->flags & DESC_USEABLE ? TLS_USEABLE : 0);
}

long sys_set_thread_area(void __user *description)
{
    struct abi_user_desc desc;
    if (copy_from_user(&desc, description, sizeof(desc)))
        return -EFAULT;
    if (!is_empty(&desc) && !is_flat_data(&desc))
        return -EINVAL;
    int entry = machine_tls_entry(descriptor_of(&desc), (int)desc.entry);
    if (entry < 0)
        return entry;
    return put_user((u32)entry, (u32 __user *)description);
}

long sys_get_thread_area(void __user *description)
{
    struct abi_user_desc desc;
    if (copy_from_user(&desc, description, sizeof(desc)))
        return -EFAULT;
    const u32 number = desc.entry - GDT_TLS_FIRST;
    if (number >= TLS_DESCRIPTORS)
        return -EINVAL;
    const u64 descriptor = current->machine.tls[number];
    desc = (struct abi_user_desc){ desc.entry, 0, 0, DESC_READ_ONLY | DESC_NOT_PRESENT };
    if (descriptor) { /* flat data, as it was set */
        desc.base = (u32)(descriptor >> 56 << 24) | (u32)(descriptor >> 16 & 0xffffff);
        desc.limit = 0xfffff;
        desc.flags = DESC_32_BITS | DESC_IN_PAGES | (descriptor & TLS_USEABLE ? DESC_USEABLE : 0);
    }
    return copy_to_user(description, &desc, sizeof(desc)) ? -EFAULT : 0;
}

int machine_clone_tls(struct task *child, struct trapframe *frame, unsigned long tls)
{
    struct abi_user_desc desc;
    if (copy_from_user(&desc, (const void __user *)tls, sizeof(desc)))
        return -EFAULT;
    u32 number = desc.entry - GDT_TLS_FIRST;
    if (number >= TLS_DESCRIPTORS || (!is_empty(&desc) && !is_flat_data(&desc)))
        return -EINVAL;
    child->machine.tls[number] = descriptor_of(&desc);
    return 0;
}

long sys_clone(unsigned long flags, unsigned long stack, int __user *parent_tid,
               unsigned long fourth, unsigned long fifth)
{
    return process_clone(&(struct clone_args){
        .flags = (u32)flags,
        .stack = stack,
        .parent_tid = parent_tid,
        .child_tid = (int __user *)fifth,
        .tls = fourth,
    });
}

void sysenter_trap(struct trapframe *frame, bool has_ebp)
{
    frame->eip = VDSO_ADDRESS + VSYSCALL_RETURN;
    if (likely(has_ebp))
        syscall_dispatch(frame);
    else
        syscall_set_result(frame, -EFAULT);
    irq_disable();
    trap_to_user(frame);
}
