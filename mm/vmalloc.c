/*
 * Vmalloc: contiguous kernel addresses for pages that are not contiguous, or not RAM.
 *
 * The areas stand in a red-black tree by address.  Each knows the gap before it, and each subtree
 * the largest gap in it, so that the lowest gap that is big enough is found in one walk down: to
 * the left as long as there is one on the left.
 *
 * Making an area is: take addresses, then map.  Ending it is the other way round: unmap, which
 * returns when no CPU remembers, then give back addresses and pages.  So nobody can get either
 * while some TLB still knows them.
 *
 * Locks: area_lock guards the tree; mapping happens without it, by who owns the area.
 */
#include "mm/vmalloc.h"

#include "kernel/printk.h"
#include "kernel/report.h"
#include "lib/align.h"
#include "lib/minmax.h"
#include "lib/rbtree.h"
#include "lib/string.h"
#include "machine/layout.h"
#include "mm/kernel_map.h"
#include "mm/kmalloc.h"
#include "mm/page.h"
#include "mm/pagetable.h"
#include "mm/region.h"

enum { STACKS_KEPT = 16 };

/* What an area shows decides how it ends. */
enum area_kind { AREA_OWN_PAGES, AREA_LENT_PAGES, AREA_DEVICE };

/* (c) constant once in the tree, (t) under area_lock */
struct area {
    struct rb_node node; /* (t) */
    vaddr_t start, end;  /* (c) what is mapped; a guard page follows */
    size_t gap;          /* (t) free bytes before start */
    size_t largest_gap;  /* (t) of this area and those below it in the tree */
    enum area_kind kind; /* (c) */
    bool ending;         /* (t) somebody is unmapping it */
    size_t count;        /* (c) */
    struct page *pages[];
};

static void update_area(struct rb_node *node);

static SPINLOCK(area_lock, RANK_VMALLOC);
static struct rb_root areas = RB_ROOT_INIT(update_area); /* under area_lock */
static void *kept_stacks[STACKS_KEPT];                   /* under area_lock */
static unsigned kept_count;

/* --- the tree, under area_lock ---------------------------------------------------------------- */

static struct area *area_of(struct rb_node *node)
{
    return node ? rb_entry(node, struct area, node) : NULL;
}

static size_t largest_gap_of(struct rb_node *node) { return node ? area_of(node)->largest_gap : 0; }

static void update_area(struct rb_node *node)
{
    const size_t below =
        max(largest_gap_of(node->child[RB_LEFT]), largest_gap_of(node->child[RB_RIGHT]));
    area_of(node)->largest_gap = max(area_of(node)->gap, below);
}

/* The first address that an area behind @area (NULL: the first of all) may have. */
static vaddr_t free_from(const struct area *area)
{
    return (area ? area->end : (vaddr_t)VMALLOC_START) + PAGE_BYTES;
}

/* Compute the gap before @node, whose neighbour on the left has changed. */
static void measure_gap(struct rb_node *node)
{
    if (!node)
        return;
    area_of(node)->gap = area_of(node)->start - free_from(area_of(rb_prev(node)));
    rb_update_path(&areas, node);
}

/* The area with the lowest address that has a gap of @bytes before it.  NULL: there is none. */
static struct area *lowest_gap(size_t bytes)
{
    struct rb_node *node = areas.node;

    if (largest_gap_of(node) < bytes)
        return NULL;
    for (;;) {
        if (largest_gap_of(node->child[RB_LEFT]) >= bytes)
            node = node->child[RB_LEFT];
        else if (area_of(node)->gap >= bytes)
            return area_of(node);
        else
            node = node->child[RB_RIGHT];
    }
}

static bool is_before(const struct rb_node *a, const struct rb_node *b)
{
    return rb_entry(a, struct area, node)->start < rb_entry(b, struct area, node)->start;
}

/* Give @area the lowest @bytes addresses that are free.  false: there are not so many. */
static bool place_area(struct area *area, size_t bytes)
{
    const size_t with_guard = bytes + PAGE_BYTES;
    struct area *next = lowest_gap(with_guard);
    struct area *last = area_of(rb_last(&areas));
    const vaddr_t start = next ? next->start - next->gap : free_from(last);

    if (with_guard < bytes || start > VMALLOC_END || VMALLOC_END - start < with_guard)
        return false;
    area->start = start;
    area->end = start + bytes;
    rb_insert(&areas, &area->node, is_before);
    measure_gap(&area->node);
    measure_gap(rb_next(&area->node));
    return true;
}

/* The area that holds @address, or its guard behind it.  NULL: there is none. */
static struct area *find_area(vaddr_t address)
{
    struct rb_node *node = areas.node;

