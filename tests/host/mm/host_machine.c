/*
 * The host tests' machine: its memory, its CPU, and stand-ins for the locks and allocators.
 */
#include "tests/host/mm/host_machine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "arch/x86/percpu.h"
#include "arch/x86/tlb.h"
#include "kernel/mutex.h"
#include "kernel/preempt.h"
#include "kernel/report.h"
#include "kernel/rwsem.h"
#include "kernel/spinlock.h"
#include "lib/errno.h"
#include "mm/clear.h"
#include "mm/count.h"
#include "mm/hugetlb.h"
#include "mm/kernel_map.h"
#include "mm/kmap.h"
#include "mm/mm.h"
#include "mm/pagetable.h"
#include "mm/region.h"
#include "mm/rmap.h"
#include "mm/slab.h"
#include "mm/zone.h"

uintptr_t host_memory;
struct page *memmap_array;
pte_bits_t pte_nx = PTE_NX;
struct page_table *kernel_root;
unsigned host_cpu, cpus_online = 1;
DEFINE_PER_CPU(u32, preempt_count);
DEFINE_PER_CPU(u32, need_resched_flag);
unsigned long host_counts[COUNT_IDS];
unsigned host_flushed_ranges, host_flushed_all;

/* The first pages: the kernel's root, and the zero page. */
enum { ZERO_PAGE = 1 };

static unsigned used, next_free;
static int fail_after;

/* What the CPU remembers: a page for an address, and all tables on the way. */
enum { TLB_ENTRIES = 512 };
static struct {
    struct mm *mm;
    vaddr_t va;
    unsigned long pfn;
    unsigned access;
    unsigned long tables[PT_LEVELS];
} tlb[TLB_ENTRIES];
static unsigned tlb_victim;

void host_machine_start(void)
{
    static u8 memory[HOST_PAGES][PAGE_BYTES] ALIGNED(4096);
    static struct page pages[HOST_PAGES];

    host_memory = (uintptr_t)memory;
    memset(memory, 0xa5, sizeof memory);
    memmap_array = pages;
    memset(pages, 0, sizeof pages);
    for (unsigned i = 0; i < HOST_PAGES; i++)
        memmap_array[i].flags = i % 3 == 2 && PT_LEVELS < 4 ? PAGE_HIGHMEM : 0;
    memset(tlb, 0, sizeof tlb);
    memset(host_counts, 0, sizeof host_counts);
    memset(memory[ZERO_PAGE], 0, PAGE_BYTES);
    memmap_array[ZERO_PAGE].kind = PAGE_RESERVED;
    used = 0;
    next_free = ZERO_PAGE + 1;
    fail_after = -1;
    host_flushed_ranges = host_flushed_all = 0;
    kernel_root = page_address(&memmap_array[0]);
    memset(kernel_root, 0, PAGE_BYTES);
}

unsigned host_pages_used(void) { return used; }
void host_fail_after(int count) { fail_after = count; }

/* --- the CPU --------------------------------------------------------------------------------- */

static pte_bits_t read_entry(unsigned long table, vaddr_t va, unsigned level)
{
    pte_bits_t entries[PT_ENTRIES];
    memcpy(entries, (char *)host_memory + table * PAGE_BYTES, sizeof entries);
    return entries[va >> (12 + PT_INDEX_BITS * level) & (PT_ENTRIES - 1)];
}

static bool covers(unsigned granted, unsigned access) { return !(access & ~granted); }

/* Walk as the CPU does.  Returns whether there is a page; fills the TLB entry @slot. */
static bool walk(struct mm *mm, vaddr_t va, unsigned slot)
{
    unsigned long table = ((uintptr_t)mm->root - host_memory) / PAGE_BYTES;
    unsigned granted = PROT_READ | PROT_WRITE | PROT_EXEC | PROT_USER;

    for (unsigned level = PT_LEVELS; level-- > 0;) {
        tlb[slot].tables[level] = table;
        pte_bits_t entry = read_entry(table, va, level);
        if (!(entry & 1))
            return false;
        bool no_rights = PT_LEVELS == 3 && level == 2; /* PAE's root: those bits are reserved */
        assert_true(!no_rights || !(entry & 0x1e6));
        if (!no_rights && !(entry & 2))
            granted &= ~(unsigned)PROT_WRITE;
        if (!no_rights && !(entry & 4))
            granted &= ~(unsigned)PROT_USER;
        if (entry & PTE_NX)
            granted &= ~(unsigned)PROT_EXEC;
        table = (unsigned long)((entry & PTE_ADDR_MASK) / PAGE_BYTES);
        assert_true(table < HOST_PAGES);
    }
    tlb[slot].mm = mm;
    tlb[slot].va = va & ~(PAGE_BYTES - 1);
    tlb[slot].pfn = table;
    tlb[slot].access = granted;
    return true;
}

