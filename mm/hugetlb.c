/*
 * Huge pages from a pool.
 *
 *     entry       | access | what happens
 *    -------------+--------+---------------------------------------------------------
 *     none        | any    | a page of the pool, cleared
 *     read-only   | write  | take it over, if nobody else has it; else a copy
 *
 * A private mapping reserves its pages when it is made: vma->reserved says how many it has still
 * to come.  That number stays with the lower part when a vma is split, and a child of fork() has
 * none: they take what nobody has reserved, and SIGBUS if there is nothing.  A shared mapping is
 * filled at once, so that whoever inherits it finds the same pages.
 */
#include "mm/hugetlb.h"

#include "arch/x86/cpu.h"
#include "arch/x86/tlb.h"
#include "kernel/param.h"
#include "kernel/printk.h"
#include "kernel/spinlock.h"
#include "lib/align.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/parse.h"
#include "mm/clear.h"
#include "mm/count.h"
#include "mm/gigantic.h"
#include "mm/mm.h"
#include "mm/mmap.h"
#include "mm/page.h"
#include "mm/pagetable.h"
#include "mm/rmap.h"
#include "mm/walk.h"
#include "mm/zone.h"

enum { POOL_LEVELS = LEVEL_HUGE + 2, POOL_MAX = 4096 };

/* (l) under lock */
struct pool {
    struct spinlock lock;
    struct list_node free;                     /* (l) by page->link */
    unsigned long total, free_pages, reserved; /* (l) */
};
static struct pool pools[POOL_LEVELS]; /* by level; some have no pages */
static u32 wanted;                     /* (c) hugepages= */

static bool hugepages_param(const char *value) { return parse_u32(value, POOL_MAX, &wanted) == 0; }
KERNEL_PARAM("hugepages", hugepages_param);

static unsigned order_of(unsigned level) { return level * PT_INDEX_BITS; }

/* The level of the pages that @page, the head of one, could be mapped at. */
static unsigned level_of(const struct page *page) { return page->order / PT_INDEX_BITS; }

static struct page *new_page(unsigned level)
{
    if (level > LEVEL_HUGE) /* only those set aside at boot: no search would find one later */
        return gigantic_reserved() ? page_alloc_gigantic(GFP_KERNEL, order_of(level)) : NULL;
    return page_alloc(GFP_HIGHUSER | GFP_COMPOUND | GFP_NOWARN, order_of(level));
}

/* Take a page that nobody counts on out of @pool; NULL: there is none. */
static struct page *remove_page(struct pool *pool)
{
    struct page *page = NULL;
    const irqflags_t flags = spin_lock_irqsave(&pool->lock);
    if (pool->free_pages > pool->reserved) {
        page = list_first_entry(&pool->free, struct page, link);
        list_del(&page->link);
        pool->free_pages--;
        pool->total--;
    }
    spin_unlock_irqrestore(&pool->lock, flags);
    return page;
}

unsigned long hugetlb_resize(unsigned level, unsigned long pages)
{
    struct pool *pool = &pools[level];
    struct page *page;

    while (READ_ONCE(pool->total) < pages && (page = new_page(level))) {
        page_set_flags(page, PAGE_HUGETLB);
        const irqflags_t flags = spin_lock_irqsave(&pool->lock);
        pool->total++;
        spin_unlock_irqrestore(&pool->lock, flags);
        hugetlb_give(page);
    }
    while (READ_ONCE(pool->total) > pages && (page = remove_page(pool))) {
        page_clear_flags(page, PAGE_HUGETLB);
        page_put(page);
    }
    return READ_ONCE(pool->total);
}

void hugetlb_init(void)
{
    for (unsigned level = 0; level < POOL_LEVELS; level++) {
        spin_lock_init(&pools[level].lock, RANK_HUGETLB, "huge page pool");
        list_init(&pools[level].free);
    }
    const unsigned long got = hugetlb_resize(LEVEL_HUGE, wanted);
    if (got < wanted)
        pr_warn("memory: hugepages=%u: only %lu could be had\n", wanted, got);
}

void hugetlb_give(struct page *page)
{
    struct pool *pool = &pools[level_of(page)];

    page->mapping = NULL;
    page->refs = 1; /* the pool's */
    const irqflags_t flags = spin_lock_irqsave(&pool->lock);
    list_add(&page->link, &pool->free);
    pool->free_pages++;
    spin_unlock_irqrestore(&pool->lock, flags);
}

/* A page of @pool; one that is reserved, or one that nobody counts on.  NULL: there is none. */
static struct page *take(struct pool *pool, bool reserved)
{
    struct page *page = NULL;

    const irqflags_t flags = spin_lock_irqsave(&pool->lock);
    if (reserved)
        pool->reserved--;
    if (pool->free_pages > pool->reserved) {
        page = list_first_entry(&pool->free, struct page, link);
        list_del(&page->link);
        pool->free_pages--;
    }
    spin_unlock_irqrestore(&pool->lock, flags);
    return page;
}

static bool reserve(struct pool *pool, unsigned long pages)
{
    if (pool == &pools[LEVEL_HUGE + 1]) /* what was set aside for it at boot comes when wanted */
        hugetlb_resize(LEVEL_HUGE + 1, pool->total + gigantic_reserved());
    const irqflags_t flags = spin_lock_irqsave(&pool->lock);
    const bool enough = pool->free_pages - pool->reserved >= pages;
    if (enough)
        pool->reserved += pages;
    spin_unlock_irqrestore(&pool->lock, flags);
    return enough;
}

static void unreserve(struct pool *pool, unsigned long pages)
{
    const irqflags_t flags = spin_lock_irqsave(&pool->lock);
    pool->reserved -= pages;
    spin_unlock_irqrestore(&pool->lock, flags);
}

