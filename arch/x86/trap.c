/*
 * Traps: what entry.asm calls for every vector.
 *
 *     vector    | from user mode               | from the kernel
 *    -----------+------------------------------+---------------------------------------------
 *     NMI       | nmi_dispatch()                 the same
 *     14        | page_fault()                   the same
 *     0-31      | a signal for the program     | its fix-up if it has one, else the last words
 *     32-255    | irq_dispatch()                 the same
 *
 * Interrupts are off on entry and again on return.  On the way back to user mode, and to kernel
 * code that may be preempted, whoever wants the CPU gets it.
 */
#include "arch/x86/trap.h"

#include "arch/x86/cpu.h"
#include "arch/x86/entry.h"
#include "arch/x86/fpu.h"
#include "arch/x86/ipi.h"
#include "arch/x86/irq.h"
#include "arch/x86/trap_report.h"
#include "kernel/preempt.h"
#include "kernel/signal.h"
#include "kernel/syscall.h"
#include "kernel/task.h"
#include "machine/trapframe.h"
#include "machine/vsyscall.h"
#include "mm/kmap_local.h"

/* What a program is told when it causes the exception; SI_KERNEL: without an address. */
struct exception_signal {
    int signal;
    int code;
};

static const struct exception_signal exception_signals[TRAP_EXCEPTIONS] = {
    [TRAP_DIVIDE] = { SIGFPE, FPE_INTDIV },     [TRAP_DEBUG] = { SIGTRAP, TRAP_TRACE },
    [TRAP_BREAKPOINT] = { SIGTRAP, SI_KERNEL }, [TRAP_OVERFLOW] = { SIGSEGV, SI_KERNEL },
    [TRAP_BOUND] = { SIGSEGV, SI_KERNEL },      [TRAP_INVALID_OPCODE] = { SIGILL, ILL_ILLOPN },
    [TRAP_NO_FPU] = { SIGFPE, SI_KERNEL },      [TRAP_INVALID_TSS] = { SIGSEGV, SI_KERNEL },
    [TRAP_NO_SEGMENT] = { SIGBUS, SI_KERNEL },  [TRAP_STACK_SEGMENT] = { SIGBUS, SI_KERNEL },
    [TRAP_PROTECTION] = { SIGSEGV, SI_KERNEL }, [TRAP_X87] = { SIGFPE, FPE_FLTINV },
    [TRAP_ALIGNMENT] = { SIGBUS, BUS_ADRALN },  [TRAP_SIMD] = { SIGFPE, FPE_FLTINV },
};

static void user_exception(struct trapframe *frame)
{
    unsigned vector = (unsigned)frame->vector;
    const struct exception_signal *told = &exception_signals[vector];
    if (told->signal == 0)
        trap_die(frame, trap_name(vector)); /* the machine's fault, not the program's */
    irq_enable();
    struct signal_info info = {
        .signal = told->signal,
        .code = told->code,
        .value = trapframe_ip(frame),
    };
    if (vector == TRAP_X87 || vector == TRAP_SIMD)
        info.code = fpu_exception_code(vector == TRAP_SIMD);
    current->trap.vector = vector;
    current->trap.error = frame->error;
    signal_force(&info);
}

static void exception(struct trapframe *frame)
{
    if (in_nmi())
        trap_die(frame, "an exception inside an NMI");
    if (trap_is_user(frame))
        user_exception(frame);
    else if (!vsyscall_is_stepped(frame) && !trap_fixup(frame))
        trap_die(frame, trap_name(frame->vector));
}

static void interrupt(struct trapframe *frame)
{
    irq_enter();
    irq_dispatch(frame, (unsigned)frame->vector);
    irq_exit();
}

/* The interrupt is over: is there somebody more urgent than the kernel code it interrupted? */
static void preempt_kernel(const struct trapframe *frame)
{
    if (preempt_pending() && trapframe_flags(frame) & FLAGS_INTERRUPT)
        preempt_schedule_irq();
}

void trap_to_user(struct trapframe *frame)
{
    kmap_local_assert_none();
    for (;;) {
        if (unlikely(need_resched())) {
            preempt_schedule_user();
        } else if (unlikely(task_signal_pending(current))) {
            irq_enable();
            signal_work(frame);
            irq_disable();
        } else {
            return;
        }
    }
}

void trap(struct trapframe *frame)
{
    if (likely(frame->vector == TRAP_PAGE_FAULT)) {
        page_fault(frame);
    } else if (frame->vector == TRAP_NMI) {
        nmi_enter();
        nmi_dispatch(frame);
        nmi_exit();
        return;
    } else if (frame->vector >= TRAP_EXCEPTIONS) {
        interrupt(frame);
    } else {
        exception(frame);
    }

    irq_disable();
    if (trap_is_user(frame))
        trap_to_user(frame);
    else if (frame->vector >= TRAP_EXCEPTIONS)
        preempt_kernel(frame);
}

bool syscall_trap(struct trapframe *frame)
{
    irq_enable();
    syscall_dispatch(frame);
    irq_disable();
    trap_to_user(frame);
    return syscall_may_sysret(frame);
}
