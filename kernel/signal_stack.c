/*
 * The alternate stack that handlers may run on: sigaltstack(2).
 */
#include "kernel/signal_frame.h"
#include "kernel/task.h"
#include "lib/errno.h"

enum { STACK_BYTES_MIN = 2048 }; /* MINSIGSTKSZ */

bool signal_on_alt_stack(vaddr_t sp)
{
    const struct signal_stack *stack = &current->alt_stack;
    return !(stack->flags & SS_AUTODISARM) && sp > stack->base && sp - stack->base <= stack->bytes;
}

vaddr_t signal_frame_top(const struct signal_action *action, vaddr_t sp)
{
    const struct signal_stack *stack = &current->alt_stack;
    if (!(action->flags & SA_ONSTACK) || !stack->bytes || signal_on_alt_stack(sp))
        return sp;
    return stack->base + stack->bytes;
}

struct abi_stack signal_stack_get(vaddr_t sp)
{
    const struct signal_stack *stack = &current->alt_stack;
    u32 use = !stack->bytes ? SS_DISABLE : signal_on_alt_stack(sp) ? SS_ONSTACK : 0;
    return (struct abi_stack){
        .base = stack->base,
        .flags = use | (stack->flags & SS_AUTODISARM),
        .bytes = stack->bytes,
    };
}

int signal_stack_set(const struct abi_stack *wanted, vaddr_t sp)
{
    u32 mode = wanted->flags & ~SS_AUTODISARM;
    if (signal_on_alt_stack(sp))
        return -EPERM;
    if (mode != 0 && mode != SS_DISABLE && mode != SS_ONSTACK)
        return -EINVAL;
    if (mode == SS_DISABLE) {
        current->alt_stack = (struct signal_stack){ 0 };
        return 0;
    }
    if (wanted->bytes < STACK_BYTES_MIN)
        return -ENOMEM;
    current->alt_stack =
        (struct signal_stack){ wanted->base, wanted->bytes, wanted->flags & SS_AUTODISARM };
    return 0;
}
