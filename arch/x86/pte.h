/*
 * One page-table entry, and the only code that knows its bits.
 *
 * Every level has the same shape: a page of PT_ENTRIES entries.  So there is one entry type and
 * the level is a number: 0 maps a 4 KiB page, 1 a huge page, PT_LEVELS - 1 is the root that CR3
 * points at.  What differs between the machines is in machine/paging.h, a handful of lines.
 *
 * The CPU reads entries whenever it likes, so each change must leave something sensible at every
 * moment.  Where an entry is two words (PAE), the present bit is in the low one: an entry is
 * filled high half first, and emptied low half first.
 */
#ifndef ARCH_X86_PTE_H
#define ARCH_X86_PTE_H

#include "lib/annotate.h"
#include "machine/paging.h"

#define PAGE_SHIFT 12
#define PAGE_BYTES ((size_t)1 << PAGE_SHIFT)
#define PT_ENTRIES ((size_t)1 << PT_INDEX_BITS)

#define LEVEL_SHIFT(level) (PAGE_SHIFT + PT_INDEX_BITS * (level))
#define LEVEL_BYTES(level) ((size_t)1 << LEVEL_SHIFT(level))
#define LEVEL_HUGE         1

/* Source: Intel SDM vol. 3A, tables 4-6, 4-11 and 4-20. */
enum {
    PTE_PRESENT = 1 << 0,
    PTE_WRITE = 1 << 1,
    PTE_USER = 1 << 2,
    PTE_PWT = 1 << 3, /* PCD, PWT: 01 is write-combining once cpu_init_this() has set the PAT */
    PTE_PCD = 1 << 4,
    PTE_ACCESSED = 1 << 5,
    PTE_DIRTY = 1 << 6,
    PTE_HUGE = 1 << 7, /* PS; at level 0 the bit is the PAT's, which we leave 0 */
    PTE_GLOBAL = 1 << 8,
    PTE_PROT_NONE = 1 << 8, /* ours, where PRESENT is clear: a page that nobody may touch now */
    PTE_SPECIAL = 1 << 9,   /* ours, the CPU ignores bits 9-11: no struct page stands behind it */
    PTE_NOISE = PTE_ACCESSED | PTE_DIRTY,
};

/* Rights, as mmap() numbers the first three, and kinds of memory. */
enum {
    PROT_READ = 1,
    PROT_WRITE = 2,
    PROT_EXEC = 4,
    PROT_USER = 8,
    PROT_GLOBAL = 16,
    PROT_UNCACHED = 32,
    PROT_WRITE_COMBINE = 64,
};

typedef struct {
    pte_bits_t bits;
} pte_t;

typedef struct {
    u8 bits;
} prot_t;

struct page_table {
    pte_t entry[PT_ENTRIES];
} ALIGNED(4096);

static_assert(sizeof(pte_t) * PT_ENTRIES == PAGE_BYTES, "a table fills a page");
static_assert(sizeof(struct page_table) == PAGE_BYTES, "a table is a page");
static_assert(LEVEL_SHIFT(PT_LEVELS) <= 64, "the root covers the address space");

/* PTE_NX where this CPU honours it, else 0: there the bit is reserved.  Constant after boot. */
extern pte_bits_t pte_nx;

static inline size_t pt_index(vaddr_t va, unsigned level)
{
    return (va >> LEVEL_SHIFT(level)) & (PT_ENTRIES - 1);
}

static inline bool pte_present(pte_t entry) { return entry.bits & PTE_PRESENT; }

/* Does a page lie behind @entry, even if the CPU must not find it? */
static inline bool pte_mapped(pte_t entry) { return entry.bits & (PTE_PRESENT | PTE_PROT_NONE); }

static inline bool pte_writable(pte_t entry) { return entry.bits & PTE_WRITE; }
static inline bool pte_dirty(pte_t entry) { return entry.bits & PTE_DIRTY; }
static inline bool pte_accessed(pte_t entry) { return entry.bits & PTE_ACCESSED; }
static inline bool pte_is_huge(pte_t entry) { return entry.bits & PTE_HUGE; }

/* Does @entry lead to a table of the level below? */
static inline bool pte_is_table(pte_t entry)
{
    return (entry.bits & (PTE_PRESENT | PTE_HUGE)) == PTE_PRESENT;
}

/* Is what @entry maps not to be looked up, counted or freed?  Only of mapped entries (Z3). */
static inline bool pte_special(pte_t entry) { return entry.bits & PTE_SPECIAL; }

static inline pfn_t pte_pfn(pte_t entry)
{
    return (pfn_t){ (unsigned long)((entry.bits & PTE_ADDR_MASK) >> PAGE_SHIFT) };
}

