/*
 * fork: the vmas are copied, and of the entries those that a fault could not bring again.
 *
 *     entry of the parent           | the child gets
 *    -------------------------------+-----------------------------------------------------
 *     in a vma without private pages| nothing: its faults find the same zeroes or file pages
 *     none                          | nothing
 *     zero page, or a frame         | the same entry; nobody counts those
 *     a private page                | the same page, read-only for both, one more reference
 *     a file's page                 | the same page
 *
 * The child's tables are nobody else's until this is done, so its entries are set without a lock.
 * The parent's other threads go on running meanwhile, and the CPU goes on marking their entries
 * as accessed and dirty: so the right to write is taken from a live entry by one instruction.
 * The parent is flushed once, at the end, before any of the two can run on.
 */
#include "mm/fork.h"

#include "arch/x86/tlb.h"
#include "kernel/preempt.h"
#include "kernel/spinlock.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "mm/count.h"
#include "mm/huge.h"
#include "mm/mm.h"
#include "mm/page.h"
#include "mm/pagetable.h"
#include "mm/rmap.h"
#include "mm/vma.h"
#include "mm/walk.h"

/* Who copies, from whom to whom, and what came of it. */
struct forking {
    struct mm *child;
    struct vma *vma; /* the parent's */
    bool protected;  /* an entry of the parent lost the right to write: flush */
    long anon, file, copied;
};

/* The child's entry for what @slot, of the parent, maps at @va.  Under @slot's lock. */
static pte_t share_entry(struct forking *fork, pte_t *slot, vaddr_t va)
{
    pte_t entry = pte_get(slot);
    struct page *page = vm_normal_page(fork->vma, va, entry);

    if (page) {
        page = page_head(page);
        page_get(page);
        rmap_add(page_of(pte_pfn(entry)));
        if (page_is_anon(page))
            fork->anon++;
        else
            fork->file++;
    }
    if (pte_writable(entry) && vma_is_private(fork->vma)) {
        pte_write_protect(slot);
        entry = pte_without_write(pte_get(slot));
        fork->protected = true;
    }
    return pte_make_old(entry);
}

/* The entries of the parent's table at @spot, which serve @va and on, to @to and on. */
static void share_table(struct forking *fork, const struct pt_spot *spot, vaddr_t va, pte_t *to)
{
    pte_t *const stop = spot->slot + ((spot->end - va) >> PAGE_SHIFT);
    struct spinlock *lock = pt_lock(spot->slot);

    spin_lock(lock);
    for (pte_t *from = spot->slot; (from = pte_next_mapped(from, stop)) < stop; from++) {
        const long number = from - spot->slot;
        pte_set(to + number, share_entry(fork, from, va + ((vaddr_t)number << PAGE_SHIFT)));
        fork->copied++;
    }
    spin_unlock(lock);
}

static int share_spot(struct forking *fork, const struct pt_spot *spot, vaddr_t va)
{
    if (spot->level) {
        if (!pte_mapped(pte_get(spot->slot)))
            return 0;
        fork->protected |= pte_writable(pte_get(spot->slot));
        return huge_fork(fork->child, fork->vma, spot, va);
    }
    const pte_t *stop = spot->slot + ((spot->end - va) >> PAGE_SHIFT);
    if (pte_next_mapped(spot->slot, stop) == stop)
        return 0;
    pte_t *slot = pt_slot(fork->child->root, va, 0, &fork->child->tables);
    if (!slot)
        return -ENOMEM;
    share_table(fork, spot, va, slot);
    pt_unmap(slot);
    return 0;
}

/* Would a fault in the child not bring the same? */
static bool must_copy(const struct vma *vma)
{
    if (vma->flags & VM_WIPEONFORK)
        return false;
    return vma->anon_vma || vma->flags & (VM_PFNMAP | VM_MIXEDMAP | VM_HUGETLB);
}

static int share_entries(struct forking *fork)
{
    const struct vma *vma = fork->vma;
    struct mm *parent = vma->mm;
    int error = 0;

    fork->anon = fork->file = 0;
    for (vaddr_t va = vma->start; va < vma->end && !error;) {
        struct pt_spot spot = pt_spot(parent->root, va, vma->end);
        error = share_spot(fork, &spot, va);
        pt_unmap(spot.slot);
        va = spot.end;
        cond_resched();
    }
    mm_add_anon(fork->child, fork->anon);
    if (vma->flags & VM_SHMEM)
        mm_add_shmem(fork->child, fork->file);
    else
        mm_add_file(fork->child, fork->file);
    return error;
}

static int copy_vma(struct forking *fork)
{
    struct vma *vma = vma_copy(fork->vma);
    if (!vma)
        return -ENOMEM;
    vma_init_flags(vma, vma->flags & ~(unsigned)(VM_LOCKED | VM_LOCKONFAULT)); /* mlock(2) */
    if (vma->flags & VM_WIPEONFORK)
        anon_vma_leave(vma);
    vma->touched &= must_copy(fork->vma);
    vma_insert(fork->child, vma);
    return vma->touched ? share_entries(fork) : 0;
}

static void copy_layout(struct mm *child, const struct mm *parent)
{
    child->limits = parent->limits;
    child->mmap_base = parent->mmap_base;
    child->code_start = parent->code_start;
    child->code_end = parent->code_end;
    child->data_start = parent->data_start;
    child->data_end = parent->data_end;
    child->brk_start = parent->brk_start;
    child->brk = parent->brk;
    child->stack_top = parent->stack_top;
    child->arg_start = parent->arg_start;
    child->arg_end = parent->arg_end;
    child->env_start = parent->env_start;
    child->env_end = parent->env_end;
}

struct mm *mm_fork(struct mm *parent)
{
    struct forking fork = { .child = mm_create_hidden() };
    int error = 0;
    if (!fork.child)
        return NULL;

    down_write(&parent->mmap_lock);
    copy_layout(fork.child, parent);
    for (struct vma *vma = vma_find(parent, 0); vma && !error; vma = vma_next(vma)) {
        fork.vma = vma;
        if (!(vma->flags & VM_DONTCOPY))
            error = copy_vma(&fork);
    }
    if (fork.protected)
        tlb_flush_mm(parent);
    up_write(&parent->mmap_lock);

    count_events(COUNT_FORK_COPIED, (unsigned long)fork.copied);
    mm_publish(fork.child);
    if (!error)
        return fork.child;
    mm_put(fork.child);
    return NULL;
}
