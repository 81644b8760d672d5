/*
 * Short mappings of pages that the kernel cannot otherwise reach.
 *
 * On i386 most memory can lie beyond the direct map.  kmap_local gives such a page one of this
 * CPU's few slots, for as long as the code at hand needs it.  Mappings nest: the last made is
 * the first undone.  They belong to the task, which may sleep while it holds some but stays on
 * its CPU; the scheduler takes them down and puts them back around it.  A page in the direct map
 * costs nothing, unless kmap=always asks for slots everywhere, to test this code on x86_64 too.
 *
 * Interrupt handlers may use it too, above what the interrupted task holds, if they keep
 * interrupts off meanwhile.
 *
 * What is here inline is the question whether a slot is needed, and its answer "no".  The address
 * is good for one page: what lies behind is nobody's, even if the block goes on.
 */
#ifndef MM_KMAP_LOCAL_H
#define MM_KMAP_LOCAL_H

#include "arch/x86/pte.h"
#include "kernel/preempt.h"
#include "lib/annotate.h"
#include "lib/assert.h"
#include "mm/fixmap.h"
#include "mm/kernel_map.h"
#include "mm/page.h"

struct task;

/* The slots of all CPUs. */
#define KMAP_LOCAL_START fixmap_address(FIX_KMAP_LAST)
#define KMAP_LOCAL_END   fixmap_address(FIX_KMAP - 1)

/* Is every page to be mapped, though it be in the direct map?  For kmap_needs_slot() alone. */
extern bool kmap_always;

/* Prepare @cpu's slots; none of them can be used before.  For CPU 0 first. */
void kmap_local_init_cpu(unsigned cpu);

/* Heed kmap=always from here on: there are tasks. */
void kmap_init(void);

/* As if kmap=always were given, or not given: for tests.  Returns what it was.  Any context. */
bool kmap_force(bool on);

/* For mm/trace.c: record each mapping and unmapping, or do not.  Any context. */
void kmap_local_trace(bool on);

/* Must @page be mapped to be seen? */
static inline bool kmap_needs_slot(const struct page *page)
{
    return page_is_highmem(page) || unlikely(kmap_always);
}

/* What the functions below do when it takes a slot. */
void *kmap_local_slot(pfn_t pfn) MUST_CHECK;
void *kmap_local_slot_prot(pfn_t pfn, prot_t prot) MUST_CHECK;
void kunmap_local_slot(vaddr_t va);
void kunmap_local_user(vaddr_t va);
void kmap_local_left_over(void);

/*
 * A pointer to @page's PAGE_BYTES bytes, to be given back by kunmap_local().  Never NULL (only to
 * a test that provokes the report of too many).  Any context but NMI; in an interrupt handler
 * with interrupts off until it is given back.
 */
static inline MUST_CHECK void *kmap_local_page(const struct page *page)
{
    if (likely(!kmap_needs_slot(page)))
        return phys_to_direct(page_to_phys(page));
    return kmap_local_slot(page_pfn(page));
}

/* The same with rights of the caller's choice, which a page of the direct map ignores. */
static inline MUST_CHECK void *kmap_local_page_prot(const struct page *page, prot_t prot)
{
    if (likely(!kmap_needs_slot(page)))
        return phys_to_direct(page_to_phys(page));
    return kmap_local_slot_prot(page_pfn(page), prot);
}

/* The byte @offset of the block that @folio heads, and the rest of its page, no more. */
static inline MUST_CHECK void *kmap_local_folio(const struct page *folio, size_t offset)
{
    assert(offset >> PAGE_SHIFT >> folio->order == 0);
    return (char *)kmap_local_page(folio + (offset >> PAGE_SHIFT)) + (offset & (PAGE_BYTES - 1));
}

/* For a frame that may have no struct page; always takes a slot where HIGHMEM exists. */
static inline MUST_CHECK void *kmap_local_pfn(pfn_t pfn)
{
    if (!HAS_HIGHMEM && likely(!kmap_always))
        return phys_to_direct(pfn_to_phys(pfn));
    return kmap_local_slot(pfn);
}

