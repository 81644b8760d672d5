/*
 * Counting what is in use, before and after a test: exact to an object.
 */
#include "kernel/ktest_leak.h"

#include "kernel/ktest.h"
#include "kernel/time.h"
#include "mm/slab.h"
#include "mm/vmalloc.h"
#include "mm/zone.h"

enum { SETTLE_TICKS = 100 };

struct in_use in_use_now(void)
{
    struct in_use use = { .pages = pages_total() - pages_free() };
    struct slab_stat stat;
    struct vmalloc_stat areas;
    vmalloc_stat(&areas); /* what is kept of the stacks of dead tasks is not in use */
    use.pages -= areas.cached_stacks * (KERNEL_STACK_BYTES / PAGE_BYTES);
    use.objects -= areas.cached_stacks;
    for (unsigned i = 0; slab_stat(i, &stat); i++) {
        use.objects += stat.used;
        use.pages -= stat.slabs << stat.slab_order;
    }
    return use;
}

bool in_use_as_before(const struct in_use *before)
{
    struct in_use now = in_use_now();
    for (unsigned i = 0; i < SETTLE_TICKS; i++) {
        if (now.objects <= before->objects && now.pages <= before->pages)
            return true;
        time_sleep_ns(NS_PER_TICK);
        now = in_use_now();
    }
    ktest_note("%ld objects and %ld pages are lost", (long)(now.objects - before->objects),
               (long)(now.pages - before->pages));
    return false;
}
