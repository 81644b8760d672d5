/*
 * What a task has in the CPU's i386-only registers besides those that a trap saves.
 */
#ifndef MACHINE_CONTEXT_H
#define MACHINE_CONTEXT_H

#include "arch/x86/context.h"
#include "arch/x86/descriptors.h"
#include "lib/types.h"

/* Part of struct task; (o) the task itself alone, with interrupts off. */
struct machine_task {
    u64 tls[3]; /* descriptors for the GDT's thread-local entries; 0: unused */
};

/*
 * Make GDT entry @entry (-1: the first unused one) of the running task @descriptor_wanted.
 *
 * Returns: the entry's number; -EINVAL: not an entry for this; -ESRCH: all are used.
 */
int machine_tls_entry(u64 descriptor_wanted, int entry) MUST_CHECK;

/* A user data segment of all addresses from @base on, as set_thread_area() asks for. */
static inline u64 machine_tls_descriptor(vaddr_t base)
{
    return descriptor(base, SEGMENT_FLAT_LIMIT, SEGMENT_USER_DATA, SEGMENT_32 | SEGMENT_IN_PAGES);
}

#endif
