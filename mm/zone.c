/*
 * Zones: who may have pages, from where, and how many must stay.
 *
 * A request tries its zones in order, HIGHMEM before NORMAL if it can use both.  Single pages go
 * through the CPU's own list (pcp.c).  If no zone can serve a request that may sleep, the lists
 * of all CPUs are emptied and it tries once more; then it fails, which is the caller's business.
 *
 * Every page freed passes check_free() and is refused, with a report, if it is not what the
 * caller says: freed twice, with another order, while others use it.
 *
 * Locks: a zone's lock guards its blocks.  It is taken with interrupts off, because interrupt
 * handlers free pages.
 */
#include "mm/zone.h"

#include "arch/x86/ipi.h"
#include "kernel/printk.h"
#include "kernel/task.h"
#include "kernel/time.h"
#include "mm/clear.h"
#include "mm/fail.h"
#include "mm/gigantic.h"
#include "mm/hugetlb.h"
#include "mm/pcp.h"
#include "mm/poison.h"
#include "mm/rmap.h"

struct zone zones[ZONES];

/* The page flags that outlive a page's use. */
enum { LASTING_FLAGS = PAGE_HIGHMEM | PAGE_POISONED };

void zone_init(void)
{
    static const char *const names[ZONES] = { "NORMAL", "HIGHMEM" };

    for (enum zone_id id = 0; id < ZONES; id++) {
        zones[id].name = names[id];
        spin_lock_init(&zones[id].lock, RANK_ZONE, names[id]);
        buddy_init(&zones[id].buddy);
    }
}

void zone_add(enum zone_id id, pfn_t start, pfn_t end)
{
    struct zone *zone = &zones[id];

    const irqflags_t flags = spin_lock_irqsave(&zone->lock);
    buddy_give_range(&zone->buddy, start, end);
    zone->pages += end.number - start.number;
    spin_unlock_irqrestore(&zone->lock, flags);
}

static unsigned long square_root(unsigned long x)
{
    unsigned long root = 0;

    for (unsigned long bit = 1ul << (sizeof(x) * 4 - 1); bit; bit >>= 1)
        if ((root + bit) <= x / (root + bit))
            root += bit;
    return root;
}

/*
 * The more memory, the more may be needed at once by those who cannot wait, but less than in
 * proportion: 4 times the root, in KiB, is 512 KiB of 16 MiB and 11 MiB of 8 GiB.
 */
static unsigned long reserve_of(unsigned long pages)
{
    const unsigned long kib_per_page = PAGE_BYTES / 1024;
    return 4 * square_root(pages * kib_per_page) / kib_per_page;
}

void zone_ready(void)
{
    pcp_set_limit(pages_total());
    for (enum zone_id id = 0; id < ZONES; id++) {
        struct zone *zone = &zones[id];
        zone->min = reserve_of(zone->pages) / (id == ZONE_HIGHMEM ? 4 : 1);
        zone->low = zone->min + zone->min / 4;
        zone->high = zone->min + zone->min / 2;
        if (zone->pages)
            pr_info("memory: zone %s: %lu pages, watermarks %lu %lu %lu\n", zone->name, zone->pages,
                    zone->min, zone->low, zone->high);
    }
    /* Each page in HIGHMEM costs a bit of NORMAL: page tables, struct vma, inodes. */
    const unsigned long keep = zones[ZONE_HIGHMEM].pages / 32;
    const unsigned long quarter = zones[ZONE_NORMAL].pages / 4;
    zones[ZONE_NORMAL].kept_for_direct = keep < quarter ? keep : quarter;
}

unsigned long zone_mark(const struct zone *zone, gfp_t gfp)
{
    const unsigned long mark = gfp & GFP_RESERVE ? zone->min / 2 : zone->min;
    return gfp & GFP_HIGHMEM ? mark + zone->kept_for_direct : mark;
}