struct hugetlb_stat hugetlb_stat(unsigned level)
{
    struct pool *pool = &pools[level];
    const irqflags_t flags = spin_lock_irqsave(&pool->lock);
    const struct hugetlb_stat stat = { pool->total, pool->free_pages, pool->reserved };
    spin_unlock_irqrestore(&pool->lock, flags);
    return stat;
}

/* --- vmas ------------------------------------------------------------------------------------ */

int hugetlb_level(unsigned flags)
{
    const unsigned shift = flags >> MAP_HUGE_SHIFT & MAP_HUGE_MASK;

    if (!shift)
        return LEVEL_HUGE;
    for (unsigned level = LEVEL_HUGE; level < POOL_LEVELS && level < PT_LEVELS - 1; level++)
        if (shift == LEVEL_SHIFT(level) && (level == LEVEL_HUGE || cpu_has(CPU_GIB_PAGES)))
            return (int)level;
    return shift == LEVEL_SHIFT(LEVEL_HUGE) ? LEVEL_HUGE : -EINVAL; /* i386: the root's entries */
}

static void hugetlb_open(struct vma *vma) { vma->reserved = 0; }

static void hugetlb_close(struct vma *vma)
{
    if (vma->reserved)
        unreserve(&pools[vma->level], vma->reserved);
}

/* Never called: fault.c hands such a vma's faults over before it makes a leaf table. */
static enum fault_result no_small_fault(struct vma *vma, pte_t *slot, const struct fault *fault)
{
    return FAULT_BUS_ERROR;
}

static const struct vma_ops hugetlb_ops = {
    .name = "huge pages",
    .fault = no_small_fault,
    .open = hugetlb_open,
    .close = hugetlb_close,
};

int hugetlb_attach(struct vma *vma, unsigned level)
{
    const unsigned long pages = (vma->end - vma->start) >> LEVEL_SHIFT(level);

    if (!(vma->flags & VM_NORESERVE)) {
        if (!reserve(&pools[level], pages))
            return -ENOMEM;
        vma->reserved = (unsigned)pages;
    }
    vma->level = (u8)level;
    vma->ops = &hugetlb_ops;
    vma_init_flags(vma, vma->flags | VM_HUGETLB);
    return 0;
}

/* --- faults ---------------------------------------------------------------------------------- */

/* One that was reserved, as long as the vma has some; several threads may ask at once. */
static struct page *take_for(struct vma *vma)
{
    unsigned left = __atomic_load_n(&vma->reserved, __ATOMIC_RELAXED);
    while (left && !__atomic_compare_exchange_n(&vma->reserved, &left, left - 1, false,
                                                __ATOMIC_RELAXED, __ATOMIC_RELAXED))
        ;
    return take(&pools[vma->level], left);
}

/* Put @page, all new, in @slot if that still holds @old.  Returns whether it did. */
static bool commit(struct vma *vma, pte_t *slot, pte_t old, struct page *page)
{
    const bool may_write = vma->flags & VM_WRITE;
    const pte_t entry = pte_leaf(page_pfn(page), vma->prot, vma->level);
    struct spinlock *lock = pt_lock(slot);

    spin_lock(lock);
    const bool same = pte_get(slot).bits == old.bits;
    if (same) {
        if (!pte_none(old)) {
            pte_clear(slot);
            tlb_flush_mm(vma->mm);
            page_of(pte_pfn(old))->private --;
        }
        page->private = 1;
        pte_set(slot, may_write ? pte_make_written(entry) : entry);
    }
    spin_unlock(lock);
    return same;
}

static enum fault_result fill(struct vma *vma, pte_t *slot, const struct fault *fault)
{
    struct page *page = take_for(vma);
    if (!page)
        return FAULT_BUS_ERROR;
    folio_zero_user(page, fault->va);
    if (commit(vma, slot, (pte_t){ 0 }, page))
        count_event(COUNT_FAULT_HUGETLB);
    else
        page_put(page);
    return FAULT_FIXED;
}

static enum fault_result copy(struct vma *vma, pte_t *slot, pte_t old, const struct fault *fault)
{
    struct page *from = page_of(pte_pfn(old));
    struct spinlock *lock = pt_lock(slot);

    spin_lock(lock);
    const bool same = pte_get(slot).bits == old.bits;
    const bool ours = same && (page_refs(from) == 1 || !vma_is_private(vma));
    if (ours)
        pte_set(slot, pte_make_written(pte_leaf(page_pfn(from), vma->prot, vma->level)));
    else if (same)
        page_get(from);
    spin_unlock(lock);
    if (ours || !same)
        return FAULT_FIXED;

    struct page *page = take_for(vma);
    if (page && !copy_user_large_folio(page, from, fault->va) && commit(vma, slot, old, page)) {
        page_put(from); /* the entry's reference */
        count_event(COUNT_FAULT_COW);
    } else if (page) {
        page_put(page);
    }
    page_put(from);
    return page ? FAULT_FIXED : FAULT_BUS_ERROR;
}

enum fault_result hugetlb_fault(struct vma *vma, const struct fault *fault)
{
    pte_t *slot = pt_slot(vma->mm->root, fault->va, vma->level, &vma->mm->tables);
    if (!slot)
        return FAULT_NO_MEMORY;
    const pte_t entry = pte_get(slot);
    if (pte_none(entry))
        return fill(vma, slot, fault);
    if (pte_allows(entry, fault->access) || !(fault->access.bits & PROT_WRITE))
        return FAULT_FIXED;
    return copy(vma, slot, entry, fault);
}
