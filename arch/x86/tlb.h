/*
 * The TLB: making CPUs forget translations.
 *
 * A CPU remembers entries it has read from page tables, and pointers between tables too, until
 * it is told to forget.  So whoever makes a present entry weaker or points it elsewhere must
 * flush, and must not let the old page or table be used for anything else before every CPU that
 * may remember it has done so.
 *
 * User translations belong to a struct mm.  Every flush of an mm raises its generation; each CPU
 * notes the generation up to which it has forgotten.  CPUs that have the mm loaded are told by
 * an interrupt, the others find out when they load it (see tlb.c).  Kernel translations are the
 * same on all CPUs and are global where the CPU can: only the kernel flushes below reach them.
 *
 * Source: Intel SDM vol. 3A, 4.10 "Caching Translation Information".
 */
#ifndef ARCH_X86_TLB_H
#define ARCH_X86_TLB_H

#include "arch/x86/cpu.h"
#include "lib/annotate.h"
#include "lib/types.h"

struct mm;
struct page_table;

/*
 * What the TLB code knows of one mm; embedded in it.
 * Members: (c) constant after creation, (a) atomic.
 */
struct tlb_context {
    unsigned long id;   /* (c) never used twice, so a CPU cannot mistake a new mm for a dead one */
    unsigned long root; /* (c) where its top table is, for CR3 */
    unsigned long generation; /* (a) grows with each flush */
    u32 cpus;                 /* (a) bit n: CPU n may have this mm loaded */
};

/* Prepare @context for an mm with the top table @root that no CPU has loaded yet. */
void tlb_context_init(struct tlb_context *context, const struct page_table *root);

/* Turn on what this CPU has to offer (PCID).  Called once on each CPU, with interrupts off. */
void tlb_start_cpu(void);

/* Forget the page of @va on this CPU, global or not. */
static inline void tlb_flush_page_local(vaddr_t va) { cpu_invlpg(va); }

/* Forget everything on this CPU: global entries and every address space. */
void tlb_flush_all_local(void);

/*
 * Make every CPU forget the kernel's translations of [@start, @end), and wait until they have.
 * Locks: thread context, interrupts on.
 */
void tlb_flush_kernel_range(vaddr_t start, vaddr_t end);

/*
 * Make every CPU that may have @mm loaded forget its translations of [@start, @end), and wait.
 * Locks: interrupts on; spinlocks may be held, unless they are ever taken with interrupts off.
 */
void tlb_flush_mm_range(struct mm *mm, vaddr_t start, vaddr_t end);

/* As above, for all of @mm, and for the pointers between its tables. */
void tlb_flush_mm(struct mm *mm);

/*
 * Load the tables of @next on this CPU; NULL (a kernel thread) keeps what is loaded: kernel
 * addresses are the same everywhere.  Nobody has to hold a reference for a borrower, since
 * tlb_forget_mm() takes a dying mm away from it.
 * Locks: interrupts off.  Called by the scheduler for each switch of tasks.
 */
void mm_switch(struct mm *next);

/*
 * Make sure that no CPU has @mm loaded, not even a kernel thread that borrows it.
 * Returns: when it is so.  From then on its tables can go without a flush.
 */
void tlb_forget_mm(struct mm *mm);

/* The root that this CPU walks now (for reports). */
struct page_table *tlb_loaded_root(void);

#endif
