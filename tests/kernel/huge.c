/*
 * Huge pages: mapped, shared, split, and done without.  H numbers are those of
 * docs/statements.md.
 */
#include "mm/huge.h"

#include "arch/x86/user_copy.h"
#include "kernel/ktest.h"
#include "kernel/sched.h"
#include "kernel/task.h"
#include "mm/count.h"
#include "mm/fail.h"
#include "mm/fork.h"
#include "mm/gup.h"
#include "mm/mlock.h"
#include "mm/mm.h"
#include "mm/mmap.h"
#include "mm/page.h"
#include "mm/pagetable.h"
#include "mm/walk.h"
#include "mm/zone.h"
#include "tests/kernel/user_space.h"

enum { READ_WRITE = PROT_READ | PROT_WRITE };

#define AREA  ((vaddr_t)0x40000000) /* where a huge page begins, on every build */
#define PAGES ((unsigned)HUGE_PAGES)

static enum thp_mode mode_before;

static u32 *word(unsigned page) { return (u32 *)(AREA + page * PAGE_BYTES); }

static u32 read_word(unsigned page)
{
    u32 value = ~0u;
    ktest_equal(get_user(value, word(page)), 0);
    return value;
}

static void start(void)
{
    static bool has_zero_page;
    if (!has_zero_page)
        ktest_may_keep(0, PAGES); /* made once: for all tests here in the first of them */
    has_zero_page = true;
    ktest_assert(huge_zero_page());
    mode_before = thp_mode;
    thp_mode = THP_ALWAYS;
    user_space_enter(NULL);
    user_space_map(AREA, 2 * HUGE_BYTES, READ_WRITE);
}

static void end(void)
{
    user_space_leave();
    thp_mode = mode_before;
}

/* The level of the entry that maps @va of @mm. */
static unsigned level_of(struct mm *mm, vaddr_t va)
{
    struct pt_spot spot = pt_spot(mm->root, va, va + PAGE_BYTES);
    pt_unmap(spot.slot);
    return spot.level;
}

static void write_all(u32 first)
{
    for (unsigned i = 0; i < PAGES; i++)
        ktest_equal(put_user(first + i, word(i)), 0);
}

static void check_all(u32 first)
{
    for (unsigned i = 0; i < PAGES; i++)
        ktest_equal(read_word(i), first + i);
}

KTEST(a_read_maps_the_huge_zero_page)
{
    start();
    unsigned long zero = count_read(COUNT_FAULT_HUGE_ZERO), all = count_read(COUNT_FAULT);
    for (unsigned i = 0; i < PAGES; i++)
        ktest_equal(read_word(i), 0);
    ktest_equal(count_read(COUNT_FAULT_HUGE_ZERO) - zero, 1); /* H1 */
    ktest_equal(count_read(COUNT_FAULT) - all, 1);
    ktest_equal(mm_resident_pages(current->mm), 0); /* H4 */
    ktest_equal(level_of(current->mm, AREA), LEVEL_HUGE);
    pte_t *slot = pt_find(current->mm->root, AREA, LEVEL_HUGE);
    ktest_assert(pte_special(pte_get(slot)) && pte_is_zero_page(pte_get(slot))); /* H5 */
    ktest_assert(!pte_writable(pte_get(slot)));
    struct vma *vma = vma_lookup(current->mm, AREA);
    ktest_assert(!vm_normal_page_slowly(vma, AREA, pte_get(slot))); /* Z20: no page, no report */
    end();
}

static void note_huge_zero(void *pages)
{
    struct page **all = pages;
    all[cpu_id()] = huge_zero_page();
}

/* [H2, trap 36] */
KTEST(there_is_one_huge_zero_page_and_it_stays)
{
    struct page *seen[NR_CPUS] = { NULL };
    ktest_on_each_cpu(note_huge_zero, seen);
    for (unsigned cpu = 0; cpu < cpus_online; cpu++)
        ktest_assert(seen[cpu] && seen[cpu] == seen[0]);
    unsigned long free_before = pages_free();
    ktest_assert(huge_zero_page() == seen[0]);
    ktest_equal(pages_free(), free_before);
    for (unsigned round = 0; round < 3; round++) { /* each mm that had it ends */
        start();
        read_word(0);
        struct mm *child = mm_fork(current->mm);
        ktest_assert(child);
        mm_put(child);
        ktest_equal(mm_protect(current->mm, AREA, PAGE_BYTES, PROT_READ), 0); /* split */
        end();
    }
    ktest_equal(page_refs(seen[0]), 1);
    ktest_assert(huge_zero_page() == seen[0]);
}

