/*
 * Stand-ins for what has not arrived yet, so that the kernel links.  Each goes when the real one
 * comes; then this file goes.
 */
#include "arch/x86/trap.h"
#include "kernel/signal.h"
#include "kernel/syscall.h"

#define WEAK __attribute__((weak))

WEAK _Noreturn void task_fatal_signal(struct trapframe *frame, int signal, int code,
                                      vaddr_t address)
{
    trap_die(frame, "a program's error");
}
WEAK void syscall_dispatch(struct trapframe *frame) {}
