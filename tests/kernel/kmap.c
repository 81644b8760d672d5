/*
 * kmap: its three states, the wrap of the cursor, waiting for a slot, other CPUs, and misuse.
 *
 * The numbers in brackets are those of the rules each test guards: [K3] to [K18].
 */
#include "mm/kmap.h"

#include "arch/x86/percpu.h"
#include "kernel/ktest.h"
#include "kernel/ktest_leak.h"
#include "kernel/sched.h"
#include "kernel/task.h"
#include "kernel/time.h"
#include "lib/minmax.h"
#include "mm/count.h"
#include "mm/mm.h"
#include "mm/pagetable.h"
#include "mm/zone.h"
#include "tests/kernel/kmap_pages.h"
#include "tests/kernel/user_space.h"

enum { SLOTS = PT_ENTRIES };

static u8 *addresses[SLOTS + 1];

static void expect_usage(unsigned used, unsigned idle, unsigned long users)
{
    struct kmap_usage usage = kmap_usage();
    ktest_equal(usage.used, used);
    ktest_equal(usage.idle, idle);
    ktest_equal(usage.users, users);
    ktest_equal(usage.empty + used + idle, SLOTS);
}

static bool is_mapped(const void *address)
{
    return pte_present(pt_walk(kernel_root, (vaddr_t)address).entry[0]);
}

/* --- one page -------------------------------------------------------------------------------- */

static void map_again(void *data)
{
    u8 *address = kmap(kmap_pages[0]);
    ktest_assert(address == data);
    ktest_equal(address[17], kmap_pages_byte(0));
    expect_usage(1, 0, 2);
    kunmap(kmap_pages[0]);
}

/* [K3, K9, K13, K18] */
KTEST(one_page_has_one_address_for_all_and_keeps_it_when_idle)
{
    kmap_pages_get(1);
    u8 *address = kmap(kmap_pages[0]);
    ktest_assert((vaddr_t)address >= PKMAP_BASE);
    expect_usage(1, 0, 1);
    ktest_join(ktest_thread(map_again, address, (int)cpus_online - 1));
    expect_usage(1, 0, 1);
    kunmap(kmap_pages[0]);
    expect_usage(0, 1, 0);
    ktest_assert(is_mapped(address)); /* the cache that makes the next kmap() free */

    unsigned long newly = count_read(COUNT_KMAP_POOL);
    ktest_assert(kmap(kmap_pages[0]) == address);
    ktest_equal(count_read(COUNT_KMAP_POOL), newly);
    kunmap(kmap_pages[0]);
    kmap_pages_put();
}

/* [K14] */
KTEST(flushing_the_unused_leaves_what_is_used)
{
    kmap_pages_get(2);
    u8 *kept = kmap(kmap_pages[0]);
    u8 *idle = kmap(kmap_pages[1]);
    kunmap(kmap_pages[1]);
    unsigned long flushes = count_read(COUNT_KMAP_FLUSH);
    kmap_flush_unused();
    ktest_equal(count_read(COUNT_KMAP_FLUSH), flushes + 1);
    expect_usage(1, 0, 1);
    ktest_assert(is_mapped(kept) && !is_mapped(idle));
    ktest_equal(kept[1], kmap_pages_byte(0));
    kmap_flush_unused(); /* nothing to do: no flush */
    ktest_equal(count_read(COUNT_KMAP_FLUSH), flushes + 1);
    kunmap(kmap_pages[0]);
    kmap_pages_put();
}

