/*
 * Instructions that are allowed to fault, and where to go on if they do.
 *
 * A copy from user memory, or popping a segment register that a user program chose, may trap
 * through no fault of the kernel's.  Each such instruction has a row in the section .extable,
 * written where the instruction is:
 *
 *      C      EXTABLE("1b", "2f")  inside an asm statement, for labels 1: and 2:
 *      NASM   dd at - $, continue_at - $ - 4   in section extable
 *
 * Rows hold distances from themselves, so that they are small on every machine.
 */
#ifndef ARCH_X86_EXTABLE_H
#define ARCH_X86_EXTABLE_H

#include "lib/types.h"

struct extable_row {
    s32 at;          /* from this member to the instruction */
    s32 continue_at; /* from this member to where to go on */
};

#define EXTABLE(at, continue_at)              \
    ".pushsection extable, \"a\"\n"           \
    ".balign 4\n"                             \
    ".long " at " - ., " continue_at " - .\n" \
    ".popsection\n"

/* Where to go on when the instruction at @ip faults, or 0 if it must not.  Any context. */
vaddr_t extable_find(vaddr_t ip);

#endif
