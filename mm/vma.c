/*
 * The vmas of an address space: a tree by address.
 *
 * Each node also knows the largest hole just below a vma of its subtree, so a place for a new
 * mapping is found in one walk down, however many vmas there are.
 */
#include "mm/vma.h"

#include "kernel/panic.h"
#include "lib/align.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "mm/huge.h"
#include "mm/mapping.h"
#include "mm/mm.h"
#include "mm/rmap.h"
#include "mm/slab.h"

static struct kmem_cache *vma_cache; /* (c) after vma_init() */

void vma_init(void)
{
    vma_cache = kmem_cache_create("vma", sizeof(struct vma), 0, NULL);
    if (!vma_cache)
        panic("no memory for the cache of vmas");
}

struct vma *vma_alloc(void) { return kmem_cache_alloc(vma_cache, GFP_KERNEL); }

struct vma *vma_copy(const struct vma *vma)
{
    struct vma *copy = vma_alloc();
    if (!copy)
        return NULL;
    *copy = *vma;
    anon_vma_join(copy);
    if (copy->ops->open)
        copy->ops->open(copy);
    return copy;
}

void vma_free(struct vma *vma)
{
    anon_vma_leave(vma);
    if (vma->ops && vma->ops->close)
        vma->ops->close(vma);
    kmem_cache_free(vma_cache, vma);
}

static struct vma *vma_of(const struct rb_node *node)
{
    return node ? container_of(node, struct vma, node) : NULL;
}

struct vma *vma_next(const struct vma *vma) { return vma_of(rb_next(&vma->node)); }

struct vma *vma_prev(const struct vma *vma) { return vma_of(rb_prev(&vma->node)); }

struct vma *vma_find(const struct mm *mm, vaddr_t va)
{
    struct vma *found = NULL;

    for (struct vma *vma = vma_of(mm->vmas.node); vma;) {
        if (vma->end <= va) {
            vma = vma_of(vma->node.child[RB_RIGHT]);
            continue;
        }
        found = vma;
        if (vma->start <= va)
            break;
        vma = vma_of(vma->node.child[RB_LEFT]);
    }
    return found;
}

struct vma *vma_lookup(const struct mm *mm, vaddr_t va)
{
    struct vma *vma = vma_find(mm, va);
    return vma && vma->start <= va ? vma : NULL;
}

struct vma *vma_lookup_recent(struct mm *mm, vaddr_t va)
{
    struct vma *vma = READ_ONCE(mm->recent);
    if (likely(vma && vma->start <= va && va < vma->end))
        return vma;
    vma = vma_lookup(mm, va);
    WRITE_ONCE(mm->recent, vma); /* of two threads that come here at once either is as good */
    return vma;
}

vaddr_t vma_guarded_start(const struct vma *vma)
{
    if (!(vma->flags & VM_GROWSDOWN))
        return vma->start;
    return vma->start > MM_STACK_GUARD ? vma->start - MM_STACK_GUARD : 0;
}

/* The hole below @vma if the memory below it ends at @low. */
static vaddr_t hole_above(vaddr_t low, const struct vma *vma)
{
    vaddr_t high = vma_guarded_start(vma);
    return high > low ? high - low : 0;
}

/* The hole below @vma, which depends on the neighbour @prev: a change there must update here. */
static vaddr_t hole_between(const struct vma *prev, const struct vma *vma)
{
    return hole_above(prev ? prev->end : 0, vma);
}

/* The neighbour below @vma if there is no hole between them, else NULL: without a walk. */
static struct vma *prev_without_hole(const struct vma *vma)
{
    return vma->hole ? NULL : vma_prev(vma);
}

static vaddr_t gap_of(const struct rb_node *node) { return node ? vma_of(node)->gap : 0; }

/* The tree asks for a node's summary: its own hole, and what its children know. */
void vma_update_gap(struct rb_node *node)
{
    struct vma *vma = vma_of(node);
    vaddr_t gap = vma->hole;
    for (unsigned side = RB_LEFT; side <= RB_RIGHT; side++) {
        const vaddr_t below = gap_of(node->child[side]);
        if (below > gap)
            gap = below;
    }
    vma->gap = gap;
}