    while (node) {
        struct area *area = area_of(node);
        if (address < area->start)
            node = node->child[RB_LEFT];
        else if (address >= area->end + PAGE_BYTES)
            node = node->child[RB_RIGHT];
        else
            return area;
    }
    return NULL;
}

/* --- areas ------------------------------------------------------------------------------------ */

/* An area of @bytes addresses with room for @count pages.  NULL: no memory or no addresses. */
static struct area *create_area(size_t bytes, size_t count, enum area_kind kind)
{
    struct area *area = kzalloc(sizeof(*area) + count * sizeof(area->pages[0]), GFP_KERNEL);
    if (!area)
        return NULL;
    area->kind = kind;
    area->count = count;

    const irqflags_t flags = spin_lock_irqsave(&area_lock);
    const bool placed = place_area(area, bytes);
    spin_unlock_irqrestore(&area_lock, flags);
    if (placed)
        return area;

    pr_warn("vmalloc: no %zu KiB of addresses\n", bytes >> 10);
    kfree(area);
    return NULL;
}

/* Give back the addresses of @area, where nothing is mapped any more, and its own pages. */
static void destroy_area(struct area *area)
{
    const irqflags_t flags = spin_lock_irqsave(&area_lock);
    struct rb_node *next = rb_next(&area->node);
    rb_erase(&areas, &area->node);
    measure_gap(next);
    spin_unlock_irqrestore(&area_lock, flags);

    for (size_t i = 0; area->kind == AREA_OWN_PAGES && i < area->count && area->pages[i]; i++)
        page_free(area->pages[i], 0);
    kfree(area);
}

/* Map the pages of @area.  Returns: false: no memory; nothing is mapped. */
static bool map_area(struct area *area, prot_t prot)
{
    for (size_t i = 0; i < area->count; i++) {
        const vaddr_t va = area->start + i * PAGE_BYTES;
        if (kernel_map_page(va, page_pfn(area->pages[i]), prot) == 0)
            continue;
        if (i > 0)
            kernel_unmap(area->start, i * PAGE_BYTES);
        return false;
    }
    return true;
}

/* End the area of @kind that holds @address, which must be its start unless it is a device's. */
static void end_area(const void *address, enum area_kind kind)
{
    might_sleep();
    const irqflags_t flags = spin_lock_irqsave(&area_lock);
    struct area *area = find_area((vaddr_t)address);
    const bool valid = area && area->kind == kind && !area->ending &&
                       align_down((vaddr_t)address, PAGE_BYTES) == area->start &&
                       (kind == AREA_DEVICE || (vaddr_t)address == area->start);
    if (valid)
        area->ending = true;
    spin_unlock_irqrestore(&area_lock, flags);

    if (!valid) {
        report("%p is given back to vmalloc, which did not give it", address);
        return;
    }
    kernel_unmap(area->start, area->end - area->start);
    destroy_area(area);
}

/* --- what it is for --------------------------------------------------------------------------- */

void *vmalloc(size_t bytes)
{
    if (bytes == 0 || bytes > VMALLOC_END - VMALLOC_START)
        return NULL;

    const size_t count = (bytes + PAGE_BYTES - 1) >> PAGE_SHIFT;
    struct area *area = create_area(count << PAGE_SHIFT, count, AREA_OWN_PAGES);
    if (!area)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        area->pages[i] = page_alloc(GFP_KERNEL | GFP_HIGHMEM, 0);
        if (!area->pages[i]) {
            destroy_area(area);
            return NULL;
        }
    }
    if (!map_area(area, PROT_KERNEL_DATA)) {
        destroy_area(area);
        return NULL;
    }
    return (void *)area->start;
}

void *vzalloc(size_t bytes)
{
    void *memory = vmalloc(bytes);
    return memory ? memset(memory, 0, bytes) : NULL;
}

void vfree(void *memory)
{
    if (memory)
        end_area(memory, AREA_OWN_PAGES);
}

void *vmap(struct page *const *pages, size_t count, prot_t prot)
{
    struct area *area = create_area(count << PAGE_SHIFT, count, AREA_LENT_PAGES);
    if (!area)
        return NULL;
    memcpy(area->pages, pages, count * sizeof(pages[0]));
    if (!map_area(area, prot)) {
        destroy_area(area);
        return NULL;
    }
    return (void *)area->start;
}

void vunmap(void *address) { end_area(address, AREA_LENT_PAGES); }

