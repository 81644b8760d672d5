/*
 * Walking page tables.
 *
 * One loop serves all builds: PT_LEVELS is 2, 3 or 4 and the compiler unrolls it.  A walk goes
 * down from the root, one index a level, and stops at the level asked for.
 *
 * Upper tables are always in the direct map.  A leaf table of user addresses need not be, so it
 * is reached through kmap_local, which costs nothing where it is.
 */
#include "mm/pagetable.h"

#include "gen/config.h"
#include "kernel/panic.h"
#include "kernel/printk.h"
#include "kernel/spinlock.h"
#include "lib/assert.h"
#include "lib/minmax.h"
#include "lib/string.h"
#include "machine/layout.h"
#include "mm/clear.h"
#include "mm/count.h"
#include "mm/kmap.h"
#include "mm/region.h"
#include "mm/tlb_gather.h"
#include "mm/walk.h"
#include "mm/zone.h"

/* The page behind @entry holds the entries of @level. */
static struct page_table *table_at(pte_t entry)
{
    return phys_to_direct(pfn_to_phys(pte_pfn(entry)));
}

static pte_t *map_leaf_table(pte_t entry, vaddr_t va)
{
    struct page_table *table;

    if (va < USER_TOP)
        table = kmap_local_page(page_of(pte_pfn(entry)));
    else
        table = table_at(entry);
    return &table->entry[pt_index(va, 0)];
}

pte_t *pt_find(struct page_table *root, vaddr_t va, unsigned level)
{
    struct page_table *table = root;

    for (unsigned l = PT_LEVELS - 1; l > level; l--) {
        pte_t entry = pte_get(&table->entry[pt_index(va, l)]);
        if (!pte_present(entry) || pte_is_huge(entry))
            return NULL;
        if (l == 1)
            return map_leaf_table(entry, va);
        table = table_at(entry);
    }
    return &table->entry[pt_index(va, level)];
}

/* While the machine boots: where the start code's own tables reach, and later the direct map. */
static pfn_t table_create_early(void)
{
    const paddr_t reach = min_of(paddr_t, EARLY_MAP_BYTES, region_direct_end());
    paddr_t table = region_alloc(PAGE_BYTES, PAGE_BYTES, reach);
    if (table == REGION_NONE)
        panic("no memory for the kernel's page tables");
    clear_page(phys_to_direct(table));
    return phys_to_pfn(table);
}

static struct page *init_table(struct page *page)
{
    page_set_flags(page, PAGE_TABLE);
    spin_lock_init(&page->table_lock, RANK_PAGE_TABLE, "page table");
    page->deposit = NULL;
    count_event(COUNT_TABLE_ALLOC);
    return page;
}

/*
 * Leaf tables of programs may lie beyond the direct map, all others may not.  But not beyond 4 GiB
 * where the CPU is in 32-bit mode: QEMU up to 7.2 cuts the addresses of tables to 32 bits there.
 */
static struct page *alloc_leaf_page(void)
{
    struct page *page = page_alloc(GFP_HIGHUSER, 0);
    if (!page || PT_LEVELS > 3 || page_to_phys(page) <= UINT32_MAX)
        return page;
    page_free(page, 0);
    return page_alloc(GFP_KERNEL, 0);
}

struct page *pt_table_alloc(void)
{
    struct page *page = alloc_leaf_page();
    return page ? init_table(page) : NULL;
}

/* A cleared page for a table that an entry of @level will point to.  Number 0: none left. */
static pfn_t table_create(unsigned level, bool is_user)
{
    if (!pages_total())
        return table_create_early();

    struct page *page = level == 1 && is_user ? alloc_leaf_page() : page_alloc(GFP_KERNEL, 0);
    if (!page)
        return (pfn_t){ 0 };
    clear_highpage(page);
    return page_pfn(init_table(page));
}

void pt_table_free(struct page *table)
{
    assert(table->flags & PAGE_TABLE);
    assert(!table->deposit);
    page_clear_flags(table, PAGE_TABLE);
    table->mapping = NULL; /* the lock lay there */
    count_event(COUNT_TABLE_FREE);
    page_free(table, 0);
}

static bool count_table(unsigned long *tables)
{
    if (tables)
        __atomic_fetch_add(tables, 1, __ATOMIC_RELAXED);
    return true;
}

