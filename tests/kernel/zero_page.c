/*
 * The zero page and copy-on-write, seen in counters and page tables.  Z, B and L numbers are those
 * of docs/statements.md.
 */
#include "arch/x86/user_copy.h"
#include "kernel/ktest.h"
#include "kernel/task.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/count.h"
#include "mm/fault.h"
#include "mm/fork.h"
#include "mm/gup.h"
#include "mm/madvise.h"
#include "mm/mm.h"
#include "mm/mmap.h"
#include "mm/page.h"
#include "mm/pagetable.h"
#include "mm/rmap.h"
#include "mm/vma.h"
#include "mm/walk.h"
#include "tests/kernel/user_space.h"
#include "tests/kernel/zero_area.h"

/* [trap 2] */
KTEST(reading_maps_the_zero_page_special_and_read_only)
{
    zero_area_start(READ_WRITE);
    unsigned long zero = count_read(COUNT_FAULT_ZERO);
    unsigned long flushes = count_read(COUNT_TLB_PAGE) + count_read(COUNT_TLB_SENT);
    read_all();
    ktest_equal(count_read(COUNT_FAULT_ZERO) - zero, PAGES);                       /* Z9 */
    ktest_equal(count_read(COUNT_TLB_PAGE) + count_read(COUNT_TLB_SENT), flushes); /* Z10 */
    for (unsigned i = 0; i < PAGES; i++)
        ktest_assert(is_zero_entry(current->mm, (vaddr_t)word(i))); /* Z2, Z11 */
    ktest_equal(mm_resident_pages(current->mm), 0);
    ktest_assert(!vma_lookup(current->mm, AREA)->anon_vma);
    ktest_equal(page_of(zero_pfn)->refs, 1); /* Z1 */
    read_all();
    ktest_equal(count_read(COUNT_FAULT_ZERO) - zero, PAGES);
    user_space_leave();
}

KTEST(a_write_to_a_zero_entry_gets_a_page_that_was_not_copied)
{
    zero_area_start(READ_WRITE);
    read_all();
    unsigned long cow = count_read(COUNT_FAULT_COW), zero = count_read(COUNT_FAULT_COW_ZERO);
    for (unsigned i = 0; i < PAGES; i++)
        ktest_equal(put_user(i + 1, word(i)), 0); /* by the kernel: trap 1, CR0.WP */
    ktest_equal(count_read(COUNT_FAULT_COW_ZERO) - zero, PAGES);
    ktest_equal(count_read(COUNT_FAULT_COW) - cow, 0); /* Z28, B10 */
    ktest_equal(current->mm->anon_pages, PAGES);       /* Z31 */
    ktest_equal(page_of(zero_pfn)->refs, 1);           /* Z33 */
    ktest_equal(page_of(zero_pfn)->mapcount, 0);
    ktest_assert(vma_lookup(current->mm, AREA)->anon_vma); /* Z29 */
    for (unsigned i = 0; i < PAGES; i++)
        ktest_equal(read_word(i), i + 1);
    user_space_leave();
}

KTEST(a_first_write_never_meets_the_zero_page)
{
    zero_area_start(READ_WRITE);
    unsigned long zero = count_read(COUNT_FAULT_ZERO), all = count_read(COUNT_FAULT);
    unsigned long fresh = count_read(COUNT_FAULT_FRESH);
    ktest_equal(put_user(1, word(0)), 0);
    ktest_equal(count_read(COUNT_FAULT_ZERO), zero); /* Z14 */
    ktest_equal(count_read(COUNT_FAULT_FRESH) - fresh, 1);
    ktest_equal(count_read(COUNT_FAULT) - all, 1);
    user_space_leave();
}

KTEST(read_only_memory_keeps_its_zero_entry)
{
    zero_area_start(PROT_READ);
    read_all(); /* Z15 */
    pte_t before = entry_of(current->mm, AREA);
    ktest_equal(put_user(1, word(0)), -EFAULT); /* Z35 */
    ktest_equal(entry_of(current->mm, AREA).bits, before.bits);
    ktest_equal(mm_resident_pages(current->mm), 0);
    user_space_leave();
}

