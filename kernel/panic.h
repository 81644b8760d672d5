/*
 * The last words: what the machine says when it cannot go on.
 *
 * A panic is for a broken machine and for errors of this program.  It says why, prints the
 * registers and the stack, stops the other CPUs and powers off with status 125 (or does as
 * panic=reboot|halt|off asks).  It trusts nothing: it takes no lock and writes to the consoles
 * itself.
 */
#ifndef KERNEL_PANIC_H
#define KERNEL_PANIC_H

#include "lib/annotate.h"
#include "lib/types.h"

struct trapframe;

/* Stop the machine, saying why.  Any context. */
_Noreturn void panic(const char *format, ...) PRINTF(1, 2);

/* As panic(), over the trap whose registers are in @frame. */
_Noreturn void panic_at(const struct trapframe *frame, const char *format, ...) PRINTF(2, 3);

/* Is a CPU in panic()?  Then others' locks may never be released.  Any context. */
bool panic_in_progress(void);

#endif
