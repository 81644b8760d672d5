/*
 * What is left of a task that does not run: a stack pointer, and below it the registers that a
 * function call preserves.  Everything else is on its stack already, put there by its callers.
 */
#ifndef ARCH_X86_CONTEXT_H
#define ARCH_X86_CONTEXT_H

#include "lib/types.h"

struct task;
struct trapframe;

/*
 * Save the running task's registers on its stack and that stack's pointer in @save_sp, and go on
 * with the task whose stack pointer is @next_sp.  Returns when somebody switches back.
 *
 * Locks: interrupts off.
 */
void context_switch(void **save_sp, void *next_sp);

/*
 * Make this CPU @next's: its stack for the next entry from user mode, its thread-local storage
 * (machine/machine_task.h), its FPU registers.  Just before context_switch().
 *
 * Locks: interrupts off.
 */
void machine_switch(struct task *prev, struct task *next);

/*
 * Lay out the stack ending at @stack_top so that switching to it calls task_first_run() and then
 * @function(@argument); if that returns, task_exit(0).  The trapframe at the very top stays free,
 * for a thread that becomes a user task.
 *
 * Returns: the stack pointer to switch to.
 */
void *context_prepare(void *stack_top, void (*function)(void *), void *argument);

/*
 * Lay out the stack ending at @stack_top so that switching to it calls task_first_run() and then
 * goes to user mode with @frame's registers, except that the system call there returns 0.
 *
 * Returns: the stack pointer to switch to.  The copy of the frame ends at @stack_top.
 */
void *context_prepare_fork(void *stack_top, const struct trapframe *frame);

/*
 * Load what context_switch() leaves alone: where traps from user mode push, thread-local
 * segments, the FPU.
 *
 * Locks: interrupts off; just before context_switch().
 */
void machine_switch(struct task *prev, struct task *next);

/* Give the running task the registers that a new program starts with, besides its trapframe. */
void machine_reset(void);

#endif
