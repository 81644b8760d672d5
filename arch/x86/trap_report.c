/*
 * Exceptions in words: what happened, where the CPU's walk ended, which registers it left.
 */
#include "arch/x86/trap_report.h"

#include "arch/x86/cpu.h"
#include "arch/x86/pte.h"
#include "arch/x86/trap.h"
#include "kernel/panic.h"
#include "kernel/printk.h"
#include "kernel/task.h"
#include "machine/layout.h"
#include "machine/trapframe.h"
#include "mm/pagetable.h"

/* Source: Intel SDM vol. 3A, table 6-1. */
static const char *const names[TRAP_EXCEPTIONS] = {
    [TRAP_DIVIDE] = "divide error",
    [TRAP_DEBUG] = "debug trap",
    [TRAP_NMI] = "non-maskable interrupt",
    [TRAP_BREAKPOINT] = "breakpoint",
    [TRAP_OVERFLOW] = "overflow",
    [TRAP_BOUND] = "bound range exceeded",
    [TRAP_INVALID_OPCODE] = "invalid opcode",
    [TRAP_NO_FPU] = "no FPU",
    [TRAP_DOUBLE_FAULT] = "double fault",
    [TRAP_INVALID_TSS] = "invalid TSS",
    [TRAP_NO_SEGMENT] = "segment not present",
    [TRAP_STACK_SEGMENT] = "stack segment fault",
    [TRAP_PROTECTION] = "general protection fault",
    [TRAP_PAGE_FAULT] = "page fault",
    [TRAP_X87] = "x87 floating-point error",
    [TRAP_ALIGNMENT] = "alignment check",
    [TRAP_MACHINE_CHECK] = "machine check",
    [TRAP_SIMD] = "SIMD floating-point error",
};

const char *trap_name(unsigned long vector)
{
    return vector < TRAP_EXCEPTIONS && names[vector] ? names[vector] : "reserved exception";
}

/* The tables that CR3 points at, through the direct map. */
static const struct page_table *current_root(void)
{
    return (const struct page_table *)(PAGE_OFFSET + (cr3_read() & ~(unsigned long)4095));
}

static void explain_page_fault(const struct trapframe *frame)
{
    vaddr_t va = cr2_read();
    u32 error = (u32)frame->error;
    const char *who = error & PAGE_FAULT_USER ? "user mode" : "the kernel";
    const char *what = error & PAGE_FAULT_FETCH   ? "an instruction fetch"
                       : error & PAGE_FAULT_WRITE ? "a write"
                                                  : "a read";
    const char *why = error & PAGE_FAULT_RESERVED  ? "an entry has a reserved bit set"
                      : error & PAGE_FAULT_PRESENT ? "the page is there, but forbids it"
                                                   : "nothing is mapped there";
    printk(LOG_EMERG, "error code %#x: %s by %s at %p: %s", error, what, who, (void *)va, why);
    pt_dump_walk(current_root(), va);
}

/* Source: Intel SDM vol. 3A, 6.13 "Error Code". */
static void explain_selector(const struct trapframe *frame)
{
    u32 error = (u32)frame->error;
    const char *table = error & 2 ? "IDT" : error & 4 ? "LDT" : "GDT";
    if (error == 0)
        printk(LOG_EMERG, "error code 0: no segment to blame");
    else
        printk(LOG_EMERG, "error code %#x: entry %u of the %s%s", error, (error & 0xffff) >> 3,
               table, error & 1 ? ", from outside the program" : "");
}

static void explain_double_fault(const struct trapframe *frame)
{
    const struct task *owner = task_of_guard_page(cr2_read());
    if (!owner)
        owner = task_of_guard_page(trapframe_sp(frame));
    if (owner)
        printk(LOG_EMERG, "stack overflow in task %d (%s): %p is in the guard page below its stack",
               owner->pid, owner->name, (void *)cr2_read());
}

void trap_explain(const struct trapframe *frame)
{
    switch (frame->vector) {
    case TRAP_PAGE_FAULT:
        explain_page_fault(frame);
        break;
    case TRAP_DOUBLE_FAULT:
        explain_double_fault(frame);
        break;
    case TRAP_INVALID_TSS:
    case TRAP_NO_SEGMENT:
    case TRAP_STACK_SEGMENT:
    case TRAP_PROTECTION:
        explain_selector(frame);
        break;
    default:
        break;
    }
}

_Noreturn void trap_die(struct trapframe *frame, const char *why)
{
    printk(LOG_EMERG, "%s (vector %u, from %s)", why, (unsigned)frame->vector,
           trap_is_user(frame) ? "user mode" : "the kernel");
    trap_explain(frame);
    trap_print_registers(frame);
    panic_at(frame, "%s", why);
}
