/*
 * The registers of whatever a trap interrupted, as entry.asm leaves them on the kernel's stack.
 *
 *     high  | ss       |  pushed by the CPU; by the system call's entry, which fakes a trap
 *           | rsp      |
 *           | rflags   |
 *           | cs       |
 *           | rip      |
 *           | error    |  pushed by the CPU, or a 0 by the stub; a system call's number
 *           | vector   |  pushed by the stub
 *     low   | rdi...r15|  <- struct trapframe *
 */
#ifndef MACHINE_TRAPFRAME_H
#define MACHINE_TRAPFRAME_H

#include "arch/x86/cpu.h"
#include "arch/x86/trap.h"
#include "lib/types.h"
#include "machine/layout.h"
#include "machine/segments.h"

/* With: arch/x86_64/entry.asm, which pushes these. */
struct trapframe {
    u64 r15, r14, r13, r12, rbp, rbx;
    u64 r11, r10, r9, r8, rax, rcx, rdx, rsi, rdi;
    u64 vector;
    u64 error; /* the CPU's error code, or a system call's number */
    u64 rip, cs, rflags, rsp, ss;
};

enum {
    SYSCALL_ARGUMENTS = 6,
    SYSCALL_BYTES = 2, /* of the instruction */
    MACHINE_RESTART_SYSCALL = 219,
};

static inline bool trap_is_user(const struct trapframe *frame) { return frame->cs & 3; }
static inline vaddr_t trapframe_ip(const struct trapframe *frame) { return frame->rip; }
static inline void trapframe_set_ip(struct trapframe *frame, vaddr_t ip) { frame->rip = ip; }
static inline vaddr_t trapframe_fp(const struct trapframe *frame) { return frame->rbp; }
static inline unsigned long trapframe_flags(const struct trapframe *frame) { return frame->rflags; }
static inline vaddr_t trapframe_sp(const struct trapframe *frame) { return frame->rsp; }
static inline void trapframe_set_sp(struct trapframe *frame, vaddr_t sp) { frame->rsp = sp; }

/* A system call's number as it was asked for, its arguments, and what it will return. */
static inline unsigned long syscall_number(const struct trapframe *frame) { return frame->error; }

static inline unsigned long syscall_argument(const struct trapframe *frame, unsigned number)
{
    switch (number) {
    case 0:
        return frame->rdi;
    case 1:
        return frame->rsi;
    case 2:
        return frame->rdx;
    case 3:
        return frame->r10; /* not rcx: the syscall instruction keeps its return address there */
    case 4:
        return frame->r8;
    default:
        return frame->r9;
    }
}

static inline void syscall_set_result(struct trapframe *frame, long result)
{
    frame->rax = (u64)result;
}

static inline long syscall_result(const struct trapframe *frame) { return (long)frame->rax; }

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
    frame->rax = (u64)number;
    trapframe_set_ip(frame, trapframe_ip(frame) - SYSCALL_BYTES);
    trapframe_leave_syscall(frame);
}

/*
 * May the system call of @frame return by sysret?  Only to where it came from: sysret takes rip
 * and rflags from rcx and r11, and with a rip that is not canonical it faults in the kernel's
 * mode on the user's stack.
 */
static inline bool syscall_may_sysret(const struct trapframe *frame)
{
    return frame->rip == frame->rcx && frame->rflags == frame->r11 && frame->rip < USER_TOP &&
           frame->cs == USER_CODE && frame->ss == USER_DATA &&
           !(frame->rflags & (FLAGS_TRAP | FLAGS_RESUME));
}

/* The registers of a program that starts at @ip with its stack at @sp. */
static inline struct trapframe trapframe_new_program(vaddr_t ip, vaddr_t sp)
{
    return (struct trapframe){
        .rip = ip,
        .cs = USER_CODE,
        .rflags = FLAGS_ALWAYS_SET | FLAGS_INTERRUPT,
        .rsp = sp,
        .ss = USER_DATA,
    };
}

#endif