/* [Z3, Z4, trap 19, trap 20] */
KTEST(protection_comes_and_goes_without_a_new_zero_fault)
{
    zero_area_start(READ_WRITE);
    read_all();
    unsigned long zero = count_read(COUNT_FAULT_ZERO);
    ktest_equal(mm_protect(current->mm, AREA, PAGES * PAGE_BYTES, 0), 0);
    pte_t none = entry_of(current->mm, AREA);
    ktest_assert(!pte_present(none) && pte_mapped(none)); /* Z40: the frame and the mark stay */
    ktest_assert(pte_special(none) && pfn_is_zero_page(pte_pfn(none)));
    ktest_equal(mm_protect(current->mm, AREA, PAGES * PAGE_BYTES, READ_WRITE), 0);
    ktest_assert(is_zero_entry(current->mm, AREA)); /* still read-only */
    read_all();
    ktest_equal(count_read(COUNT_FAULT_ZERO), zero);
    user_space_leave();
}

KTEST(unmapping_zero_entries_frees_no_page)
{
    zero_area_start(READ_WRITE);
    read_all();
    ktest_equal(mm_unmap(current->mm, AREA, PAGES * PAGE_BYTES), 0); /* Z38 */
    ktest_equal(mm_resident_pages(current->mm), 0);
    ktest_equal(page_of(zero_pfn)->refs, 1);
    user_space_leave();
}

/* --- strange special entries --------------------------------------------------------------- */

static void plant(vaddr_t va, pte_t entry)
{
    vma_lookup(current->mm, va)->touched = true;
    pte_t *slot = pt_slot(current->mm->root, va, 0, &current->mm->tables);
    ktest_assert(slot);
    pte_set(slot, entry);
    pt_unmap(slot);
}

static void unplant(vaddr_t va) { plant(va, (pte_t){ 0 }); }

/* [Z5] */
KTEST(a_special_entry_of_a_strange_frame_is_reported)
{
    zero_area_start(READ_WRITE);
    struct vma *vma = vma_lookup(current->mm, AREA);
    pte_t strange = pte_make_special(pte_without_write(vma_entry(vma, (pfn_t){ 0x77 })));
    ktest_expect_report("bad page map");
    ktest_assert(!vm_normal_page_slowly(vma, AREA, strange)); /* Z19, B2 */
    ktest_report_seen();
    vma->flags |= VM_PFNMAP;
    ktest_assert(!vm_normal_page_slowly(vma, AREA, strange)); /* Z17: silently */
    vma->flags &= ~(unsigned)VM_PFNMAP;
    pte_t zero = pte_make_special(pte_without_write(vma_entry(vma, zero_pfn)));
    ktest_assert(!vm_normal_page_slowly(vma, AREA, zero)); /* Z18: silently */
    user_space_leave();
}

KTEST(a_frame_beyond_memory_is_reported)
{
    zero_area_start(READ_WRITE);
    struct vma *vma = vma_lookup(current->mm, AREA);
    ktest_expect_report("bad page map");
    pte_t beyond = vma_entry(vma, (pfn_t){ 0xfff00 });
    ktest_assert(!vm_normal_page_slowly(vma, AREA, beyond)); /* Z16 */
    ktest_report_seen();
    user_space_leave();
}

KTEST(an_entry_with_noise_is_empty)
{
    zero_area_start(READ_WRITE);
    plant(AREA, (pte_t){ PTE_NOISE }); /* trap 21 */
    ktest_equal(read_word(0), 0);
    ktest_assert(is_zero_entry(current->mm, AREA));
    unplant(AREA);
    user_space_leave();
}

/* --- fork ------------------------------------------------------------------------------------ */

/* Run @check as the child of the current address space. */
static void in_child(struct mm *child, void (*check)(void *data))
{
    ktest_join(ktest_thread(check, child, -1));
}

static void child_reads_then_writes(void *child)
{
    user_space_enter(child);
    for (unsigned i = 0; i < PAGES; i++)
        ktest_equal(read_word(i), i + 1);
    for (unsigned i = 0; i < PAGES; i++)
        ktest_equal(put_user(100 + i, word(i)), 0);
    for (unsigned i = 0; i < PAGES; i++)
        ktest_equal(read_word(i), 100 + i);
    user_space_leave();
}

