/*
 * The trace: what is recorded, in which order, what is lost; and that it costs nothing when off.
 */
#include "mm/trace.h"

#include "arch/x86/cpu.h"
#include "arch/x86/percpu.h"
#include "arch/x86/tlb.h"
#include "kernel/ktest.h"
#include "kernel/preempt.h"
#include "kernel/task.h"
#include "kernel/time.h"
#include "lib/minmax.h"
#include "lib/string.h"
#include "mm/kmap.h"
#include "mm/vmalloc.h"
#include "mm/zone.h"

/* Events of our own have this for how, which no other kind of splitting uses. */
enum { OURS = 0x77 };

/* What a reading found: events of all kinds, and ours in detail. */
struct found {
    u64 all, ours, lost;
    u64 kinds[TRACE_KINDS]; /* of the reader's own task only */
    u64 last_ns, out_of_order;
    u64 next[NR_CPUS]; /* the second value that each CPU's next event of ours should have */
    u64 wrong;         /* events of ours that had another */
    u64 torn;          /* events of ours whose two values do not belong together */
    int pid;           /* of the last of ours */
};

static void look(const struct trace_event *event, void *data)
{
    struct found *found = data;
    found->all++;
    found->out_of_order += event->ns < found->last_ns;
    found->last_ns = event->ns;
    ktest_assert(event->kind < TRACE_KINDS && event->cpu < NR_CPUS);
    found->kinds[event->kind] += event->pid == current->pid;
    if (event->kind != TRACE_SPLIT || event->how != OURS)
        return;
    found->ours++;
    found->pid = event->pid;
    u64 *next = &found->next[event->cpu];
    found->torn += event->first != ~event->second;
    found->wrong += *next && event->second != *next;
    *next = event->second + 1;
}

static void read_all(struct found *found)
{
    u64 lost;
    *found = (struct found){ 0 };
    ktest_equal(trace_for_each(look, found, &lost), 0);
    ktest_equal(found->torn, 0);
    ktest_equal(found->out_of_order, 0);
    found->lost = lost;
}

/* Record @count events, numbered in their second value from @from on, the first its complement. */
static void record(u64 from, unsigned count)
{
    for (u64 i = from; i < from + count; i++)
        TRACE(.kind = TRACE_SPLIT, .how = OURS, .first = ~i, .second = i);
}

/* Start with nothing, and let the test end with nothing. */
static void begin(void)
{
    trace_stop();
    trace_clear();
    ktest_equal(trace_start(), 0);
}

static void finish(void)
{
    trace_stop();
    trace_clear();
}

KTEST(nothing_is_recorded_while_it_is_off)
{
    struct found found;
    ktest_assert(!trace_on);
    trace_clear();
    record(1, 10);
    trace_record(&(struct trace_event){ .kind = TRACE_SPLIT, .how = OURS });
    tlb_flush_kernel_range(VMALLOC_START, VMALLOC_START + PAGE_BYTES);
    read_all(&found);
    ktest_equal(found.all, 0);
    ktest_equal(found.lost, 0);
}

KTEST(each_event_is_read_as_it_was_written)
{
    struct found found;
    begin();
    migrate_disable();
    record(1, 100);
    migrate_enable();
    trace_stop();
    record(101, 100);                              /* not any more */
    for (unsigned twice = 0; twice < 2; twice++) { /* reading takes nothing out */
        read_all(&found);
        ktest_equal(found.ours, 100);
        ktest_equal(found.wrong, 0);
        ktest_equal(found.pid, current->pid);
        ktest_equal(found.lost, 0);
    }
    trace_clear();
    read_all(&found);
    ktest_equal(found.all, 0);
    finish();
}

KTEST(the_newest_events_are_kept_and_the_lost_are_counted)
{
    struct found found;
    begin();
    migrate_disable();
    record(1, TRACE_EVENTS + 1000);
    const unsigned cpu = cpu_id();
    migrate_enable();
    trace_stop();
    read_all(&found);
    ktest_assert(found.ours <= TRACE_EVENTS && found.ours > TRACE_EVENTS - 100);
    ktest_assert(found.lost >= 1000);
    ktest_equal(found.wrong, 0);
    ktest_equal(found.next[cpu], TRACE_EVENTS + 1001); /* the last one is there */
    finish();
}

KTEST(clearing_while_it_is_on_begins_anew)
{
    struct found found;
    begin();
    record(1, 3 * TRACE_EVENTS);
    trace_clear();
    record(1, 5);
    trace_stop();
    read_all(&found);
    ktest_equal(found.ours, 5);
    ktest_equal(found.lost, 0);
    finish();
}

/* --- many CPUs ------------------------------------------------------------------------------- */

static u32 ready;

