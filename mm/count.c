/*
 * The counters and their names.
 */
#include "mm/count.h"

#include "lib/assert.h"

DEFINE_PER_CPU(struct counters, counters);

static const char *const names[COUNT_IDS] = {
#define COUNT_NAME(id, name) [COUNT_##id] = name,
    COUNT_LIST(COUNT_NAME)
#undef COUNT_NAME
};

unsigned long count_read(enum count_id id)
{
    unsigned long sum = 0;

    assert(id < COUNT_IDS);
    for_each_online_cpu (cpu)
        sum += __atomic_load_n(&per_cpu_ptr(counters, cpu)->value[id], __ATOMIC_RELAXED);
    return sum;
}

const char *count_name(enum count_id id)
{
    assert(id < COUNT_IDS);
    return names[id];
}
