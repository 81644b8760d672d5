/*
 * mremap: a mapping changes its size where it is, or its entries are carried to another place.
 *
 * A move makes a second vma, then all tables that the new place needs, so that nothing can fail
 * any more; then it carries the entries over, flushes, and removes what is left.  Until then no
 * CPU may find the old place reused: mmap_lock is held exclusive all the while.
 *
 *            +-- old --+                                +-- new --+
 *            | A B . Z |                                | . . . . |   1. a vma, tables
 *            | . . . . |  ---- entries, verbatim ---->  | A B . Z |   2. Z: the zero page (Z41)
 *        3. flush the TLB, 4. unmap (or, with DONTUNMAP, leave an empty vma)
 *
 * The reverse map finds a page by its vma's offset, which travels along.
 */
#include "mm/mremap.h"

#include "arch/x86/tlb.h"
#include "kernel/preempt.h"
#include "kernel/spinlock.h"
#include "lib/align.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/minmax.h"
#include "machine/layout.h"
#include "mm/huge.h"
#include "mm/mapping.h"
#include "mm/mm.h"
#include "mm/mmap.h"
#include "mm/pagetable.h"
#include "mm/range.h"
#include "mm/rmap.h"
#include "mm/vma.h"
#include "mm/walk.h"

enum {
    ENTRIES_AT_ONCE = 32,
    NEW_VMAS = 4, /* a move may cut its vma at both ends, and what is at its place */
};

/* A request, in whole pages. */
struct remap {
    struct mm *mm;
    struct vma *vma; /* that start lies in; looked up anew after each change of vmas */
    vaddr_t start, place;
    size_t length, wanted;
    unsigned flags;
};

static bool has_place(const struct remap *remap)
{
    return remap->flags & (MREMAP_FIXED | MREMAP_DONTUNMAP);
}

static bool overlaps(const struct remap *remap)
{
    return remap->start + remap->length > remap->place &&
           remap->place + remap->wanted > remap->start;
}

/* What the arguments alone show to be wrong. */
static int check_arguments(const struct remap *remap)
{
    if (!is_aligned(remap->start, PAGE_BYTES) || !remap->wanted || remap->wanted > USER_TOP)
        return -EINVAL;
    if (!has_place(remap))
        return 0;
    if (remap->place > USER_TOP - remap->wanted || !is_aligned(remap->place, PAGE_BYTES))
        return -EINVAL;
    if (!(remap->flags & MREMAP_MAYMOVE))
        return -EINVAL;
    if (remap->flags & MREMAP_DONTUNMAP && remap->length != remap->wanted)
        return -EINVAL;
    if (overlaps(remap))
        return -EINVAL;
    return remap->flags & MREMAP_FIXED && remap->place < MM_MIN_ADDRESS ? -EPERM : 0;
}

/* What is wrong with the vma. */
static int check_vma(struct remap *remap)
{
    const struct vma *vma = remap->vma = vma_lookup(remap->mm, remap->start);
    if (!vma)
        return -EFAULT;
    if (remap->length > USER_TOP - remap->start || vma->flags & VM_HUGETLB)
        return -EINVAL;
    if (remap->wanted <= remap->length && !has_place(remap))
        return 0;
    if (!remap->length && vma_is_private(vma))
        return -EINVAL;
    if (vma->flags & VM_PFNMAP && remap->flags & MREMAP_DONTUNMAP)
        return -EINVAL;
    if (remap->length > vma->end - remap->start)
        return -EFAULT;
    if (remap->wanted <= remap->length)
        return 0;
    if (vma->flags & VM_PFNMAP)
        return -EFAULT;
    const size_t more = (remap->wanted - remap->length) >> PAGE_SHIFT;
    return range_within_limits(remap->mm, vma->flags, more) ? 0 : -ENOMEM;
}

