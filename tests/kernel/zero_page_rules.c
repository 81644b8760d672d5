/*
 * Who may have the zero page, and that every walk over page tables copes with entries that have no
 * page.  Z, B, L and trap numbers are those of docs/statements.md.
 */
#include "arch/x86/user_copy.h"
#include "kernel/ktest.h"
#include "kernel/task.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/count.h"
#include "mm/fork.h"
#include "mm/gup.h"
#include "mm/huge.h"
#include "mm/kmap_local.h"
#include "mm/madvise.h"
#include "mm/mincore.h"
#include "mm/mlock.h"
#include "mm/mm.h"
#include "mm/mmap.h"
#include "mm/move_pages.h"
#include "mm/mremap.h"
#include "mm/page.h"
#include "mm/pagetable.h"
#include "mm/vma.h"
#include "mm/walk.h"
#include "mm/zone.h"
#include "tests/kernel/user_space.h"
#include "tests/kernel/zero_area.h"

/* [Z7, Z46, B1] */
KTEST(locking_read_only_memory_leaves_its_zero_pages)
{
    zero_area_start(PROT_READ);
    read_all();
    ktest_equal(mm_lock(current->mm, AREA, PAGES * PAGE_BYTES, 0), 0);
    for (unsigned i = 0; i < PAGES; i++)
        ktest_assert(is_zero_entry(current->mm, (vaddr_t)word(i)));
    ktest_equal(mm_resident_pages(current->mm), 0);
    ktest_equal(mm_advise(current->mm, AREA, PAGES * PAGE_BYTES, MADV_DONTNEED), -EINVAL);
    ktest_equal(mm_unlock(current->mm, AREA, PAGES * PAGE_BYTES), 0);
    ktest_equal(mm_advise(current->mm, AREA, PAGES * PAGE_BYTES, MADV_DONTNEED), 0);

    ktest_equal(mm_lock(current->mm, AREA, PAGES * PAGE_BYTES, MLOCK_ONFAULT), 0);
    read_all(); /* locked before they were read: the same */
    for (unsigned i = 0; i < PAGES; i++)
        ktest_assert(is_zero_entry(current->mm, (vaddr_t)word(i)));
    user_space_leave();
}

/* [trap 8] */
KTEST(forking_and_ending_never_counts_the_zero_page)
{
    zero_area_start(READ_WRITE);
    read_all();
    ktest_equal(put_user(1, word(3)), 0);
    for (unsigned round = 0; round < 50; round++) {
        struct mm *child = mm_fork(current->mm);
        ktest_assert(child);
        ktest_equal(mm_resident_pages(child), 1);
        mm_put(child);
    }
    ktest_equal(mm_resident_pages(current->mm), 1);
    ktest_equal(page_of(zero_pfn)->refs, 1);
    ktest_equal(page_of(zero_pfn)->mapcount, 0);
    user_space_leave();
}

/* --- frames that have no page ----------------------------------------------------------------- */

static struct page *frame; /* what stands for a device's memory */

/* Let the first page of the area show it, as a driver's mapping would: read-only, special. */
static void start_with_frame(void)
{
    zero_area_start(READ_WRITE);
    frame = page_alloc(GFP_HIGHUSER, 0);
    ktest_assert(frame);
    u8 *bytes = kmap_local_page(frame);
    memset(bytes, 0x3c, PAGE_BYTES);
    kunmap_local(bytes);
    struct vma *vma = vma_lookup(current->mm, AREA);
    vma->flags |= VM_MIXEDMAP;
    vma->touched = true;
    pte_t *slot = pt_slot(current->mm->root, AREA, 0, &current->mm->tables);
    ktest_assert(slot);
    pte_set(slot, pte_make_special(pte_without_write(vma_entry(vma, page_pfn(frame)))));
    pt_unmap(slot);
}

static void end_with_frame(void)
{
    user_space_leave();
    ktest_equal(page_refs(frame), 1);
    page_free(frame, 0);
}

static bool shows_frame(struct mm *mm, vaddr_t va)
{
    pte_t entry = entry_of(mm, va);
    return pte_mapped(entry) && pte_special(entry) &&
           pte_pfn(entry).number == page_pfn(frame).number;
}

/* [Z21, Z17] */
KTEST(every_walk_passes_over_a_frame_that_has_no_page)
{
    struct page *page = NULL;
    u8 resident = 0;
    start_with_frame();
    struct mm *mm = current->mm;
    ktest_equal(mm_resident(mm, AREA, 1, &resident), 1);
    ktest_equal(resident, 1);
    ktest_equal(mm_page_node(mm, AREA), -EFAULT);
    ktest_equal(follow_page(vma_lookup(mm, AREA), AREA, FOLL_GET, &page), -EFAULT);
    ktest_equal(mm_advise(mm, AREA, PAGE_BYTES, MADV_FREE), 0);
    ktest_equal(mm_advise(mm, AREA, PAGE_BYTES, MADV_COLD), 0);
    ktest_equal(mm_protect(mm, AREA, PAGE_BYTES, 0), 0);
    ktest_equal(mm_protect(mm, AREA, PAGE_BYTES, PROT_READ), 0);
    ktest_equal(mm_lock(mm, AREA, PAGE_BYTES, 0), 0); /* for reading: else it would be copied */
    ktest_equal(mm_unlock(mm, AREA, PAGE_BYTES), 0);
    ktest_equal(mm_protect(mm, AREA, PAGE_BYTES, READ_WRITE), 0);
    ktest_assert(shows_frame(mm, AREA) && !pte_writable(entry_of(mm, AREA)));
    ktest_equal(put_user(1, word(1)), 0); /* or fork() would pass over all of it */
    struct mm *child = mm_fork(mm);
    ktest_assert(child);
    ktest_assert(shows_frame(child, AREA));
    mm_put(child);
    struct remap_request move = { AREA, PAGE_BYTES, PAGE_BYTES, MREMAP_MAYMOVE | MREMAP_FIXED,
                                  AREA + HUGE_BYTES };
    vaddr_t moved;
    ktest_equal(mm_remap(mm, &move, &moved), 0);
    ktest_assert(shows_frame(mm, moved));
    ktest_equal(mm_resident_pages(mm), 1);
    ktest_equal(mm_unmap(mm, moved, PAGE_BYTES), 0);
    end_with_frame();
}

/* [L33] */
KTEST(a_write_copies_a_frame_that_has_no_page)
{
    start_with_frame();
    unsigned long faults = count_read(COUNT_FAULT_KERNEL);
    ktest_equal(put_user(7, word(0) + 5), 0);
    ktest_equal(count_read(COUNT_FAULT_KERNEL) - faults, 1); /* the copy itself took none */
    ktest_equal(read_word(0), 0x3c3c3c3c);
    ktest_assert(!shows_frame(current->mm, AREA) && pte_writable(entry_of(current->mm, AREA)));
    ktest_equal(current->mm->anon_pages, 1);
    u32 *words = kmap_local_page(frame);
    ktest_equal(words[5], 0x3c3c3c3c);
    kunmap_local(words);
    end_with_frame();
}