/* [H3] */
KTEST(without_memory_for_it_the_small_zero_page_does)
{
    start();
    u32 other = 1;
    ktest_equal(get_user(other, (u32 *)(AREA + HUGE_BYTES)), 0); /* for the tables above */
    ktest_equal(other, 0);
    fail_arm(1);
    u32 value = read_word(0);
    bool failed = fail_disarm();
    ktest_assert(failed);
    ktest_equal(value, 0);
    ktest_equal(level_of(current->mm, AREA), 0);
    ktest_equal(mm_resident_pages(current->mm), 0);
    end();
}

/* [H8, H4] */
KTEST(fork_copies_the_huge_zero_entry_as_it_is)
{
    start();
    ktest_equal(put_user(1, (u32 *)(AREA + HUGE_BYTES)), 0); /* or fork() would skip the vma */
    read_word(0);
    struct mm *child = mm_fork(current->mm);
    ktest_assert(child);
    pte_t ours = pte_get(pt_find(current->mm->root, AREA, LEVEL_HUGE));
    pte_t theirs = pte_get(pt_find(child->root, AREA, LEVEL_HUGE));
    ktest_equal(theirs.bits, pte_make_old(ours).bits);
    ktest_assert(pte_special(theirs) && pte_is_zero_page(theirs));
    ktest_equal(child->anon_pages, PAGES);
    mm_put(child);
    end();
}

/* [H9] */
KTEST(locking_read_only_memory_leaves_the_huge_zero_page)
{
    start();
    ktest_equal(mm_protect(current->mm, AREA, 2 * HUGE_BYTES, PROT_READ), 0);
    read_word(0);
    ktest_equal(mm_lock(current->mm, AREA, HUGE_BYTES, 0), 0);
    pte_t entry = pte_get(pt_find(current->mm->root, AREA, LEVEL_HUGE));
    ktest_assert(pte_is_huge(entry) && pte_special(entry) && pte_is_zero_page(entry));
    ktest_equal(mm_resident_pages(current->mm), 0);
    ktest_equal(mm_unlock(current->mm, AREA, HUGE_BYTES), 0);
    end();
}

/* [trap 46] */
KTEST(a_write_maps_a_huge_page_of_zeroes)
{
    start();
    unsigned long huge = count_read(COUNT_FAULT_HUGE), all = count_read(COUNT_FAULT);
    ktest_equal(put_user(1, word(PAGES / 2)), 0);
    for (unsigned i = 0; i < PAGES; i++)
        ktest_equal(read_word(i), i == PAGES / 2);
    write_all(5);
    ktest_equal(count_read(COUNT_FAULT_HUGE) - huge, 1);
    ktest_equal(count_read(COUNT_FAULT) - all, 1);
    ktest_equal(current->mm->anon_pages, PAGES);
    end();
}

KTEST(a_write_replaces_the_huge_zero_page_at_once)
{
    start();
    read_word(0);
    unsigned long huge = count_read(COUNT_FAULT_HUGE), split = count_read(COUNT_HUGE_SPLIT);
    ktest_equal(put_user(1, word(3)), 0);
    ktest_equal(count_read(COUNT_FAULT_HUGE) - huge, 1); /* H6, as since 6.13 */
    ktest_equal(count_read(COUNT_HUGE_SPLIT), split);
    ktest_equal(level_of(current->mm, AREA), LEVEL_HUGE);
    ktest_equal(read_word(4), 0);
    end();
}

KTEST(unmapping_a_part_splits_and_gives_it_back)
{
    start();
    write_all(7);
    unsigned long split = count_read(COUNT_HUGE_SPLIT);
    unsigned long free_before = pages_free();
    ktest_equal(mm_unmap(current->mm, (vaddr_t)word(8), (PAGES - 16) * PAGE_BYTES), 0);
    ktest_equal(count_read(COUNT_HUGE_SPLIT) - split, 1);
    ktest_equal(current->mm->anon_pages, 16);
    ktest_assert(pages_free() >= free_before + PAGES - 16 - 64); /* at once, not with the rest */
    for (unsigned i = 0; i < 8; i++) {
        ktest_equal(read_word(i), 7 + i);
        ktest_equal(read_word(PAGES - 1 - i), 7 + PAGES - 1 - i);
    }
    ktest_assert(put_user(1, word(8)) != 0);
    end();
}

KTEST(protecting_a_part_splits_the_huge_zero_page_too)
{
    start();
    read_word(0);
    ktest_equal(mm_protect(current->mm, AREA, PAGE_BYTES, PROT_READ), 0); /* H7 */
    ktest_equal(level_of(current->mm, AREA), 0);
    unsigned long faults = count_read(COUNT_FAULT);
    for (unsigned i = 0; i < PAGES; i++)
        ktest_equal(read_word(i), 0); /* small zero entries, all there */
    ktest_equal(count_read(COUNT_FAULT), faults);
    ktest_assert(put_user(1, word(0)) != 0);
    ktest_equal(put_user(1, word(1)), 0);
    ktest_equal(current->mm->anon_pages, 1);
    end();
}

