/*
 * What context_switch() leaves on the stack of a task that does not run.
 */
#ifndef MACHINE_STACK_H
#define MACHINE_STACK_H

#include "lib/types.h"

/* With: arch/i386/switch.asm, context_switch, which pushes these. */
struct switch_frame {
    uintptr_t edi;
    uintptr_t argument; /* esi: task_entry passes it */
    uintptr_t function; /* ebx: task_entry calls it */
    uintptr_t fp;       /* ebp */
    uintptr_t ip;       /* where it goes on */
};

#endif