/* [K17, trap 30] and kmap_local beside kmap */
KTEST(the_address_of_a_page_is_kmaps_never_kmap_locals)
{
    kmap_pages_get(1);
    struct page *page = kmap_pages[0];
    u8 *local = kmap_local_page(page);
    ktest_assert(!kmap_address(page));
    if (page_is_highmem(page))
        ktest_assert(!page_address(page));

    u8 *lasting = kmap(page);
    ktest_assert(lasting != local);
    ktest_assert(kmap_address(page) == lasting);
    if (page_is_highmem(page))
        ktest_assert(page_address(page) == lasting);
    ktest_assert(kmap_page_of(lasting + 9) == page && kmap_page_of(local + 9) == page);
    local[5] = 99;
    ktest_equal(READ_ONCE(lasting[5]), 99);

    kunmap_local(lasting); /* not its business: nothing happens [L12] */
    expect_usage(1, 0, 1);
    kunmap_local(local);
    kunmap(page);
    ktest_assert(kmap_address(page) == lasting); /* idle, and not forgotten yet */
    kmap_flush_unused();
    ktest_assert(!kmap_address(page));
    kmap_pages_put();
}

/* [K8, trap 41] */
KTEST(a_page_of_the_direct_map_takes_no_slot)
{
    bool before = kmap_force(false);
    struct page *page = page_alloc(GFP_KERNEL, 0);
    ktest_assert(page);
    ktest_assert(kmap(page) == page_address(page));
    expect_usage(0, 0, 0);
    kunmap(page);

    ktest_expect_report("sleeping function called"); /* so misuse shows on small machines, too */
    preempt_disable();
    void *mapped = kmap(page);
    preempt_enable();
    ktest_report_seen();
    ktest_assert(mapped == page_address(page));
    page_free(page, 0);
    kmap_force(before);
}

/* [K13] */
KTEST(unmapping_too_often_is_reported)
{
    kmap_pages_get(1);
    ktest_assert(kmap(kmap_pages[0]));
    kunmap(kmap_pages[0]);
    ktest_expect_report("which is not mapped");
    kunmap(kmap_pages[0]);
    ktest_report_seen();
    expect_usage(0, 1, 0); /* the count did not go to 0: only a flush may do that */
    kmap_pages_put();
}

/* [K18, trap 27] */
KTEST(unmapping_with_interrupts_off_is_reported)
{
    kmap_pages_get(1);
    ktest_assert(kmap(kmap_pages[0]));
    ktest_expect_report("kunmap where interrupts are off");
    irqflags_t flags = irq_save();
    kunmap(kmap_pages[0]);
    irq_restore(flags);
    ktest_report_seen();
    kmap_pages_put();
}

/* [K2, trap 15] */
KTEST(a_process_made_before_sees_what_is_mapped_now)
{
    kmap_pages_get(1);
    user_space_enter(NULL);
    u8 *address = kmap(kmap_pages[0]);
    ktest_equal(address[3], kmap_pages_byte(0));
    ktest_equal(pt_walk(current->mm->root, (vaddr_t)address).entry[0].bits & PTE_ADDR_MASK,
                page_to_phys(kmap_pages[0]));
    kunmap(kmap_pages[0]);
    user_space_leave();
    kmap_pages_put();
}

/* --- all slots ------------------------------------------------------------------------------- */

/* [K4, K10, K11, trap 28] */
KTEST(one_flush_serves_all_slots_of_the_window)
{
    kmap_pages_get(SLOTS + 1);
    unsigned long flushes = count_read(COUNT_KMAP_FLUSH), sent = count_read(COUNT_TLB_SENT);
    unsigned flushed_before = 0; /* how many pages had come before the flush */
    for (unsigned n = 0; n <= SLOTS; n++) {
        addresses[n] = kmap(kmap_pages[n]);
        ktest_equal(addresses[n][n], kmap_pages_byte(n));
        kunmap(kmap_pages[n]);
        if (count_read(COUNT_KMAP_FLUSH) == flushes)
            flushed_before = n;
    }
    ktest_equal(count_read(COUNT_KMAP_FLUSH), flushes + 1);
    ktest_assert(count_read(COUNT_TLB_SENT) - sent >= cpus_online - 1);
    for (unsigned n = 0; n <= flushed_before; n++)
        for (unsigned other = 0; other < n; other += 31)
            ktest_assert(addresses[n] != addresses[other]);
    kmap_pages_put();
}

