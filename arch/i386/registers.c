/* The i386's registers in print. */
#include "arch/x86/cpu.h"
#include "arch/x86/trap.h"
#include "kernel/printk.h"
#include "machine/trapframe.h"

void trap_print_registers(const struct trapframe *frame)
{
    bool user = trap_is_user(frame);
    printk(LOG_EMERG, "eip %08x  esp %08x  eflags %08x  cs %04x  ss %04x", frame->eip,
           (u32)trapframe_sp(frame), frame->eflags, frame->cs & 0xffff,
           user ? frame->ss & 0xffff : KERNEL_DATA);
    printk(LOG_EMERG, "eax %08x  ebx %08x  ecx %08x  edx %08x", frame->eax, frame->ebx, frame->ecx,
           frame->edx);
    printk(LOG_EMERG, "esi %08x  edi %08x  ebp %08x", frame->esi, frame->edi, frame->ebp);
    printk(LOG_EMERG, "ds %04x  es %04x  fs %04x  gs %04x", frame->ds & 0xffff, frame->es & 0xffff,
           frame->fs & 0xffff, frame->gs & 0xffff);
    printk(LOG_EMERG, "cr0 %08lx  cr2 %08lx  cr3 %08lx  cr4 %08lx", cr0_read(),
           (unsigned long)cr2_read(), cr3_read(), cr4_read());
}
