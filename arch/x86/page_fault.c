/*
 * The page-fault exception: from the CPU's registers to a struct fault, and back.
 *
 * This is the only file that knows CR2 and the error code.  What the fault means for memory is
 * mm/fault.c's business.
 *
 *     touched by | address  | what happens
 *    ------------+----------+---------------------------------------------------------------
 *     a program  | its own  | mm_fault(): the instruction runs again, or a signal
 *     a program  | kernel's | a signal
 *     a copy     | user     | mm_fault(), if faults are allowed there; else its fix-up
 *     the kernel | any      | the kernel's error: a report, and the end
 *
 * A copy is an instruction with a row in the exception table.  Others are stopped before any lock
 * is taken: a null pointer in mm/ must be reported, not wait for mmap_lock for ever.
 *
 * Source: Intel SDM vol. 3A, 4.7 "Page-Fault Exceptions".
 */
#include "arch/x86/page_fault.h"

#include "arch/x86/cpu.h"
#include "arch/x86/extable.h"
#include "arch/x86/trap.h"
#include "kernel/oom.h"
#include "kernel/preempt.h"
#include "kernel/signal.h"
#include "kernel/task.h"
#include "lib/assert.h"
#include "machine/layout.h"
#include "machine/trapframe.h"
#include "mm/count.h"
#include "mm/fault.h"

static struct fault decode(const struct trapframe *frame, vaddr_t va)
{
    unsigned access = PROT_READ;
    if (frame->error & PAGE_FAULT_FETCH)
        access = PROT_EXEC;
    else if (frame->error & PAGE_FAULT_WRITE)
        access = PROT_WRITE;
    /* a copy acts for the program: it may touch what the program may */
    return (struct fault){ .va = va, .access = { (u8)(access | PROT_USER) } };
}

/* Why the kernel, or a CPU reading page tables, must not have done that. */
static const char *kernel_error(const struct trapframe *frame, vaddr_t va)
{
    if (frame->error & PAGE_FAULT_RESERVED)
        return "a page-table entry has reserved bits set";
    if (va < PAGE_BYTES)
        return "null pointer in the kernel";
    if (va < USER_TOP && frame->error & PAGE_FAULT_FETCH)
        return "the kernel ran into user memory";
    if (va < USER_TOP)
        return "the kernel touched user memory outside a user copy";
    if (frame->error & PAGE_FAULT_FETCH)
        return "the kernel ran into memory that is not code";
    if (task_of_guard_page(va))
        return "a kernel stack is full";
    if (frame->error & PAGE_FAULT_PRESENT)
        return "the kernel wrote to read-only memory";
    return "the kernel touched an address that is not mapped";
}

/* Is the instruction at @frame one that may touch user memory for the kernel? */
static bool is_user_copy(const struct trapframe *frame)
{
    return !trap_is_user(frame) && extable_find(trapframe_ip(frame));
}

/* May this fault be brought to mm/, which takes locks and sleeps? */
static bool may_be_handled(const struct trapframe *frame, vaddr_t va)
{
    if (unlikely(va >= USER_TOP))
        return false;
    return likely(trap_is_user(frame)) || (current->mm && !pagefault_disabled());
}

/* The fault could not be fixed: tell the program, or the copy. */
static void refuse(struct trapframe *frame, int signal, int code, vaddr_t va)
{
    if (trap_is_user(frame)) {
        current->trap = (struct trap_info){ TRAP_PAGE_FAULT, frame->error, va };
        signal_force(&(struct signal_info){ .signal = signal, .code = code, .value = va });
        return;
    }
    count_event(COUNT_FAULT_FIXUP);
    bool fixed = trap_fixup(frame);
    assert(fixed);
}

static NOINLINE void settle(struct trapframe *frame, vaddr_t va, enum fault_result result)
{
    switch (result) {
    case FAULT_FIXED:
        return;
    case FAULT_NO_VMA:
        refuse(frame, SIGSEGV, SEGV_MAPERR, va);
        return;
    case FAULT_FORBIDDEN:
        refuse(frame, SIGSEGV, SEGV_ACCERR, va);
        return;
    case FAULT_BUS_ERROR:
        refuse(frame, SIGBUS, BUS_ADRERR, va);
        return;
    case FAULT_NO_MEMORY:
        refuse(frame, SIGKILL, SI_KERNEL, va);
        return;
    case FAULT_SMALL: /* mm_fault() keeps that to itself */
        break;
    }
}

/* There was no memory: wait for some, at another process's cost, or in vain. */
static NOINLINE enum fault_result wait_for_memory(const struct fault *fault)
{
    enum fault_result result = FAULT_NO_MEMORY;
    for (unsigned tries = 0; result == FAULT_NO_MEMORY && oom_make_room(tries); tries++)
        result = mm_fault(current->mm, fault);
    return result;
}

void page_fault(struct trapframe *frame)
{
    const vaddr_t va = cr2_read(); /* first: a nested fault would overwrite it */
    enum fault_result result = FAULT_NO_VMA;

    if (unlikely(frame->error & PAGE_FAULT_RESERVED))
        trap_die(frame, kernel_error(frame, va));
    if (unlikely(!trap_is_user(frame))) {
        if (va >= USER_TOP || !is_user_copy(frame))
            trap_die(frame, kernel_error(frame, va));
        count_event(COUNT_FAULT_KERNEL);
    }

    if (likely(trapframe_flags(frame) & FLAGS_INTERRUPT))
        irq_enable();
    if (likely(may_be_handled(frame, va))) {
        const struct fault fault = decode(frame, va);
        struct task *task = current;
        task->faults++;
        result = mm_fault(task->mm, &fault);
        if (unlikely(result == FAULT_NO_MEMORY))
            result = wait_for_memory(&fault);
    }
    if (unlikely(result != FAULT_FIXED))
        settle(frame, va, result);
}