static void fill_window(void)
{
    for (unsigned n = 0; n < SLOTS; n++)
        addresses[n] = kmap(kmap_pages[n]);
    expect_usage(SLOTS, 0, SLOTS);
}

static void empty_window(void)
{
    for (unsigned n = 0; n < SLOTS; n++)
        kunmap(kmap_pages[n]);
}

static void empty_window_but(unsigned gone)
{
    for (unsigned n = 0; n < SLOTS; n++)
        if (n != gone)
            kunmap(kmap_pages[n]);
}

static bool all_are_where_they_were(void)
{
    for (unsigned n = 0; n < SLOTS; n++)
        if (kmap_address(kmap_pages[n]) != addresses[n])
            return false;
    return true;
}

/* [K1, K7] */
KTEST(a_full_window_takes_all_of_its_table_and_no_memory)
{
    kmap_pages_get(SLOTS);
    struct in_use before = in_use_now();
    fill_window();
    bool allocated = !in_use_as_before(&before);
    vaddr_t lowest = ~(vaddr_t)0, highest = 0;
    for (unsigned n = 0; n < SLOTS; n++) {
        lowest = min(lowest, (vaddr_t)addresses[n]);
        highest = max(highest, (vaddr_t)addresses[n]);
    }
    ktest_assert(!allocated);
    ktest_equal(lowest, PKMAP_BASE);
    ktest_equal(highest, PKMAP_BASE + (SLOTS - 1) * PAGE_BYTES);
    ktest_equal(lowest % LEVEL_BYTES(1), 0);
    ktest_equal(highest / LEVEL_BYTES(1), lowest / LEVEL_BYTES(1));
    ktest_assert(PKMAP_BASE >= VMALLOC_END && highest < FIXADDR_START);

    irqflags_t flags = irq_save(); /* the question is allowed anywhere */
    bool found = all_are_where_they_were();
    irq_restore(flags);
    ktest_assert(found);
    empty_window();
    kmap_pages_put();
}

static u8 *late_address; /* what the thread that waited got */

static void map_late(void *page)
{
    u8 *address = kmap(page);
    WRITE_ONCE(late_address, address);
}

static void wait_for_sleeper(unsigned long waits)
{
    while (count_read(COUNT_KMAP_WAIT) == waits)
        time_sleep_ns(NS_PER_MS);
    time_sleep_ns(5 * NS_PER_MS);
    ktest_assert(!READ_ONCE(late_address));
}

/* A CPU reads @data whenever it is asked to: its TLB knows the address. */
static u32 read_requests, read_answers;
static u8 byte_seen;

static void read_when_asked(void *data)
{
    for (u32 done = 0; done < 2;) {
        if (READ_ONCE(read_requests) == done) {
            sched_yield();
            continue;
        }
        WRITE_ONCE(byte_seen, READ_ONCE(*(u8 *)data));
        __atomic_store_n(&read_answers, ++done, __ATOMIC_RELEASE);
    }
}

static u8 ask_other_cpu(u32 request)
{
    __atomic_store_n(&read_requests, request, __ATOMIC_RELEASE);
    while (__atomic_load_n(&read_answers, __ATOMIC_ACQUIRE) != request)
        sched_yield();
    return byte_seen;
}

