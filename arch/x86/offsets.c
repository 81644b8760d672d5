/*
 * What assembly shares with C: constants and places of struct members.
 *
 * This file is compiled but never linked.  The build picks the marks out of its assembly and
 * writes them as %define lines to gen/offsets.inc.
 */
#include "arch/x86/cpu.h"
#include "arch/x86/entry.h"
#include "arch/x86/power.h"
#include "arch/x86/trap.h"
#include "boot/loader.h"
#include "gen/config.h"
#include "machine/layout.h"
#include "machine/trapframe.h"

#define CONSTANT(name)     __asm__ volatile(".ascii \"->" #name " %0\"" : : "i"(name))
#define VALUE(name, value) __asm__ volatile(".ascii \"->" #name " %0\"" : : "i"(value))

void offsets(void);

void offsets(void)
{
    CONSTANT(CONFIG_PAE);

    CONSTANT(PAGE_OFFSET);
    CONSTANT(KERNEL_BASE);
    CONSTANT(KERNEL_STACK_BYTES);
    CONSTANT(DIRECT_MAP_MAX);

    CONSTANT(LOADER_PVH);
    CONSTANT(EXIT_PANIC);

    VALUE(CR0_BOOT_PAGING, (s32)(CR0_PAGING | CR0_BOOT));
    CONSTANT(CR4_PSE);
    CONSTANT(CR4_PAE);
    CONSTANT(CR0_PROTECTED);
    CONSTANT(CR0_EXTENSION_TYPE);
    CONSTANT(EFER_LONG_MODE);
    CONSTANT(EFER_NX);
    CONSTANT(FLAGS_ID);
    CONSTANT(FLAGS_ALWAYS_SET);
    CONSTANT(FLAGS_INTERRUPT);
    CONSTANT(CPU_PSE);
    CONSTANT(CPU_TSC);
    CONSTANT(CPU_PAE);
    CONSTANT(CPU_CX8);
    CONSTANT(CPU_CMOV);
    CONSTANT(CPU_LONG_MODE);
    CONSTANT(CPU_SMAP);

    CONSTANT(TRAP_PROTECTION);
    CONSTANT(TRAP_SYSCALL);
    CONSTANT(TRAP_STUB_BYTES);
    VALUE(TRAPFRAME_BYTES, sizeof(struct trapframe));
    VALUE(TRAPFRAME_cs, offsetof(struct trapframe, cs));
    CONSTANT(KERNEL_CODE);
    CONSTANT(KERNEL_DATA);
    CONSTANT(USER_CODE);
    CONSTANT(USER_DATA);
#if defined(__x86_64__)
    VALUE(TRAPFRAME_rip, offsetof(struct trapframe, rip));
    VALUE(TRAPFRAME_rsp, offsetof(struct trapframe, rsp));
    VALUE(TSS_sp0, offsetof(struct tss, sp0));
#else
    VALUE(TRAPFRAME_ebp, offsetof(struct trapframe, ebp));
    VALUE(USER_LAST_WORD, USER_TOP - sizeof(u32));
    CONSTANT(PERCPU_DATA);
#endif
}
