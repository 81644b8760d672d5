/*
 * mmap, munmap and mprotect: what a program may ask, and where its wishes go.
 *
 * Linux's rules, which programs have come to rely on: an address is a hint that is rounded and
 * may be ignored, new mappings go to the highest hole below mmap_base, nothing lies below
 * MM_MIN_ADDRESS, a stack's guard gap is nobody's.
 */
#include "mm/mmap.h"

#include "lib/align.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "mm/fault.h"
#include "mm/mm.h"
#include "mm/range.h"
#include "mm/tlb_gather.h"
#include "mm/vma.h"
#include "mm/zap.h"

/* Do [@start, @start + @bytes), rounded up to *@length, lie in user memory? */
static bool check_range(vaddr_t start, size_t bytes, size_t *length)
{
    *length = align_up(bytes, PAGE_BYTES);
    return *length >= bytes && *length <= USER_TOP && start <= USER_TOP - *length;
}

int mm_unmap(struct mm *mm, vaddr_t start, size_t bytes)
{
    size_t length;
    if (!is_aligned(start, PAGE_BYTES) || !bytes || !check_range(start, bytes, &length))
        return -EINVAL;

    down_write(&mm->mmap_lock);
    int error = range_unmap(mm, start, start + length);
    up_write(&mm->mmap_lock);
    return error;
}

/* Where MAP_32BIT wants its mappings.  Source: mmap(2). */
#define LOW_WINDOW_START 0x40000000ul
#define LOW_WINDOW_END   0x80000000ul

/* A place the kernel chooses. */
static int choose_place(const struct mm *mm, unsigned flags, size_t length, vaddr_t *place)
{
    struct vma_hole want = {
        .bytes = length, .low = MM_MIN_ADDRESS, .high = mm->mmap_base, .topmost = true
    };
    if (flags & MAP_32BIT && USER_TOP - 1 > UINT32_MAX) {
        want.low = LOW_WINDOW_START;
        want.high = LOW_WINDOW_END;
        want.topmost = false;
    }
    *place = vma_find_hole(mm, &want);
    if (*place)
        return 0;
    if (!want.topmost)
        return -ENOMEM;

    /* Nothing below: the room above mmap_base is better than no memory. */
    want.low = mm->mmap_base;
    want.high = USER_TOP;
    want.topmost = false;
    *place = vma_find_hole(mm, &want);
    return *place ? 0 : -ENOMEM;
}

/* The place the program insists on. */
static int check_place(const struct mm *mm, unsigned flags, size_t length, vaddr_t place)
{
    if (!is_aligned(place, PAGE_BYTES))
        return -EINVAL;
    if (place > USER_TOP - length)
        return -ENOMEM;
    if (place < MM_MIN_ADDRESS)
        return -EPERM;
    if (!(flags & MAP_FIXED_NOREPLACE))
        return 0;
    const struct vma *above = vma_find(mm, place);
    return above && above->start < place + length ? -EEXIST : 0;
}

static int find_place(const struct mm *mm, const struct map_request *request, size_t length,
                      vaddr_t *place)
{
    if (length > USER_TOP)
        return -ENOMEM;
    if (request->flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) {
        *place = request->address;
        return check_place(mm, request->flags, length, *place);
    }

    vaddr_t hint = align_down(request->address, PAGE_BYTES);
    if (hint && hint < MM_MIN_ADDRESS)
        hint = MM_MIN_ADDRESS;
    if (hint && hint <= USER_TOP - length && range_is_free(mm, hint, hint + length)) {
        *place = hint;
        return 0;
    }
    return choose_place(mm, request->flags, length, place);
}

/* What kind of memory is asked for: 0, or why it cannot be had. */
static int check_kind(const struct map_request *request)
{
    unsigned type = request->flags & MAP_TYPE;
    if (type != MAP_PRIVATE && type != MAP_SHARED && type != MAP_SHARED_VALIDATE)
        return -EINVAL;
    if (request->file || type != MAP_PRIVATE)
        return -ENODEV;
    return 0;
}

