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
    COUNT_TLB_PAGE,
    COUNT_TLB_MM,
    COUNT_TLB_ALL,
    COUNT_TLB_SENT,
    COUNT_TLB_RECEIVED,
    COUNT_TLB_LAZY,
    COUNT_SWITCH_KEPT,
    COUNT_SWITCH_FLUSHED,
    COUNT_IDS,
};

extern unsigned long host_counts[COUNT_IDS];

#define count_event(id)     ((void)host_counts[id]++)
#define count_events(id, n) ((void)(host_counts[id] += (n)))

#endif
