/*
 * What the i386 keeps of a task beside its registers: three descriptors of the GDT.
 *
 * A thread's own data (TLS) are reached through a segment that one of them describes;
 * set_thread_area(2) fills them in, machine_switch() puts them into the CPU's table.
 */
#ifndef MACHINE_MACHINE_TASK_H
#define MACHINE_MACHINE_TASK_H

#include "arch/x86/descriptors.h"
#include "lib/annotate.h"
#include "lib/types.h"

struct task;
struct trapframe;

enum {
    TLS_DESCRIPTORS = 3,
};

/* All zero for a new task. */
struct machine_task {
    u64 tls[TLS_DESCRIPTORS]; /* as the GDT holds them, 0: none */
};

/*
 * Make GDT entry @entry (-1: the first unused one) of the running task @tls_descriptor.
 *
 * Returns: the entry's number; -EINVAL: not an entry for this; -ESRCH: all are used.
 */
int machine_tls_entry(u64 tls_descriptor, int entry) MUST_CHECK;

/*
 * Let the running task's thread-local data begin at @base, once it returns to user mode with
 * @frame's registers.
 *
 * Returns: 0; -ESRCH: no descriptor is free.
 */
int machine_set_tls(struct trapframe *frame, vaddr_t base) MUST_CHECK;

/* A user data segment of all addresses from @base on, as set_thread_area() asks for. */
static inline u64 machine_tls_descriptor(vaddr_t base)
{
    return descriptor(base, SEGMENT_FLAT_LIMIT, SEGMENT_USER_DATA, SEGMENT_32 | SEGMENT_IN_PAGES);
}

/*
 * Give @child, which will go to user mode with @frame's registers and is a copy of the running
 * task, the thread-local data that clone()'s argument @tls describes.
 *
 * Returns: 0, or -EFAULT, -EINVAL: not a description, or not of a segment for this.
 */
int machine_clone_tls(struct task *child, struct trapframe *frame, unsigned long tls) MUST_CHECK;

#endif
