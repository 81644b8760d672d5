/*
 * The x86-64's system calls have an instruction of their own, which programs use themselves.
 */
#ifndef MACHINE_VSYSCALL_H
#define MACHINE_VSYSCALL_H

#include "lib/types.h"

struct trapframe;

enum { VSYSCALL = 0 }; /* no AT_SYSINFO */

static inline void vsyscall_init(char *image) {}

static inline bool vsyscall_is_stepped(const struct trapframe *frame) { return false; }

#endif
