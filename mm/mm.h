/*
 * struct mm: an address space.
 *
 * A sorted set of vmas, and the page tables that cache it.  The vmas are the truth.  The tables
 * may hold less than they allow, never more; a page fault is how they catch up.
 */
#ifndef MM_MM_H
#define MM_MM_H

#include "arch/x86/tlb.h"
#include "kernel/rwsem.h"
#include "lib/annotate.h"
#include "lib/list.h"
#include "lib/rbtree.h"
#include "machine/layout.h"

struct page_table;
struct vma;

enum {
    MM_MAX_VMAS = 65530,
    MM_STACK_LIMIT = 8 << 20,  /* bytes a stack may grow to, unless setrlimit() says more */
    MM_LOCKED_LIMIT = 8 << 20, /* bytes that may be locked, likewise */
    MM_STACK_ROOM = 128 << 20, /* below the top, kept for the stack by mmap */
    MM_STACK_GUARD = 1 << 20,  /* bytes that stay empty below a stack */
    MM_MIN_ADDRESS = 1 << 16,  /* nothing is mapped below: null pointers with an offset */
};

/* What setrlimit() allows, in bytes; SIZE_MAX: all. */
struct mm_limits {
    size_t address_space, data, stack, locked;
};

/*
 * (c) constant after creation; (a) atomic; (l) under the list's lock;
 * (m) written with mmap_lock held exclusive, read with it held at all
 *
 * What each fault writes, the lock and the counts, has cache lines of its own: the CPUs that fault
 * at once would else take the rest from each other, which they all only read.
 */
struct mm {
    struct page_table *root; /* (c) */
    struct tlb_context tlb;
    u32 users; /* (a) mm_get(), mm_put() */

    struct rb_root vmas;    /* (m) by address */
    struct vma *recent;     /* (a) where the last fault was, if that is still there, or NULL */
    unsigned vma_count;     /* (m) */
    size_t mapped_pages;    /* (m) all vmas together */
    size_t data_pages;      /* (m) of them, the private ones that may be written */
    size_t stack_pages;     /* (m) the stacks */
    size_t locked_pages;    /* (m) those that mlock() keeps */
    size_t peak_mapped;     /* (m) the most mapped_pages there were */
    unsigned default_flags; /* (m) VM_LOCKED...: what mlockall() wants of new vmas */

    vaddr_t mmap_base;            /* (m) mmap looks below it, downwards */
    vaddr_t code_start, code_end; /* (m) for exec and reports only, as these: */
    vaddr_t data_start, data_end; /* (m) */
    vaddr_t brk_start, brk;       /* (m) the heap; both the same: empty */
    vaddr_t stack_top;            /* (m) */
    struct mm_limits limits;      /* (m) */
    vaddr_t arg_start, arg_end;   /* (m) */
    vaddr_t env_start, env_end;   /* (m) */
    struct list_node all_node;    /* (l) on the list of all */

    /* faults share it, changes of vmas exclude each other and them */
    CACHE_LINE_ALIGNED struct rwsem mmap_lock;

    /* (a) entries with a page of anonymous memory, in pages */
    CACHE_LINE_ALIGNED unsigned long anon_pages;
    unsigned long file_pages;  /* (a) with one of a file */
    unsigned long shmem_pages; /* (a) with one of a file that lives in memory */
    unsigned long peak_pages;  /* (a) the most of all three there were, see mm_note_peak() */
    unsigned long tables;      /* (a) page tables below the root, deposits too */
};

/* Make the caches.  After slab_init(). */
void mm_init(void);

/* An empty address space with one user, the caller.  NULL: out of memory.  Sleeps. */
struct mm *mm_create(void) MUST_CHECK;

/* Add a user. */
void mm_get(struct mm *mm);

/* Drop a user; the last one unmaps and frees all.  Sleeps. */
void mm_put(struct mm *mm);

/* Run @visit on each mm in turn, none locked, each kept while it is visited.  Sleeps. */
void mm_for_each(void (*visit)(struct mm *mm, void *data), void *data);

/* Let others find @mm by mm_for_each(), which mm_create_hidden() has made. */
void mm_publish(struct mm *mm);
struct mm *mm_create_hidden(void) MUST_CHECK;

/* Note that @pages more (or, negative, fewer) entries map pages of that kind.  Any context. */
static inline void mm_add_anon(struct mm *mm, long pages)
{
    __atomic_fetch_add(&mm->anon_pages, (unsigned long)pages, __ATOMIC_RELAXED);
}
static inline void mm_add_file(struct mm *mm, long pages)
{
    __atomic_fetch_add(&mm->file_pages, (unsigned long)pages, __ATOMIC_RELAXED);
}
static inline void mm_add_shmem(struct mm *mm, long pages)
{
    __atomic_fetch_add(&mm->shmem_pages, (unsigned long)pages, __ATOMIC_RELAXED);
}

/* Pages mapped now. */
static inline unsigned long mm_resident_pages(const struct mm *mm)
{
    return __atomic_load_n(&mm->anon_pages, __ATOMIC_RELAXED) +
           __atomic_load_n(&mm->file_pages, __ATOMIC_RELAXED) +
           __atomic_load_n(&mm->shmem_pages, __ATOMIC_RELAXED);
}

/* Before pages go, and before peak_pages is read: they have never been more than now. */
void mm_note_peak(struct mm *mm);

#endif
