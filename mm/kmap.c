/*
 * kmap: a pool of slots that all CPUs share.
 *
 *     PKMAP_BASE                                        one leaf table, made at boot
 *     | slot 0 | slot 1 | slot 2 | ...  | last slot |
 *                  ^
 *                  cursor: slots are tried in turn
 *
 * A slot is in one of three states, and its count says in which:
 *
 *      count | state | entry | in a TLB? | who leaves it
 *     -------+-------+-------+-----------+-------------------------------------------------
 *      0     | empty | none  | no        | kmap() of a new page takes it
 *      1     | idle  | page  | perhaps   | kmap() of the same page; flush_idle() empties it
 *      1 + n | used  | page  | perhaps   | the last of n kunmap()
 *
 *     empty --kmap--> used <--kunmap, kmap--> idle --flush_idle--> empty
 *
 * kunmap() leaves the entry where it is, so that mapping the page again costs nothing.  Only when
 * the cursor wraps are all idle slots emptied, with one flush of all CPUs for all of them.  So a
 * slot never changes from one page to another without that flush in between.
 *
 * kmap_lock is held while other CPUs are waited for.  That is no deadlock, because it is never
 * taken with interrupts off: who waits for it hears the request to flush.
 *
 * Which page is where is a hash by page, whose locks are irq-safe: page_address() may be asked
 * anywhere.  A slot's node is found by the slot's number, so nothing is ever allocated.
 */
#include "mm/kmap.h"

#include "arch/x86/tlb.h"
#include "kernel/preempt.h"
#include "kernel/printk.h"
#include "kernel/report.h"
#include "kernel/spinlock.h"
#include "kernel/wait.h"
#include "lib/assert.h"
#include "lib/list.h"
#include "mm/count.h"
#include "mm/pagetable.h"
#include "mm/trace.h"

enum {
    SLOTS = PT_ENTRIES,
    BUCKETS = 128,
    NOWHERE = -1,
};

#define POOL_END (PKMAP_BASE + SLOTS * PAGE_BYTES)

static_assert(PKMAP_BASE % LEVEL_BYTES(1) == 0, "the window is what one leaf table serves");
static_assert(POOL_END <= FIXADDR_START, "the fixmap has another one");

/* (k) under kmap_lock, (b) under its bucket's lock */
struct slot {
    struct list_node node;   /* (b) in its bucket, while count > 0 */
    const struct page *page; /* (b) */
    unsigned count;          /* (k) */
};

struct bucket {
    struct spinlock lock;
    struct list_node slots; /* under lock */
};

static SPINLOCK(kmap_lock, RANK_KMAP);
static pte_t *table; /* constant after boot; the entries (k) */
static struct slot slots[SLOTS];
static struct bucket buckets[BUCKETS];
static unsigned cursor;       /* (k) the slot tried last */
static unsigned long users;   /* (k) kmap() without their kunmap() */
static bool has_direct;       /* (k) a page of the direct map was ever mapped: kmap=always */
static WAIT_QUEUE(slot_free); /* those for whom there was no slot */

static vaddr_t address_of(unsigned n) { return (vaddr_t)PKMAP_BASE + n * PAGE_BYTES; }

/* --- which page is where --------------------------------------------------------------------- */

static struct bucket *bucket_of(const struct page *page)
{
    u32 number = (u32)page_pfn(page).number;
    return &buckets[number * 0x9e3779b9u >> 25]; /* the top 7 bits */
}

static_assert(BUCKETS == 1 << (32 - 25), "as many as the bits that are left");

/* The slot that shows @page, or NOWHERE.  It stays so only under kmap_lock. */
static int find(const struct page *page)
{
    struct bucket *bucket = bucket_of(page);
    int found = NOWHERE;

    irqflags_t flags = spin_lock_irqsave(&bucket->lock);
    struct slot *slot;
    list_for_each_entry (slot, &bucket->slots, node)
        if (slot->page == page)
            found = (int)(slot - slots);
    spin_unlock_irqrestore(&bucket->lock, flags);
    return found;
}

static void enter(unsigned n, const struct page *page) MUST_HOLD(kmap_lock)
{
    struct bucket *bucket = bucket_of(page);
    irqflags_t flags = spin_lock_irqsave(&bucket->lock);
    slots[n].page = page;
    list_add(&slots[n].node, &bucket->slots);
    spin_unlock_irqrestore(&bucket->lock, flags);
}

static void leave(unsigned n) MUST_HOLD(kmap_lock)
{
    struct bucket *bucket = bucket_of(slots[n].page);
    irqflags_t flags = spin_lock_irqsave(&bucket->lock);
    list_del_init(&slots[n].node);
    slots[n].page = NULL;
    spin_unlock_irqrestore(&bucket->lock, flags);
}

void *kmap_address(const struct page *page)
{
    int n = find(page);
    return n == NOWHERE ? NULL : (void *)address_of((unsigned)n);
}

struct page *kmap_pool_page(vaddr_t va)
{
    assert(va >= PKMAP_BASE && va < POOL_END);
    return page_of(pte_pfn(pte_get(&table[pt_index(va, 0)])));
}

/* --- slots ----------------------------------------------------------------------------------- */

/* Empty all idle slots, and make every CPU forget them: one flush for all. */
static void flush_idle(void) MUST_HOLD(kmap_lock)
{
    bool any = false;

    for (unsigned n = 0; n < SLOTS; n++) {
        if (slots[n].count != 1)
            continue;
        slots[n].count = 0;
        pte_t entry = pte_clear(&table[n]);
        assert(pte_present(entry));
        leave(n);
        any = true;
    }
    if (!any)
        return;
    count_event(COUNT_KMAP_FLUSH);
    tlb_flush_kernel_range(PKMAP_BASE, POOL_END);
}