/* Take a block from @zone, its head of kind USED already: so the audit sees it as one. */
static NOINLINE struct page *take_block(struct zone *zone, gfp_t gfp, unsigned order)
{
    struct page *page = NULL;

    assert(order <= PAGE_ORDER_MAX);
    const irqflags_t flags = spin_lock_irqsave(&zone->lock);
    if (zone->buddy.free_pages >= zone_mark(zone, gfp) + (1ul << order))
        page = buddy_take(&zone->buddy, order);
    if (page) {
        page->refs = 1;
        page->kind = PAGE_USED;
    } else
        zone->refused++;
    spin_unlock_irqrestore(&zone->lock, flags);
    return page;
}

static struct page *take_from(enum zone_id id, gfp_t gfp, unsigned order)
{
    return order == 0 ? pcp_take_slowly(id, gfp) : take_block(&zones[id], gfp, order);
}

/* Does a request with @gfp try HIGHMEM first? */
static bool prefers_highmem(gfp_t gfp)
{
    return HAS_HIGHMEM && gfp & GFP_HIGHMEM && zones[ZONE_HIGHMEM].pages != 0;
}

static struct page *take(gfp_t gfp, unsigned order)
{
    if (prefers_highmem(gfp)) {
        struct page *page = take_from(ZONE_HIGHMEM, gfp, order);
        if (page)
            return page;
    }
    return take_from(ZONE_NORMAL, gfp, order);
}

/* Say that a request failed, but not more than once a second: the next ones will fail as well. */
static void warn_of_failure(gfp_t gfp, unsigned order)
{
    static u64 quiet_until_ns; /* two CPUs at once may both speak */
    const u64 now = time_now_ns();

    if (now < READ_ONCE(quiet_until_ns))
        return;
    WRITE_ONCE(quiet_until_ns, now + NS_PER_S);
    pr_warn("memory: no block of order %u for %s: %lu pages are free\n", order,
            gfp & GFP_HIGHMEM ? "anybody" : "the kernel", pages_free());
}

/* Take a block from wherever @gfp allows.  NULL, and a message: there is none. */
static NOINLINE struct page *take_somewhere(gfp_t gfp, unsigned order)
{
    if (task_is_killed(current))
        gfp |= GFP_RESERVE; /* the sooner it is gone the better */
    struct page *page = take(gfp, order);

    if (!page && gfp & GFP_MAY_SLEEP) {
        zone_drain_all();
        page = take(gfp, order);
    }
    if (!page && !(gfp & GFP_NOWARN))
        warn_of_failure(gfp, order);
    return page;
}

/* What a block needs before it is given away, apart from its single page's usual case. */
static NOINLINE void prepare(struct page *page, gfp_t gfp, unsigned order)
{
    if (CONFIG_CHECK)
        poison_check_pages(page, order);
    if (order && gfp & GFP_COMPOUND)
        page_set_flags(page, PAGE_COMPOUND);
    if (gfp & GFP_ZERO)
        for (unsigned long i = 0; i < 1ul << order; i++)
            clear_highpage(page + i);
}

struct page *page_alloc(gfp_t gfp, unsigned order)
{
    struct page *page = NULL;

    if (gfp & GFP_MAY_SLEEP) {
        might_sleep();
        if (fail_wanted())
            return NULL;
    }
    if (likely(order == 0))
        page = pcp_take(prefers_highmem(gfp) ? ZONE_HIGHMEM : ZONE_NORMAL);
    if (unlikely(!page))
        page = take_somewhere(gfp, order);
    if (unlikely(CONFIG_CHECK || order || gfp & GFP_ZERO) && page)
        prepare(page, gfp, order);
    return page;
}

/* Report what is wrong with freeing @page as a block of 2^@order pages. */
static NOINLINE void refuse_free(const struct page *page, unsigned order)
{
    if (page->kind == PAGE_FREE || page->kind == PAGE_CACHED)
        page_report(page, "is freed twice");
    else if (page->kind == PAGE_PART)
        page_report(page, "is freed, but does not head a block that is in use");
    else if (page->kind != PAGE_USED)
        page_report(page, "is freed, but was never given");
    else if (page->order != order)
        page_report(page, "is freed with the wrong order");
    else if (page->mapcount || page->mapping)
        page_report(page, "is freed while it is mapped");
    else
        page_report(page, "is freed while others use it");
}

