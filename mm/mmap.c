/*
 * mmap, munmap and mprotect: what a program may ask, and where its wishes go.
 *
 * Linux's rules, which programs have come to rely on: an address is a hint that is rounded and
 * may be ignored, new mappings go to the highest hole below mmap_base, nothing lies below
 * MM_MIN_ADDRESS, a stack's guard gap is nobody's.
 */
#include "mm/mmap.h"

#include "kernel/preempt.h"
#include "lib/align.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/minmax.h"
#include "mm/fault.h"
#include "mm/huge.h"
#include "mm/hugetlb.h"
#include "mm/mm.h"
#include "mm/range.h"
#include "mm/tlb_gather.h"
#include "mm/vma.h"
#include "mm/zap.h"
#include "mm/zone.h"

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

/* What the pages of a mapping are aligned to: those of MAP_HUGETLB are larger. */
static size_t alignment_of(unsigned flags)
{
    return flags & MAP_HUGETLB ? LEVEL_BYTES((unsigned)hugetlb_level(flags)) : PAGE_BYTES;
}

/* A hole of @want's kind in which [*@place, *@place + @length) is aligned. */
static bool find_hole(const struct mm *mm, struct vma_hole *want, size_t align, vaddr_t *place)
{
    const vaddr_t start = vma_find_hole(mm, want);
    if (!start)
        return false;
    *place =
        want->topmost ? align_down(start + (align - PAGE_BYTES), align) : align_up(start, align);
    return true;
}

/* A place the kernel chooses. */
static int choose_place(const struct mm *mm, unsigned flags, size_t length, vaddr_t *place)
{
    const size_t align = alignment_of(flags);
    struct vma_hole want = { .bytes = length + (align - PAGE_BYTES),
                             .low = MM_MIN_ADDRESS,
                             .high = mm->mmap_base,
                             .topmost = true };
    if (flags & MAP_32BIT && USER_TOP - 1 > UINT32_MAX) {
        want.low = LOW_WINDOW_START;
        want.high = LOW_WINDOW_END;
        want.topmost = false;
    }
    if (find_hole(mm, &want, align, place))
        return 0;
    if (!want.topmost)
        return -ENOMEM;

    /* Nothing below: the room above mmap_base is better than no memory. */
    want.low = mm->mmap_base;
    want.high = USER_TOP;
    want.topmost = false;
    return find_hole(mm, &want, align, place) ? 0 : -ENOMEM;
}

