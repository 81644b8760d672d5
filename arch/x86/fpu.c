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
#include "kernel/signal.h"
#include "kernel/task.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/kmalloc.h"

enum {
    FCW_INITIAL = 0x37f,    /* every exception masked, 64-bit precision */
    MXCSR_INITIAL = 0x1f80, /* every exception masked */
    FXSAVE_FTW = 4,         /* where in struct fpu_state: which registers are in use, a bit each */
    FXSAVE_IP = 8,
    FXSAVE_DP = 16,
    FXSAVE_MXCSR = 24,
    FXSAVE_MXCSR_MASK = 28,
    FXSAVE_ST = 32,              /* eight registers, 16 bytes apart */
    MXCSR_MASK_DEFAULT = 0xffbf, /* which bits may be set, if the CPU does not say */
    FNSAVE_BYTES = 108,
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
    u16 fcw = FCW_INITIAL;
    u32 mxcsr = MXCSR_INITIAL, mask;
    memcpy(&mask, initial_state.bytes + FXSAVE_MXCSR_MASK, sizeof(mask));
    memset(initial_state.bytes, 0, sizeof(initial_state.bytes));
    memcpy(initial_state.bytes + FXSAVE_MXCSR_MASK, &mask, sizeof(mask));
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

/* Bring current->fpu up to date; the registers keep what they hold. */
static void save_current(void)
{
    irqflags_t flags = irq_save();
    save(&current->fpu);
    load(&current->fpu); /* FNSAVE has emptied them */
    irq_restore(flags);
}

void fpu_fork(struct task *child)
{
    assert(current->mm);
    if (!cpu_has(CPU_FPU))
        return;
    save_current();
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

/* --- signal frames --------------------------------------------------------------------------- */

/* FNSAVE's image, and behind it what tells that FXSAVE's follows. */
struct fnsave_image {
    u32 control, status, tags, ip, cs, dp, ds;
    u8 st[8][10];
    u16 status_again, magic; /* 0: FXSAVE's image follows; 0xffff: it does not */
};

static_assert(sizeof(struct fnsave_image) == 112, "as programs know it");

/* The two bits that FNSAVE keeps of register @st: 0 a number, 1 zero, 2 special. */
static u32 tag_of(const u8 *st)
{
    u16 exponent;
    u64 mantissa;
    memcpy(&mantissa, st, sizeof(mantissa));
    memcpy(&exponent, st + sizeof(mantissa), sizeof(exponent));
    exponent &= 0x7fff;
    if (exponent == 0 && mantissa == 0)
        return 1;
    return exponent == 0 || exponent == 0x7fff || !(mantissa >> 63) ? 2 : 0;
}

/* Say what @from, in FXSAVE's form, holds of the x87, in FNSAVE's. */
static struct fnsave_image to_fnsave(const struct fpu_state *from)
{
    const u8 *bytes = from->bytes;
    u16 word[3];
    struct fnsave_image image = { .cs = 0, .magic = 0 };
    memcpy(word, bytes, sizeof(word));
    image.control = word[0] | 0xffff0000;
    image.status = word[1] | 0xffff0000;
    image.status_again = word[1];
    unsigned top = word[1] >> 11 & 7;
    image.tags = 0xffffffff;
    memcpy(&image.ip, bytes + FXSAVE_IP, sizeof(image.ip));
    memcpy(&image.dp, bytes + FXSAVE_DP, sizeof(image.dp));
    for (unsigned i = 0; i < 8; i++) {
        const u8 *st = bytes + FXSAVE_ST + i * 16;
        unsigned number = (top + i) % 8; /* of the register behind st(i) */
        memcpy(image.st[i], st, sizeof(image.st[i]));
        if (bytes[FXSAVE_FTW] >> number & 1)
            image.tags = (image.tags & ~(3u << 2 * number)) | tag_of(st) << 2 * number;
    }
    return image;
}

int fpu_save_user(void __user *user)
{
    char __user *to = user;
    const struct fpu_state *state = &current->fpu;
    if (!cpu_has(CPU_FPU))
        return clear_user(to, FPU_USER_BYTES) ? -EFAULT : 0;
    save_current();
    if (!cpu_has(CPU_FXSR)) {
        u32 magic = 0xffff0000;
        return copy_to_user(to, state, FNSAVE_BYTES) ||
                       copy_to_user(to + FNSAVE_BYTES, &magic, sizeof(magic))
                   ? -EFAULT
                   : 0;
    }
    if (FPU_USER_OFFSET) {
        struct fnsave_image image = to_fnsave(state);
        if (copy_to_user(to, &image, sizeof(image)))
            return -EFAULT;
    }
    return copy_to_user(to + FPU_USER_OFFSET, state, sizeof(*state)) ? -EFAULT : 0;
}

/* MXCSR bits that the CPU does not know make FXRSTOR fault. */
static void sanitize(struct fpu_state *state)
{
    u32 mxcsr, mask;
    memcpy(&mxcsr, state->bytes + FXSAVE_MXCSR, sizeof(mxcsr));
    memcpy(&mask, initial_state.bytes + FXSAVE_MXCSR_MASK, sizeof(mask));
    mxcsr &= mask ? mask : MXCSR_MASK_DEFAULT;
    memcpy(state->bytes + FXSAVE_MXCSR, &mxcsr, sizeof(mxcsr));
}

int fpu_restore_user(const void __user *user)
{
    const char __user *from = user;
    if (!cpu_has(CPU_FPU))
        return 0;
    if (!user) {
        fpu_reset(current);
        return 0;
    }
    struct fpu_state *state = kmalloc(sizeof(*state), GFP_KERNEL);
    if (!state)
        return -EFAULT;
    bool fx = cpu_has(CPU_FXSR);
    size_t missed = copy_from_user(state, from + (fx ? FPU_USER_OFFSET : 0),
                                   fx ? sizeof(*state) : FNSAVE_BYTES);
    if (!missed) {
        if (fx)
            sanitize(state);
        irqflags_t flags = irq_save();
        current->fpu = *state;
        load(&current->fpu);
        irq_restore(flags);
    }
    kfree(state);
    return missed ? -EFAULT : 0;
}

/* Source: Intel SDM vol. 1, 8.1.3 "x87 FPU Status Register", 10.2.3 "MXCSR". */
int fpu_exception_code(bool sse)
{
    u16 control, status;
    u32 mxcsr;
    if (!cpu_has(CPU_FPU))
        return SI_KERNEL;
    save_current();
    if (sse) {
        memcpy(&mxcsr, current->fpu.bytes + FXSAVE_MXCSR, sizeof(mxcsr));
        control = (u16)(mxcsr >> 7);
        status = (u16)mxcsr;
    } else {
        memcpy(&control, current->fpu.bytes, sizeof(control));
        memcpy(&status, current->fpu.bytes + (cpu_has(CPU_FXSR) ? 2 : 4), sizeof(status));
    }
    u32 raised = status & ~control & 0x3f; /* and not masked */
    return raised & 0x01   ? FPE_FLTINV
           : raised & 0x04 ? FPE_FLTDIV
           : raised & 0x08 ? FPE_FLTOVF
           : raised & 0x12 ? FPE_FLTUND
           : raised & 0x20 ? FPE_FLTRES
                           : SI_KERNEL;
}