/* [K11, K12, K13, trap 4] */
KTEST(who_finds_no_slot_waits_and_gets_one_that_all_cpus_have_forgotten)
{
    enum { FREED = 7 };
    kmap_pages_get(SLOTS + 1);
    fill_window();
    late_address = NULL;
    read_requests = read_answers = 0;
    struct task *reader = ktest_thread(read_when_asked, addresses[FREED], (int)cpus_online - 1);
    ktest_equal(ask_other_cpu(1), kmap_pages_byte(FREED));

    unsigned long waits = count_read(COUNT_KMAP_WAIT), flushes = count_read(COUNT_KMAP_FLUSH);
    struct task *late = ktest_thread(map_late, kmap_pages[SLOTS], 0);
    wait_for_sleeper(waits);
    ktest_equal(count_read(COUNT_KMAP_FLUSH), flushes);
    kunmap(kmap_pages[FREED]);
    ktest_join(late);
    ktest_assert(late_address == addresses[FREED]); /* there was no other */
    ktest_equal(count_read(COUNT_KMAP_FLUSH), flushes + 1);
    ktest_equal(late_address[1], kmap_pages_byte(SLOTS));
    ktest_equal(ask_other_cpu(2), kmap_pages_byte(SLOTS));

    ktest_join(reader);
    kunmap(kmap_pages[SLOTS]);
    empty_window_but(FREED);
    kmap_pages_put();
}

/* [K12]: whoever of the two comes first, the other finds the page. */
KTEST(a_waiter_finds_that_another_has_mapped_its_page)
{
    kmap_pages_get(SLOTS + 1);
    for (unsigned round = 0; round < 8; round++) {
        fill_window();
        late_address = NULL;
        unsigned long waits = count_read(COUNT_KMAP_WAIT);
        struct task *late = ktest_thread(map_late, kmap_pages[SLOTS], (int)cpus_online - 1);
        wait_for_sleeper(waits);
        kunmap(kmap_pages[round]);
        u8 *mine = kmap(kmap_pages[SLOTS]);
        ktest_join(late);
        ktest_assert(late_address == mine);
        expect_usage(SLOTS, 0, SLOTS + 1);
        kunmap(kmap_pages[SLOTS]);
        kunmap(kmap_pages[SLOTS]);
        empty_window_but(round);
    }
    kmap_pages_put();
}

/* [K6] */
KTEST(one_slot_that_becomes_free_wakes_all_who_wait)
{
    struct task *late[3];
    kmap_pages_get(SLOTS + 1);
    fill_window();
    for (unsigned i = 0; i < ARRAY_COUNT(late); i++) {
        unsigned long waits = count_read(COUNT_KMAP_WAIT);
        late_address = NULL;
        late[i] = ktest_thread(map_late, kmap_pages[SLOTS], (int)(i % cpus_online));
        wait_for_sleeper(waits);
    }
    kunmap(kmap_pages[3]);
    for (unsigned i = 0; i < ARRAY_COUNT(late); i++)
        ktest_join(late[i]); /* they share the slot: all want the same page */
    ktest_assert(late_address == addresses[3]);
    expect_usage(SLOTS, 0, SLOTS - 1 + ARRAY_COUNT(late));
    for (unsigned i = 0; i < ARRAY_COUNT(late); i++)
        kunmap(kmap_pages[SLOTS]);
    empty_window_but(3);
    kmap_pages_put();
}

static void map_at_random(void *data)
{
    for (unsigned i = 0; i < 4000; i++) {
        unsigned n = ktest_random() % KMAP_PAGES_MAX;
        u8 *address = kmap(kmap_pages[n]);
        ktest_equal(READ_ONCE(address[0]), kmap_pages_byte(n));
        if (i % 16 == 0)
            sched_yield(); /* the address is good on whatever CPU goes on */
        ktest_equal(READ_ONCE(address[PAGE_BYTES - 1]), kmap_pages_byte(n));
        kunmap(kmap_pages[n]);
    }
}

/* [K5, K11, K18] */
KTEST_LIMITED(all_cpus_map_and_unmap_at_random, 120)
{
    kmap_pages_get(KMAP_PAGES_MAX);
    unsigned long flushes = count_read(COUNT_KMAP_FLUSH);
    ktest_on_each_cpu(map_at_random, NULL);
    ktest_assert(count_read(COUNT_KMAP_FLUSH) > flushes);
    ktest_equal(kmap_usage().users, 0);
    kmap_pages_put();
}
