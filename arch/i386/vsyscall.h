/*
 * The i386's system calls through the vDSO: sysenter where the CPU has it.
 *
 * sysenter does not save where it came from.  It always comes from the vDSO, and goes back to
 * vsyscall_return there: arch/x86/vdso/vsyscall.asm.
 */
#ifndef MACHINE_VSYSCALL_H
#define MACHINE_VSYSCALL_H

#include "arch/x86/cpu.h"
#include "arch/x86/entry.h"
#include "gen/vdso.h"
#include "lib/string.h"
#include "machine/trapframe.h"

/* Where in the vDSO is what the kernel refers to? */
enum {
    VSYSCALL = VDSO___kernel_vsyscall, /* AT_SYSINFO */
    VSYSCALL_RETURN = VDSO_vsyscall_return,
    VSYSCALL_SIGRETURN = VDSO___kernel_sigreturn,
    VSYSCALL_RT_SIGRETURN = VDSO___kernel_rt_sigreturn,
};

/* Let @image's __kernel_vsyscall use sysenter, if that can be. */
static inline void vsyscall_init(char *image)
{
    static const u8 code[] = { 0x89, 0xe5, 0x0f, 0x34 }; /* mov ebp, esp; sysenter */
    if (cpu_has(CPU_SYSENTER))
        memcpy(image + VDSO_vsyscall_sysenter, code, sizeof(code));
}

/*
 * Is the debug trap of @frame one for the kernel to ignore?  sysenter leaves the trap flag as it
 * is, so a program that is single-stepped is still stepped until the kernel has cleared it.
 */
static inline bool vsyscall_is_stepped(const struct trapframe *frame)
{
    vaddr_t behind = trapframe_ip(frame) - (vaddr_t)sysenter_entry;
    return frame->vector == TRAP_DEBUG && behind <= (vaddr_t)(sysenter_ready - sysenter_entry);
}

#endif
