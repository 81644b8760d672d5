/*
 * The audit: walk everything and prove that the books balance.
 *
 *     what                                    | who checks
 *    -----------------------------------------+--------------------------
 *     resident pages == entries with a page   | here, for each mm
 *     vmas sorted, apart, gaps right          | here, for each mm
 *     no kernel page both writable and code   | here
 *     kmap slots: only those tasks know of    | kmap.c
 *     free pages, slabs, vmalloc areas        | zone.c, slab.c, vmalloc.c
 */
#include "mm/audit.h"

#include "kernel/printk.h"
#include "mm/kernel_map.h"
#include "mm/kmap.h"
#include "mm/mm.h"
#include "mm/page.h"
#include "mm/pagetable.h"
#include "mm/slab.h"
#include "mm/vma.h"
#include "mm/vmalloc.h"
#include "mm/zap.h"
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

static void audit_mm(struct mm *mm, void *offences)
{
    down_write(&mm->mmap_lock); /* no faults meanwhile */
    audit_vmas(mm, offences);
    unsigned long mapped = count_range(mm, 0, USER_TOP);
    if (mapped != mm_resident_pages(mm))
        complain(offences, "resident pages are not those mapped", mm_resident_pages(mm), mapped);
    up_write(&mm->mmap_lock);
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
        if (entry.bits & PTE_USER)
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

    mm_for_each(audit_mm, &offences);
    offences += kmap_audit();
    offences += (int)page_audit();
    offences += (int)slab_audit();
    offences += (int)vmalloc_audit();
    return offences;
}
