/*
 * The i386's signal frames, as Linux lays them out: with siginfo and ucontext for SA_SIGINFO, and
 * the older one, registers alone, for handlers without.
 *
 * Source: Linux uapi asm/sigcontext.h, asm/ucontext.h; sigaction(2).
 */
#include "kernel/signal_frame.h"

#include "arch/x86/fpu.h"
#include "arch/x86/user_copy.h"
#include "arch/x86/vdso.h"
#include "kernel/task.h"
#include "lib/align.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "machine/abi.h"
#include "machine/trapframe.h"
#include "machine/vsyscall.h"

enum { STACK_ALIGN = 16, FPU_ALIGN = 64 };

struct sigcontext {
    u32 gs, fs, es, ds;
    u32 edi, esi, ebp, esp, ebx, edx, ecx, eax;
    u32 vector, error;
    u32 eip, cs, flags, sp_at_signal, ss;
    u32 fpu; /* user address of the FPU's registers */
    u32 blocked_low, cr2;
};

struct ucontext {
    u32 flags, link;
    struct abi_stack stack;
    struct sigcontext registers;
    u64 blocked;
};

/* The way back as it was before there were vDSOs; debuggers still look for it. */
struct return_code {
    u8 bytes[8];
};

struct frame {
    u32 return_address;
    u32 signal;
    u32 info_at, context_at;
    struct abi_siginfo info;
    struct ucontext context;
    struct return_code code;
};

struct old_frame {
    u32 return_address;
    u32 signal;
    struct sigcontext registers;
    u32 blocked_high;
    struct return_code code;
};

static_assert(sizeof(struct sigcontext) == 88, "as programs know it");
static_assert(sizeof(struct ucontext) == 116, "as programs know it");
static_assert(sizeof(struct frame) + FPU_USER_BYTES + FPU_ALIGN <= SIGNAL_FRAME_BYTES,
              "what AT_MINSIGSTKSZ promises");

static struct sigcontext save(const struct trapframe *frame)
{
    const struct trap_info *trap = &current->trap;
    return (struct sigcontext){
        .gs = frame->gs & 0xffff,
        .fs = frame->fs & 0xffff,
        .es = frame->es & 0xffff,
        .ds = frame->ds & 0xffff,
        .edi = frame->edi,
        .esi = frame->esi,
        .ebp = frame->ebp,
        .esp = frame->esp,
        .ebx = frame->ebx,
        .edx = frame->edx,
        .ecx = frame->ecx,
        .eax = frame->eax,
        .vector = trap->vector,
        .error = trap->error,
        .eip = frame->eip,
        .cs = USER_CODE,
        .flags = frame->eflags,
        .sp_at_signal = frame->esp,
        .ss = USER_DATA,
        .cr2 = trap->address,
    };
}

/*
 * Code and stack segments stay, the others may be any that a program may load: entry.asm makes a
 * selector 0 that turns out to be none, and privilege 3 keeps the kernel's out.
 */
static void restore(struct trapframe *frame, const struct sigcontext *from)
{
    frame->gs = (from->gs & 0xffff) | 3;
    frame->fs = (from->fs & 0xffff) | 3;
    frame->es = (from->es & 0xffff) | 3;
    frame->ds = (from->ds & 0xffff) | 3;
    frame->edi = from->edi;
    frame->esi = from->esi;
    frame->ebp = from->ebp;
    frame->esp = from->esp;
    frame->ebx = from->ebx;
    frame->edx = from->edx;
    frame->ecx = from->ecx;
    frame->eax = from->eax;
    frame->eip = from->eip;
    frame->eflags = (frame->eflags & ~(u32)FLAGS_USER) | (from->flags & FLAGS_USER);
    trapframe_leave_syscall(frame);
}

static const struct return_code new_return = { { 0xb8, MACHINE_RT_SIGRETURN, 0, 0, 0, 0xcd,
                                                 TRAP_SYSCALL } };
static const struct return_code old_return = { /* pop eax: the signal's number */
                                               { 0x58, 0xb8, MACHINE_SIGRETURN, 0, 0, 0, 0xcd,
                                                 TRAP_SYSCALL }
};

/* Where the handler returns to: a function of the program's own, or of the vDSO. */
static vaddr_t restorer(const struct signal_action *action)
{
    if (action->flags & SA_RESTORER)
        return action->restorer;
    return VDSO_ADDRESS + (action->flags & SA_SIGINFO ? VSYSCALL_RT_SIGRETURN : VSYSCALL_SIGRETURN);
}