/* Give the block of more than one page that @page heads to its zone. */
static NOINLINE void give_block(struct page *page, unsigned order)
{
    struct zone *zone = &zones[page_zone_id(page)];
    const pfn_t start = page_pfn(page);

    page->flags &= LASTING_FLAGS;
    if (CONFIG_CHECK)
        poison_pages(page, order);

    const irqflags_t flags = spin_lock_irqsave(&zone->lock);
    page->refs = 0;
    if (order <= PAGE_ORDER_MAX)
        buddy_give(&zone->buddy, page, order);
    else {
        page->kind = PAGE_PART;
        buddy_give_range(&zone->buddy, start, (pfn_t){ start.number + (1ul << order) });
    }
    spin_unlock_irqrestore(&zone->lock, flags);
}

/* Give the block @page heads, to which nobody has a reference any more. */
static ALWAYS_INLINE void give(struct page *page, unsigned order)
{
    if (unlikely(order != 0)) {
        give_block(page, order);
        return;
    }
    page->flags &= LASTING_FLAGS;
    if (CONFIG_CHECK)
        poison_pages(page, 0);
    pcp_give(page);
}

void page_free(struct page *page, unsigned order)
{
    if (unlikely(page->kind != PAGE_USED || page->order != order || page->refs != 1 ||
                 page->mapcount != 0 || page->mapping))
        refuse_free(page, order);
    else
        give(page, order);
}

bool page_try_get(struct page *page)
{
    page = page_head(page);
    u32 refs = __atomic_load_n(&page->refs, __ATOMIC_RELAXED);

    while (refs != 0)
        if (__atomic_compare_exchange_n(&page->refs, &refs, refs + 1, true, __ATOMIC_ACQUIRE,
                                        __ATOMIC_RELAXED))
            return true;
    return false;
}

void page_put(struct page *page)
{
    page = page_head(page);
    const u32 refs = __atomic_fetch_sub(&page->refs, 1, __ATOMIC_ACQ_REL);

    if (refs > 1)
        return;
    if (page_is_anon(page))
        page->mapping = NULL; /* the reverse map no longer leads here */
    if (unlikely(page->flags & PAGE_HUGETLB) && refs == 1) {
        hugetlb_give(page);
        return;
    }
    if (page->kind != PAGE_USED || page->mapcount || page->mapping || refs == 0) {
        __atomic_fetch_add(&page->refs, 1, __ATOMIC_RELAXED); /* as it was: leaked, not spread */
        refuse_free(page, page->order);
        return;
    }
    give(page, page->order);
}

void page_split(struct page *page, unsigned order)
{
    assert(page->kind == PAGE_USED);
    assert(page->order == order);
    assert(!(page->flags & PAGE_COMPOUND));

    for (unsigned long i = 1; i < 1ul << order; i++) {
        page[i].order = 0;
        page[i].refs = 1;
        page[i].kind = PAGE_USED;
    }
    barrier(); /* an audit on this page's way sees one block of 2^order pages, or single pages */
    page->order = 0;
}

void page_dissolve(struct page *head)
{
    u32 refs = 1;

    assert(head->flags & PAGE_COMPOUND);
    /* Nobody must come by a reference to the block while it turns into pages. */
    assert(__atomic_compare_exchange_n(&head->refs, &refs, 0, false, __ATOMIC_ACQUIRE,
                                       __ATOMIC_RELAXED));
    page_clear_flags(head, PAGE_COMPOUND | PAGE_GIGANTIC);
    page_split(head, head->order);
    __atomic_store_n(&head->refs, 1, __ATOMIC_RELEASE);
}

static void drain_here(void *argument) { pcp_drain(); }

void zone_drain_all(void)
{
    if (cpus_online == 1)
        pcp_drain();
    else
        ipi_call(cpumask_online(), drain_here, NULL, true);
}