/* The place the program insists on. */
static int check_place(const struct mm *mm, unsigned flags, size_t length, vaddr_t place)
{
    if (!is_aligned(place, alignment_of(flags)))
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

int mm_find_place(const struct mm *mm, const struct map_request *request, size_t length,
                  vaddr_t *place)
{
    if (length > USER_TOP)
        return -ENOMEM;
    if (request->flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) {
        *place = request->address;
        return check_place(mm, request->flags, length, *place);
    }

    vaddr_t hint = align_down(request->address, alignment_of(request->flags));
    if (hint && hint < MM_MIN_ADDRESS)
        hint = MM_MIN_ADDRESS;
    if (hint && hint <= USER_TOP - length && range_is_free(mm, hint, hint + length)) {
        *place = hint;
        return 0;
    }
    return choose_place(mm, request->flags, length, place);
}

int mm_populate(struct mm *mm, vaddr_t start, vaddr_t end)
{
    for (vaddr_t va = start; va < end; va += PAGE_BYTES) {
        down_read(&mm->mmap_lock);
        const struct vma *vma = vma_lookup(mm, va);
        const bool writes = vma && vma->flags & VM_WRITE && vma_is_private(vma);
        up_read(&mm->mmap_lock);
        const unsigned access = PROT_USER | (writes ? PROT_WRITE : PROT_READ);
        const struct fault fault = { .va = va, .access = { (u8)access } };
        enum fault_result result = mm_fault(mm, &fault);
        if (result == FAULT_BUS_ERROR)
            return -EFAULT;
        if (result != FAULT_FIXED)
            return -ENOMEM;
        cond_resched();
    }
    return 0;
}

/* What Linux lets nobody share: a stack, and with VALIDATE what has flags that it does not know. */
static int check_sharing(const struct map_request *request)
{
    enum {
        KNOWN = MAP_TYPE | MAP_FIXED | MAP_ANONYMOUS | MAP_32BIT | MAP_GROWSDOWN | MAP_DENYWRITE |
                MAP_EXECUTABLE | MAP_LOCKED | MAP_NORESERVE | MAP_POPULATE | MAP_NONBLOCK |
                MAP_STACK | MAP_HUGETLB | MAP_FIXED_NOREPLACE
    };
    const unsigned type = request->flags & MAP_TYPE;

    if (type == MAP_PRIVATE)
        return 0;
    if (type == MAP_SHARED_VALIDATE && request->flags & MAP_ANONYMOUS)
        return -EINVAL;
    if (type == MAP_SHARED_VALIDATE && request->flags & ~(unsigned)KNOWN)
        return -EOPNOTSUPP;
    return request->flags & MAP_GROWSDOWN ? -EINVAL : 0;
}

/* Check what does not depend on the address space; *@length is the bytes in whole pages. */
static int check_request(const struct map_request *request, size_t *length)
{
    const unsigned type = request->flags & MAP_TYPE;

    if (request->flags & MAP_HUGETLB && (request->file || hugetlb_level(request->flags) < 0))
        return -EINVAL;
    *length = align_up(request->bytes, alignment_of(request->flags));
    if (type != MAP_PRIVATE && type != MAP_SHARED && type != MAP_SHARED_VALIDATE)
        return -EINVAL;
    if (!request->bytes)
        return -EINVAL;
    if (!*length)
        return -ENOMEM;
    if (!request->file)
        return check_sharing(request);
    const u64 pages = *length >> PAGE_SHIFT, first = request->offset >> PAGE_SHIFT;
    if (pages + first > (u64)SIZE_MAX || pages + first < first)
        return -EOVERFLOW;
    return check_sharing(request);
}

/* The VM_ flags of what is asked for. */
static unsigned vma_flags_of(const struct mm *mm, const struct map_request *request)
{
    unsigned flags = (request->prot & VM_ACCESS) | VM_MAY_ACCESS | mm->default_flags;
    if ((request->flags & MAP_TYPE) != MAP_PRIVATE)
        flags |= VM_SHARED | VM_MAYSHARE;
    if (request->flags & MAP_GROWSDOWN)
        flags |= VM_GROWSDOWN;
    if (request->flags & MAP_LOCKED)
        flags |= VM_LOCKED;
    if (request->flags & MAP_NORESERVE)
        flags |= VM_NORESERVE;
    return flags;
}

/*
 * Is there room for @pages more?  Memory is promised freely, as nobody touches all that he asks
 * for; but not to one who asks for more at once than the machine has.
 */
static int check_room(const struct mm *mm, unsigned flags, size_t pages)
{
    const bool promises = flags & VM_WRITE && !(flags & (VM_SHARED | VM_NORESERVE));

    if (mm->vma_count >= MM_MAX_VMAS || !range_within_limits(mm, flags, pages))
        return -ENOMEM;
    if (promises && pages > pages_total())
        return -ENOMEM;
    return 0;
}

/* Make @vma, fresh (or NULL: no memory), what @request says, and put it in its place. */
static int place_vma(struct mm *mm, const struct map_request *request, struct vma *vma)
    MUST_HOLD(mm->mmap_lock)
{
    if (!vma)
        return -ENOMEM;
    int error = 0;
    if (request->flags & MAP_HUGETLB) {
        error = hugetlb_attach(vma, (unsigned)hugetlb_level(request->flags));
    } else if (request->attach) {
        vma->offset = request->offset;
        error = request->attach(vma, request->file);
        vma_init_flags(vma, vma->flags);
    }
    if (!error && request->flags & MAP_FIXED) /* no other place is taken already */
        error = range_unmap(mm, vma->start, vma->end);
    if (error) {
        vma_free(vma);
        return error;
    }
    vma_insert(mm, vma);
    vma_merge(vma);
    return 0;
}

/* Of [@start, @start + @length), the pages that are mapped already and will be replaced. */
static size_t replaced_pages(const struct mm *mm, vaddr_t start, size_t length)
{
    size_t pages = 0;
    const struct vma *vma = vma_find(mm, start);
    for (; vma && vma->start < start + length; vma = vma_next(vma))
        pages += (min(vma->end, start + length) - max(vma->start, start)) >> PAGE_SHIFT;
    return pages;
}

int mm_map(struct mm *mm, const struct map_request *request, vaddr_t *address)
{
    size_t length;
    int error = check_request(request, &length);
    if (error)
        return error;

    down_write(&mm->mmap_lock);
    const unsigned flags = vma_flags_of(mm, request);
    error = mm_find_place(mm, request, length, address);
    const bool replaces = !error && request->flags & MAP_FIXED;
    const size_t gone = replaces ? replaced_pages(mm, *address, length) : 0;
    if (!error)
        error = check_room(mm, flags, (length >> PAGE_SHIFT) - gone);
    if (!error)
        error = place_vma(mm, request, range_vma(*address, *address + length, flags));
    mm->peak_mapped = max(mm->peak_mapped, mm->mapped_pages);
    up_write(&mm->mmap_lock);
    if (error)
        return error;
    const bool shared_huge = request->flags & MAP_HUGETLB && flags & VM_SHARED;
    const bool at_once =
        (request->flags & (MAP_POPULATE | MAP_NONBLOCK)) == MAP_POPULATE || shared_huge;
    if (at_once || (flags & (VM_LOCKED | VM_LOCKONFAULT)) == VM_LOCKED)
        mm_populate(mm, *address, *address + length);
    return 0;
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
        vma_set_flags(vma, flags);
        protect_range(vma, vma->start, vma->end);
    }
    for (vaddr_t va = start; va < end; va = vma->end) {
        vma_merge(vma_lookup(mm, va));
        vma = vma_lookup(mm, va); /* it may be part of its neighbour now */
    }
}