/* @vma, or the end of the one before it, has moved. */
static void renew_hole(struct mm *mm, struct vma *vma)
{
    if (!vma)
        return;
    vma->hole = hole_between(vma_prev(vma), vma);
    rb_update_path(&mm->vmas, &vma->node);
}

/* Add @vma's @pages, or take them away if negative, to what @mm counts of its vmas. */
static ALWAYS_INLINE void account(struct mm *mm, const struct vma *vma, long pages)
{
    const bool is_data =
        vma->flags & VM_WRITE && vma_is_private(vma) && !(vma->flags & VM_GROWSDOWN);

    mm->mapped_pages += (size_t)pages;
    if (is_data)
        mm->data_pages += (size_t)pages;
    if (vma->flags & VM_GROWSDOWN)
        mm->stack_pages += (size_t)pages;
    if (vma->flags & VM_LOCKED)
        mm->locked_pages += (size_t)pages;
}

static long pages_of(const struct vma *vma)
{
    return (long)((vma->end - vma->start) >> PAGE_SHIFT);
}

void vma_init_flags(struct vma *vma, unsigned flags)
{
    vma->flags = flags;
    vma->prot = vma_prot(flags);
    vma->model = pte_leaf((pfn_t){ 0 }, vma->prot, 0);
}

void vma_set_flags(struct vma *vma, unsigned flags)
{
    account(vma->mm, vma, -pages_of(vma));
    vma_init_flags(vma, flags);
    account(vma->mm, vma, pages_of(vma));
}

/* @vma becomes a leaf of the tree, so its neighbours are above it: one walk up renews all three. */
void vma_insert(struct mm *mm, struct vma *vma)
{
    struct vma *prev = NULL, *next = NULL;
    struct rb_node *parent = NULL;
    struct rb_node **link = &mm->vmas.node;

    assert(vma->start < vma->end);
    assert(is_aligned(vma->start | vma->end, PAGE_BYTES));
    while (*link) {
        struct vma *other = vma_of(*link);
        parent = *link;
        const bool is_below = vma->start < other->start;
        if (is_below)
            next = other;
        else
            prev = other;
        link = &parent->child[is_below ? RB_LEFT : RB_RIGHT];
    }
    assert(!prev || prev->end <= vma->start);
    assert(!next || vma->end <= next->start);
    vma->mm = mm;
    vma->hole = hole_between(prev, vma);
    if (next)
        next->hole = hole_between(vma, next);
    rb_insert_at(&mm->vmas, &vma->node, parent, link);
    mm->vma_count++;
    account(mm, vma, pages_of(vma));
}

/*
 * The one above @vma gets its hole.  Taking a node out renews all that lie above it, and the one
 * that takes its place if it had two children: so mostly that one is among them.
 */
void vma_remove(struct mm *mm, struct vma *vma)
{
    struct vma *next = vma_next(vma);
    const bool moves_up = !vma->node.child[RB_LEFT] && vma->node.child[RB_RIGHT];

    if (mm->recent == vma)
        mm->recent = NULL;
    if (next && vma->hole) /* it says where the one below ends */
        next->hole = hole_above(vma_guarded_start(vma) - vma->hole, next);
    else if (next)
        next->hole = hole_between(vma_prev(vma), next);
    rb_erase(&mm->vmas, &vma->node);
    if (moves_up) /* @vma's only child, renewed by nobody */
        rb_update_path(&mm->vmas, &next->node);
    mm->vma_count--;
    account(mm, vma, -pages_of(vma));
}

void vma_resize(struct vma *vma, vaddr_t start, vaddr_t end)
{
    struct mm *mm = vma->mm;
    struct vma *prev = vma_prev(vma), *next = vma_next(vma);

    assert(start < end);
    assert(!prev || prev->end <= start);
    assert(!next || next->start >= end);
    account(mm, vma, -pages_of(vma));
    mapping_lock_of(vma);
    anon_vma_lock(vma);
    vma->offset += start - vma->start;
    vma->start = start;
    vma->end = end;
    anon_vma_unlock(vma);
    mapping_unlock_of(vma);
    account(mm, vma, pages_of(vma));
    renew_hole(mm, vma);
    renew_hole(mm, next);
}

