/*
 * The page fault as data.
 *
 * arch/x86/page_fault.c reads the registers and fills in a struct fault.  From here down it is
 * about memory, not about the CPU.
 */
#ifndef MM_FAULT_H
#define MM_FAULT_H

#include "arch/x86/pte.h"
#include "lib/annotate.h"

struct mm;
struct vma;

struct fault {
    vaddr_t va;    /* the byte that was touched */
    prot_t access; /* what was tried: READ, WRITE or EXEC; plus USER */
    bool force;    /* count what mprotect() could give as given; the entry does not get it (Z25) */
};

enum fault_result {
    FAULT_FIXED,     /* run the instruction again */
    FAULT_NO_VMA,    /* nothing is mapped there */
    FAULT_FORBIDDEN, /* the vma does not allow the access */
    FAULT_NO_MEMORY, /* no page to be had */
    FAULT_BUS_ERROR, /* the vma is there, what it maps is not */
    FAULT_SMALL,     /* only from huge_fault(): a small page must do */
};

/*
 * Make the access described by @fault legal, or say why it is not.
 *
 * Locks:   takes and drops mmap_lock, shared (exclusive to grow a stack).  Sleeps.
 * Changes: on FAULT_FIXED, at most one entry.  On any other result, what is mapped is unchanged.
 */
enum fault_result mm_fault(struct mm *mm, const struct fault *fault) MUST_CHECK;

/*
 * The handlers behind each kind of vma: make the entry in @slot allow @fault->access.
 *
 * Locks:   mmap_lock is held shared; takes and drops the lock of @slot's table.  Sleeps.
 * Returns: FAULT_FIXED if the entry now allows the access, or is just being changed by another
 *          thread, so that the instruction had better be run again.
 */
enum fault_result anon_fault(struct vma *vma, pte_t *slot, const struct fault *fault) MUST_CHECK;

/* The same for a write to private memory whose entry, in @slot, is there but read-only. */
enum fault_result cow_fault(struct vma *vma, pte_t *slot, const struct fault *fault) MUST_CHECK;

/* The same for an entry of level 1, where a huge page is, or would be welcome. */
enum fault_result huge_fault(struct vma *vma, pte_t *slot, const struct fault *fault) MUST_CHECK;

#endif