/* How far from @start on, up to @end, all vmas may have the rights @prot. */
static vaddr_t permitted_end(const struct mm *mm, vaddr_t start, vaddr_t end, unsigned prot)
{
    for (vaddr_t va = start; va < end;) {
        const struct vma *vma = vma_lookup(mm, va);
        if (prot & ~(vma->flags >> VM_MAY_SHIFT))
            return va;
        va = vma->end;
    }
    return end;
}

/* Does RLIMIT_DATA allow the rights @prot for [@start, @end)?  Private writable memory is data. */
static bool data_allows(const struct mm *mm, vaddr_t start, vaddr_t end, unsigned prot)
{
    const size_t most = mm->limits.data >> PAGE_SHIFT;
    size_t pages = 0;

    for (vaddr_t va = start; va < end && prot & VM_WRITE;) {
        const struct vma *vma = vma_lookup(mm, va);
        const vaddr_t to = min(vma->end, end);
        if (vma_is_private(vma) && !(vma->flags & (VM_WRITE | VM_GROWSDOWN)))
            pages += (to - va) >> PAGE_SHIFT;
        va = to;
    }
    return !pages || (mm->data_pages <= most && pages <= most - mm->data_pages);
}

/* What comes before a hole, or before what may not be had, is changed all the same. */
static int protect(struct mm *mm, vaddr_t start, vaddr_t end, unsigned prot)
    MUST_HOLD(mm->mmap_lock)
{
    const vaddr_t covered = range_covered_end(mm, start, end);
    const vaddr_t permitted = permitted_end(mm, start, covered, prot);

    if (mm->vma_count + 2 > MM_MAX_VMAS || !data_allows(mm, start, permitted, prot))
        return -ENOMEM;
    if (start < permitted) {
        int error = range_split(mm, start, permitted);
        if (error)
            return error;
        protect_vmas(mm, start, permitted, prot);
    }
    if (permitted < covered)
        return -EACCES;
    return covered < end ? -ENOMEM : 0;
}

/* With PROT_GROWSDOWN the range begins where the stack does that it begins in: *@start. */
static int extend_down(const struct mm *mm, vaddr_t *start, vaddr_t end)
{
    const struct vma *vma = vma_find(mm, *start);
    if (!vma || vma->start >= end)
        return -ENOMEM;
    if (!(vma->flags & VM_GROWSDOWN))
        return -EINVAL;
    *start = vma->start;
    return 0;
}

int mm_protect(struct mm *mm, vaddr_t start, size_t bytes, unsigned prot)
{
    const unsigned grows = prot & (PROT_GROWSDOWN | PROT_GROWSUP);
    size_t length;

    if (grows == (PROT_GROWSDOWN | PROT_GROWSUP) || !is_aligned(start, PAGE_BYTES))
        return -EINVAL;
    if (!bytes)
        return 0;
    if (!check_range(start, bytes, &length))
        return -ENOMEM;
    prot &= ~(grows | PROT_SEM);
    if (prot & ~(unsigned)VM_ACCESS)
        return -EINVAL;

    down_write(&mm->mmap_lock);
    const vaddr_t end = start + length;
    int error = 0;
    if (grows & PROT_GROWSDOWN)
        error = extend_down(mm, &start, end);
    else if (grows)
        error = vma_lookup(mm, start) ? -EINVAL : -ENOMEM; /* no stack here grows upwards */
    if (!error)
        error = protect(mm, start, end, prot);
    up_write(&mm->mmap_lock);
    return error;
}
