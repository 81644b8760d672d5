/*
 * The audit: walk everything and prove that the books balance.
 *
 *     what                                    | who checks
 *    -----------------------------------------+--------------------------
 *     counts of pages == entries with a page  | here, for each mm
 *     count of page tables == those there are | here, for each mm
 *     map counts == entries, all together     | here
 *     the zero page: zero, and read-only      | here
 *     special entries: only where they may be | here
 *     vmas sorted, apart, gaps right          | here, for each mm
 *     no kernel page both writable and code   | here
 *     kmap slots: only those tasks know of    | kmap.c, kmap_local.c
 *     free pages, slabs, vmalloc areas        | zone.c, slab.c, vmalloc.c
 */
#include "mm/audit.h"

#include "kernel/printk.h"
#include "mm/fixmap.h"
#include "mm/kernel_map.h"
#include "mm/kmap.h"
#include "mm/mm.h"
#include "mm/page.h"
#include "mm/pagetable.h"
#include "mm/rmap.h"
#include "mm/slab.h"
#include "mm/vma.h"
#include "mm/vmalloc.h"
#include "mm/walk.h"
#include "mm/zone.h"

/* One offence: it is printed and counted. */
static void complain(int *offences, const char *what, unsigned long a, unsigned long b)
{
    pr_err("audit: %s (%#lx, %#lx)", what, a, b);
    ++*offences;
}

static void audit_vmas(const struct mm *mm, int *offences)
{
    vaddr_t end = 0;
    size_t pages = 0;
    unsigned count = 0;

    for (const struct vma *vma = vma_find(mm, 0); vma; vma = vma_next(vma)) {
        if (vma->start < end || vma->start >= vma->end || vma->end > USER_TOP)
            complain(offences, "a vma overlaps another or the kernel", vma->start, vma->end);
        vaddr_t guarded = vma_guarded_start(vma);
        if (vma->hole != (guarded > end ? guarded - end : 0))
            complain(offences, "a vma's hole is wrong", vma->start, vma->hole);
        if (vma->prot.bits != vma_prot(vma->flags).bits)
            complain(offences, "a vma's rights are not its flags'", vma->flags, vma->prot.bits);
        end = vma->end;
        pages += (vma->end - vma->start) >> PAGE_SHIFT;
        count++;
    }
    if (count != mm->vma_count)
        complain(offences, "count of vmas is wrong", mm->vma_count, count);
    if (pages != mm->mapped_pages)
        complain(offences, "count of mapped pages is wrong", mm->mapped_pages, pages);
}

/* What the entries of one address space, and then of all, map. */
struct tally {
    int *offences;
    const struct mm *mm;
    unsigned long anon, file, shmem; /* pages, of this one */
    unsigned long all;               /* pages, of all */
};

static void tally_entry(struct tally *tally, vaddr_t va, pte_t entry, unsigned level)
{
    const unsigned long pages = LEVEL_BYTES(level) >> PAGE_SHIFT;
    const struct vma *vma = vma_find(tally->mm, va);

    if (!vma || va < vma->start) {
        complain(tally->offences, "an entry outside all vmas", va, (unsigned long)entry.bits);
        return;
    }
    if (!vma->touched)
        complain(tally->offences, "an entry in a vma where no fault has been", va, vma->flags);
    if (pte_writable(entry) && !(vma->flags & VM_WRITE))
        complain(tally->offences, "an entry allows more than its vma", va, vma->flags);
    if (pte_special(entry)) {
        if (pte_is_zero_page(entry) && pte_writable(entry))
            complain(tally->offences, "a program may write to the zero page", va, 0);
        if (!pte_is_zero_page(entry) && !(vma->flags & (VM_PFNMAP | VM_MIXEDMAP)))
            complain(tally->offences, "a special entry of a strange frame", va,
                     pte_pfn(entry).number);
        return;
    }
    struct page *page = page_head(page_of(pte_pfn(entry)));
    if (page->kind != PAGE_USED)
        complain(tally->offences, "an entry maps a page that is not in use", va, page->kind);
    tally->all += pages;
    if (vma->flags & VM_HUGETLB)
        return;
    if (page_is_anon(page))
        tally->anon += pages;
    else if (vma->flags & VM_SHMEM)
        tally->shmem += pages;
    else
        tally->file += pages;
}

