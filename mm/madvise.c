/*
 * madvise: one row for each advice, and a walk over the vmas of the range.
 *
 *     advice                 | what happens                    | refused for
 *    ------------------------+---------------------------------+--------------------------------
 *     NORMAL ... WILLNEED    | nothing                         |
 *     COLD, PAGEOUT          | nothing: there is no swap       | locked, reserved pool, frames
 *     DONTNEED               | entries are emptied             | locked, frames
 *     FREE                   | those with a page are           | the same, reserved pool, files
 *     DONTFORK ... KEEPONFORK| a flag of the vma               | see below
 *     HUGEPAGE, NOHUGEPAGE   | a flag                          |
 *     POPULATE_              | a fault for each page           | frames
 */
#include "mm/madvise.h"

#include "kernel/preempt.h"
#include "lib/align.h"
#include "lib/errno.h"
#include "lib/minmax.h"
#include "machine/layout.h"
#include "mm/fault.h"
#include "mm/huge.h"
#include "mm/mm.h"
#include "mm/pagetable.h"
#include "mm/range.h"
#include "mm/range_flags.h"
#include "mm/tlb_gather.h"
#include "mm/vma.h"
#include "mm/walk.h"
#include "mm/zap.h"

enum { VM_FRAMES = VM_PFNMAP | VM_MIXEDMAP };

enum action { NOTHING, FLAGS, DROP, DROP_PAGES, READ, WRITE };

struct advice_row {
    bool known;
    u8 action;
    bool anonymous_only;       /* refused for memory of a file, or shared */
    unsigned refused;          /* for vmas with one of these VM_ flags */
    struct flag_change change; /* FLAGS */
};

static const struct advice_row table[] = {
    [MADV_NORMAL] = { .known = true },
    [MADV_RANDOM] = { .known = true },
    [MADV_SEQUENTIAL] = { .known = true },
    [MADV_WILLNEED] = { .known = true },
    [MADV_DONTNEED] = { true, DROP, .refused = VM_LOCKED | VM_PFNMAP },
    [MADV_FREE] = { true, DROP_PAGES, true, .refused = VM_LOCKED | VM_PFNMAP | VM_HUGETLB },
    [MADV_DONTFORK] = { true, FLAGS, .change = { 0, VM_DONTCOPY } },
    [MADV_DOFORK] = { true, FLAGS, .refused = VM_FRAMES, .change = { VM_DONTCOPY, 0 } },
    [MADV_HUGEPAGE] = { true, FLAGS, .refused = VM_FRAMES | VM_HUGETLB,
                        .change = { VM_NOHUGEPAGE, VM_HUGEPAGE } },
    [MADV_NOHUGEPAGE] = { true, FLAGS, .refused = VM_FRAMES | VM_HUGETLB,
                          .change = { VM_HUGEPAGE, VM_NOHUGEPAGE } },
    [MADV_DONTDUMP] = { true, FLAGS, .change = { 0, VM_DONTDUMP } },
    [MADV_DODUMP] = { true, FLAGS, .refused = VM_FRAMES, .change = { VM_DONTDUMP, 0 } },
    [MADV_WIPEONFORK] = { true, FLAGS, true, .change = { 0, VM_WIPEONFORK } },
    [MADV_KEEPONFORK] = { true, FLAGS, .change = { VM_WIPEONFORK, 0 } },
    [MADV_COLD] = { true, .refused = VM_LOCKED | VM_PFNMAP | VM_HUGETLB },
    [MADV_PAGEOUT] = { true, .refused = VM_LOCKED | VM_PFNMAP | VM_HUGETLB },
    [MADV_POPULATE_READ] = { true, READ, .refused = VM_FRAMES },
    [MADV_POPULATE_WRITE] = { true, WRITE, .refused = VM_FRAMES },
};

/* Is there a page behind some entry at @va?  *@next: how far the answer holds. */
static bool has_page(const struct vma *vma, vaddr_t va, vaddr_t end, vaddr_t *next)
{
    struct pt_spot spot = pt_spot(vma->mm->root, va, end);
    const pte_t entry = pte_get(spot.slot);
    const bool has = pte_mapped(entry) && !pte_special(entry);

    pt_unmap(spot.slot);
    *next = spot.level ? spot.end : va + PAGE_BYTES;
    return has;
}

