/*
 * Making and ending address spaces.
 *
 * The last user to leave an mm first makes sure that no CPU has its tables loaded, not even a
 * kernel thread that borrowed them.  Then nobody can remember a translation, and all goes at
 * once, without a flush.
 */
#include "mm/mm.h"

#include "arch/x86/pte.h"
#include "kernel/panic.h"
#include "kernel/preempt.h"
#include "lib/assert.h"
#include "mm/huge.h"
#include "mm/hugetlb.h"
#include "mm/pagetable.h"
#include "mm/rmap.h"
#include "mm/slab.h"
#include "mm/tlb_gather.h"
#include "mm/vma.h"
#include "mm/zap.h"

static struct kmem_cache *mm_cache; /* (c) after mm_init() */
static SPINLOCK(mm_list_lock, RANK_MM);
static LIST(mm_list);

void mm_init(void)
{
    zero_page_init();
    hugetlb_init();
    rmap_init();
    vma_init();
    mm_cache = kmem_cache_create("mm", sizeof(struct mm), _Alignof(struct mm), NULL);
    if (!mm_cache)
        panic("no memory for the cache of address spaces");
}

struct mm *mm_create_hidden(void)
{
    struct mm *mm = kmem_cache_alloc(mm_cache, GFP_KERNEL | GFP_ZERO);
    if (!mm)
        return NULL;
    mm->root = pt_root_create();
    if (!mm->root) {
        kmem_cache_free(mm_cache, mm);
        return NULL;
    }

    tlb_context_init(&mm->tlb, mm->root);
    rwsem_init(&mm->mmap_lock, RANK_MMAP, "mmap_lock");
    mm->vmas = (struct rb_root)RB_ROOT_INIT(vma_update_gap);
    mm->users = 1;
    mm->limits = (struct mm_limits){ SIZE_MAX, SIZE_MAX, MM_STACK_LIMIT, MM_LOCKED_LIMIT };
    mm->mmap_base = USER_TOP - MM_STACK_ROOM;
    list_init(&mm->all_node);
    return mm;
}

void mm_publish(struct mm *mm)
{
    spin_lock(&mm_list_lock);
    list_add_tail(&mm->all_node, &mm_list);
    spin_unlock(&mm_list_lock);
}

struct mm *mm_create(void)
{
    struct mm *mm = mm_create_hidden();
    if (mm)
        mm_publish(mm);
    return mm;
}

void mm_get(struct mm *mm)
{
    u32 users = __atomic_fetch_add(&mm->users, 1, __ATOMIC_RELAXED);
    assert(users);
}

/* Nobody uses @mm any more: give back all it has. */
static void destroy(struct mm *mm)
{
    tlb_forget_mm(mm);

    struct tlb_gather gather;
    tlb_gather_begin(&gather, mm);
    gather.unloaded = true;
    down_write(&mm->mmap_lock); /* nobody else is there; the functions below want it held */
    /* From the lowest up: the tables that a vma shares with the next one go with that. */
    for (struct vma *next, *vma = vma_find(mm, 0); vma; vma = next) {
        next = vma_next(vma);
        struct pt_range range = { .start = vma->start, .end = vma->end };
        range.ceiling = next ? next->start : USER_TABLES_END;
        zap_range(&gather, vma, vma->start, vma->end);
        vma_remove(mm, vma);
        vma_free(vma);
        pt_free_range(&gather, mm->root, &range);
        cond_resched();
    }
    tlb_gather_end(&gather);
    up_write(&mm->mmap_lock);

    assert(!mm_resident_pages(mm));
    assert(!mm->mapped_pages);
    assert(!mm->locked_pages);
    assert(!mm->tables);
    pt_root_destroy(mm->root);
    kmem_cache_free(mm_cache, mm);
}

void mm_put(struct mm *mm)
{
    might_sleep();
    if (__atomic_sub_fetch(&mm->users, 1, __ATOMIC_ACQ_REL))
        return;
    spin_lock(&mm_list_lock);
    list_del(&mm->all_node);
    spin_unlock(&mm_list_lock);
    destroy(mm);
}

/* One more user, unless the last has just left. */
static bool try_get(struct mm *mm)
{
    u32 users = __atomic_load_n(&mm->users, __ATOMIC_RELAXED);
    while (users)
        if (__atomic_compare_exchange_n(&mm->users, &users, users + 1, false, __ATOMIC_RELAXED,
                                        __ATOMIC_RELAXED))
            return true;
    return false;
}

/* The first living mm behind @mm (NULL: of all), with a reference; or NULL. */
static struct mm *next_mm(struct mm *mm)
{
    struct mm *found = NULL;

    spin_lock(&mm_list_lock);
    struct list_node *node = mm ? &mm->all_node : &mm_list;
    while (!found && (node = node->next) != &mm_list) {
        struct mm *next = container_of(node, struct mm, all_node);
        if (try_get(next))
            found = next;
    }
    spin_unlock(&mm_list_lock);
    return found;
}

void mm_for_each(void (*visit)(struct mm *mm, void *data), void *data)
{
    struct mm *next;

    for (struct mm *mm = next_mm(NULL); mm; mm = next) {
        visit(mm, data);
        next = next_mm(mm);
        mm_put(mm);
    }
}

void mm_note_peak(struct mm *mm)
{
    unsigned long resident = mm_resident_pages(mm);
    unsigned long peak = __atomic_load_n(&mm->peak_pages, __ATOMIC_RELAXED);
    while (resident > peak)
        if (__atomic_compare_exchange_n(&mm->peak_pages, &peak, resident, false, __ATOMIC_RELAXED,
                                        __ATOMIC_RELAXED))
            return;
}
