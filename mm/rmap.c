/*
 * The reverse map of private pages.
 */
#include "mm/rmap.h"

#include "kernel/panic.h"
#include "kernel/spinlock.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "mm/mm.h"
#include "mm/pagetable.h"
#include "mm/slab.h"
#include "mm/walk.h"

static struct kmem_cache *anon_vma_cache; /* (c) after rmap_init() */

void rmap_init(void)
{
    anon_vma_cache = kmem_cache_create("anon_vma", sizeof(struct anon_vma), 0, NULL);
    if (!anon_vma_cache)
        panic("no memory for the cache of anon_vmas");
}

/* Could @a and @b become one vma, if their rights were the same? */
static bool could_join(const struct vma *a, const struct vma *b)
{
    return a && b && a->end == b->start && a->file == b->file && a->ops == b->ops &&
           a->offset + (a->end - a->start) == b->offset;
}

/* A neighbour's anon_vma, so that mprotect() back and forth does not keep them apart; or NULL. */
static struct anon_vma *find_neighbours(const struct vma *vma)
{
    const struct vma *prev = vma_prev(vma), *next = vma_next(vma);
    struct anon_vma *found = NULL;

    if (could_join(vma, next))
        found = __atomic_load_n(&next->anon_vma, __ATOMIC_ACQUIRE);
    if (!found && could_join(prev, vma))
        found = __atomic_load_n(&prev->anon_vma, __ATOMIC_ACQUIRE);
    return found;
}

static void unref(struct anon_vma *anon_vma)
{
    spin_lock(&anon_vma->lock);
    bool last = --anon_vma->refs == 0;
    spin_unlock(&anon_vma->lock);
    if (last)
        kmem_cache_free(anon_vma_cache, anon_vma);
}

static struct anon_vma *create(void)
{
    struct anon_vma *anon_vma = kmem_cache_alloc(anon_vma_cache, GFP_KERNEL);
    if (!anon_vma)
        return NULL;
    spin_lock_init(&anon_vma->lock, RANK_RMAP, "anon_vma");
    list_init(&anon_vma->vmas);
    anon_vma->refs = 1;
    return anon_vma;
}

/* Two threads of the mm may be here at once: the first to set vma->anon_vma is right. */
int anon_vma_make(struct vma *vma)
{
    struct anon_vma *none = NULL, *anon_vma = find_neighbours(vma);
    if (anon_vma) {
        spin_lock(&anon_vma->lock); /* the neighbour keeps it: mmap_lock is held */
        anon_vma->refs++;
        spin_unlock(&anon_vma->lock);
    } else {
        anon_vma = create();
    }
    if (!anon_vma)
        return -ENOMEM;

    spin_lock(&anon_vma->lock);
    bool first = __atomic_compare_exchange_n(&vma->anon_vma, &none, anon_vma, false,
                                             __ATOMIC_RELEASE, __ATOMIC_RELAXED);
    if (first)
        list_add_tail(&vma->anon_node, &anon_vma->vmas);
    spin_unlock(&anon_vma->lock);
    if (!first)
        unref(anon_vma);
    return 0;
}

void anon_vma_join(struct vma *vma)
{
    struct anon_vma *anon_vma = vma->anon_vma;
    if (!anon_vma)
        return;
    spin_lock(&anon_vma->lock);
    anon_vma->refs++;
    list_add_tail(&vma->anon_node, &anon_vma->vmas);
    spin_unlock(&anon_vma->lock);
}

void anon_vma_leave(struct vma *vma)
{
    struct anon_vma *anon_vma = vma->anon_vma;
    if (!anon_vma)
        return;
    spin_lock(&anon_vma->lock);
    list_del(&vma->anon_node);
    spin_unlock(&anon_vma->lock);
    vma->anon_vma = NULL;
    unref(anon_vma);
}

void anon_vma_lock(const struct vma *vma) UNCHECKED_LOCKS
{
    if (vma->anon_vma)
        spin_lock(&vma->anon_vma->lock);
}

void anon_vma_unlock(const struct vma *vma) UNCHECKED_LOCKS
{
    if (vma->anon_vma)
        spin_unlock(&vma->anon_vma->lock);
}

/* Does the entry at @place map @page?  Its table's lock is held. */
static bool maps(const struct rmap_place *place, const struct page *page)
{
    pte_t entry = pte_get(place->slot);
    if (!pte_mapped(entry) || pte_special(entry))
        return false;
    if (place->level && !pte_is_huge(entry))
        return false;
    unsigned long first = pte_pfn(entry).number;
    unsigned long pages = LEVEL_BYTES(place->level) >> PAGE_SHIFT;
    return page_pfn(page).number - first < pages;
}

/* The address at which @vma would map @page; 0: it is not in its range. */
static vaddr_t address_in(const struct vma *vma, struct page *page)
{
    unsigned long first = vma_page_index(vma, vma->start);
    unsigned long distance = page_index(page) - first;
    if (distance >= (vma->end - vma->start) >> PAGE_SHIFT)
        return 0;
    return vma->start + (distance << PAGE_SHIFT);
}

unsigned rmap_walk_anon(struct page *page, void (*visit)(const struct rmap_place *, void *),
                        void *data)
{
    struct anon_vma *anon_vma = page_anon_vma(page);
    struct vma *vma;
    unsigned count = 0;

    spin_lock(&anon_vma->lock); /* while it is held no vma leaves the list, and so no table goes */
    list_for_each_entry (vma, &anon_vma->vmas, anon_node) {
        vaddr_t va = address_in(vma, page);
        if (!va)
            continue;
        struct pt_spot spot = pt_spot(vma->mm->root, va, va + PAGE_BYTES);
        struct rmap_place place = { vma, va, spot.slot, spot.level };
        struct spinlock *lock = pt_lock(spot.slot);
        spin_lock(lock);
        if (maps(&place, page)) {
            count++;
            if (visit)
                visit(&place, data);
        }
        spin_unlock(lock);
        pt_unmap(spot.slot);
    }
    spin_unlock(&anon_vma->lock);
    return count;
}
