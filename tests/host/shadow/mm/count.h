/*
 * The counters of a host test: one CPU's, and no segment register.
 */
#ifndef TESTS_HOST_SHADOW_MM_COUNT_H
#define TESTS_HOST_SHADOW_MM_COUNT_H

enum count_id {
    COUNT_FAULT,
    COUNT_FAULT_FRESH,
    COUNT_FAULT_AGAIN,
    COUNT_FAULT_GROW,
    COUNT_FAULT_BAD,
    COUNT_FAULT_OOM,
    COUNT_TABLE_ALLOC,
    COUNT_TABLE_FREE,
    COUNT_IDS,
};

extern unsigned long host_counts[COUNT_IDS];

#define count_event(id)     ((void)host_counts[id]++)
#define count_events(id, n) ((void)(host_counts[id] += (n)))

#endif
