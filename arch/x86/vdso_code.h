/*
 * The instructions that the code of the vDSO is made of.  It runs in user mode.
 */
#ifndef ARCH_X86_VDSO_CODE_H
#define ARCH_X86_VDSO_CODE_H

#include "lib/annotate.h"
#include "lib/types.h"
#include "machine/segments.h"

/* System call @number with two arguments. */
static inline long vdso_syscall(long number, unsigned long first, unsigned long second)
{
    long result;
#if defined(__x86_64__)
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "0"(number), "D"(first), "S"(second)
                     : "rcx", "r11", "memory");
#else
    __asm__ volatile("int $0x80" : "=a"(result) : "0"(number), "b"(first), "c"(second) : "memory");
#endif
    return result;
}

/* @high * 2^32 + @low by @divisor, which is greater than @high. */
static inline u32 vdso_divide(u32 high, u32 low, u32 divisor, u32 *rest)
{
    u32 quotient;
    __asm__("divl %4" : "=a"(quotient), "=d"(*rest) : "0"(low), "1"(high), "rm"(divisor) : "cc");
    return quotient;
}

/* The number of the CPU this runs on: the limit of a segment that only tells this. */
static inline u32 vdso_cpu(void)
{
    u32 number;
    __asm__ volatile("lsl %1, %0" : "=r"(number) : "r"((u32)CPU_NUMBER) : "cc");
    return number;
}

#endif
