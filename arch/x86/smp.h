/*
 * More CPUs: starting them, one after the other.
 *
 * A CPU that has not run yet sleeps until another sends it INIT and then a start-up interrupt
 * that names a page below 1 MiB.  It begins there in real mode (trampoline.asm), climbs to the
 * kernel's mode and page tables, sets itself up as the boot CPU did, and becomes an idle task.
 */
#ifndef ARCH_X86_SMP_H
#define ARCH_X86_SMP_H

#include "lib/types.h"

/* Start the other CPUs, at most NR_CPUS and maxcpus= in all.  Once, after time_init().  Sleeps. */
void smp_init(void);

#endif
