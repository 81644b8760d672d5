/*
 * A handler's stack frame: what the interrupted program had, where it finds it, and can change it.
 *
 *     high  | the interrupted program's stack      |
 *           | FPU registers                        |
 *           | siginfo                              |
 *           | ucontext: registers, mask, alt stack |
 *     low   | where the handler returns to         | <- the handler's stack pointer
 *
 * The handler returns to the C library's restorer, which calls rt_sigreturn().  What comes back
 * may have been changed in any way: signal_frame_pop() takes over only what a program may choose.
 */
#ifndef KERNEL_SIGNAL_FRAME_H
#define KERNEL_SIGNAL_FRAME_H

#include "kernel/signal.h"
#include "lib/annotate.h"
#include "lib/types.h"

struct trapframe;

/* A signal on its way to its handler. */
struct signal_delivery {
    struct signal_info info;
    struct signal_action action;
    u64 blocked; /* the mask that comes back when the handler returns */
};

/*
 * Put a frame on the program's stack, or its alternate one, and let @frame begin the handler.
 * Returns: 0; -EFAULT: there is no room, or no way back: @frame is as it was.  Sleeps.
 */
int signal_frame_push(struct trapframe *frame, const struct signal_delivery *delivery) MUST_CHECK;

/*
 * The handler has returned: @frame and the mask become what its frame says.  @old is i386's form
 * for handlers without SA_SIGINFO.
 * Returns: 0; -EFAULT: the frame is not there.  Sleeps.
 */
int signal_frame_pop(struct trapframe *frame, bool old) MUST_CHECK;

/* What both machines' frames begin with: see kernel/signal_stack.c. */
enum { SS_ONSTACK = 1, SS_DISABLE = 2 };
#define SS_AUTODISARM 0x80000000u

/* Is @sp on the current thread's alternate stack? */
bool signal_on_alt_stack(vaddr_t sp);

/* Where the frame for @action ends: the top of the alternate stack, or @sp. */
vaddr_t signal_frame_top(const struct signal_action *action, vaddr_t sp);

/* As programs know it: stack_t. */
struct abi_stack {
    vaddr_t base;
    u32 flags; /* an int, and on 64 bits padding */
    size_t bytes;
};

/* What sigaltstack() tells while the stack pointer is @sp. */
struct abi_stack signal_stack_get(vaddr_t sp);

/* Set the alternate stack.  Returns: 0, -EPERM (in use), -EINVAL, -ENOMEM (too small). */
int signal_stack_set(const struct abi_stack *stack, vaddr_t sp);

#endif