/* Drop the pages in [@start, @end), stretch by stretch; zero pages stay (Z39). */
static void drop_pages(struct tlb_gather *gather, struct vma *vma, vaddr_t start, vaddr_t end)
{
    vaddr_t next, beyond;

    for (vaddr_t va = start; va < end; va = next) {
        if (!has_page(vma, va, end, &next))
            continue;
        while (next < end && has_page(vma, next, end, &beyond))
            next = beyond;
        zap_range(gather, vma, va, next);
    }
}

static void drop(struct vma *vma, vaddr_t start, vaddr_t end, enum action action)
{
    struct tlb_gather gather;

    huge_split_at(vma, start);
    huge_split_at(vma, end);
    tlb_gather_begin(&gather, vma->mm);
    if (action == DROP)
        zap_range(&gather, vma, start, end);
    else
        drop_pages(&gather, vma, start, end);
    tlb_gather_end(&gather);
}

static bool is_refused(const struct advice_row *row, const struct vma *vma)
{
    if (vma->flags & row->refused)
        return true;
    return row->anonymous_only && (vma->file || !vma_is_private(vma));
}

/* Heed @row in [@start, @end), which lies in @vma.  @vma may be gone afterwards. */
static int advise_vma(const struct advice_row *row, struct vma *vma, vaddr_t start,
                      vaddr_t end) UNCHECKED_LOCKS
{
    if (is_refused(row, vma))
        return -EINVAL;
    if (row->action == DROP || row->action == DROP_PAGES) {
        if (vma->flags & VM_HUGETLB && !is_aligned(start | end, LEVEL_BYTES(vma->level)))
            return -EINVAL;
        drop(vma, start, end, row->action);
    }
    if (row->action == FLAGS && range_flags_change(vma->mm, start, end, row->change))
        return -EAGAIN;
    return 0;
}

/* Vma by vma; a hole is skipped, and told of at the end. */
static int advise_range(const struct advice_row *row, struct mm *mm, vaddr_t start, vaddr_t end)
{
    int hole = 0;

    while (start < end) {
        struct vma *vma = vma_find(mm, start);
        if (!vma || vma->start >= end)
            return -ENOMEM;
        if (vma->start > start) {
            hole = -ENOMEM;
            start = vma->start;
        }
        const vaddr_t to = min(vma->end, end);
        int error = advise_vma(row, vma, start, to);
        if (error)
            return error;
        start = to;
    }
    return hole;
}

/* May pages of @va's vma be brought by accesses of @prot?  0 or an errno. */
static int check_populate(struct mm *mm, vaddr_t va, unsigned prot, const struct advice_row *row)
{
    int error = 0;

    down_read(&mm->mmap_lock);
    const struct vma *vma = vma_lookup(mm, va);
    if (!vma)
        error = -ENOMEM;
    else if (is_refused(row, vma) || !(vma->flags & prot))
        error = -EINVAL;
    up_read(&mm->mmap_lock);
    return error;
}

static int populate_error(enum fault_result result)
{
    if (result == FAULT_FORBIDDEN)
        return -EINVAL;
    return result == FAULT_BUS_ERROR ? -EFAULT : -ENOMEM;
}

/* PROT_WRITE is VM_WRITE, and so on: mm/vma.h. */
static int populate(const struct advice_row *row, struct mm *mm, vaddr_t start, vaddr_t end)
{
    const unsigned prot = row->action == WRITE ? PROT_WRITE : PROT_READ;

    for (vaddr_t va = start; va < end; va += PAGE_BYTES) {
        const struct fault fault = { .va = va, .access = { (u8)(PROT_USER | prot) } };
        int error = check_populate(mm, va, prot, row);
        if (error)
            return error;
        enum fault_result result = mm_fault(mm, &fault);
        if (result != FAULT_FIXED)
            return populate_error(result);
        cond_resched();
    }
    return 0;
}

int mm_advise(struct mm *mm, vaddr_t start, size_t bytes, int advice)
{
    const size_t length = align_up(bytes, PAGE_BYTES);
    const vaddr_t end = start + length;

    if (advice < 0 || (size_t)advice >= sizeof(table) / sizeof(table[0]) || !table[advice].known)
        return -EINVAL;
    const struct advice_row *row = &table[advice];
    if (!is_aligned(start, PAGE_BYTES) || length < bytes || end < start)
        return -EINVAL;
    if (end == start)
        return 0;
    if (row->action == READ || row->action == WRITE)
        return populate(row, mm, start, end);

    /* Exclusive even to drop: no huge page may come to lie across the ends meanwhile. */
    down_write(&mm->mmap_lock);
    int error = advise_range(row, mm, start, end);
    up_write(&mm->mmap_lock);
    return error;
}
