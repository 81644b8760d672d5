/*
 * What the x86_64 keeps of a task beside its registers: where its FS and GS segments start.
 *
 * A thread's own data (TLS) are reached through FS; arch_prctl(2) sets its base, machine_switch()
 * loads both.
 */
#ifndef MACHINE_MACHINE_TASK_H
#define MACHINE_MACHINE_TASK_H

#include "lib/annotate.h"
#include "lib/types.h"

struct task;
struct trapframe;

/* All zero for a new task. */
struct machine_task {
    u64 fs_base;
    u64 gs_base;
};

/*
 * Let the running task's thread-local data begin at @base, once it returns to user mode with
 * @frame's registers.
 *
 * Returns: 0.
 */
int machine_set_tls(struct trapframe *frame, vaddr_t base) MUST_CHECK;

/* Let %fs, or %gs, of the running task begin at user address @base, as arch_prctl() asks for. */
void machine_set_fs_base(vaddr_t base);
void machine_set_gs_base(vaddr_t base);

/*
 * Give @child, which will go to user mode with @frame's registers and is a copy of the running
 * task, the thread-local data that clone()'s argument @tls describes.
 *
 * Returns: 0, or -EPERM: not a user address.
 */
int machine_clone_tls(struct task *child, struct trapframe *frame, unsigned long tls) MUST_CHECK;

#endif
