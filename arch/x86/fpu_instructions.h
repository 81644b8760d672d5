/* The FPU's instructions that move its whole state. */
#ifndef ARCH_X86_FPU_INSTRUCTIONS_H
#define ARCH_X86_FPU_INSTRUCTIONS_H

#include "arch/x86/fpu.h"

#if defined(__x86_64__)
#define FPU_WIDE "64" /* instruction and operand pointers of 64 bits */
#else
#define FPU_WIDE ""
#endif

static inline void fpu_fninit(void) { __asm__ volatile("fninit"); }

static inline void fpu_fxsave(struct fpu_state *state)
{
    __asm__ volatile("fxsave" FPU_WIDE " %0" : "=m"(*state));
}

static inline void fpu_fxrstor(const struct fpu_state *state)
{
    __asm__ volatile("fxrstor" FPU_WIDE " %0" : : "m"(*state));
}

static inline void fpu_fnsave(struct fpu_state *state)
{
    __asm__ volatile("fnsave %0" : "=m"(*state));
}

static inline void fpu_frstor(const struct fpu_state *state)
{
    __asm__ volatile("frstor %0" : : "m"(*state));
}

#endif
