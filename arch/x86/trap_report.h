/*
 * Exceptions in words.
 */
#ifndef ARCH_X86_TRAP_REPORT_H
#define ARCH_X86_TRAP_REPORT_H

#include "lib/types.h"

struct trapframe;

/* What exception @vector is called: "divide error". */
const char *trap_name(unsigned long vector);

/* Say what @frame's error code and CR2 mean.  Any context. */
void trap_explain(const struct trapframe *frame);

#endif
