/*
 * kmap_local across switches, on other CPUs, under interrupts and page faults.
 *
 * The numbers in brackets are those of the rules each test guards: [L1] to [L35].
 */
#include "arch/x86/cpu.h"
#include "arch/x86/ipi.h"
#include "arch/x86/user_copy.h"
#include "kernel/ktest.h"
#include "kernel/sched.h"
#include "kernel/task.h"
#include "kernel/time.h"
#include "kernel/timer.h"
#include "lib/string.h"
#include "mm/count.h"
#include "mm/fixmap.h"
#include "mm/kmap_local.h"
#include "mm/mm.h"
#include "mm/mmap.h"
#include "tests/kernel/kmap_pages.h"
#include "tests/kernel/user_space.h"

#define USER_AREA ((vaddr_t)0x10000000)

/* --- switches --------------------------------------------------------------------------------- */

/* Map page @data and keep it over many switches to others who do the same. */
static void hold_over_switches(void *data)
{
    unsigned n = (unsigned)(unsigned long)data;
    unsigned cpu_before = 0;

    for (unsigned round = 0; round < 50; round++) {
        u8 *outer = kmap_local_page(kmap_pages[n]);
        u8 *inner = kmap_local_page(kmap_pages[n + 1]);
        cpu_before = cpu_id();
        for (unsigned i = 0; i < 5; i++) {
            if (i == 3)
                time_sleep_ns(100000);
            else
                sched_yield();
            ktest_equal(outer[i], n);
            ktest_equal(inner[i], n + 1);
            ktest_equal(cpu_id(), cpu_before);
        }
        kunmap_local(inner);
        kunmap_local(outer);
    }
}

/* [L23, L24, L26, trap 10] */
KTEST(mappings_survive_switches_and_keep_their_task_on_its_cpu)
{
    struct task *threads[6];
    kmap_pages_get(ARRAY_COUNT(threads) + 1);
    for (unsigned n = 0; n < ARRAY_COUNT(threads); n++)
        threads[n] = ktest_thread(hold_over_switches, (void *)(unsigned long)n, -1);
    for (unsigned n = 0; n < ARRAY_COUNT(threads); n++)
        ktest_join(threads[n]);
    kmap_pages_put();
}

/* [L26, L32] */
KTEST(a_page_fault_may_happen_under_a_mapping)
{
    kmap_pages_get(1);
    user_space_enter(NULL);
    user_space_map(0x10000000, PAGE_BYTES, PROT_READ | PROT_WRITE);
    u8 *mapped = kmap_local_page(kmap_pages[0]);
    mapped[3] = 33;
    ktest_equal(copy_to_user((void *)0x10000000, mapped, PAGE_BYTES), 0);
    ktest_equal(copy_from_user(mapped + 8, (void *)0x10000000, 8), 0);
    ktest_equal(mapped[8 + 3], 33);
    kunmap_local(mapped);
    user_space_leave();
    kmap_pages_put();
}

/* [L2] */
KTEST(another_cpu_has_slots_of_its_own)
{
    kmap_pages_get(1);
    sched_set_affinity(current, 1);
    u8 *here = kmap_local_page(kmap_pages[0]);
    ktest_assert((vaddr_t)here >= fixmap_address(FIX_KMAP + KMAP_LOCAL_DEPTH - 1));
    kunmap_local(here);
    if (cpus_online > 1) {
        sched_set_affinity(current, 2);
        u8 *there = kmap_local_page(kmap_pages[0]);
        ktest_assert((vaddr_t)there < fixmap_address(FIX_KMAP + KMAP_LOCAL_DEPTH - 1));
        kunmap_local(there);
    }
    kmap_pages_put();
}