static void record_on_this_cpu(void *unused)
{
    __atomic_add_fetch(&ready, 1, __ATOMIC_ACQ_REL);
    while (__atomic_load_n(&ready, __ATOMIC_ACQUIRE) < cpus_online)
        cond_resched();
    record(1, TRACE_EVENTS / 2);
}

KTEST(all_cpus_write_at_once_and_nothing_is_mixed)
{
    struct found found;
    begin();
    ready = 0;
    ktest_on_each_cpu(record_on_this_cpu, NULL);
    trace_stop();
    read_all(&found);
    ktest_equal(found.ours, (u64)cpus_online * (TRACE_EVENTS / 2));
    ktest_equal(found.wrong, 0);
    for (unsigned cpu = 0; cpu < cpus_online; cpu++)
        ktest_equal(found.next[cpu], TRACE_EVENTS / 2 + 1);
    finish();
}

static bool writing;

static void write_all_the_time(void *unused)
{
    u64 from = 1;
    for (; READ_ONCE(writing); from += 64) {
        record(from, 64);
        cond_resched();
    }
}

KTEST(what_is_read_while_it_is_overwritten_is_whole)
{
    struct task *writer[3];
    struct found found;
    u64 seen = 0;
    begin();
    WRITE_ONCE(writing, true);
    for (unsigned i = 0; i < ARRAY_COUNT(writer); i++)
        writer[i] = ktest_thread(write_all_the_time, NULL, (int)((i + 1) % cpus_online));
    for (unsigned i = 0; i < 6; i++) {
        time_sleep_ns(NS_PER_TICK); /* on one CPU they would not run otherwise */
        read_all(&found); /* threads on one CPU mix, and there are gaps; but none is torn */
        seen += found.ours;
        ktest_assert(found.all <= (u64)cpus_online * TRACE_EVENTS);
        if (i % 3 == 2)
            trace_clear();
    }
    WRITE_ONCE(writing, false);
    for (unsigned i = 0; i < ARRAY_COUNT(writer); i++)
        ktest_join(writer[i]);
    ktest_assert(seen > 0);
    finish();
}

static void turn_on_and_off(void *unused)
{
    for (unsigned i = 0; i < 6; i++) {
        ktest_equal(trace_start(), 0);
        cond_resched();
        trace_stop();
        trace_clear(); /* frees the rings, in which nobody may be writing */
    }
}

KTEST(it_may_be_switched_while_all_cpus_write)
{
    struct task *writer[3];
    trace_stop();
    WRITE_ONCE(writing, true);
    for (unsigned i = 0; i < ARRAY_COUNT(writer); i++)
        writer[i] = ktest_thread(write_all_the_time, NULL, (int)((i + 1) % cpus_online));
    turn_on_and_off(NULL);
    WRITE_ONCE(writing, false);
    for (unsigned i = 0; i < ARRAY_COUNT(writer); i++)
        ktest_join(writer[i]);
    finish();
}

/* --- what the kernel records ----------------------------------------------------------------- */

KTEST(splits_and_merges_of_blocks_are_recorded)
{
    struct found found;
    struct page *whole = page_alloc(GFP_KERNEL, PAGE_ORDER_MAX);
    ktest_assert(whole);
    begin();
    page_free(whole, PAGE_ORDER_MAX);
    struct page *part = page_alloc(GFP_KERNEL, PAGE_ORDER_MAX - 2);
    ktest_assert(part);
    page_free(part, PAGE_ORDER_MAX - 2);
    trace_stop();
    read_all(&found);
    ktest_equal(found.kinds[TRACE_SPLIT] != 0, found.kinds[TRACE_MERGE] != 0);
    finish();
}

KTEST(mappings_are_recorded_in_pairs)
{
    struct found found;
    struct page *page = page_alloc(GFP_KERNEL, 0);
    ktest_assert(page);
    bool before = kmap_force(true); /* on x86_64, too */
    begin();
    for (unsigned i = 0; i < 10; i++) {
        void *outer = kmap_local_page(page), *inner = kmap_local_page(page);
        kunmap_local(inner);
        kunmap_local(outer);
        void *pooled = kmap(page);
        ktest_assert(pooled);
        kunmap(page);
    }
    trace_stop();
    kmap_force(before);
    read_all(&found);
    ktest_assert(found.kinds[TRACE_KMAP] >= 30);
    ktest_equal(found.kinds[TRACE_KMAP], found.kinds[TRACE_KUNMAP]);
    finish();
    page_free(page, 0);
}

KTEST(flushes_are_recorded)
{
    struct found found;
    begin();
    tlb_flush_kernel_range(VMALLOC_START, VMALLOC_START + PAGE_BYTES);
    trace_stop();
    read_all(&found);
    ktest_assert(found.kinds[TRACE_FLUSH] >= 1);
    finish();
}
