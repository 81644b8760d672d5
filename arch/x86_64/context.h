/*
 * What a task has in the CPU's x86-64-only registers besides those that a trap saves.
 */
#ifndef MACHINE_CONTEXT_H
#define MACHINE_CONTEXT_H

#include "arch/x86/context.h"
#include "lib/types.h"

/* Part of struct task; (o) the task itself alone, with interrupts off. */
struct machine_task {
    u64 fs_base, gs_base; /* of user mode: thread-local storage */
};

/* Let %fs, or %gs, of the running task begin at user address @base, as arch_prctl() asks for. */
void machine_set_fs_base(vaddr_t base);
void machine_set_gs_base(vaddr_t base);

#endif
