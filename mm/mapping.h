/*
 * struct mapping: what can be mapped that is not a process's own, as memory management sees it.
 *
 * A file has one.  It brings the file's pages, and knows the vmas that map the file, so that a
 * page can be taken out of all address spaces at once: the reverse map of files.
 *
 *     page->mapping ---> mapping ---> vma ---> its mm's tables
 *     page->index                \--> vma ---> ...
 *
 * How truncation and faults meet.  A fault gets its page with no lock held, and maps it under the
 * lock of the page table if page->mapping is still the mapping.  Who takes pages out of a file
 * does it in this order: page->mapping = NULL; then mapping_unmap(), which takes the lock of each
 * table; then the page's reference is dropped.  So either the fault comes first and
 * mapping_unmap() finds its entry, or it comes later and finds page->mapping changed.
 */
#ifndef MM_MAPPING_H
#define MM_MAPPING_H

#include "kernel/mutex.h"
#include "lib/annotate.h"
#include "lib/list.h"
#include "mm/fault.h"

struct mapping;
struct page;
struct vma;

struct mapping_ops {
    /*
     * The page @index with a reference for the caller, made if need be.
     *
     * Locks:   mmap_lock may be held, no spinlock.  Sleeps.
     * Returns: FAULT_FIXED, FAULT_BUS_ERROR (beyond the end), FAULT_NO_MEMORY.
     */
    enum fault_result (*get)(struct mapping *mapping, unsigned long index, struct page **page);
    /* Is page @index in memory?  As mincore(2) asks.  Sleeps. */
    bool (*has)(struct mapping *mapping, unsigned long index);
    /* Make @count pages from @index on zeroes.  An mmap_lock may be held.  Sleeps. */
    void (*punch)(struct mapping *mapping, unsigned long index, unsigned long count);
};

/* (c) constant; (l) under lock */
struct mapping {
    struct mutex lock;             /* also taken to change start, end or offset of a vma listed */
    struct list_node vmas;         /* (l) by map_node, a copy always behind what it is a copy of */
    const struct mapping_ops *ops; /* (c) */
};

void mapping_init(struct mapping *mapping, const struct mapping_ops *ops);

/* Put @vma on the list of its mapping, or take it off: its entries must be empty by then. */
void mapping_add(struct vma *vma);
void mapping_remove(struct vma *vma);

/* Around a change of @vma's place; nothing happens if it maps no file. */
void mapping_lock_of(const struct vma *vma);
void mapping_unlock_of(const struct vma *vma);

/*
 * Take the pages [@first, @end) out of all address spaces; @copies: private copies, too.  The
 * caller has seen to it that they do not come back, see above.
 *
 * Locks: takes and drops the mapping's lock and those of page tables.  Sleeps.
 */
struct mapping_range {
    unsigned long first, end;
    bool copies;
};
void mapping_unmap(struct mapping *mapping, const struct mapping_range *range);

/* May a program write to @mapping through memory that it shares?  Takes the lock.  Sleeps. */
bool mapping_is_writable(struct mapping *mapping);

/* How many entries map @page, of a file, in the vmas that are listed.  Takes the locks.  Sleeps. */
unsigned mapping_count_entries(struct page *page);

#endif