static void tally_mm(struct tally *tally, struct mm *mm)
{
    for (vaddr_t va = 0; va < USER_TOP;) {
        struct pt_spot spot = pt_spot(mm->root, va, USER_TOP);
        for (pte_t *slot = spot.slot; va < spot.end; va += LEVEL_BYTES(spot.level), slot++) {
            pte_t entry = pte_get(slot);
            if (pte_mapped(entry))
                tally_entry(tally, va, entry, spot.level);
            if (spot.level)
                break; /* one entry, which may end beyond the address space */
        }
        pt_unmap(spot.slot);
        va = spot.end;
    }
}

static void audit_mm(struct mm *mm, void *data)
{
    struct tally *tally = data;
    int *offences = tally->offences;

    down_write(&mm->mmap_lock); /* no faults meanwhile */
    audit_vmas(mm, offences);
    tally->mm = mm;
    tally->anon = tally->file = tally->shmem = 0;
    tally_mm(tally, mm);
    if (mm->anon_pages != tally->anon)
        complain(offences, "anonymous pages are not those mapped", mm->anon_pages, tally->anon);
    if (mm->file_pages != tally->file)
        complain(offences, "file pages are not those mapped", mm->file_pages, tally->file);
    if (mm->shmem_pages != tally->shmem)
        complain(offences, "shared pages are not those mapped", mm->shmem_pages, tally->shmem);
    unsigned long tables = pt_count_tables(mm->root);
    if (mm->tables != tables)
        complain(offences, "page tables are not those in use", mm->tables, tables);
    up_write(&mm->mmap_lock);
}

/* Every address space, and that each page knows how many entries map it. */
static void audit_all_mms(int *offences)
{
    struct tally tally = { .offences = offences };
    mm_for_each(audit_mm, &tally);
    unsigned long counted = page_count_mapped();
    if (counted != tally.all)
        complain(offences, "pages believe to be mapped more or less often", counted, tally.all);
}

/* The zero page is what its name says (Z36). */
static void audit_zero_page(int *offences)
{
    const u8 *bytes = kmap_local_pfn(zero_pfn);
    for (size_t i = 0; i < PAGE_BYTES; i++) {
        if (!bytes[i])
            continue;
        complain(offences, "the zero page is not zero", i, bytes[i]);
        break;
    }
    kunmap_local(bytes);
    if (page_of(zero_pfn)->refs != 1)
        complain(offences, "somebody keeps a reference to the zero page", page_of(zero_pfn)->refs,
                 1);
}

/* Where tables cover less than a word addresses, the highest bit they know goes on. */
static vaddr_t canonical(vaddr_t va)
{
    unsigned unknown_bits = PT_LEVELS > 3 ? 64 - LEVEL_SHIFT(PT_LEVELS) : 0;
    return (vaddr_t)((intptr_t)(va << unknown_bits) >> unknown_bits);
}

/* Look at all leaves below @table, of @level, whose first entry serves @base. */
static void audit_table(const struct page_table *table, unsigned level, vaddr_t base, int *offences)
{
    size_t entries = level == PT_LEVELS - 1 ? PT_ROOT_ENTRIES : PT_ENTRIES;

    for (size_t i = 0; i < entries; i++) {
        pte_t entry = pte_get(&table->entry[i]);
        vaddr_t va = canonical(base + i * LEVEL_BYTES(level));
        if (!pte_present(entry))
            continue;
        if (level > 0 && !pte_is_huge(entry)) {
            audit_table(phys_to_direct(pfn_to_phys(pte_pfn(entry))), level - 1, va, offences);
            continue;
        }
        if (va < USER_TABLES_END)
            complain(offences, "the kernel's tables map a user address", va, 0);
        if (entry.bits & PTE_USER && (pte_writable(entry) || !fixmap_is_for_programs(va)))
            complain(offences, "a program could touch a kernel page", va, 0);
        if (pte_nx && pte_writable(entry) && !(entry.bits & PTE_NX))
            complain(offences, "a kernel page is both writable and code", va, LEVEL_BYTES(level));
    }
}

int audit_kernel_map(void)
{
    int offences = 0;
    audit_table(kernel_root, PT_LEVELS - 1, 0, &offences);
    return offences;
}

int audit_all(void)
{
    int offences = audit_kernel_map();

    audit_all_mms(&offences);
    audit_zero_page(&offences);
    offences += kmap_audit();
    offences += (int)page_audit();
    offences += (int)slab_audit();
    offences += (int)vmalloc_audit();
    return offences;
}
