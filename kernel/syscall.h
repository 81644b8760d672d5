/*
 * System calls: from a number in a register to the function that does the work.
 *
 * The entry (arch/<machine>/entry.asm) saves the registers and calls syscall_dispatch().  The
 * table comes from syscalls.def.  Handlers take their arguments with their own C types and return
 * a result or a negative errno; on both machines every argument of up to a word fills one register
 * or one stack slot, so one call through six words fits all of them.
 */
#ifndef KERNEL_SYSCALL_H
#define KERNEL_SYSCALL_H

#include "lib/types.h"

struct trapframe;

/* Do the system call that @frame's registers ask for and store its result there.  Sleeps. */
void syscall_dispatch(struct trapframe *frame);

/* What Linux calls system call @number, be it there or not.  NULL: nothing. */
const char *syscall_name(unsigned long number);

#endif
