/*
 * What context_switch() leaves on the stack of a task that does not run.
 */
#ifndef MACHINE_STACK_H
#define MACHINE_STACK_H

#include "lib/types.h"

/* With: arch/x86_64/switch.asm, context_switch, which pushes these. */
struct switch_frame {
    uintptr_t r15, r14, r13;
    uintptr_t argument; /* r12: task_entry passes it */
    uintptr_t function; /* rbx: task_entry calls it */
    uintptr_t fp;       /* rbp */
    uintptr_t ip;       /* where it goes on */
};

#endif
