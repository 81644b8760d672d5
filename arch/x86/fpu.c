/*
 * The floating-point and SSE registers, kept per task.
 *
 * Three kinds of CPU: with FXSAVE (all since 1999) one instruction stores everything; without it
 * FNSAVE stores the x87 part, which is then all there is, and empties the registers; without any
 * FPU, programs that use one are told so by a signal.
 * Source: Intel SDM vol. 1, 10.5 "FXSAVE and FXRSTOR Instructions" and 8.1.
 */
#include "arch/x86/fpu.h"

#include "arch/x86/cpu.h"
#include "arch/x86/fpu_instructions.h"
#include "kernel/task.h"
#include "lib/assert.h"
#include "lib/string.h"

enum {
    FCW_INITIAL = 0x37f,    /* every exception masked, 64-bit precision */
    MXCSR_INITIAL = 0x1f80, /* every exception masked */
    FXSAVE_MXCSR = 24,      /* where in struct fpu_state */
};

/* What a new program starts with.  Constant once the boot CPU has made it. */
static struct fpu_state initial_state;

static void save(struct fpu_state *state)
{
    if (cpu_has(CPU_FXSR))
        fpu_fxsave(state);
    else
        fpu_fnsave(state);
}

static void load(const struct fpu_state *state)
{
    if (cpu_has(CPU_FXSR))
        fpu_fxrstor(state);
    else
        fpu_frstor(state);
}

/* An image of freshly initialised registers; what is in them now does not matter. */
static void make_initial_state(void)
{
    save(&initial_state);
    if (!cpu_has(CPU_FXSR))
        return;
    memset(initial_state.bytes, 0, sizeof(initial_state.bytes));
    u16 fcw = FCW_INITIAL;
    u32 mxcsr = MXCSR_INITIAL;
    memcpy(initial_state.bytes, &fcw, sizeof(fcw));
    memcpy(initial_state.bytes + FXSAVE_MXCSR, &mxcsr, sizeof(mxcsr));
}

void fpu_init_cpu(void)
{
    if (!cpu_has(CPU_FPU)) {
        cr0_write((cr0_read() & ~(unsigned long)CR0_MONITOR_FPU) | CR0_EMULATE_FPU);
        return;
    }
    fpu_fninit();
    if (cpu_id() == 0)
        make_initial_state();
    load(&initial_state);
}

void fpu_switch(struct task *prev, struct task *next)
{
    if (!cpu_has(CPU_FPU))
        return;
    if (prev->mm)
        save(&prev->fpu);
    if (next->mm)
        load(&next->fpu);
}

void fpu_fork(struct task *child)
{
    assert(current->mm);
    if (!cpu_has(CPU_FPU))
        return;
    irqflags_t flags = irq_save();
    save(&current->fpu);
    load(&current->fpu); /* FNSAVE has emptied them */
    irq_restore(flags);
    child->fpu = current->fpu;
}

void fpu_reset(struct task *task)
{
    task->fpu = initial_state;
    if (task == current && cpu_has(CPU_FPU)) {
        irqflags_t flags = irq_save();
        load(&task->fpu);
        irq_restore(flags);
    }
}
