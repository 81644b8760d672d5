/*
 * Vmalloc: contiguous kernel addresses for pages that are not contiguous, or not RAM.
 *
 *     VMALLOC_START                                                          VMALLOC_END
 *    | guard | area | guard | area       | guard |   gap    | area | guard | ...      |
 *
 * Areas stand in a tree by address; a new one takes the lowest gap that fits it.  Behind each
 * area, and before the first, is a page that is never mapped: to run off an end is a fault, not
 * a neighbour's page.  Freed addresses are flushed from every TLB before they, or the pages
 * behind them, are used again.
 *
 * All functions sleep, and want interrupts on: unmapping waits for the other CPUs.
 */
#ifndef MM_VMALLOC_H
#define MM_VMALLOC_H

#include "arch/x86/pte.h"
#include "lib/annotate.h"
#include "lib/types.h"

struct page;

/* Map @bytes of fresh pages, readable and writable, not cleared.  Sleeps.  NULL: no memory. */
void *vmalloc(size_t bytes) MUST_CHECK;

/* As vmalloc(), cleared. */
void *vzalloc(size_t bytes) MUST_CHECK;

/* Give back what vmalloc() or vzalloc() gave.  NULL is fine.  Sleeps. */
void vfree(void *memory);

/* Map the @count pages in @pages, which stay the caller's.  Sleeps.  NULL: no memory. */
void *vmap(struct page *const *pages, size_t count, prot_t prot) MUST_CHECK;

/* Undo vmap().  Sleeps. */
void vunmap(void *address);

/*
 * Map @bytes of device memory at @phys, which need not be aligned, with @prot's cache attributes
 * (PROT_UNCACHED, PROT_WRITE_COMBINE).  Refuses the kernel's RAM.  Sleeps.
 *
 * Returns: the address that shows @phys, NULL: no memory, or RAM, or beyond the CPU's reach.
 */
void *ioremap(paddr_t phys, size_t bytes, prot_t prot) MUST_CHECK;

/* Undo ioremap().  Sleeps. */
void iounmap(void *address);

/*
 * A kernel stack: KERNEL_STACK_BYTES with a guard page below.  Some freed ones are kept, still
 * mapped, so that a fork usually pays for neither mapping nor flush.  Not cleared.  Sleeps.
 *
 * Returns: its lowest address, NULL: no memory.
 */
void *kernel_stack_alloc(void) MUST_CHECK;

/* Give back the stack whose lowest address is @stack, on which nobody runs.  Sleeps. */
void kernel_stack_free(void *stack);

/* What is known of the window, for statistics, reports and tests. */
struct vmalloc_stat {
    size_t window_bytes;
    size_t used_bytes;
    size_t areas;
    size_t largest_gap_bytes;
    size_t cached_stacks;
};
void vmalloc_stat(struct vmalloc_stat *stat);

/* Is @address in an area, or in the guard behind one?  For fault reports.  Any context. */
enum vmalloc_place { VMALLOC_OUTSIDE, VMALLOC_GAP, VMALLOC_AREA, VMALLOC_GUARD };
enum vmalloc_place vmalloc_place(vaddr_t address);

/* Prove that areas and tree agree.  Returns the number of offences, printed.  Sleeps. */
unsigned vmalloc_audit(void);

#endif
