/*
 * Counting what is in use, for tests that look for leaks: exact to an object.
 */
#include "tests/kernel/in_use.h"

#include "kernel/ktest.h"
#include "kernel/time.h"
#include "mm/slab.h"
#include "mm/zone.h"

enum { SETTLE_TICKS = 100 };

struct in_use in_use_now(void)
{
    struct in_use use = { .pages = pages_total() - pages_free() };
    struct slab_stat stat;
    for (unsigned i = 0; slab_stat(i, &stat); i++) {
        use.objects += stat.used;
        use.pages -= stat.slabs << stat.slab_order;
    }
    return use;
}

void in_use_expect(const struct in_use *before, const char *what, unsigned nth)
{
    struct in_use now = in_use_now();
    for (unsigned i = 0; i < SETTLE_TICKS; i++) {
        if (now.objects <= before->objects && now.pages <= before->pages)
            return;
        time_sleep_ns(NS_PER_TICK);
        now = in_use_now();
    }
    ktest_note("%s, failure %u: %ld objects, %ld pages lost", what, nth,
               (long)(now.objects - before->objects), (long)(now.pages - before->pages));
    ktest_assert(false);
}
