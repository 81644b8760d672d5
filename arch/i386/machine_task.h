/*
 * What the i386 keeps of a task beside its registers: three descriptors of the GDT.
 *
 * A thread's own data (TLS) are reached through a segment that one of them describes;
 * set_thread_area(2) fills them in, machine_switch() puts them into the CPU's table.
 */
#ifndef MACHINE_MACHINE_TASK_H
#define MACHINE_MACHINE_TASK_H

#include "lib/types.h"

enum {
    TLS_DESCRIPTORS = 3,
};

/* All zero for a new task. */
struct machine_task {
    u64 tls[TLS_DESCRIPTORS]; /* as the GDT holds them, 0: none */
};

#endif
