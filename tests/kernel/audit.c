/*
 * The audit, audited: each kind of wrong book is made, found, and put right again.
 *
 * The numbers are those of docs/statements.md.  What the audit says meanwhile stays in the log.
 */
#include "mm/audit.h"

#include "kernel/ktest.h"
#include "kernel/task.h"
#include "mm/kmap.h"
#include "mm/mm.h"
#include "mm/page.h"
#include "mm/pagetable.h"
#include "mm/rmap.h"
#include "mm/vma.h"
#include "mm/walk.h"
#include "tests/kernel/user_space.h"
#include "tests/kernel/zero_area.h"

static void set_entry(pte_t entry)
{
    pte_t *slot = pt_slot(current->mm->root, AREA, 0, &current->mm->tables);
    ktest_assert(slot);
    pte_set(slot, entry);
    pt_unmap(slot);
}

/* [I1] */
KTEST(a_zero_page_that_is_not_zero_or_not_free_is_found)
{
    bool before = kmap_force(true); /* the kernel's own map of it is read-only */
    u8 *bytes = kmap_local_pfn(zero_pfn);
    bytes[77] = 1;
    int dirty = audit_all();
    bytes[77] = 0;
    kunmap_local(bytes);
    kmap_force(before);
    page_get(page_of(zero_pfn));
    int held = audit_all();
    page_put(page_of(zero_pfn));
    ktest_equal(dirty - 1, 1); /* and the mapping by which it was made so */
    ktest_equal(held, 1);
}

/* [I2] */
KTEST(a_wrong_count_of_pages_is_found)
{
    zero_area_start(READ_WRITE);
    read_all();
    mm_add_anon(current->mm, 1);
    ktest_equal(audit_all(), 1);
    mm_add_anon(current->mm, -1);
    user_space_leave();
}

/* [I4] */
KTEST(an_entry_in_an_empty_slot_of_the_window_is_found)
{
    kmap_flush_unused();
    pte_t *slot = pt_find(kernel_root, PKMAP_BASE, 0);
    ktest_assert(slot && pte_none(pte_get(slot)));
    pte_set(slot, pte_leaf(zero_pfn, PROT_KERNEL_RODATA, 0));
    ktest_equal(audit_all(), 1);
    pte_clear(slot);
    pt_unmap(slot);
}

/* [I5, I6] */
KTEST(special_entries_that_must_not_be_are_found)
{
    zero_area_start(READ_WRITE);
    read_all();
    struct vma *vma = vma_lookup(current->mm, AREA);
    vma->touched = true;
    set_entry(pte_make_special(vma_entry(vma, zero_pfn))); /* writable */
    int writable = audit_all();
    set_entry(pte_make_special(pte_without_write(vma_entry(vma, (pfn_t){ 0x77 }))));
    int strange = audit_all();
    set_entry((pte_t){ 0 });
    ktest_equal(writable, 1);
    ktest_equal(strange, 1);
    user_space_leave();
}
