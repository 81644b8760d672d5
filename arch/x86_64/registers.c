/* The x86-64's registers in print. */
#include "arch/x86/cpu.h"
#include "arch/x86/trap.h"
#include "kernel/printk.h"
#include "machine/trapframe.h"

/* A 64-bit number as printk() wants it. */
#define X(number) ((unsigned long long)(number))

void trap_print_registers(const struct trapframe *frame)
{
    printk(LOG_EMERG, "rip %016llx  rsp %016llx  rflags %08llx  cs %04llx  ss %04llx",
           X(frame->rip), X(frame->rsp), X(frame->rflags), X(frame->cs), X(frame->ss));
    printk(LOG_EMERG, "rax %016llx  rbx %016llx  rcx %016llx", X(frame->rax), X(frame->rbx),
           X(frame->rcx));
    printk(LOG_EMERG, "rdx %016llx  rsi %016llx  rdi %016llx", X(frame->rdx), X(frame->rsi),
           X(frame->rdi));
    printk(LOG_EMERG, "rbp %016llx  r8  %016llx  r9  %016llx", X(frame->rbp), X(frame->r8),
           X(frame->r9));
    printk(LOG_EMERG, "r10 %016llx  r11 %016llx  r12 %016llx", X(frame->r10), X(frame->r11),
           X(frame->r12));
    printk(LOG_EMERG, "r13 %016llx  r14 %016llx  r15 %016llx", X(frame->r13), X(frame->r14),
           X(frame->r15));
    printk(LOG_EMERG, "cr0 %08llx  cr2 %016llx  cr3 %016llx  cr4 %08llx", X(cr0_read()),
           X(cr2_read()), X(cr3_read()), X(cr4_read()));
}
