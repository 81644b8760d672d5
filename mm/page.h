/*
 * struct page: what the kernel knows about one page of memory.
 *
 * There is one for every page frame of RAM, 32 bytes on i386, 48 on x86-64.  What a page is at
 * this moment is its kind, one of six:
 *
 *    kind     | what the page is                                        | order means
 *   ----------+---------------------------------------------------------+---------------
 *    HOLE     | not RAM; the entry only fills a block of 2^10            | -
 *    RESERVED | the kernel, the initrd, struct pages: never given away  | -
 *    PART     | in a block that a page before it heads                  | -
 *    FREE     | heads a free block, in its zone's list                  | of the block
 *    CACHED   | free, in a CPU's list of single pages                   | 0
 *    USED     | heads a block that somebody has                         | of the block
 *
 * So only the head of a block changes when it is split, merged, allocated or freed.  A compound
 * block (GFP_COMPOUND) is one thing with one reference count, and its other pages are PART like
 * those of any block: page_head() finds the head by alignment.
 *
 * Members are tagged with what protects them:
 *   (a) atomic   (c) constant once the page is allocated   (o) whoever owns the page
 *   (z) the zone's lock while the page is free, its owner while it is not
 */
#ifndef MM_PAGE_H
#define MM_PAGE_H

#include "arch/x86/pte.h"
#include "kernel/spinlock.h"
#include "lib/annotate.h"
#include "lib/assert.h"
#include "lib/list.h"
#include "lib/types.h"
#include "machine/layout.h"
#include "machine/memmap.h"

enum page_kind {
    PAGE_HOLE,
    PAGE_RESERVED,
    PAGE_PART,
    PAGE_FREE,
    PAGE_CACHED,
    PAGE_USED,
};

/* What else is true of a page.  The high byte is the business of its owner. */
enum {
    PAGE_HIGHMEM = 1 << 0,  /* beyond the direct map; constant after boot */
    PAGE_COMPOUND = 1 << 1, /* heads a compound block */
    PAGE_POISONED = 1 << 2, /* free, and filled with POISON_FREE */
    PAGE_SLAB = 1 << 3,     /* a slab's; `cache` says whose */
    PAGE_KMALLOC = 1 << 4,  /* one big kmalloc() */
    PAGE_GIGANTIC = 1 << 5, /* of an order above PAGE_ORDER_MAX */
    PAGE_TABLE = 1 << 6,    /* a page table */
    PAGE_HUGETLB = 1 << 7,  /* of a pool, mm/hugetlb.c: goes back there */
    PAGE_FIRST_OWNER_FLAG = 1 << 8,
};

/* Blocks of the allocator are 2^0 to 2^10 pages. */
#define PAGE_ORDER_MAX 10

/* The biggest blocks there are, 1 GiB: gigantic.h. */
#define GIGANTIC_ORDER (30 - PAGE_SHIFT)

struct kmem_cache;

struct page {
    u16 flags;    /* (a) */
    u8 kind;      /* (z) enum page_kind */
    u8 order;     /* (z) */
    u32 refs;     /* (a) 0 while free */
    u32 mapcount; /* (a) page-table entries of user space that map it */
    u32 private;  /* (o) a number; slab: objects in use */
    union {
        struct {
            union {
                void *mapping; /* (o) the file or the anonymous vma it belongs to; free: NULL */
                struct kmem_cache *cache; /* (c) slab */
            };
            union {
                unsigned long index; /* (o) which page of the mapping */
                void *objects;       /* slab: the free ones, under the cache's lock */
            };
            union {
                struct list_node link; /* (z) free: the zone's list */
                struct page *below;    /* CACHED: the next on the CPU's stack */
            };
        };
        struct {                        /* PAGE_TABLE */
            struct spinlock table_lock; /* guards the entries in it */
            struct page *deposit; /* under table_lock: leaf tables for its huge entries, a list */
        };
    };
};

static_assert(sizeof(struct page) == (sizeof(void *) == 4 ? 32 : 48), "memory for a frame's books");

static inline struct page *page_of(pfn_t pfn) { return memmap() + pfn.number; }
static inline pfn_t page_pfn(const struct page *page)
{
    return (pfn_t){ (unsigned long)(page - memmap()) };
}

