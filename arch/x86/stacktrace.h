/*
 * Who called whom: the chain of frame pointers, with names from the image's own symbol table.
 */
#ifndef ARCH_X86_STACKTRACE_H
#define ARCH_X86_STACKTRACE_H

#include "lib/types.h"

struct task;
struct trapframe;

/* Print the stack that @frame interrupted, or the caller's own if NULL.  Any context. */
void stack_trace_print(const struct trapframe *frame);

/* Print the stack of @task, which does not run.  Any context. */
void stack_trace_task(const struct task *task);

/*
 * The name of the function that holds @address, and how far into it @address lies.
 *
 * Returns: NULL (and @offset 0) if the kernel has no such function.  Any context.
 */
const char *symbol_lookup(vaddr_t address, size_t *offset);

#endif