/* Bring all pages of [@start, @end) now.  What cannot be had will fault later. */
static void populate(struct mm *mm, vaddr_t start, vaddr_t end, unsigned prot)
{
    unsigned access = PROT_USER | PROT_READ | (prot & PROT_WRITE);
    struct fault fault = { .access = { (u8)access } };

    for (fault.va = start; fault.va < end; fault.va += PAGE_BYTES)
        if (mm_fault(mm, &fault) != FAULT_FIXED)
            return;
}

int mm_map(struct mm *mm, const struct map_request *request, vaddr_t *address)
{
    size_t length = align_up(request->bytes, PAGE_BYTES);
    if (!request->bytes)
        return -EINVAL;
    if (!length)
        return -ENOMEM;
    int error = check_kind(request);
    if (error)
        return error;
    unsigned flags = request->prot & VM_ACCESS;
    if (request->flags & MAP_GROWSDOWN)
        flags |= VM_GROWSDOWN;

    down_write(&mm->mmap_lock);
    error = find_place(mm, request, length, address);
    if (!error)
        error = range_unmap(mm, *address, *address + length);
    if (!error)
        error = range_map(mm, *address, *address + length, flags);
    up_write(&mm->mmap_lock);
    if (!error && request->flags & MAP_POPULATE)
        populate(mm, *address, *address + length, request->prot);
    return error;
}

/* Give the vmas in [@start, @end), which begins and ends with one, new rights. */
static void protect_vmas(struct mm *mm, vaddr_t start, vaddr_t end, unsigned prot)
{
    struct vma *vma;

    for (vaddr_t va = start; va < end; va = vma->end) {
        vma = vma_lookup(mm, va);
        assert(vma);
        unsigned flags = (vma->flags & ~(unsigned)VM_ACCESS) | prot;
        if (flags == vma->flags)
            continue;
        vma->flags = flags;
        vma->prot = vma_prot(flags);
        protect_range(mm, vma->start, vma->end, vma->prot);
    }
    for (vaddr_t va = start; va < end; va = vma->end) {
        vma_merge(vma_lookup(mm, va));
        vma = vma_lookup(mm, va); /* it may be part of its neighbour now */
    }
}

int mm_protect(struct mm *mm, vaddr_t start, size_t bytes, unsigned prot)
{
    size_t length;
    if (!is_aligned(start, PAGE_BYTES) || prot & ~(unsigned)VM_ACCESS)
        return -EINVAL;
    if (!bytes)
        return 0;
    if (!check_range(start, bytes, &length))
        return -ENOMEM;

    down_write(&mm->mmap_lock);
    /* What comes before a hole is changed all the same, as Linux does. */
    vaddr_t end = range_covered_end(mm, start, start + length);
    int error = mm->vma_count + 2 > MM_MAX_VMAS ? -ENOMEM : 0;
    if (!error && start < end)
        error = range_split(mm, start, end);
    if (!error)
        protect_vmas(mm, start, end, prot);
    if (!error && end < start + length)
        error = -ENOMEM;
    up_write(&mm->mmap_lock);
    return error;
}

int mm_discard(struct mm *mm, vaddr_t start, size_t bytes)
{
    size_t length;
    if (!is_aligned(start, PAGE_BYTES))
        return -EINVAL;
    if (!bytes)
        return 0;
    if (!check_range(start, bytes, &length))
        return -ENOMEM;

    down_write(&mm->mmap_lock);
    struct tlb_gather gather;
    tlb_gather_begin(&gather, mm);
    zap_range(&gather, start, start + length);
    tlb_gather_end(&gather);
    bool covered = range_covered_end(mm, start, start + length) == start + length;
    up_write(&mm->mmap_lock);
    return covered ? 0 : -ENOMEM;
}
