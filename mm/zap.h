/*
 * Taking pages out of an address space: emptying entries, changing their rights.
 */
#ifndef MM_ZAP_H
#define MM_ZAP_H

#include "arch/x86/pte.h"

struct mm;
struct tlb_gather;

/*
 * Empty all entries for [@start, @end) of @gather's mm; the pages behind them go to @gather.
 * Locks: mmap_lock is held, at all; takes and drops the tables' locks.  Sleeps.
 */
void zap_range(struct tlb_gather *gather, vaddr_t start, vaddr_t end);

/*
 * Give all entries in [@start, @end) with a page behind them the rights @prot, and flush.
 * Locks: as above.
 */
void protect_range(struct mm *mm, vaddr_t start, vaddr_t end, prot_t prot);

/* The entries with a page behind them in [@start, @end).  Locks: as above. */
unsigned long count_range(struct mm *mm, vaddr_t start, vaddr_t end);

#endif
