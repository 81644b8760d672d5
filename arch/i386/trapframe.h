/*
 * The registers of whatever a trap interrupted, as entry.asm leaves them on the kernel's stack.
 *
 *     high  | ss       |  pushed by the CPU, only when it came from user mode
 *           | esp      |
 *           | eflags   |  pushed by the CPU
 *           | cs       |
 *           | eip      |
 *           | error    |  pushed by the CPU, or a 0 by the stub; a system call's number
 *           | vector   |  pushed by the stub
 *           | gs ... ds|
 *     low   | eax...ebx|  <- struct trapframe *
 */
#ifndef MACHINE_TRAPFRAME_H
#define MACHINE_TRAPFRAME_H

#include "arch/x86/cpu.h"
#include "arch/x86/trap.h"
#include "lib/types.h"
#include "machine/segments.h"

/* With: arch/i386/entry.asm, which pushes these. */
struct trapframe {
    u32 ebx, ecx, edx, esi, edi, ebp, eax;
    u32 ds, es, fs, gs;
    u32 vector;
    u32 error; /* the CPU's error code, or a system call's number */
    u32 eip, cs, eflags;
    u32 esp, ss; /* not there if the trap came from the kernel, but for a double fault's copy */
};

enum {
    SYSCALL_ARGUMENTS = 6,
    SYSCALL_BYTES = 2, /* of the instruction */
    MACHINE_RESTART_SYSCALL = 0,
    MACHINE_SIGRETURN = 119,
    MACHINE_RT_SIGRETURN = 173,
};

static inline bool trap_is_user(const struct trapframe *frame) { return frame->cs & 3; }
static inline vaddr_t trapframe_ip(const struct trapframe *frame) { return frame->eip; }
static inline void trapframe_set_ip(struct trapframe *frame, vaddr_t ip) { frame->eip = ip; }
static inline vaddr_t trapframe_fp(const struct trapframe *frame) { return frame->ebp; }
static inline unsigned long trapframe_flags(const struct trapframe *frame) { return frame->eflags; }

static inline vaddr_t trapframe_sp(const struct trapframe *frame)
{
    bool is_pushed = trap_is_user(frame) || frame->vector == TRAP_DOUBLE_FAULT;
    return is_pushed ? frame->esp : (vaddr_t)&frame->esp;
}

static inline void trapframe_set_sp(struct trapframe *frame, vaddr_t sp) { frame->esp = sp; }

/* A system call's number as it was asked for, its arguments, and what it will return. */
static inline unsigned long syscall_number(const struct trapframe *frame) { return frame->error; }

static inline unsigned long syscall_argument(const struct trapframe *frame, unsigned number)
{
    return (&frame->ebx)[number]; /* ebx, ecx, edx, esi, edi, ebp: Linux's order, and ours */
}

static inline void syscall_set_result(struct trapframe *frame, long result)
{
    frame->eax = (u32)result;
}

static inline long syscall_result(const struct trapframe *frame) { return (long)frame->eax; }

/* Does @frame come from a system call whose result still counts as one? */
static inline bool trapframe_in_syscall(const struct trapframe *frame)
{
    return frame->vector == TRAP_SYSCALL;
}

/* @frame is no longer a system call's: its registers were replaced. */
static inline void trapframe_leave_syscall(struct trapframe *frame) { frame->vector = 0; }

/* Let the program of @frame ask for system call @number again. */
static inline void syscall_restart(struct trapframe *frame, unsigned long number)
{
    frame->eax = (u32)number;
    trapframe_set_ip(frame, trapframe_ip(frame) - SYSCALL_BYTES);
    trapframe_leave_syscall(frame);
}

static_assert(offsetof(struct trapframe, ebp) == 5 * sizeof(u32), "arguments are in order");

/* May the system call of @frame return by a shorter way than iret?  There is none here. */
static inline bool syscall_may_sysret(const struct trapframe *frame) { return false; }

/* The registers of a program that starts at @ip with its stack at @sp. */
static inline struct trapframe trapframe_new_program(vaddr_t ip, vaddr_t sp)
{
    return (struct trapframe){
        .ds = USER_DATA,
        .es = USER_DATA,
        .eip = ip,
        .cs = USER_CODE,
        .eflags = FLAGS_ALWAYS_SET | FLAGS_INTERRUPT,
        .esp = sp,
        .ss = USER_DATA,
    };
}

#endif
