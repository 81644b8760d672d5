/*
 * The table of instructions that may fault, searched.
 */
#include "arch/x86/extable.h"

#include "arch/x86/trap.h"
#include "machine/trapframe.h"

extern const struct extable_row __extable_start[], __extable_end[]; /* linker.ld */

static vaddr_t target(const s32 *distance) { return (vaddr_t)distance + (vaddr_t)*distance; }

vaddr_t extable_find(vaddr_t ip)
{
    for (const struct extable_row *row = __extable_start; row < __extable_end; row++)
        if (target(&row->at) == ip)
            return target(&row->continue_at);
    return 0;
}

bool trap_fixup(struct trapframe *frame)
{
    vaddr_t continue_at = extable_find(trapframe_ip(frame));
    if (continue_at == 0)
        return false;
    trapframe_set_ip(frame, continue_at);
    return true;
}