static void child_writes_one(void *data)
{
    struct mm *child = data;
    user_space_enter(child);
    check_all(9);
    ktest_equal(level_of(child, AREA), LEVEL_HUGE);
    ktest_equal(put_user(1, word(2)), 0); /* splits the child's entry, copies one page */
    ktest_equal(level_of(child, AREA), 0);
    ktest_equal(read_word(2), 1);
    ktest_equal(read_word(3), 12);
    ktest_equal(child->anon_pages, PAGES);
    user_space_leave();
}

KTEST(fork_shares_a_huge_page_and_a_write_copies_one_small_one)
{
    start();
    write_all(9);
    struct mm *child = mm_fork(current->mm);
    ktest_assert(child);
    ktest_equal(child->anon_pages, PAGES);
    unsigned long cow = count_read(COUNT_FAULT_COW);
    ktest_join(ktest_thread(child_writes_one, child, -1));
    ktest_equal(count_read(COUNT_FAULT_COW) - cow, 1);
    check_all(9);
    mm_put(child);
    unsigned long reuse = count_read(COUNT_FAULT_REUSE);
    ktest_equal(put_user(9, word(0)), 0);
    ktest_equal(count_read(COUNT_FAULT_REUSE) - reuse, 1); /* whole again: nobody else has it */
    ktest_equal(level_of(current->mm, AREA), LEVEL_HUGE);
    check_all(9);
    end();
}

KTEST(a_part_of_a_huge_page_can_be_held_by_a_stranger)
{
    struct page *page;
    start();
    write_all(3);
    struct user_pages wanted = { .start = (vaddr_t)word(5), .count = 1 };
    ktest_equal(get_user_pages(current->mm, &wanted, &page), 1);
    ktest_assert(page != page_head(page));
    ktest_equal(mm_unmap(current->mm, AREA, HUGE_BYTES), 0);
    ktest_equal(page_refs(page), 1); /* the block stays for him */
    page_put(page);
    end();
}

/* --- several CPUs ---------------------------------------------------------------------------- */

enum { THREADS = 4, ROUNDS = 8 };

static struct mm *shared;
static unsigned ready; /* atomic */

static void touch_at_once(void *number)
{
    user_space_enter(shared);
    __atomic_fetch_add(&ready, 1, __ATOMIC_SEQ_CST);
    while (__atomic_load_n(&ready, __ATOMIC_SEQ_CST) < THREADS)
        sched_yield();
    ktest_equal(put_user(1, word((unsigned)(unsigned long)number)), 0);
    user_space_leave();
}

KTEST(threads_that_fault_at_once_get_one_huge_page)
{
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct task *threads[THREADS];
        start();
        shared = current->mm;
        ready = 0;
        unsigned long huge = count_read(COUNT_FAULT_HUGE);
        for (unsigned long i = 0; i < THREADS; i++)
            threads[i] = ktest_thread(touch_at_once, (void *)i, (int)(i % cpus_online));
        for (unsigned i = 0; i < THREADS; i++)
            ktest_join(threads[i]);
        ktest_equal(count_read(COUNT_FAULT_HUGE) - huge, 1);
        ktest_equal(shared->anon_pages, PAGES);
        for (unsigned i = 0; i < THREADS; i++)
            ktest_equal(read_word(i), 1);
        end();
    }
}

static unsigned stop; /* atomic */

static void read_meanwhile(void *mm)
{
    user_space_enter(mm);
    while (!__atomic_load_n(&stop, __ATOMIC_ACQUIRE)) {
        ktest_equal(read_word(1), 0x77);
        cond_resched();
    }
    user_space_leave();
}

/* Trap 37: no CPU may know the huge entry and a small one at once. */
KTEST(a_split_is_invisible_to_those_who_read)
{
    start();
    stop = 0;
    ktest_equal(put_user(0x77, word(1)), 0);
    struct task *reader = ktest_thread(read_meanwhile, current->mm, cpus_online > 1);
    for (unsigned round = 0; round < ROUNDS; round++) {
        vaddr_t second = AREA + HUGE_BYTES;
        ktest_equal(put_user(1, (u32 *)second), 0);
        ktest_equal(mm_unmap(current->mm, second + PAGE_BYTES, HUGE_BYTES - PAGE_BYTES), 0);
        user_space_map(second, HUGE_BYTES, READ_WRITE);
        sched_yield();
    }
    ktest_equal(mm_protect(current->mm, (vaddr_t)word(5), PAGE_BYTES, PROT_READ), 0);
    __atomic_store_n(&stop, 1, __ATOMIC_RELEASE);
    ktest_join(reader);
    end();
}