/* The frame for SA_SIGINFO, at @sp.  Returns: whether it could be written. */
static bool push_new(const struct trapframe *frame, const struct signal_delivery *delivery,
                     vaddr_t sp, vaddr_t fpu)
{
    struct frame __user *user = (struct frame __user *)sp;
    struct ucontext context = {
        .stack = signal_stack_get(frame->esp),
        .registers = save(frame),
        .blocked = delivery->blocked,
    };
    context.registers.fpu = fpu;
    context.registers.blocked_low = (u32)delivery->blocked;
    const u32 head[] = { restorer(&delivery->action), (u32)delivery->info.signal, (u32)&user->info,
                         (u32)&user->context };
    struct abi_siginfo info;
    signal_info_write(&info, &delivery->info);
    return !copy_to_user(user, head, sizeof(head)) &&
           !copy_to_user(&user->info, &info, sizeof(info)) &&
           !copy_to_user(&user->context, &context, sizeof(context)) &&
           !copy_to_user(&user->code, &new_return, sizeof(new_return));
}

/* The older frame. */
static bool push_old(const struct trapframe *frame, const struct signal_delivery *delivery,
                     vaddr_t sp, vaddr_t fpu)
{
    struct old_frame __user *user = (struct old_frame __user *)sp;
    struct old_frame image = {
        .return_address = restorer(&delivery->action),
        .signal = (u32)delivery->info.signal,
        .registers = save(frame),
        .blocked_high = (u32)(delivery->blocked >> 32),
        .code = old_return,
    };
    image.registers.fpu = fpu;
    image.registers.blocked_low = (u32)delivery->blocked;
    return !copy_to_user(user, &image, sizeof(image));
}

int signal_frame_push(struct trapframe *frame, const struct signal_delivery *delivery)
{
    const struct signal_action *action = &delivery->action;
    bool has_info = action->flags & SA_SIGINFO;
    vaddr_t top = signal_frame_top(action, frame->esp);
    vaddr_t fpu = align_down(top - FPU_USER_BYTES - FPU_USER_OFFSET, FPU_ALIGN) + FPU_ALIGN -
                  FPU_USER_OFFSET % FPU_ALIGN;
    vaddr_t sp = fpu - (has_info ? sizeof(struct frame) : sizeof(struct old_frame));
    sp = align_down(sp + sizeof(u32), STACK_ALIGN) - sizeof(u32);
    if (signal_on_alt_stack(frame->esp) && !signal_on_alt_stack(sp))
        return -EFAULT;
    if (fpu_save_user((void __user *)fpu))
        return -EFAULT;
    if (!(has_info ? push_new : push_old)(frame, delivery, sp, fpu))
        return -EFAULT;

    if (current->alt_stack.flags & SS_AUTODISARM)
        current->alt_stack = (struct signal_stack){ 0 };
    frame->eax = (u32)delivery->info.signal; /* for handlers that take arguments in registers */
    frame->edx = has_info ? (u32) & ((struct frame __user *)sp)->info : 0;
    frame->ecx = has_info ? (u32) & ((struct frame __user *)sp)->context : 0;
    frame->ds = frame->es = USER_DATA;
    frame->eip = action->handler;
    frame->esp = sp;
    frame->eflags &= ~(u32)(FLAGS_DIRECTION | FLAGS_TRAP | FLAGS_RESUME);
    trapframe_leave_syscall(frame);
    return 0;
}

static int pop_old(struct trapframe *frame)
{
    struct old_frame image; /* the restorer has taken the return address and the signal */
    const char __user *user = (const char __user *)(frame->esp - 2 * sizeof(u32));
    if (copy_from_user(&image, user, sizeof(image)) ||
        fpu_restore_user((const void __user *)image.registers.fpu))
        return -EFAULT;
    restore(frame, &image.registers);
    signal_set_blocked((u64)image.blocked_high << 32 | image.registers.blocked_low);
    return 0;
}

int signal_frame_pop(struct trapframe *frame, bool old)
{
    struct ucontext context;
    struct frame __user *user = (struct frame __user *)(frame->esp - sizeof(u32));
    if (old)
        return pop_old(frame);
    if (copy_from_user(&context, &user->context, sizeof(context)) ||
        fpu_restore_user((const void __user *)context.registers.fpu))
        return -EFAULT;
    restore(frame, &context.registers);
    signal_set_blocked(context.blocked);
    (void)signal_stack_set(&context.stack, frame->esp);
    return 0;
}
