/*
 * Counters of what happened: faults by kind, flushes by kind, and so on.
 *
 * One word a counter and CPU, added to without locks; a reading is the sum.  The names are what
 * user programs see in the list of counters.
 */
#ifndef MM_COUNT_H
#define MM_COUNT_H

#include "arch/x86/percpu.h"
#include "mm/count_list.h"

struct counters {
    unsigned long value[COUNT_IDS];
};
DECLARE_PER_CPU(struct counters, counters);

/* Count one more, or @n more.  Any context. */
#define count_event(id)     this_cpu_inc(counters.value[id])
#define count_events(id, n) this_cpu_add(counters.value[id], n)

/* The sum over all CPUs. */
unsigned long count_read(enum count_id id);
const char *count_name(enum count_id id);

#endif
