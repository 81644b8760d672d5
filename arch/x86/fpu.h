/*
 * The floating-point and SSE registers of user programs.
 *
 * The kernel computes with integers only (-mgeneral-regs-only), so these registers hold a user
 * task's values even in the kernel, until another user task is switched to.  Switching is eager:
 * no trap, and so no guessing about who owns them.  Kernel threads have none.
 */
#ifndef ARCH_X86_FPU_H
#define ARCH_X86_FPU_H

#include "arch/x86/user_copy.h"
#include "lib/annotate.h"
#include "lib/types.h"

struct task;

/* As FXSAVE writes it; on a CPU without that, FNSAVE's 108 bytes at its start. */
struct fpu_state {
    u8 bytes[512];
} ALIGNED(16);

/* Prepare the FPU of the CPU that calls this. */
void fpu_init_cpu(void);

/* Save @prev's registers and load @next's, for those that are user tasks.  Interrupts off. */
void fpu_switch(struct task *prev, struct task *next);

/* Give @child a copy of the running task's registers. */
void fpu_fork(struct task *child);

/* Give @task the registers a new program starts with; load them, if it is the running one. */
void fpu_reset(struct task *task);

/*
 * What a signal's frame holds of the FPU.  On i386 it begins with the x87 part in FNSAVE's form,
 * which old programs read; FXSAVE's image follows, aligned to 16 bytes, and is what counts.
 */
#if defined(__x86_64__)
enum { FPU_USER_OFFSET = 0 };
#else
enum { FPU_USER_OFFSET = 112 };
#endif
enum { FPU_USER_BYTES = FPU_USER_OFFSET + sizeof(struct fpu_state) };

/* Copy the running task's registers to @user.  Returns: 0 or -EFAULT.  Sleeps. */
int fpu_save_user(void __user *user) MUST_CHECK;

/* Load them from @user, NULL: fresh ones, whatever is there.  Returns: 0 or -EFAULT.  Sleeps. */
int fpu_restore_user(const void __user *user) MUST_CHECK;

/* Why the FPU has raised an exception, as SIGFPE's code; @sse: its vector part. */
int fpu_exception_code(bool sse);

#endif