static inline paddr_t pfn_to_phys(pfn_t pfn) { return (paddr_t)pfn.number << PAGE_SHIFT; }
static inline pfn_t phys_to_pfn(paddr_t phys)
{
    return (pfn_t){ (unsigned long)(phys >> PAGE_SHIFT) };
}
static inline paddr_t page_to_phys(const struct page *page) { return pfn_to_phys(page_pfn(page)); }

/* Is there a struct page for @pfn?  It may still be a HOLE or RESERVED. */
bool pfn_valid(pfn_t pfn);

/* Is @page beyond the direct map? */
static inline bool page_is_highmem(const struct page *page)
{
    return HAS_HIGHMEM && page->flags & PAGE_HIGHMEM;
}

/* Where the direct map shows @phys, which lies below region_direct_end(). */
static inline void *phys_to_direct(paddr_t phys) { return (void *)(PAGE_OFFSET + (vaddr_t)phys); }

/* Is @address in the direct map? */
static inline bool address_is_direct(const void *address)
{
    return (vaddr_t)address - PAGE_OFFSET < DIRECT_MAP_MAX;
}

/* The physical address behind @address, which is in the direct map. */
static inline paddr_t direct_to_phys(const void *address)
{
    assert(address_is_direct(address));
    return (paddr_t)((vaddr_t)address - PAGE_OFFSET);
}

/* Where kmap() shows @page now, or NULL: mm/kmap.c. */
void *kmap_address(const struct page *page);

/*
 * Where everybody sees @page.  That of a highmem page is NULL unless kmap() shows it, and is good
 * only as long as the caller holds a kmap().  Any context.
 */
static inline void *page_address(const struct page *page)
{
    if (unlikely(page_is_highmem(page)))
        return kmap_address(page);
    return phys_to_direct(page_to_phys(page));
}

/* The page behind @address, which is in the direct map and is RAM. */
static inline struct page *page_of_address(const void *address)
{
    return page_of(phys_to_pfn(direct_to_phys(address)));
}

/* What page_head() does for a page of kind PART: a look at one page for each order. */
struct page *page_head_of_part(struct page *page);

/* The first page of the compound block that @page is in; any other page is its own head. */
static ALWAYS_INLINE struct page *page_head(struct page *page)
{
    return unlikely(page->kind == PAGE_PART) ? page_head_of_part(page) : page;
}

static inline bool page_is_compound(struct page *page)
{
    return page_head(page)->flags & PAGE_COMPOUND;
}

/* Change flags of a page that others may be changing too. */
static inline void page_set_flags(struct page *page, u16 flags)
{
    __atomic_fetch_or(&page->flags, flags, __ATOMIC_RELAXED);
}
static inline void page_clear_flags(struct page *page, u16 flags)
{
    __atomic_fetch_and(&page->flags, (u16)~flags, __ATOMIC_RELAXED);
}

/* The number of references to @page's block. */
static inline u32 page_refs(struct page *page)
{
    return __atomic_load_n(&page_head(page)->refs, __ATOMIC_RELAXED);
}

/* Take one more reference to a block the caller has one of.  Any context. */
static inline void page_get(struct page *page)
{
    page = page_head(page);
    assert(__atomic_fetch_add(&page->refs, 1, __ATOMIC_RELAXED) != 0);
}

/* Take a reference unless the block is free or being freed.  Any context. */
bool page_try_get(struct page *page) MUST_CHECK;

/* Drop a reference to @page's block; the last one frees it.  Any context. */
void page_put(struct page *page);

/*
 * Make the struct pages of all RAM and give what region.c has left to the zones.  After this
 * region_alloc() is closed and page_alloc() open.  Panics if the struct pages do not fit.
 */
void page_init(void);

/*
 * Give the whole pages within [@start, @end), RESERVED since boot, to the zones: the initrd once
 * it is unpacked, code that runs only at boot.
 *
 * Returns: how many pages that were.
 */
unsigned long page_release(paddr_t start, paddr_t end);

/* Report a misuse of @page: @what, and everything known about it.  Returns if a test expects it. */
void page_report(const struct page *page, const char *what);

#endif
