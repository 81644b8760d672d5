/*
 * The first stack of a task: made to look as if the task had been switched away from, just
 * before its first instruction.
 */
#include "arch/x86/context.h"

#include "arch/x86/entry.h"
#include "machine/stack.h"
#include "machine/trapframe.h"

void *context_prepare(void *stack_top, void (*function)(void *), void *argument)
{
    uintptr_t end = (uintptr_t)((struct trapframe *)stack_top - 1) & ~(uintptr_t)15;
    struct switch_frame *frame = (struct switch_frame *)end - 1;
    *frame = (struct switch_frame){
        .function = (uintptr_t)function,
        .argument = (uintptr_t)argument,
        .ip = (uintptr_t)task_entry,
    };
    return frame;
}

void *context_prepare_fork(void *stack_top, const struct trapframe *parent)
{
    struct trapframe *child = (struct trapframe *)stack_top - 1;
    *child = *parent;
    syscall_set_result(child, 0);

    struct switch_frame *frame = (struct switch_frame *)child - 1;
    *frame = (struct switch_frame){ .ip = (uintptr_t)fork_entry };
    return frame;
}