void *ioremap(paddr_t phys, size_t bytes, prot_t prot)
{
    const paddr_t start = align_down(phys, PAGE_BYTES);
    const paddr_t end = align_up(phys + bytes, PAGE_BYTES);

    if (bytes == 0 || end <= start || (end - 1) >> PHYS_BITS_MAX || end - start > SIZE_MAX / 2)
        return NULL;
    if (region_is_ram(start, end)) {
        pr_warn("ioremap: %#llx-%#llx is RAM\n", (unsigned long long)start,
                (unsigned long long)end);
        return NULL;
    }
    struct area *area = create_area((size_t)(end - start), 0, AREA_DEVICE);
    if (!area)
        return NULL;
    prot.bits |= PROT_READ | PROT_WRITE | PROT_GLOBAL;
    if (kernel_map(area->start, start, (size_t)(end - start), prot) != 0) {
        destroy_area(area);
        return NULL;
    }
    return (void *)(area->start + (vaddr_t)(phys - start));
}

void iounmap(void *address) { end_area(address, AREA_DEVICE); }

void *kernel_stack_alloc(void)
{
    void *stack = NULL;

    might_sleep();
    const irqflags_t flags = spin_lock_irqsave(&area_lock);
    if (kept_count > 0)
        stack = kept_stacks[--kept_count];
    spin_unlock_irqrestore(&area_lock, flags);
    return stack ? stack : vmalloc(KERNEL_STACK_BYTES);
}

void kernel_stack_free(void *stack)
{
    const irqflags_t flags = spin_lock_irqsave(&area_lock);
    const bool keep = kept_count < STACKS_KEPT;
    if (keep)
        kept_stacks[kept_count++] = stack;
    spin_unlock_irqrestore(&area_lock, flags);
    if (!keep)
        vfree(stack);
}

enum vmalloc_place vmalloc_place(vaddr_t address)
{
    enum vmalloc_place place = VMALLOC_GAP;

    if (address < VMALLOC_START || address >= VMALLOC_END)
        return VMALLOC_OUTSIDE;
    const irqflags_t flags = irq_save();
    if (spin_trylock(&area_lock)) { /* a report of a fault must not wait for whoever faulted */
        const struct area *area = find_area(address);
        if (area)
            place = address < area->end ? VMALLOC_AREA : VMALLOC_GUARD;
        else if (find_area(address + PAGE_BYTES))
            place = VMALLOC_GUARD;
        spin_unlock(&area_lock);
    }
    irq_restore(flags);
    return place;
}

void vmalloc_stat(struct vmalloc_stat *stat)
{
    *stat = (struct vmalloc_stat){ .window_bytes = VMALLOC_END - VMALLOC_START };

    const irqflags_t flags = spin_lock_irqsave(&area_lock);
    for (struct rb_node *node = rb_first(&areas); node; node = rb_next(node)) {
        stat->areas++;
        stat->used_bytes += area_of(node)->end - area_of(node)->start;
    }
    const vaddr_t rest = VMALLOC_END - free_from(area_of(rb_last(&areas)));
    stat->largest_gap_bytes = max(largest_gap_of(areas.node), rest);
    stat->cached_stacks = kept_count;
    spin_unlock_irqrestore(&area_lock, flags);
}

/* --- the audit -------------------------------------------------------------------------------- */

static bool is_mapped(vaddr_t va)
{
    pte_t *slot = pt_find(kernel_root, va, 0);
    if (!slot)
        return false;
    const bool present = pte_present(pte_get(slot));
    pt_unmap(slot);
    return present;
}

/* What is wrong with @area; NULL: nothing. */
static const char *find_fault(struct area *area)
{
    const struct area *previous = area_of(rb_prev(&area->node));
    const size_t largest_below =
        max(largest_gap_of(area->node.child[RB_LEFT]), largest_gap_of(area->node.child[RB_RIGHT]));

    if (area->start < free_from(previous) || area->end > VMALLOC_END - PAGE_BYTES)
        return "overlaps another, or the window's end";
    if (area->gap != area->start - free_from(previous))
        return "is wrong about the gap before it";
    if (area->largest_gap != max(area->gap, largest_below))
        return "is wrong about the largest gap below it";
    if (is_mapped(area->end) || is_mapped(area->start - PAGE_BYTES))
        return "has a guard page that is mapped";
    for (size_t i = 0; !area->ending && i < area->count; i++)
        if (!area->pages[i] || page_refs(area->pages[i]) == 0)
            return "has a page that is free";
    return NULL;
}

unsigned vmalloc_audit(void)
{
    unsigned offences = 0;

    const irqflags_t flags = spin_lock_irqsave(&area_lock);
    for (struct rb_node *node = rb_first(&areas); node; node = rb_next(node)) {
        const char *fault = find_fault(area_of(node));
        if (!fault)
            continue;
        pr_err("audit: vmalloc area %#lx-%#lx %s\n", (unsigned long)area_of(node)->start,
               (unsigned long)area_of(node)->end, fault);
        offences++;
    }
    spin_unlock_irqrestore(&area_lock, flags);
    return offences;
}
