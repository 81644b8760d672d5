/*
 * The order of all locks.
 *
 * Every lock has a rank.  A lock may be taken only while all locks already held, by this task
 * (sleeping locks) or on this CPU (spinlocks), have a lower rank; so no two holders can ever
 * wait for each other in a circle.  spinlock.c and lock_held.c assert it at every lock, in
 * every build.  docs/locking.md is the same list with a sentence about each.
 *
 * Sleeping locks come first: a spinlock may be taken under a mutex, never a mutex under a
 * spinlock.
 *
 * With: docs/locking.md
 */
#ifndef KERNEL_LOCK_ORDER_H
#define KERNEL_LOCK_ORDER_H

enum lock_rank {
    /* Sleeping locks: mutex and rwsem. */
    RANK_TEST_OUTER,    /* tests: a lock around anything */
    RANK_TTY,           /* the line discipline's readers and writers */
    RANK_FILES,         /* a task's table of open files */
    RANK_DENTRY,        /* names in a directory */
    RANK_INODE,         /* one file's contents and size; held while copying to user memory */
    RANK_MMAP,          /* mm->mmap_lock: the vmas of an address space */
    RANK_PAGE_CACHE,    /* pages of one file, being read in */
    RANK_VMALLOC_SLEEP, /* growth of the vmalloc area, where it must allocate */
    RANK_SLAB_CREATE,   /* the list of slab caches */
    RANK_TEST_INNER,    /* tests: a lock taken last of the sleeping ones */
    RANK_SPINNING,      /* not a lock: the first rank of a spinlock is above this */

    /* Spinlocks. */
    RANK_TEST_SPIN,  /* tests: taken before any other spinlock */
    RANK_MM,         /* small members of an mm: counters, lists */
    RANK_PAGE_TABLE, /* the entries of one page table */
    RANK_RMAP,       /* from a page to its mappings */
    RANK_KMAP,       /* the pool of long-lived kmap slots */
    RANK_VMALLOC,    /* the vmalloc area's ranges */
    RANK_KERNEL_MAP, /* the kernel's own page tables */
    RANK_TLB,        /* one shootdown at a time */
    RANK_SLAB,       /* the lists of one slab cache */
    RANK_ZONE,       /* the free blocks of one zone */
    RANK_REGION,     /* boot-time memory */
    RANK_TASKS,      /* the list of all tasks, parents and children */
    RANK_FS,         /* small members of files, dentries and inodes */
    RANK_INPUT,      /* bytes that arrived and wait for a reader */
    RANK_WAIT_QUEUE, /* the waiters of one queue; also inside mutex and rwsem */
    RANK_TIMER,      /* one CPU's timers */
    RANK_RUN_QUEUE,  /* one CPU's runnable tasks */
    RANK_IPI,        /* one cross-CPU call at a time */
    RANK_IRQ,        /* interrupt controllers and handler tables */
    RANK_LOG,        /* the ring of messages */
    RANK_CONSOLE,    /* one console's hardware */
    RANK_CLOCK,      /* the PIT's counter: whoever holds a lock may ask for the time */
    RANK_COUNT
};

#endif