/* An empty slot, or NOWHERE: all are used. */
static int take_empty(void) MUST_HOLD(kmap_lock)
{
    for (unsigned budget = SLOTS; budget > 0; budget--) {
        cursor = (cursor + 1) % SLOTS;
        if (cursor == 0) {
            flush_idle();
            budget = SLOTS; /* all of them may be empty now */
        }
        if (slots[cursor].count == 0)
            return (int)cursor;
    }
    return NOWHERE;
}

/* Show @page in slot @n, which is empty and therefore in no TLB; nobody uses it yet. */
static void fill(unsigned n, const struct page *page) MUST_HOLD(kmap_lock)
{
    assert(pte_none(pte_get(&table[n])));
    pte_set(&table[n], pte_leaf(page_pfn(page), PROT_KERNEL_DATA, 0));
    slots[n].count = 1;
    enter(n, page);
    if (!page_is_highmem(page))
        has_direct = true;
    count_event(COUNT_KMAP_POOL);
}

/* kmap() of a page that needs a slot. */
static void *map_in_pool(const struct page *page)
{
    spin_lock(&kmap_lock);
    int n;
    while ((n = find(page)) == NOWHERE) { /* again after each sleep: somebody may have mapped it */
        n = take_empty();
        if (n != NOWHERE) {
            fill((unsigned)n, page);
            break;
        }
        struct waiter self;
        waiter_init(&self, false);
        wait_begin(&slot_free, &self, TASK_UNINTERRUPTIBLE); /* before kunmap() can look for us */
        spin_unlock(&kmap_lock);
        count_event(COUNT_KMAP_WAIT);
        (void)wait_sleep(TASK_UNINTERRUPTIBLE);
        wait_end(&slot_free, &self);
        spin_lock(&kmap_lock);
    }
    slots[n].count++;
    assert(slots[n].count >= 2);
    users++;
    TRACE(.kind = TRACE_KMAP, .how = TRACE_POOL, .first = address_of((unsigned)n),
          .second = page_pfn(page).number);
    spin_unlock(&kmap_lock);
    return (void *)address_of((unsigned)n);
}

void *kmap(const struct page *page)
{
    might_sleep();
    if (likely(!kmap_needs_slot(page)))
        return phys_to_direct(page_to_phys(page));
    return map_in_pool(page);
}

/* Where kmap_lock must not be taken: see the top. */
static void check_context(void)
{
    if (unlikely(in_interrupt() || irqs_disabled()))
        report("kunmap where interrupts are off: a flush would wait for this CPU for ever");
}

void kunmap(const struct page *page)
{
    if (!page_is_highmem(page) && likely(!READ_ONCE(has_direct)))
        return;
    check_context();

    spin_lock(&kmap_lock);
    int n = find(page);
    bool mapped = n != NOWHERE && slots[n].count >= 2;
    bool wanted = false;
    if (mapped) {
        users--;
        TRACE(.kind = TRACE_KUNMAP, .how = TRACE_POOL, .first = address_of((unsigned)n),
              .second = page_pfn(page).number);
        if (--slots[n].count == 1)
            wanted = !wait_queue_empty(&slot_free);
    }
    spin_unlock(&kmap_lock);

    if (!mapped && (page_is_highmem(page) || n != NOWHERE))
        report("kunmap of page %lu, which is not mapped", (unsigned long)page_pfn(page).number);
    if (wanted)
        wake_up_all(&slot_free);
}

void kmap_flush_unused(void)
{
    check_context();
    spin_lock(&kmap_lock);
    flush_idle();
    spin_unlock(&kmap_lock);
}

void kmap_pool_init(struct page_table *root)
{
    table = pt_slot(root, PKMAP_BASE, 0, NULL);
    assert(table);
    for (unsigned b = 0; b < BUCKETS; b++) {
        spin_lock_init(&buckets[b].lock, RANK_KMAP_HASH, "kmap hash");
        list_init(&buckets[b].slots);
    }
    for (unsigned n = 0; n < SLOTS; n++)
        list_init(&slots[n].node);
}

/* --- looking at it --------------------------------------------------------------------------- */

struct kmap_usage kmap_usage(void)
{
    struct kmap_usage usage = { 0 };

    spin_lock(&kmap_lock);
    for (unsigned n = 0; n < SLOTS; n++) {
        unsigned count = slots[n].count;
        usage.empty += count == 0;
        usage.idle += count == 1;
        usage.used += count > 1;
    }
    usage.users = users;
    spin_unlock(&kmap_lock);
    return usage;
}

/* Are entry, hash and count of slot @n of one mind? */
static bool slot_is_sound(unsigned n) MUST_HOLD(kmap_lock)
{
    pte_t entry = pte_get(&table[n]);
    if (slots[n].count == 0)
        return pte_none(entry) && list_empty(&slots[n].node);
    return pte_present(entry) && slots[n].page == page_of(pte_pfn(entry)) &&
           find(slots[n].page) == (int)n;
}

static int pool_audit(void)
{
    unsigned long counted = 0;
    int offences = 0;

    spin_lock(&kmap_lock);
    for (unsigned n = 0; n < SLOTS; n++) {
        counted += slots[n].count > 1 ? slots[n].count - 1 : 0;
        if (slot_is_sound(n))
            continue;
        pr_err("audit: kmap slot %u, count %u: entry and hash do not agree\n", n, slots[n].count);
        offences++;
    }
    if (counted != users) {
        pr_err("audit: kmap slots have %lu users, but %lu hold one\n", counted, users);
        offences++;
    }
    spin_unlock(&kmap_lock);
    return offences;
}

int kmap_audit(void) { return kmap_local_audit() + pool_audit(); }
