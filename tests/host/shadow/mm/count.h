/*
 * The counters of a host test: one CPU's, and no segment register.
 */
#ifndef TESTS_HOST_SHADOW_MM_COUNT_H
#define TESTS_HOST_SHADOW_MM_COUNT_H

#include "mm/count_list.h"

extern unsigned long host_counts[COUNT_IDS];

#define count_event(id)     ((void)host_counts[id]++)
#define count_events(id, n) ((void)(host_counts[id] += (n)))

#endif