/* [L6] */
KTEST(a_mapping_with_interrupts_off_nests_like_a_handlers)
{
    kmap_pages_get(2);
    u8 *outer = kmap_local_page(kmap_pages[0]);
    irqflags_t flags = irq_save();
    u8 *inner = kmap_local_page(kmap_pages[1]);
    u8 seen = inner[9];
    kunmap_local(inner);
    irq_restore(flags);
    ktest_equal(seen, 1);
    ktest_equal(outer[9], 0);
    kunmap_local(outer);
    kmap_pages_put();
}

/* [L26, L29, trap 12] */
KTEST(a_new_affinity_waits_for_the_last_unmapping)
{
    if (cpus_online == 1)
        ktest_skip("needs two CPUs");
    kmap_pages_get(2);
    sched_set_affinity(current, 1);
    u8 *outer = kmap_local_page(kmap_pages[0]);
    u8 *inner = kmap_local_page(kmap_pages[1]);
    sched_set_affinity(current, 2);
    for (unsigned i = 0; i < 5; i++) {
        ktest_equal(cpu_id(), 0);
        ktest_equal(outer[i], kmap_pages_byte(0));
        time_sleep_ns(NS_PER_MS);
    }
    kunmap_local(inner);
    sched_yield();
    ktest_equal(cpu_id(), 0);
    kunmap_local(outer);
    preempt_disable();
    bool goes = need_resched() || cpu_id() == 1;
    preempt_enable();
    ktest_assert(goes);
    sched_yield(); /* with preempt=full it is there already */
    ktest_equal(cpu_id(), 1);
    kmap_pages_put();
}

static void map_other_page(void *data)
{
    u8 *mapped = kmap_local_page(kmap_pages[1]);
    *(u8 **)data = mapped;
    for (unsigned i = 0; i < 3; i++) {
        sched_yield();
        ktest_equal(mapped[i], kmap_pages_byte(1));
    }
    kunmap_local(mapped);
}

/* [L23, trap 10]: the other's page comes and goes at the very address */
KTEST(who_comes_between_uses_the_same_slot_for_another_page)
{
    kmap_pages_get(2);
    sched_set_affinity(current, 1);
    u8 *others = NULL;
    u8 *mine = kmap_local_page(kmap_pages[0]);
    struct task *other = ktest_thread(map_other_page, &others, 0);
    while (!READ_ONCE(others))
        sched_yield();
    ktest_assert(others == mine);
    ktest_equal(READ_ONCE(mine[4]), kmap_pages_byte(0));
    ktest_join(other);
    ktest_equal(READ_ONCE(mine[5]), kmap_pages_byte(0));
    kunmap_local(mine);
    kmap_pages_put();
}

/* --- interrupts ------------------------------------------------------------------------------ */

/* [L7] */
KTEST(a_handler_that_maps_with_interrupts_on_is_reported)
{
    kmap_pages_get(1);
    ktest_expect_report("interrupt handler with interrupts on");
    irq_enter();
    kunmap_local(kmap_local_page(kmap_pages[0]));
    irq_exit();
    ktest_report_seen();
    kmap_pages_put();
}

static u32 wrong_in_handler, handled; /* (a) */

/* What a handler does on top of whatever it interrupted: two pages, nested. */
static void map_in_handler(void *unused)
{
    u8 *outer = kmap_local_page(kmap_pages[2]);
    u8 *inner = kmap_local_page(kmap_pages[3]);
    if (outer[8] != kmap_pages_byte(2) || inner[8] != kmap_pages_byte(3))
        __atomic_fetch_add(&wrong_in_handler, 1, __ATOMIC_RELAXED);
    kunmap_local(inner);
    kunmap_local(outer);
    __atomic_fetch_add(&handled, 1, __ATOMIC_RELAXED);
}

static void map_in_timer(struct timer *timer)
{
    map_in_handler(NULL);
    timer_start(timer, time_now_ns() + NS_PER_MS / 2); /* the next tick */
}

