/*
 * The labels of entry.asm and switch.asm that C refers to, and what they call.
 */
#ifndef ARCH_X86_ENTRY_H
#define ARCH_X86_ENTRY_H

#include "lib/types.h"

struct trapframe;

enum { TRAP_STUB_BYTES = 16 };

/* Does a system call come through the IDT, or by an instruction of its own? */
#if defined(__x86_64__)
#define SYSCALL_IS_A_TRAP 0
#else
#define SYSCALL_IS_A_TRAP 1
#endif

extern const char trap_vectors[];      /* 256 stubs */
extern const char trap_returns[];      /* where trap() returns to */
extern const char syscall_returns[];   /* where syscall_trap() returns to */
extern const char ist_returns[];       /* x86_64: where trap() on a stack of its own does */
extern const char syscall_entry[];     /* x86_64: what the syscall instruction jumps to */
extern const char sysenter_entry[];    /* i386: what the sysenter instruction jumps to, */
extern const char sysenter_ready[];    /* and from where on all is as in any system call */
extern const char double_fault_task[]; /* i386: what the double fault's task gate jumps to */
extern char boot_stack[];              /* start.asm: KERNEL_STACK_BYTES, the first task's */
extern const char task_entry[];        /* where a new kernel thread begins */
extern const char fork_entry[];        /* where a forked task begins */

/* i386: the double fault's task, once it has a stack. */
_Noreturn void double_fault(void);

/* Load the segment registers from a new GDT. */
void segments_reload(void);

/* Fill the IDT; load it on this CPU. */
void idt_init(void);
void idt_use(void);

/* The system call of @frame.  Returns: may entry.asm return by the shorter way? */
bool syscall_trap(struct trapframe *frame);

/* i386: the same, for one that came by sysenter.  @has_ebp: the sixth argument could be read. */
void sysenter_trap(struct trapframe *frame, bool has_ebp);

/* What is left to do before going (back) to user mode with @frame.  Interrupts off. */
void trap_to_user(struct trapframe *frame);

#endif
