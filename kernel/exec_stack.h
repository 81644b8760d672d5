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

/* What the stack says about the program. */
struct exec_image {
    const struct elf_plan *plan;
    vaddr_t interpreter_base; /* AT_BASE; 0: it has none */
    const u8 *random;         /* EXEC_RANDOM_BYTES for AT_RANDOM */
};

/*
 * Make the stack of @mm, the current task's, below its stack_top, where @image is loaded already.
 *
 * Returns: 0 and *@sp; -EEXIST: something lies there; -ENOMEM.
 * Sleeps.
 */
int exec_stack_build(struct mm *mm, const struct exec_args *args, const struct exec_image *image,
                     vaddr_t *sp) MUST_CHECK;

#endif