static inline bool prot_covers(prot_t granted, prot_t wanted)
{
    return !(wanted.bits & ~granted.bits);
}

/* Would the CPU let @access through this entry?  Reserved bits and CR0.WP aside. */
static inline bool pte_allows(pte_t entry, prot_t access)
{
    if (!pte_present(entry))
        return false;
    if (access.bits & PROT_WRITE && !pte_writable(entry))
        return false;
    if (access.bits & PROT_USER && !(entry.bits & PTE_USER))
        return false;
    return !(access.bits & PROT_EXEC && entry.bits & PTE_NX);
}

/* The entry at @level that points at the next table down.  Rights are the leaf's business. */
static inline pte_t pte_table(pfn_t table, unsigned level)
{
    pte_bits_t bits = (pte_bits_t)table.number << PAGE_SHIFT | PTE_PRESENT;
    if (PT_ROOT_HAS_RIGHTS || level != PT_LEVELS - 1)
        bits |= PTE_WRITE | PTE_USER;
    return (pte_t){ bits };
}

/* The entry that maps page @pfn with @prot at @level; without PROT_READ, for nobody's eyes. */
static inline pte_t pte_leaf(pfn_t pfn, prot_t prot, unsigned level)
{
    pte_bits_t bits = (pte_bits_t)pfn.number << PAGE_SHIFT;
    bits |= prot.bits & PROT_READ ? PTE_PRESENT : PTE_PROT_NONE;
    if (prot.bits & PROT_WRITE)
        bits |= PTE_WRITE;
    if (prot.bits & PROT_USER)
        bits |= PTE_USER;
    if (prot.bits & PROT_GLOBAL)
        bits |= PTE_GLOBAL;
    if (prot.bits & PROT_UNCACHED)
        bits |= PTE_PCD | PTE_PWT;
    if (prot.bits & PROT_WRITE_COMBINE)
        bits |= PTE_PWT;
    if (!(prot.bits & PROT_EXEC))
        bits |= pte_nx;
    if (level >= LEVEL_HUGE)
        bits |= PTE_HUGE;
    return (pte_t){ bits };
}

/* The same entry, but special; written and touched already; no longer writable; untouched. */
static inline pte_t pte_make_special(pte_t entry) { return (pte_t){ entry.bits | PTE_SPECIAL }; }
static inline pte_t pte_make_written(pte_t entry) { return (pte_t){ entry.bits | PTE_NOISE }; }
static inline pte_t pte_without_write(pte_t entry)
{
    return (pte_t){ entry.bits & ~(pte_bits_t)PTE_WRITE };
}
static inline pte_t pte_make_young(pte_t entry) { return (pte_t){ entry.bits | PTE_ACCESSED }; }
static inline pte_t pte_make_old(pte_t entry)
{
    return (pte_t){ entry.bits & ~(pte_bits_t)PTE_ACCESSED };
}

/* What maps page @part of the huge page behind @huge, as the huge entry does. */
static inline pte_t pte_part(pte_t huge, unsigned part)
{
    return (pte_t){ (huge.bits & ~(pte_bits_t)PTE_HUGE) + ((pte_bits_t)part << PAGE_SHIFT) };
}

/* The same entry for another page. */
static inline pte_t pte_with_pfn(pte_t entry, pfn_t pfn)
{
    return (pte_t){ (entry.bits & ~PTE_ADDR_MASK) | (pte_bits_t)pfn.number << PAGE_SHIFT };
}

/* The halves of an entry that is two words. */
static inline u32 *pte_low(pte_t *slot) { return (u32 *)slot; }
static inline u32 *pte_high(pte_t *slot) { return (u32 *)slot + 1; }

/* The first entry from @slot on that maps something, @stop if none before it does.  All that says
 * so is in the low half, at every width. */
static inline pte_t *pte_next_mapped(pte_t *slot, const pte_t *stop)
{
    while (slot < stop &&
           !(__atomic_load_n(pte_low(slot), __ATOMIC_RELAXED) & (PTE_PRESENT | PTE_PROT_NONE)))
        slot++;
    return slot;
}

/*
 * Publish @value in @slot, which is empty or, where an entry is two words, differs from @value
 * in the low one only.  The hardware walker sees the old entry or the new one.
 */
static inline void pte_set(pte_t *slot, pte_t value)
{
    if (PTE_IS_ONE_WORD) {
        __atomic_store_n(&slot->bits, value.bits, __ATOMIC_RELEASE);
        return;
    }
    __atomic_store_n(pte_high(slot), (u32)((u64)value.bits >> 32), __ATOMIC_RELAXED);
    __atomic_store_n(pte_low(slot), (u32)value.bits, __ATOMIC_RELEASE);
}