/*
 * For a frame of a device: @prot names PROT_UNCACHED or PROT_WRITE_COMBINE, which CPUs that cannot
 * combine writes (no PAT) take for uncached.  Always takes a slot.
 */
void *iomap_local(pfn_t pfn, prot_t prot) MUST_CHECK;

/*
 * Undo the last of the above; @address is any byte of what it returned.
 *
 *     @address is in    | then
 *    -------------------+----------------------------------------------------
 *     a slot            | unmapped; reported if it is not the task's last one
 *     the direct map    | nothing: it was never mapped
 *     kmap()'s window   | nothing: that is kunmap()'s
 *     user memory       | reported
 */
#define kunmap_local(address)                                                                      \
    do {                                                                                           \
        static_assert(!__builtin_types_compatible_p(__typeof__(address), struct page *) &&         \
                          !__builtin_types_compatible_p(__typeof__(address), const struct page *), \
                      "kunmap_local() takes the address, not the page");                           \
        kunmap_address(address);                                                                   \
    } while (0)

static inline void kunmap_address(const void *address)
{
    if (unlikely((vaddr_t)address >= KMAP_LOCAL_START))
        kunmap_local_slot((vaddr_t)address);
    else if (unlikely((vaddr_t)address < USER_TOP))
        kunmap_local_user((vaddr_t)address);
}

/*
 * The old kind, for code that must not sleep or fault meanwhile: preemption and the handling of
 * page faults are off until kunmap_atomic(), whether or not the page takes a slot.  Both kinds
 * share one stack and nest in each other.
 */
static inline void kmap_atomic_begin(void)
{
    preempt_disable();
    pagefault_disable();
}

static inline void kmap_atomic_end(void)
{
    pagefault_enable(); /* first, or whoever preempts us now would find it off for nothing */
    preempt_enable();
}

static inline MUST_CHECK void *kmap_atomic_prot(const struct page *page, prot_t prot)
{
    kmap_atomic_begin();
    return kmap_local_page_prot(page, prot);
}

static inline MUST_CHECK void *kmap_atomic(const struct page *page)
{
    kmap_atomic_begin();
    return kmap_local_page(page);
}

static inline MUST_CHECK void *kmap_atomic_pfn(pfn_t pfn)
{
    kmap_atomic_begin();
    return kmap_local_pfn(pfn);
}

#define kunmap_atomic(address) \
    do {                       \
        kunmap_local(address); \
        kmap_atomic_end();     \
    } while (0)

/* Take down and put back the mappings of @task around a switch.  Interrupts off. */
void kmap_sched_out(struct task *task);
void kmap_sched_in(struct task *task);

/* For fork: @child, a copy of a task, holds no mappings.  Reports one that seems to. */
void kmap_local_fork(struct task *child);

/* On the way to user mode: the current task must hold none.  Check builds report one that does. */
static inline void kmap_local_assert_none(void)
{
    if (CONFIG_CHECK && unlikely(current->kmap.depth != 0))
        kmap_local_left_over();
}

/* The page that kmap() shows at @va, see mm/kmap.h. */
struct page *kmap_pool_page(vaddr_t va);

/* Does @address lie in the slots? */
static inline bool kmap_owns(vaddr_t address)
{
    return address >= KMAP_LOCAL_START && address < KMAP_LOCAL_END;
}

/* The page behind @address, which is in a slot, in kmap()'s window, or in the direct map. */
static inline struct page *kmap_page_of(const void *address)
{
    vaddr_t va = (vaddr_t)address;
    if (likely(va < PKMAP_BASE))
        return page_of_address(address);
    if (likely(kmap_owns(va)))
        return page_of(pte_pfn(pte_get(fixmap_slot_at(va))));
    return kmap_pool_page(va);
}

/* Count what this CPU's slots hold beyond the tasks' own books, and say so.  0: nothing. */
int kmap_local_audit(void);

#endif