KTEST(fork_shares_until_somebody_writes)
{
    zero_area_start(READ_WRITE);
    for (unsigned i = 0; i < PAGES; i++)
        ktest_equal(put_user(i + 1, word(i)), 0);
    unsigned long cow = count_read(COUNT_FAULT_COW), reuse = count_read(COUNT_FAULT_REUSE);
    struct mm *child = mm_fork(current->mm);
    ktest_assert(child);
    ktest_equal(child->anon_pages, PAGES);
    ktest_assert(!pte_writable(entry_of(current->mm, AREA)));
    ktest_assert(!pte_writable(entry_of(child, AREA)));
    in_child(child, child_reads_then_writes);
    ktest_equal(count_read(COUNT_FAULT_COW) - cow, PAGES);
    for (unsigned i = 0; i < PAGES; i++)
        ktest_equal(read_word(i), i + 1); /* the parent's own */
    for (unsigned i = 0; i < PAGES; i++)
        ktest_equal(put_user(i, word(i)), 0);
    ktest_equal(count_read(COUNT_FAULT_REUSE) - reuse, PAGES); /* nobody else has them */
    mm_put(child);
    user_space_leave();
}

KTEST(fork_copies_zero_entries_as_they_are)
{
    zero_area_start(READ_WRITE);
    read_all();
    struct mm *child = mm_fork(current->mm);
    ktest_assert(child);
    ktest_assert(pte_none(entry_of(child, AREA))); /* Z37: only read, so not even looked at */
    mm_put(child);

    ktest_equal(put_user(1, word(0)), 0); /* now the vma has private pages */
    child = mm_fork(current->mm);
    ktest_assert(child);
    ktest_assert(is_zero_entry(child, (vaddr_t)word(1)));
    ktest_equal(child->anon_pages, 1);
    ktest_equal(page_of(zero_pfn)->refs, 1);
    mm_put(child);
    user_space_leave();
}

KTEST(the_reverse_map_finds_every_mapping_of_a_page)
{
    struct page *page;
    struct mm *children[3];
    zero_area_start(READ_WRITE);
    ktest_equal(put_user(1, word(3)), 0);
    struct vma *vma = vma_lookup(current->mm, AREA);
    ktest_equal(follow_page(vma, (vaddr_t)word(3), 0, &page), 0);
    ktest_equal(rmap_walk_anon(page, NULL, NULL), 1);
    for (unsigned i = 0; i < ARRAY_COUNT(children); i++) {
        children[i] = mm_fork(current->mm);
        ktest_assert(children[i]);
        ktest_equal(rmap_walk_anon(page, NULL, NULL), i + 2);
    }
    ktest_equal(page->mapcount, 4);
    for (unsigned i = 0; i < ARRAY_COUNT(children); i++)
        mm_put(children[i]);
    ktest_equal(rmap_walk_anon(page, NULL, NULL), 1);
    user_space_leave();
}

/* --- one thread reads while another writes ---------------------------------------------------- */

static unsigned stop;          /* atomic */
static unsigned long mistakes; /* by the reader alone */
static unsigned written;       /* atomic: what the word holds at least */

static void read_against(void *mm)
{
    user_space_enter(mm);
    while (!__atomic_load_n(&stop, __ATOMIC_ACQUIRE)) {
        unsigned least = __atomic_load_n(&written, __ATOMIC_ACQUIRE);
        u32 value = read_word(0);
        /* "written" goes back to 0 before the page goes: else it was still there */
        bool still = __atomic_load_n(&written, __ATOMIC_ACQUIRE) == least;
        mistakes += still && value < least;
        cond_resched();
    }
    user_space_leave();
}

/* [Z32, trap 6] */
KTEST(no_thread_reads_zeroes_after_another_has_written)
{
    if (cpus_online < 2)
        ktest_skip("needs two CPUs");
    zero_area_start(READ_WRITE);
    stop = written = 0;
    mistakes = 0;
    struct task *reader = ktest_thread(read_against, current->mm, 1);
    for (u32 round = 1; round <= 60; round++) {
        ktest_equal(mm_advise(current->mm, AREA, PAGE_BYTES, MADV_DONTNEED), 0);
        __atomic_store_n(&written, 0, __ATOMIC_RELEASE);
        read_word(0); /* the zero page again, for both */
        ktest_equal(put_user(round, word(0)), 0);
        __atomic_store_n(&written, round, __ATOMIC_RELEASE);
        for (unsigned i = 0; i < 20; i++)
            cpu_relax();
        __atomic_store_n(&written, 0, __ATOMIC_RELEASE);
    }
    __atomic_store_n(&stop, 1, __ATOMIC_RELEASE);
    ktest_join(reader);
    ktest_equal(mistakes, 0);
    user_space_leave();
}
