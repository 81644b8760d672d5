/*
 * The x86-64's signal frames, as Linux lays them out.
 *
 * Source: Linux uapi asm/sigcontext.h, asm/ucontext.h; sigaction(2).
 */
#include "kernel/signal_frame.h"

#include "arch/x86/fpu.h"
#include "arch/x86/user_copy.h"
#include "kernel/task.h"
#include "lib/align.h"
#include "lib/errno.h"
#include "machine/abi.h"
#include "machine/trapframe.h"

enum { RED_ZONE_BYTES = 128, STACK_ALIGN = 16, FPU_ALIGN = 64 };

/* What uc_flags says: the stack segment is kept, and as it was. */
enum { UC_SIGCONTEXT_SS = 2, UC_STRICT_RESTORE_SS = 4 };

struct sigcontext {
    u64 r8, r9, r10, r11, r12, r13, r14, r15;
    u64 rdi, rsi, rbp, rbx, rdx, rax, rcx, rsp, rip;
    u64 flags;
    u16 cs, gs, fs, ss;
    u64 error, vector, old_mask, cr2;
    u64 fpu; /* user address of the FPU's registers */
    u64 reserved[8];
};

struct ucontext {
    u64 flags, link;
    struct abi_stack stack;
    struct sigcontext registers;
    u64 blocked;
};

struct frame {
    u64 return_address;
    struct ucontext context;
    struct abi_siginfo info;
};

static_assert(sizeof(struct sigcontext) == 256, "as programs know it");
static_assert(offsetof(struct ucontext, registers) == 40, "as programs know it");
static_assert(sizeof(struct frame) + sizeof(struct fpu_state) + FPU_ALIGN + RED_ZONE_BYTES <=
                  SIGNAL_FRAME_BYTES,
              "what AT_MINSIGSTKSZ promises");

static struct sigcontext save(const struct trapframe *frame)
{
    const struct trap_info *trap = &current->trap;
    return (struct sigcontext){
        .r8 = frame->r8,
        .r9 = frame->r9,
        .r10 = frame->r10,
        .r11 = frame->r11,
        .r12 = frame->r12,
        .r13 = frame->r13,
        .r14 = frame->r14,
        .r15 = frame->r15,
        .rdi = frame->rdi,
        .rsi = frame->rsi,
        .rbp = frame->rbp,
        .rbx = frame->rbx,
        .rdx = frame->rdx,
        .rax = frame->rax,
        .rcx = frame->rcx,
        .rsp = frame->rsp,
        .rip = frame->rip,
        .cs = USER_CODE,
        .flags = frame->rflags,
        .ss = USER_DATA,
        .error = trap->error,
        .vector = trap->vector,
        .cr2 = trap->address,
    };
}

/* Everything but the segments, and the flags only as far as they are a program's business. */
static void restore(struct trapframe *frame, const struct sigcontext *from)
{
    frame->r8 = from->r8;
    frame->r9 = from->r9;
    frame->r10 = from->r10;
    frame->r11 = from->r11;
    frame->r12 = from->r12;
    frame->r13 = from->r13;
    frame->r14 = from->r14;
    frame->r15 = from->r15;
    frame->rdi = from->rdi;
    frame->rsi = from->rsi;
    frame->rbp = from->rbp;
    frame->rbx = from->rbx;
    frame->rdx = from->rdx;
    frame->rax = from->rax;
    frame->rcx = from->rcx;
    frame->rsp = from->rsp;
    frame->rip = from->rip;
    frame->rflags = (frame->rflags & ~(u64)FLAGS_USER) | (from->flags & FLAGS_USER);
    trapframe_leave_syscall(frame);
}

int signal_frame_push(struct trapframe *frame, const struct signal_delivery *delivery)
{
    const struct signal_action *action = &delivery->action;
    vaddr_t top = signal_frame_top(action, frame->rsp);
    if (top == frame->rsp)
        top -= RED_ZONE_BYTES;
    vaddr_t fpu = align_down(top - sizeof(struct fpu_state), FPU_ALIGN);
    vaddr_t sp = align_down(fpu - sizeof(struct frame), STACK_ALIGN) - sizeof(u64);
    if (signal_on_alt_stack(frame->rsp) && !signal_on_alt_stack(sp))
        return -EFAULT; /* it would run out of the alternate stack */
    if (!(action->flags & SA_RESTORER))
        return -EFAULT;
    struct frame __user *user = (struct frame __user *)sp;
    struct ucontext context = {
        .flags = UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS,
        .stack = signal_stack_get(frame->rsp),
        .registers = save(frame),
        .blocked = delivery->blocked,
    };
    context.registers.fpu = fpu_save_user((void __user *)fpu) ? 0 : fpu;
    struct abi_siginfo info;
    signal_info_write(&info, &delivery->info);
    if (!context.registers.fpu || put_user(action->restorer, &user->return_address) ||
        copy_to_user(&user->context, &context, sizeof(context)) ||
        copy_to_user(&user->info, &info, sizeof(info)))
        return -EFAULT;

    if (current->alt_stack.flags & SS_AUTODISARM)
        current->alt_stack = (struct signal_stack){ 0 };
    frame->rdi = (u64)delivery->info.signal;
    frame->rsi = (u64)&user->info;
    frame->rdx = (u64)&user->context;
    frame->rax = 0;
    frame->rip = action->handler;
    frame->rsp = sp;
    frame->rflags &= ~(u64)(FLAGS_DIRECTION | FLAGS_TRAP | FLAGS_RESUME);
    trapframe_leave_syscall(frame);
    return 0;
}

int signal_frame_pop(struct trapframe *frame, bool old)
{
    struct ucontext context;
    struct frame __user *user = (struct frame __user *)(frame->rsp - sizeof(u64));
    if (copy_from_user(&context, &user->context, sizeof(context)))
        return -EFAULT;
    if (fpu_restore_user((const void __user *)context.registers.fpu))
        return -EFAULT;
    restore(frame, &context.registers);
    signal_set_blocked(context.blocked);
    (void)signal_stack_set(&context.stack, frame->rsp); /* one that is in use stays */
    return 0;
}
