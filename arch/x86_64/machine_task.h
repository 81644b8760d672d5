/*
 * What the x86_64 keeps of a task beside its registers: where its FS and GS segments start.
 *
 * A thread's own data (TLS) are reached through FS; arch_prctl(2) sets its base, machine_switch()
 * loads both.
 */
#ifndef MACHINE_MACHINE_TASK_H
#define MACHINE_MACHINE_TASK_H

#include "lib/types.h"

/* All zero for a new task. */
struct machine_task {
    u64 fs_base;
    u64 gs_base;
};

/* Let %fs, or %gs, of the running task begin at user address @base, as arch_prctl() asks for. */
void machine_set_fs_base(vaddr_t base);
void machine_set_gs_base(vaddr_t base);

#endif