/* Make the tables of the new place for what is in the old one, which holds small pages then. */
static int make_tables(const struct remap *remap)
{
    const vaddr_t end = remap->start + remap->length;
    const vaddr_t distance = remap->place - remap->start; /* may wrap, and so may the sum */

    for (vaddr_t va = remap->start; va < end;) {
        struct pt_spot spot = pt_spot(remap->mm->root, va, end);
        if (spot.level && pte_mapped(pte_get(spot.slot))) {
            huge_split(remap->vma, spot.slot, va);
            pt_unmap(spot.slot);
            continue;
        }
        pt_unmap(spot.slot);
        for (; !spot.level && va < spot.end;
             va = align_up(va + distance + 1, HUGE_BYTES) - distance) {
            pte_t *slot = pt_slot(remap->mm->root, va + distance, 0, &remap->mm->tables);
            if (!slot)
                return -ENOMEM;
            pt_unmap(slot);
        }
        va = spot.end;
        cond_resched();
    }
    return 0;
}

/* Carry @count entries over; one table's lock at a time, since both may be of one table. */
static void carry_entries(pte_t *from, pte_t *to, size_t count)
{
    pte_t entry[ENTRIES_AT_ONCE];
    struct spinlock *lock = pt_lock(from);

    spin_lock(lock);
    for (size_t i = 0; i < count; i++)
        entry[i] = pte_none(pte_get(from + i)) ? (pte_t){ 0 } : pte_clear(from + i);
    spin_unlock(lock); /* flushed by the caller: a touch faults, and waits for mmap_lock */

    lock = pt_lock(to);
    spin_lock(lock);
    for (size_t i = 0; i < count; i++)
        if (!pte_none(entry[i]))
            pte_set(to + i, entry[i]);
    spin_unlock(lock);
}

/* The entries from @slot on, which serve [@va, @end), to the new place. */
static void carry_table(const struct remap *remap, pte_t *slot, vaddr_t va, vaddr_t end)
{
    while (va < end) {
        const vaddr_t to = va + (remap->place - remap->start);
        const size_t left = min((end - va) >> PAGE_SHIFT, PT_ENTRIES - pt_index(to, 0));
        const size_t count = min(left, (size_t)ENTRIES_AT_ONCE);
        pte_t *target = pt_find(remap->mm->root, to, 0);

        assert(target);
        mapping_lock_of(remap->vma); /* for a walk from a page, it is never nowhere */
        anon_vma_lock(remap->vma);
        carry_entries(slot, target, count);
        anon_vma_unlock(remap->vma);
        mapping_unlock_of(remap->vma);
        pt_unmap(target);
        slot += count;
        va += count << PAGE_SHIFT;
    }
}

static void carry_all(const struct remap *remap)
{
    const vaddr_t end = remap->start + remap->length;

    for (vaddr_t va = remap->start; va < end;) {
        struct pt_spot spot = pt_spot(remap->mm->root, va, end);
        if (!spot.level)
            carry_table(remap, spot.slot, va, spot.end);
        pt_unmap(spot.slot);
        va = spot.end;
        cond_resched();
    }
    tlb_flush_mm_range(remap->mm, remap->start, end);
}

/* A vma as remap->vma from start on, for the new place. */
static struct vma *copy_vma(const struct remap *remap)
{
    struct vma *vma = vma_copy(remap->vma);
    if (!vma)
        return NULL;
    mapping_lock_of(vma);
    anon_vma_lock(vma);
    vma->offset += remap->start - vma->start;
    vma->start = remap->place;
    vma->end = remap->place + remap->wanted;
    anon_vma_unlock(vma);
    mapping_unlock_of(vma);
    vma_insert(remap->mm, vma);
    return vma;
}

/* What is at the old place is nothing now; what becomes of it? */
static void leave(const struct remap *remap) UNCHECKED_LOCKS
{
    struct vma *vma = remap->vma;

    if (!remap->length)
        return;
    if (remap->flags & MREMAP_DONTUNMAP) {
        vma_set_flags(vma, vma->flags & ~(unsigned)(VM_LOCKED | VM_LOCKONFAULT));
        vma_merge(vma);
        return;
    }
    int error = range_unmap(remap->mm, remap->start, remap->start + remap->length);
    assert(!error); /* a whole vma needs no memory to go */
}

