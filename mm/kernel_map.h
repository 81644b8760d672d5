/*
 * The kernel's own mappings: its image, the direct map of memory, and windows on demand.
 *
 * Text is read-only, everything else is not executable (where the CPU has such a bit), and
 * memory is mapped by the largest pages that fit.  The top-level tables of every kernel region
 * are built here once, so that all address spaces share them and none ever has to catch up.
 */
#ifndef MM_KERNEL_MAP_H
#define MM_KERNEL_MAP_H

#include "arch/x86/pte.h"
#include "lib/annotate.h"

#define PROT_KERNEL_TEXT   ((prot_t){ PROT_READ | PROT_EXEC | PROT_GLOBAL })
#define PROT_KERNEL_RODATA ((prot_t){ PROT_READ | PROT_GLOBAL })
#define PROT_KERNEL_DATA   ((prot_t){ PROT_READ | PROT_WRITE | PROT_GLOBAL })
#define PROT_KERNEL_DEVICE ((prot_t){ PROT_READ | PROT_WRITE | PROT_GLOBAL | PROT_UNCACHED })

/*
 * Build the kernel's page tables and switch to them.  After this all memory below the direct
 * map's limit is reachable and the identity map of the start code is gone.
 *
 * Needs region_alloc(); the page allocator comes later.
 */
void paging_init(void);

/*
 * Map [@va, @va + @bytes) to @phys and following, with huge pages where all three are aligned.
 * Returns: 0, or -ENOMEM with nothing left mapped.
 * Locks:   the caller owns the range of addresses.  Sleeps once the page allocator runs.
 */
int kernel_map(vaddr_t va, paddr_t phys, size_t bytes, prot_t prot) MUST_CHECK;

/* Map the one page at @va.  Returns 0 or -ENOMEM. */
int kernel_map_page(vaddr_t va, pfn_t pfn, prot_t prot) MUST_CHECK;

/*
 * Unmap [@va, @va + @bytes) everywhere; returns after every CPU has forgotten it.  Tables stay.
 * Locks: thread context, interrupts on.
 */
void kernel_unmap(vaddr_t va, size_t bytes);

/* Give [@va, @va + @bytes), mapped by whole entries, the rights @prot.  Locks: as above. */
void kernel_protect(vaddr_t va, size_t bytes, prot_t prot);

/* What @va, a kernel address that is mapped, maps to.  Any context. */
paddr_t kernel_phys_of(vaddr_t va);

#endif