unsigned char *host_cpu_touch(struct mm *mm, vaddr_t va, unsigned access)
{
    for (unsigned i = 0; i < TLB_ENTRIES; i++)
        if (tlb[i].mm == mm && tlb[i].va == (va & ~(PAGE_BYTES - 1)) &&
            covers(tlb[i].access, access))
            return (unsigned char *)host_memory + tlb[i].pfn * PAGE_BYTES + va % PAGE_BYTES;

    unsigned slot = tlb_victim++ % TLB_ENTRIES;
    tlb[slot].mm = NULL;
    if (!walk(mm, va, slot) || !covers(tlb[slot].access, access))
        return NULL;
    return (unsigned char *)host_memory + tlb[slot].pfn * PAGE_BYTES + va % PAGE_BYTES;
}

unsigned char *host_cpu_access(struct mm *mm, vaddr_t va, unsigned access,
                               enum fault_result *result)
{
    struct fault fault = { .va = va, .access = { (u8)access } };

    *result = FAULT_FIXED;
    unsigned char *byte = host_cpu_touch(mm, va, access);
    if (byte)
        return byte;
    *result = mm_fault(mm, &fault);
    if (*result != FAULT_FIXED)
        return NULL;
    byte = host_cpu_touch(mm, va, access);
    assert_non_null(byte); /* FIXED means that the instruction works now */
    return byte;
}

static void assert_forgotten(unsigned long pfn)
{
    for (unsigned i = 0; i < TLB_ENTRIES; i++) {
        if (!tlb[i].mm)
            continue;
        assert_true(tlb[i].pfn != pfn);
        for (unsigned level = 0; level < PT_LEVELS; level++)
            assert_true(tlb[i].tables[level] != pfn);
    }
}

static void forget(struct mm *mm, vaddr_t start, vaddr_t end)
{
    for (unsigned i = 0; i < TLB_ENTRIES; i++)
        if (tlb[i].mm == mm && tlb[i].va >= start && tlb[i].va < end)
            tlb[i].mm = NULL;
}

void tlb_context_init(struct tlb_context *context, const struct page_table *root)
{
    *context = (struct tlb_context){ .id = 1 };
}

void tlb_flush_mm_range(struct mm *mm, vaddr_t start, vaddr_t end)
{
    host_flushed_ranges++;
    forget(mm, start, end);
}

void tlb_flush_mm(struct mm *mm)
{
    host_flushed_all++;
    forget(mm, 0, (vaddr_t)-1);
}

void tlb_forget_mm(struct mm *mm) { forget(mm, 0, (vaddr_t)-1); }

/* --- memory ---------------------------------------------------------------------------------- */

struct page *page_alloc(gfp_t gfp, unsigned order)
{
    assert_int_equal(order, 0);
    if (fail_after == 0)
        return NULL;
    if (fail_after > 0)
        fail_after--;
    for (unsigned tries = 1; tries < HOST_PAGES; tries++) {
        struct page *page = &memmap_array[next_free];
        next_free = next_free + 1 < HOST_PAGES ? next_free + 1 : ZERO_PAGE + 1;
        if (page->kind == PAGE_USED || (page->flags & PAGE_HIGHMEM && !(gfp & GFP_HIGHMEM)))
            continue;
        page->kind = PAGE_USED;
        page->refs = 1;
        used++;
        if (gfp & GFP_ZERO)
            memset((char *)host_memory + page_pfn(page).number * PAGE_BYTES, 0, PAGE_BYTES);
        return page;
    }
    return NULL;
}

void page_free(struct page *page, unsigned order)
{
    assert_int_equal(order, 0);
    assert_int_equal(page->kind, PAGE_USED);
    assert_int_equal(page->mapcount, 0);
    assert_forgotten(page_pfn(page).number);
    memset((char *)host_memory + page_pfn(page).number * PAGE_BYTES, 0xa5, PAGE_BYTES);
    page->kind = PAGE_FREE;
    page->mapping = NULL;
    used--;
}