/*
 * The entry in @slot, not half of one and half of another: where it is two words, the low one is
 * read again.  Only if the entry changes twice in between, and back, could that be deceived; who
 * follows an entry to its page therefore holds a lock that keeps it (the table's, or mmap_lock).
 */
static inline pte_t pte_get(const pte_t *slot)
{
    if (PTE_IS_ONE_WORD)
        return (pte_t){ __atomic_load_n(&slot->bits, __ATOMIC_RELAXED) };

    u32 low, high;
    do {
        low = __atomic_load_n(pte_low((pte_t *)slot), __ATOMIC_ACQUIRE);
        high = __atomic_load_n(pte_high((pte_t *)slot), __ATOMIC_ACQUIRE);
    } while (low != __atomic_load_n(pte_low((pte_t *)slot), __ATOMIC_RELAXED));
    return (pte_t){ (pte_bits_t)((u64)high << 32 | low) };
}

/* Is @slot empty?  All that could say no is in the low half. */
static inline bool pte_slot_none(pte_t *slot)
{
    return !(__atomic_load_n(pte_low(slot), __ATOMIC_RELAXED) & ~(u32)PTE_NOISE);
}

/* Empty @slot and return what the CPU had last made of it.  The caller flushes the TLB. */
static inline pte_t pte_clear(pte_t *slot)
{
    if (PTE_IS_ONE_WORD)
        return (pte_t){ __atomic_exchange_n(&slot->bits, (pte_bits_t)0, __ATOMIC_ACQ_REL) };

    u32 low = __atomic_exchange_n(pte_low(slot), 0, __ATOMIC_ACQ_REL);
    u32 high = __atomic_exchange_n(pte_high(slot), 0, __ATOMIC_ACQ_REL);
    return (pte_t){ (pte_bits_t)((u64)high << 32 | low) };
}

/*
 * Take the right to write from a live entry, losing no bit that the CPU sets meanwhile.  The
 * caller flushes the TLB.
 */
static inline void pte_write_protect(pte_t *slot)
{
    __atomic_fetch_and(pte_low(slot), ~(u32)PTE_WRITE, __ATOMIC_ACQ_REL);
}

/*
 * Put @value in @slot if it still holds @expected, both halves at once.
 *
 * Returns: what @slot held before; success if that is @expected.
 */
static inline pte_t pte_cmpxchg(pte_t *slot, pte_t expected, pte_t value)
{
    return (pte_t){ __sync_val_compare_and_swap(&slot->bits, expected.bits, value.bits) };
}

/*
 * An empty entry has no bits but those that a CPU with an erratum may set in it.
 * Source: Intel Xeon Phi x200 specification update, KNL4.
 */
static inline bool pte_none(pte_t entry) { return !(entry.bits & ~(pte_bits_t)PTE_NOISE); }

/*
 * Three for a slot that only one CPU uses, and whose entry has accessed and dirty set from the
 * start, so that the CPU never writes to it: is it empty; map @pfn with @bits; empty it.
 */
static inline bool pte_own_is_empty(const pte_t *slot)
{
    return !(*(const u32 *)slot & ~(u32)PTE_NOISE); /* where it is two words, this one tells */
}

static inline void pte_own_set(pte_t *slot, pfn_t pfn, pte_bits_t bits)
{
    if (PTE_IS_ONE_WORD) {
        pte_set(slot, (pte_t){ (pte_bits_t)pfn.number << PAGE_SHIFT | bits });
        return;
    }
    WRITE_ONCE(*pte_high(slot), (u32)(pfn.number >> (32 - PAGE_SHIFT)) | (u32)((u64)bits >> 32));
    WRITE_ONCE(*pte_low(slot), (u32)(pfn.number << PAGE_SHIFT) | (u32)bits);
}

static inline void pte_own_clear(pte_t *slot)
{
    if (PTE_IS_ONE_WORD) {
        WRITE_ONCE(slot->bits, 0);
        return;
    }
    WRITE_ONCE(*pte_low(slot), 0);
    WRITE_ONCE(*pte_high(slot), 0);
}

/* The same page with the rights of @prot: accessed, dirty and our own bits stay. */
static inline pte_t pte_with_prot(pte_t entry, prot_t prot, unsigned level)
{
    pte_bits_t kept = PTE_ADDR_MASK | PTE_ACCESSED | PTE_DIRTY | PTE_SPECIAL;
    pte_t fresh = pte_leaf(pte_pfn(entry), prot, level);
    return (pte_t){ (entry.bits & kept) | (fresh.bits & ~kept) };
}

#endif
