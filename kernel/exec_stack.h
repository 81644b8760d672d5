/*
 * What a program finds on its stack when it starts.
 *
 *     stack top  +------------------------------+
 *                | a word of zeroes             |
 *                | the path it was started by   |  AT_EXECFN
 *                | environment's strings        |
 *                | arguments' strings           |
 *                | platform's name              |  AT_PLATFORM
 *                | 16 random bytes              |  AT_RANDOM
 *                | padding                      |
 *                | auxiliary vector             |  pairs of type and value, the last AT_NULL
 *                | environment, NULL            |  pointers
 *                | arguments, NULL              |  pointers
 *                | number of arguments          |
 *     sp ------> +------------------------------+  a multiple of 16
 *
 * Source: System V ABI, processor supplements, "Process Initialization"; getauxval(3).
 */
#ifndef KERNEL_EXEC_STACK_H
#define KERNEL_EXEC_STACK_H

#include "kernel/elf.h"
#include "kernel/exec.h"
#include "lib/annotate.h"

struct mm;

/*
 * Make the stack of @mm, the current task's, for a program loaded by @plan.
 *
 * Returns: 0 and *@sp; -E2BIG: the strings take too much; -ENOMEM.
 * Sleeps.
 */
int exec_stack_build(struct mm *mm, const struct exec_args *args, const struct elf_plan *plan,
                     vaddr_t *sp) MUST_CHECK;

#endif