/* Make @slot, of @level, point to a table.  Two CPUs may try at once: one table is used. */
static bool fill_slot(pte_t *slot, unsigned level, unsigned long *tables)
{
    pfn_t table = table_create(level, false);
    if (!table.number)
        return false;

    pte_t empty = pte_get(slot);
    if (!pte_present(empty) && pte_cmpxchg(slot, empty, pte_table(table, level)).bits == empty.bits)
        return count_table(tables);
    pt_table_free(page_of(table)); /* another CPU was first: its table is as good */
    return true;
}

/* The same for a leaf table of user addresses; the lock keeps huge entries from coming between. */
static bool fill_upper(pte_t *upper, unsigned long *tables)
{
    pfn_t table = table_create(LEVEL_HUGE, true);
    if (!table.number)
        return false;

    struct spinlock *lock = pt_lock(upper);
    spin_lock(lock);
    bool first = pte_none(pte_get(upper));
    if (first)
        pte_set(upper, pte_table(table, LEVEL_HUGE));
    spin_unlock(lock);
    if (first)
        return count_table(tables);
    pt_table_free(page_of(table)); /* another CPU was first */
    return true;
}

pte_t *pt_slot_at(pte_t *upper, vaddr_t va)
{
    const pte_t entry = pte_get(upper);
    return pte_is_table(entry) ? map_leaf_table(entry, va) : NULL;
}

pte_t *pt_slot_below(pte_t *upper, vaddr_t va, unsigned long *tables)
{
    pte_t entry = pte_get(upper);
    if (pte_none(entry)) {
        if (!fill_upper(upper, tables))
            return NULL;
        entry = pte_get(upper);
    }
    return pte_is_table(entry) ? map_leaf_table(entry, va) : NULL;
}

pte_t *pt_slot(struct page_table *root, vaddr_t va, unsigned level, unsigned long *tables)
{
    struct page_table *table = root;

    for (unsigned l = PT_LEVELS - 1; l > level; l--) {
        pte_t *slot = &table->entry[pt_index(va, l)];
        if (l == 1 && va < USER_TOP)
            return pt_slot_below(slot, va, tables);
        if (!pte_present(pte_get(slot)) && !fill_slot(slot, l, tables))
            return NULL;
        pte_t entry = pte_get(slot);
        assert(!pte_is_huge(entry));
        table = table_at(entry);
    }
    return &table->entry[pt_index(va, level)];
}

/* Where what an entry of @level serves around @va ends, or @end if that comes first. */
static vaddr_t entry_end(vaddr_t va, vaddr_t end, unsigned level)
{
    vaddr_t next = (va & ~(LEVEL_BYTES(level) - 1)) + LEVEL_BYTES(level);
    return next - 1 < end - 1 ? next : end;
}

struct pt_spot pt_spot(struct page_table *root, vaddr_t va, vaddr_t end)
{
    struct page_table *table = root;

    for (unsigned level = PT_LEVELS - 1;; level--) {
        pte_t *slot = &table->entry[pt_index(va, level)];
        pte_t entry = pte_get(slot);
        if (!pte_is_table(entry))
            return (struct pt_spot){ slot, entry_end(va, end, level), level };
        if (level == LEVEL_HUGE) {
            slot = map_leaf_table(entry, va);
            return (struct pt_spot){ slot, entry_end(va, end, LEVEL_HUGE), 0 };
        }
        table = table_at(entry);
    }
}

void pt_unmap(pte_t *slot) { kunmap_local(slot); }

struct spinlock *pt_lock(pte_t *slot)
{
    struct page *table = kmap_page_of(slot);
    assert(table->flags & PAGE_TABLE);
    return &table->table_lock;
}

/* What free_below() works through, so that it has few parameters. */
struct freeing {
    struct tlb_gather *gather;
    const struct pt_range *range;
};

/* Free the tables below @table, which is of @level and whose first entry serves @base. */
static void free_below(const struct freeing *f, struct page_table *table, unsigned level,
                       vaddr_t base)
{
    const struct pt_range *range = f->range;
    const size_t from = range->start > base ? pt_index(range->start, level) : 0;
    const size_t entries = level == PT_LEVELS - 1 ? PT_ROOT_ENTRIES : PT_ENTRIES;
    vaddr_t first = base + from * LEVEL_BYTES(level);

    for (size_t i = from; i < entries && first < range->end; i++, first += LEVEL_BYTES(level)) {
        pte_t entry = pte_get(&table->entry[i]);
        if (!pte_is_table(entry))
            continue;
        if (level > 1)
            free_below(f, table_at(entry), level - 1, first);
        if (first < range->floor || range->ceiling - first < LEVEL_BYTES(level))
            continue; /* others use it, too */
        if (PT_ROOT_IS_FIXED && level == PT_LEVELS - 1)
            continue;
        pte_clear(&table->entry[i]);
        tlb_gather_table(f->gather, first, page_of(pte_pfn(entry)));
    }
}

