/*
 * Huge entries, split, emptied and copied.
 *
 * When one is split and nobody else has the page, it becomes single pages: then each part can be
 * given back by itself.  Otherwise it stays one block with parts mapped here and there, and goes
 * when the last of them does.
 */
#include "mm/huge.h"

#include "arch/x86/tlb.h"
#include "kernel/param.h"
#include "kernel/spinlock.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/count.h"
#include "mm/kmap.h"
#include "mm/mm.h"
#include "mm/page.h"
#include "mm/pagetable.h"
#include "mm/rmap.h"
#include "mm/tlb_gather.h"
#include "mm/walk.h"
#include "mm/zone.h"

enum thp_mode thp_mode = THP_MADVISE;

static bool thp_param(const char *value)
{
    static const char *const names[] = { "never", "madvise", "always" };
    for (unsigned mode = THP_NEVER; mode <= THP_ALWAYS; mode++) {
        if (strcmp(value, names[mode]))
            continue;
        thp_mode = mode;
        return true;
    }
    return false;
}
KERNEL_PARAM("thp", thp_param);

void huge_deposit(struct mm *mm, pte_t *slot, struct page *table)
{
    struct page *owner = page_of_address(slot);
    table->deposit = owner->deposit;
    owner->deposit = table;
    __atomic_fetch_add(&mm->tables, 1, __ATOMIC_RELAXED);
}

struct page *huge_withdraw(pte_t *slot)
{
    struct page *owner = page_of_address(slot);
    struct page *table = owner->deposit;
    assert(table);
    owner->deposit = table->deposit;
    table->deposit = NULL;
    return table;
}

/* The small entry for part @i of what @huge maps. */
static pte_t small_entry(pte_t huge, bool is_zero, unsigned i)
{
    pte_t entry = pte_part(huge, is_zero ? 0 : i);
    return is_zero ? pte_with_pfn(entry, zero_pfn) : entry;
}

/* Fill @table, which nobody walks yet, with what @huge maps. */
static void fill_table(struct page *table, pte_t huge, bool is_zero)
{
    struct page_table *entries = kmap_local_page(table);
    for (unsigned i = 0; i < PT_ENTRIES; i++)
        entries->entry[i] = small_entry(huge, is_zero, i);
    kunmap_local(entries);
}

/* The huge page at @head was mapped whole once, and is now, that once, in parts. */
static void count_parts(struct page *head)
{
    head->private --;
    if (page_refs(head) == 1) {
        void *mapping = head->mapping;
        unsigned long index = head->index;
        page_dissolve(head);
        for (unsigned i = 0; i < PT_ENTRIES; i++) {
            head[i].mapping = mapping;
            head[i].index = index + i;
            head[i].mapcount = 1;
        }
        return;
    }
    __atomic_fetch_add(&head->refs, HUGE_PAGES - 1, __ATOMIC_RELAXED);
    for (unsigned i = 0; i < PT_ENTRIES; i++)
        rmap_add(head + i);
}

void huge_split(struct vma *vma, pte_t *slot, vaddr_t va)
{
    const vaddr_t base = align_down(va, HUGE_BYTES);
    struct spinlock *lock = pt_lock(slot);

    spin_lock(lock);
    if (pte_mapped(pte_get(slot)) && pte_is_huge(pte_get(slot))) {
        struct page *table = huge_withdraw(slot);
        pte_t huge = pte_clear(slot);
        tlb_flush_mm_range(vma->mm, base, base + HUGE_BYTES); /* no CPU may know both sizes */
        bool is_zero = pte_special(huge);
        fill_table(table, huge, is_zero);
        if (!is_zero)
            count_parts(page_of(pte_pfn(huge)));
        pte_set(slot, pte_table(page_pfn(table), LEVEL_HUGE));
        count_event(COUNT_HUGE_SPLIT);
    }
    spin_unlock(lock);
}

void huge_split_at(struct vma *vma, vaddr_t va)
{
    if (is_aligned(va, HUGE_BYTES) || vma->flags & VM_HUGETLB)
        return;
    pte_t *slot = pt_find(vma->mm->root, va, LEVEL_HUGE);
    if (slot)
        huge_split(vma, slot, va);
}

vaddr_t huge_zap(struct tlb_gather *gather, const struct vma *vma, const struct pt_spot *spot,
                 vaddr_t va)
{
    if (!pte_mapped(pte_get(spot->slot)))
        return spot->end;
    struct spinlock *lock = pt_lock(spot->slot);
    struct page *table = NULL;

    spin_lock(lock);
    bool is_huge = pte_is_huge(pte_get(spot->slot));
    pte_t old = { 0 };
    if (is_huge) {
        assert(spot->end - va == LEVEL_BYTES(spot->level));
        old = pte_clear(spot->slot);
        if (!(vma->flags & VM_HUGETLB))
            table = huge_withdraw(spot->slot);
    }
    spin_unlock(lock);
    if (!is_huge)
        return va; /* split meanwhile: look again */

    tlb_gather_range(gather, va, spot->end);
    if (table) {
        __atomic_fetch_sub(&gather->mm->tables, 1, __ATOMIC_RELAXED);
        pt_table_free(table); /* no CPU has ever walked it */
    }
    struct page *page = vm_normal_page(vma, va, old);
    if (page) {
        __atomic_fetch_sub(&page->private, 1, __ATOMIC_RELAXED);
        tlb_gather_page(gather, va, page);
        if (!(vma->flags & VM_HUGETLB))
            mm_add_anon(gather->mm, -HUGE_PAGES);
    }
    return spot->end;
}

int huge_fork(struct mm *child, struct vma *vma, const struct pt_spot *spot, vaddr_t va)
{
    struct page *table = vma->flags & VM_HUGETLB ? NULL : pt_table_alloc();
    pte_t *slot = pt_slot(child->root, va, spot->level, &child->tables);
    if (!slot || (!table && !(vma->flags & VM_HUGETLB))) {
        if (table)
            pt_table_free(table);
        return -ENOMEM;
    }

    struct spinlock *lock = pt_lock(spot->slot);
    spin_lock(lock);
    pte_t entry = pte_get(spot->slot);
    struct page *page = vm_normal_page(vma, va, entry);
    if (page) {
        page_get(page);
        __atomic_fetch_add(&page->private, 1, __ATOMIC_RELAXED);
    }
    if (page && vma_is_private(vma) && pte_writable(entry)) {
        pte_write_protect(spot->slot);
        entry = pte_without_write(entry);
    }
    spin_unlock(lock);
    if (page && !(vma->flags & VM_HUGETLB))
        mm_add_anon(child, HUGE_PAGES);
    if (table)
        huge_deposit(child, slot, table);
    pte_set(slot, pte_make_old(entry));
    return 0;
}