bool page_try_get(struct page *page)
{
    if (!page->refs)
        return false;
    page->refs++;
    return true;
}

void page_put(struct page *page)
{
    if (--page->refs)
        return;
    assert_true(page_is_anon(page));
    page->mapping = NULL;
    page_free(page, 0);
}

/* The one part of the kernel's image that a program sees. */
paddr_t kernel_phys_of(vaddr_t va) { return ZERO_PAGE * PAGE_BYTES; }

bool host_zero_page_is_zero(void)
{
    const unsigned char *bytes = (unsigned char *)host_memory + ZERO_PAGE * PAGE_BYTES;
    for (size_t i = 0; i < PAGE_BYTES; i++)
        if (bytes[i])
            return false;
    return true;
}

bool pfn_valid(pfn_t pfn) { return pfn.number < HOST_PAGES; }
/* No pools of huge pages here. */
void hugetlb_init(void) {}
int hugetlb_level(unsigned flags) { return -EINVAL; }
int hugetlb_attach(struct vma *vma, unsigned level) { return -ENOMEM; }
enum fault_result hugetlb_fault(struct vma *vma, const struct fault *fault)
{
    return FAULT_BUS_ERROR;
}

void page_dissolve(struct page *head) { fail(); }
void folio_zero_user(struct page *folio, vaddr_t hint) { fail(); }
struct page *page_head_of_part(struct page *page) { return page; }

unsigned long pages_total(void) { return HOST_PAGES; }
paddr_t region_direct_end(void) { return HOST_PAGES * PAGE_BYTES; }
paddr_t region_alloc(paddr_t bytes, paddr_t align, paddr_t below) { return REGION_NONE; }

void clear_page(void *page) { memset(page, 0, PAGE_BYTES); }

void (*host_on_clear)(void);

void clear_highpage(struct page *page)
{
    void (*meanwhile)(void) = host_on_clear;
    host_on_clear = NULL;
    if (meanwhile)
        meanwhile();
    clear_page((char *)host_memory + page_pfn(page).number * PAGE_BYTES);
}

static void *bytes_of(pfn_t pfn) { return (char *)host_memory + pfn.number * PAGE_BYTES; }

void copy_highpage(struct page *to, struct page *from)
{
    void (*meanwhile)(void) = host_on_clear;
    host_on_clear = NULL;
    if (meanwhile)
        meanwhile();
    memcpy(bytes_of(page_pfn(to)), bytes_of(page_pfn(from)), PAGE_BYTES);
}

void copy_page(void *to, const void *from) { memcpy(to, from, PAGE_BYTES); }

/* Slots are given back last first, as kmap.h asks. */
static const void *mapped[16];
static unsigned depth;

void *kmap_local_page(const struct page *page)
{
    assert_true(depth < 16);
    mapped[depth] = (char *)host_memory + page_pfn(page).number * PAGE_BYTES;
    return (void *)mapped[depth++];
}

void *kmap_local_pfn(pfn_t pfn) { return kmap_local_page(&memmap_array[pfn.number]); }

void kunmap_address(const void *address)
{
    uintptr_t page = (uintptr_t)address & ~(PAGE_BYTES - 1);
    if (!depth) {
        assert_false(memmap_array[(page - host_memory) / PAGE_BYTES].flags & PAGE_HIGHMEM);
        return;
    }
    assert_ptr_equal((void *)page, mapped[depth - 1]);
    depth--;
}

void *kmap_address(const struct page *page) { return NULL; }

struct page *kmap_page_of(const void *address)
{
    return &memmap_array[((uintptr_t)address - host_memory) / PAGE_BYTES];
}

struct kmem_cache {
    size_t size;
};

struct kmem_cache *kmem_cache_create(const char *name, size_t size, size_t align,
                                     void (*ctor)(void *object))
{
    static struct kmem_cache caches[16];
    static unsigned count;
    struct kmem_cache *cache = &caches[count++ % 16];
    cache->size = size;
    return cache;
}

void *kmem_cache_alloc(struct kmem_cache *cache, gfp_t gfp)
{
    if (fail_after == 0)
        return NULL;
    if (fail_after > 0)
        fail_after--;
    used++;
    return calloc(1, cache->size);
}

void kmem_cache_free(struct kmem_cache *cache, void *object)
{
    used--;
    free(object);
}