/* Move to remap->place, which is free. */
static int move(struct remap *remap) UNCHECKED_LOCKS
{
    struct mm *mm = remap->mm;
    if (remap->length) {
        int error = range_split(mm, remap->start, remap->start + remap->length);
        if (error)
            return error;
        remap->vma = vma_lookup(mm, remap->start);
    }
    struct vma *vma = copy_vma(remap);
    if (!vma)
        return -ENOMEM;
    int error = make_tables(remap);
    if (error) {
        int undone = range_unmap(mm, vma->start, vma->end);
        assert(!undone);
        return error;
    }
    if (remap->length)
        carry_all(remap);
    leave(remap);
    vma_merge(vma);
    return 0;
}

/* Where the kernel would put it, if possible at @hint. */
static int choose_place(struct remap *remap, vaddr_t hint)
{
    const struct map_request request = { .address = hint, .flags = MAP_PRIVATE };
    return mm_find_place(remap->mm, &request, remap->wanted, &remap->place);
}

/* Clear the place first, as Linux does; then the vma may be another. */
static int move_to(struct remap *remap) UNCHECKED_LOCKS
{
    struct mm *mm = remap->mm;
    int error = 0;

    if (remap->flags & MREMAP_FIXED)
        error = range_unmap(mm, remap->place, remap->place + remap->wanted);
    if (!error && remap->length > remap->wanted) {
        error = range_unmap(mm, remap->start + remap->wanted, remap->start + remap->length);
        remap->length = remap->wanted;
    }
    if (error)
        return error;
    remap->vma = vma_lookup(mm, remap->start);
    if (remap->flags & MREMAP_DONTUNMAP &&
        !range_within_limits(mm, remap->vma->flags, remap->length >> PAGE_SHIFT))
        return -ENOMEM;
    if (!(remap->flags & MREMAP_FIXED))
        error = choose_place(remap, remap->place);
    return error ? error : move(remap);
}

static bool can_grow_in_place(const struct remap *remap)
{
    const struct vma *vma = remap->vma, *next = vma_next(vma);
    const vaddr_t limit = next ? next->start : USER_TOP;

    return remap->length == vma->end - remap->start && remap->start + remap->wanted > vma->end &&
           remap->start + remap->wanted <= limit;
}

static int resize(struct remap *remap) UNCHECKED_LOCKS
{
    remap->place = remap->start;
    if (remap->wanted == remap->length)
        return 0;
    if (remap->wanted < remap->length)
        return range_unmap(remap->mm, remap->start + remap->wanted, remap->start + remap->length);
    if (can_grow_in_place(remap)) {
        vma_resize(remap->vma, remap->vma->start, remap->start + remap->wanted);
        vma_merge(remap->vma);
        return 0;
    }
    if (!(remap->flags & MREMAP_MAYMOVE))
        return -ENOMEM;
    int error = choose_place(remap, 0);
    return error ? error : move(remap);
}

int mm_remap(struct mm *mm, const struct remap_request *request, vaddr_t *address)
{
    if (request->flags & ~(unsigned long)(MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP))
        return -EINVAL;
    struct remap remap = {
        .mm = mm,
        .start = request->start,
        .place = request->place,
        .length = align_up(request->bytes, PAGE_BYTES),
        .wanted = align_up(request->wanted, PAGE_BYTES),
        .flags = (unsigned)request->flags,
    };
    int error = check_arguments(&remap);
    if (error)
        return error;

    down_write(&mm->mmap_lock);
    error = mm->vma_count + NEW_VMAS > MM_MAX_VMAS ? -ENOMEM : check_vma(&remap);
    const bool locked = !error && (remap.vma->flags & (VM_LOCKED | VM_LOCKONFAULT)) == VM_LOCKED;
    if (!error)
        error = has_place(&remap) ? move_to(&remap) : resize(&remap);
    mm->peak_mapped = max(mm->peak_mapped, mm->mapped_pages);
    up_write(&mm->mmap_lock);
    if (!error && locked && remap.wanted > remap.length)
        mm_populate(mm, remap.place + remap.length, remap.place + remap.wanted);
    *address = remap.place;
    return error;
}