static void map_until(void *deadline)
{
    /* on a busy host few interrupts may come in that time */
    for (unsigned i = 0; time_now_ns() < *(u64 *)deadline || READ_ONCE(handled) < 10; i++) {
        u8 *outer = kmap_local_page(kmap_pages[0]);
        u8 *inner = kmap_local_page(kmap_pages[1]);
        if (i % 8 == 0)
            sched_yield(); /* handlers come within the switch, too */
        if (outer[i % PAGE_BYTES] != kmap_pages_byte(0) ||
            inner[i % PAGE_BYTES] != kmap_pages_byte(1))
            __atomic_fetch_add(&wrong_in_handler, 1, __ATOMIC_RELAXED);
        kunmap_local(inner);
        kunmap_local(outer);
    }
}

/* [L5, L11, L25, trap 11] */
KTEST(handlers_map_at_any_moment_of_mapping_and_switching)
{
    u64 deadline = time_now_ns() + 300 * NS_PER_MS;
    struct task *threads[2];
    struct timer timer;
    kmap_pages_get(4);
    wrong_in_handler = handled = 0;
    timer_setup(&timer, map_in_timer);
    sched_set_affinity(current, cpus_online > 1 ? 2 : 1);
    for (unsigned i = 0; i < ARRAY_COUNT(threads); i++)
        threads[i] = ktest_thread(map_until, &deadline, 0);
    timer_start(&timer, time_now_ns());
    while (cpus_online > 1 && time_now_ns() < deadline)
        ipi_call(1, map_in_handler, NULL, true);
    for (unsigned i = 0; i < ARRAY_COUNT(threads); i++)
        ktest_join(threads[i]);
    while (!timer_cancel(&timer))
        cpu_relax();
    ktest_equal(wrong_in_handler, 0);
    kmap_pages_put();
}

/* --- fork and faults ------------------------------------------------------------------------- */

/* [L27] */
KTEST(a_copied_task_holds_no_mapping)
{
    static struct task child;
    kmap_pages_get(1);
    u8 *mapped = kmap_local_page(kmap_pages[0]);
    child.kmap = current->kmap;
    ktest_expect_report("a copied task holds");
    kmap_local_fork(&child);
    ktest_report_seen();
    ktest_equal(child.kmap.depth, 0);
    kmap_local_fork(&child); /* nothing to say now */
    ktest_equal(mapped[2], kmap_pages_byte(0));
    kunmap_local(mapped);
    kmap_pages_put();
}

/* [L31, L32, L33, trap 13] */
KTEST(a_copy_under_an_atomic_mapping_fails_where_it_would_have_to_fault)
{
    kmap_pages_get(1);
    user_space_enter(NULL);
    user_space_map(USER_AREA, PAGE_BYTES, PROT_READ | PROT_WRITE);
    unsigned long faults = count_read(COUNT_FAULT), own = current->faults;

    down_write(&current->mm->mmap_lock); /* whoever took it for the fault would wait for ever */
    u8 *mapped = kmap_atomic(kmap_pages[0]);
    size_t to = copy_to_user((void *)USER_AREA, mapped, 100);
    size_t from = copy_from_user(mapped, (void *)USER_AREA, 100);
    kunmap_atomic(mapped);
    up_write(&current->mm->mmap_lock);
    ktest_equal(to, 100);
    ktest_equal(from, 100);
    ktest_equal(count_read(COUNT_FAULT), faults);
    ktest_equal(current->faults, own);

    mapped = kmap_local_page(kmap_pages[0]); /* the kind that may sleep */
    ktest_equal(copy_to_user((void *)USER_AREA, mapped, 100), 0);
    ktest_assert(current->faults > own);
    kunmap_local(mapped);
    mapped = kmap_atomic(kmap_pages[0]); /* now it is there */
    to = copy_to_user((void *)USER_AREA, mapped, 100);
    kunmap_atomic(mapped);
    ktest_equal(to, 0);
    user_space_leave();
    kmap_pages_put();
}
