/*
 * What is counted, and under which names programs see it in /proc/vmstat.
 */
#ifndef MM_COUNT_LIST_H
#define MM_COUNT_LIST_H

#define COUNT_LIST(X)                                                             \
    X(FAULT, "pgfault")                   /* every page fault of a process */     \
    X(FAULT_FRESH, "pgfault_fresh")       /* answered with a fresh zeroed page */ \
    X(FAULT_ZERO, "pgfault_zero")         /* answered with the zero page */       \
    X(FAULT_COW, "pgfault_cow")           /* a copy of what others have too */    \
    X(FAULT_COW_ZERO, "pgfault_cow_zero") /* a page instead of the zero page */   \
    X(FAULT_REUSE, "pgfault_reuse")       /* taken over: nobody else had it */    \
    X(FAULT_FILE, "pgfault_file")         /* a page of a file mapped */           \
    X(FAULT_HUGE, "pgfault_huge")         /* answered with a fresh huge page */   \
    X(FAULT_HUGE_ZERO, "pgfault_huge_zero")                                       \
    X(FAULT_HUGETLB, "pgfault_hugetlb") /* with a page of the pool */             \
    X(HUGE_FALLBACK, "huge_fallback")   /* no block free: small pages instead */  \
    X(HUGE_SPLIT, "huge_split")         /* a huge entry became a table */         \
    X(FORK_COPIED, "fork_entries")      /* entries that fork copied */            \
    X(FAULT_AGAIN, "pgfault_again")     /* another thread was there first */      \
    X(FAULT_GROW, "pgfault_grow")       /* the stack grew */                      \
    X(FAULT_BAD, "pgfault_bad")         /* no vma, or the vma forbids */          \
    X(FAULT_KERNEL, "pgfault_kernel")   /* taken by the kernel in a user copy */  \
    X(FAULT_FIXUP, "pgfault_fixup")     /* ended in the exception table */        \
    X(FAULT_OOM, "pgfault_oom")         /* no memory for it */                    \
    X(OOM_KILL, "oom_kill")             /* processes killed for want of memory */ \
    X(TABLE_ALLOC, "pgtable_alloc")                                               \
    X(TABLE_FREE, "pgtable_free")                                                 \
    X(TLB_PAGE, "tlb_flush_page")     /* one page, on one CPU */                  \
    X(TLB_MM, "tlb_flush_mm")         /* an address space, on one CPU */          \
    X(TLB_ALL, "tlb_flush_all")       /* everything, on one CPU */                \
    X(TLB_SENT, "tlb_shootdown_sent") /* requests to other CPUs */                \
    X(TLB_RECEIVED, "tlb_shootdown_received")                                     \
    X(TLB_LAZY, "tlb_lazy_left")     /* a kernel thread let its mm go */          \
    X(SWITCH_KEPT, "mm_switch_kept") /* loaded with its TLB entries kept */       \
    X(SWITCH_FLUSHED, "mm_switch_flushed")                                        \
    X(KMAP, "kmap_local")           /* slots taken */                             \
    X(KMAP_POOL, "kmap")            /* pages newly shown by kmap() */             \
    X(KMAP_FLUSH, "kmap_flush")     /* idle slots of kmap() emptied */            \
    X(KMAP_WAIT, "kmap_wait")       /* kmap() found no slot and slept */          \
    X(IRQ_SPURIOUS, "irq_spurious") /* interrupts that nobody had asked for */

enum count_id {
#define COUNT_ENUM(id, name) COUNT_##id,
    COUNT_LIST(COUNT_ENUM)
#undef COUNT_ENUM
        COUNT_IDS,
};

#endif
