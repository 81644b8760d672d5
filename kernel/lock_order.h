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
    RANK_NONE, /* not a lock: all ranks are above it */

    /* Sleeping locks: mutex and rwsem. */
    RANK_TEST_OUTER,  /* tests: a lock around anything */
    RANK_POSITION,    /* one open file's position */
    RANK_TEXT,        /* a file of /proc while its text is written and read */
    RANK_MOUNTS,      /* what is mounted where */
    RANK_NAMES,       /* removing and renaming names, one at a time */
    RANK_DENTRY,      /* the names in a directory */
    RANK_INODE,       /* one file's contents and size; held while copying to user memory */
    RANK_FILES,       /* a table of open files; where paths begin */
    RANK_MMAP,        /* mm->mmap_lock: the vmas of an address space */
    RANK_MAPPING,     /* the vmas that map one file */
    RANK_PAGE_CACHE,  /* which pages of a file are in memory */
    RANK_EPOLL,       /* which files each epoll watches; file_put() may take it anywhere */
    RANK_ITIMER,      /* the processes' interval timers */
    RANK_FILE_LOCKS,  /* the locks that programs put on files */
    RANK_SLAB_CREATE, /* the list of slab caches */
    RANK_TRACE,       /* the memory of the rings of the trace */
    RANK_TEST_INNER,  /* tests: a lock taken last of the sleeping ones */
    RANK_SPINNING,    /* not a lock: all ranks of spinlocks are above it */

    /* Spinlocks. */
    RANK_TEST_SPIN,  /* tests: taken before any other spinlock */
    RANK_MM,         /* the list of all address spaces */
    RANK_RMAP,       /* the vmas that may map one family's pages, or one file's */
    RANK_PAGE_TABLE, /* the entries of one page table */
    RANK_HUGETLB,    /* one pool of huge pages */
    RANK_VMALLOC,    /* the vmalloc window's areas */
    RANK_KMAP,       /* kmap()'s pool of slots; never with interrupts off */
    RANK_SLAB,       /* the slabs of one cache */
    RANK_ZONE,       /* the free blocks of one zone */
    RANK_FS,         /* small things of files that need no sleep; the random generator */
    RANK_FUTEX,      /* one bucket of futexes' waiters */
    RANK_HANDLERS,   /* not a lock: those above are never held with interrupts on */
    RANK_TASKS,      /* the list of all tasks, their numbers, parents and children */
    RANK_INPUT,      /* bytes that arrived and wait for a reader */
    RANK_WAIT_QUEUE, /* the waiters of one wait queue, mutex or rwsem */
    RANK_READY,      /* all epolls' lists of files that may be ready */
    RANK_EPOLLING,   /* the waiters of one epoll */
    RANK_TIMER,      /* one CPU's timers */
    RANK_RUN_QUEUE,  /* one CPU's runnable tasks */
    RANK_IRQ,        /* interrupt controllers and handler tables */
    RANK_KMAP_HASH,  /* which page kmap() shows where: anybody may ask for a page's address */
    RANK_CONSOLE,    /* one console's hardware */
    RANK_CLOCK,      /* the PIT's counter and the RTC: any holder may ask for the time */
    RANK_COUNT
};

/* What the check of ranks knows of a sleeping lock: its first member.  (c) constant */
struct lock_id {
    unsigned char rank; /* (c) enum lock_rank */
    const char *name;   /* (c) */
};

/* Stands where no lock is held. */
extern const struct lock_id lock_none;

#endif