void pt_free_range(struct tlb_gather *gather, struct page_table *root, const struct pt_range *range)
{
    struct freeing f = { .gather = gather, .range = range };
    free_below(&f, root, PT_LEVELS - 1, 0);
}

/* How many entries of a root are the process's. */
static size_t user_root_entries(void) { return pt_index(USER_TABLES_END - 1, PT_LEVELS - 1) + 1; }

struct page_table *pt_root_create(void)
{
    struct page *page = page_alloc(GFP_KERNEL, 0);
    if (!page)
        return NULL;
    page_set_flags(page, PAGE_TABLE);
    spin_lock_init(&page->table_lock, RANK_PAGE_TABLE, "page table root");
    page->deposit = NULL;

    struct page_table *root = page_address(page);
    const size_t user = user_root_entries();
    memset(&root->entry[0], 0, user * sizeof(pte_t));
    memcpy(&root->entry[user], &kernel_root->entry[user],
           (PT_ROOT_ENTRIES - user) * sizeof(pte_t)); /* which never change */
    for (size_t i = 0; PT_ROOT_IS_FIXED && i < user; i++) {
        if (!fill_slot(&root->entry[i], PT_LEVELS - 1, NULL)) {
            pt_root_destroy(root);
            return NULL;
        }
    }
    return root;
}

void pt_root_destroy(struct page_table *root)
{
    bool looks = PT_ROOT_IS_FIXED || CONFIG_CHECK; /* else it is empty, and large */
    for (size_t i = 0; looks && i < user_root_entries(); i++) {
        pte_t entry = pte_get(&root->entry[i]);
        assert(PT_ROOT_IS_FIXED || !pte_present(entry));
        if (pte_present(entry))
            pt_table_free(page_of(pte_pfn(entry)));
    }
    struct page *page = page_of_address(root);
    page_clear_flags(page, PAGE_TABLE);
    page->mapping = NULL; /* the lock lay there */
    page_free(page, 0);
}

/* How many tables @table, of @level, leads to, and has in store. */
static unsigned long count_below(const struct page_table *table, unsigned level)
{
    unsigned long count = 0;
    const struct page *deposit = page_of_address(table)->deposit;
    for (; deposit; deposit = deposit->deposit)
        count++;
    const size_t entries = level == PT_LEVELS - 1 ? user_root_entries() : PT_ENTRIES;
    for (size_t i = 0; i < entries; i++) {
        pte_t entry = pte_get(&table->entry[i]);
        if (!pte_is_table(entry))
            continue;
        count += !PT_ROOT_IS_FIXED || level < PT_LEVELS - 1;
        if (level > 1)
            count += count_below(table_at(entry), level - 1);
    }
    return count;
}

unsigned long pt_count_tables(const struct page_table *root)
{
    return count_below(root, PT_LEVELS - 1);
}

struct pt_walk pt_walk(const struct page_table *root, vaddr_t va)
{
    struct pt_walk walk = { .level = PT_LEVELS - 1 };
    const struct page_table *table = root;

    for (;;) {
        pte_t entry = pte_get(&table->entry[pt_index(va, walk.level)]);
        walk.entry[walk.level] = entry;
        if (walk.level == 0 || !pte_present(entry) || pte_is_huge(entry))
            return walk;
        if (pfn_to_phys(pte_pfn(entry)) >= region_direct_end())
            return walk; /* a table the direct map does not show, or a ruined entry */
        table = table_at(entry);
        walk.level--;
    }
}

void pt_dump_walk(const struct page_table *root, vaddr_t va)
{
    struct pt_walk walk = pt_walk(root, va);

    for (unsigned l = PT_LEVELS; l-- > walk.level;) {
        pte_t entry = walk.entry[l];
        printk(LOG_ERR, "  level %u [%3zu] %0*llx %s%s%s%s%s%s%s%s\n", l, pt_index(va, l),
               (int)sizeof(pte_bits_t) * 2, (unsigned long long)entry.bits,
               pte_present(entry) ? "present" : "not present",
               entry.bits & PTE_WRITE ? " write" : "", entry.bits & PTE_USER ? " user" : "",
               entry.bits & PTE_NX ? " no-execute" : "",
               entry.bits & PTE_ACCESSED ? " accessed" : "", entry.bits & PTE_DIRTY ? " dirty" : "",
               l && pte_is_huge(entry) ? " huge" : "", entry.bits & PTE_GLOBAL ? " global" : "");
    }
}