int vma_split(struct vma *vma, vaddr_t va)
{
    assert(va > vma->start);
    assert(va < vma->end);
    struct vma *upper = vma_copy(vma);
    if (!upper)
        return -ENOMEM;

    huge_split_at(vma, va);
    mapping_lock_of(upper);
    anon_vma_lock(upper);
    upper->start = va;
    upper->offset += va - vma->start;
    anon_vma_unlock(upper);
    mapping_unlock_of(upper);
    vma_resize(vma, vma->start, va);
    vma_insert(vma->mm, upper);
    return 0;
}

/* Could @lower and the vma just above it be one? */
static bool can_join(const struct vma *lower, const struct vma *upper)
{
    if (!lower || !upper || lower->end != upper->start)
        return false;
    if (lower->ops != upper->ops || lower->file != upper->file)
        return false;
    if (lower->flags != upper->flags || lower->flags & VM_HUGETLB)
        return false;
    if (lower->anon_vma != upper->anon_vma && lower->anon_vma && upper->anon_vma)
        return false;
    return lower->offset + (lower->end - lower->start) == upper->offset;
}

static void join(struct vma *lower, struct vma *upper)
{
    vaddr_t end = upper->end;
    vma_remove(lower->mm, upper);
    lower->touched |= upper->touched;
    if (!lower->anon_vma) {
        lower->anon_vma = upper->anon_vma;
        anon_vma_join(lower);
    }
    vma_resize(lower, lower->start, end);
    vma_free(upper);
}

void vma_merge(struct vma *vma)
{
    struct vma *next, *prev = prev_without_hole(vma);

    while (can_join(vma, next = vma_next(vma)))
        join(vma, next);
    if (can_join(prev, vma))
        join(prev, vma);
}

prot_t vma_prot(unsigned flags)
{
    unsigned prot = PROT_USER;
    if (flags & VM_ACCESS)
        prot |= PROT_READ; /* the CPU knows no other kind of presence */
    if (flags & VM_WRITE)
        prot |= PROT_WRITE;
    if (flags & VM_EXEC)
        prot |= PROT_EXEC;
    return (prot_t){ (u8)prot };
}

/* The part of the hole from @low to @high that is wanted, as its start; 0: too small. */
static vaddr_t fit(const struct vma_hole *want, vaddr_t low, vaddr_t high)
{
    if (low < want->low)
        low = want->low;
    if (high > want->high)
        high = want->high;
    if (high < low || high - low < want->bytes)
        return 0;
    return want->topmost ? high - want->bytes : low;
}

/*
 * Search the subtree at @node, nearest the wanted end first.  A subtree without a large enough
 * hole is not entered, nor one beyond the limits: so this is one walk down, or two.
 */
static vaddr_t search(const struct rb_node *node, const struct vma_hole *want)
{
    const struct vma *vma = vma_of(node);
    if (!vma || vma->gap < want->bytes)
        return 0;

    enum rb_side near = want->topmost ? RB_RIGHT : RB_LEFT;
    vaddr_t found = 0;
    if (near == RB_LEFT ? vma->start > want->low : vma->end < want->high)
        found = search(node->child[near], want);
    if (!found && vma->hole >= want->bytes)
        found = fit(want, vma_guarded_start(vma) - vma->hole, vma_guarded_start(vma));
    if (!found && (near == RB_LEFT ? vma->end < want->high : vma->start > want->low))
        found = search(node->child[!near], want);
    return found;
}

vaddr_t vma_find_hole(const struct mm *mm, const struct vma_hole *want)
{
    assert(want->bytes);
    assert(want->low); /* 0 says that there is none */
    const struct vma *last = vma_of(rb_last(&mm->vmas));
    vaddr_t above = fit(want, last ? last->end : 0, want->high);

    if (want->topmost && above)
        return above;
    vaddr_t found = search(mm->vmas.node, want);
    return found ? found : above;
}
