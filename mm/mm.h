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

enum {
    MM_MAX_VMAS = 65530,
    MM_STACK_LIMIT = 8 << 20,  /* bytes a stack may grow to */
    MM_STACK_ROOM = 128 << 20, /* below the top, kept for the stack by mmap */
    MM_STACK_GUARD = 1 << 20,  /* bytes that stay empty below a stack */
    MM_MIN_ADDRESS = 1 << 16,  /* nothing is mapped below: null pointers with an offset */
};

/*
 * (c) constant after creation; (a) atomic; (l) under the list's lock;
 * (m) written with mmap_lock held exclusive, read with it held at all
 */
struct mm {
    struct page_table *root; /* (c) */
    struct tlb_context tlb;
    u32 users; /* (a) mm_get(), mm_put() */

    struct rwsem mmap_lock; /* faults share it, changes of vmas exclude each other and them */
    struct rb_root vmas;    /* (m) by address */
    unsigned vma_count;     /* (m) */
    size_t mapped_pages;    /* (m) all vmas together */

    unsigned long anon_pages; /* (a) present entries of anonymous memory, in pages */
    unsigned long file_pages; /* (a) and of files */
    unsigned long peak_pages; /* (a) the most anon_pages + file_pages there were */

    vaddr_t mmap_base;            /* (m) mmap looks below it, downwards */
    vaddr_t code_start, code_end; /* (m) for exec and reports only, as these: */
    vaddr_t data_start, data_end; /* (m) */
    vaddr_t brk_start, brk;       /* (m) the heap; both the same: empty */
    vaddr_t stack_top;            /* (m) */
    size_t stack_limit;           /* (m) in bytes */
    vaddr_t arg_start, arg_end;   /* (m) */
    vaddr_t env_start, env_end;   /* (m) */
    struct list_node all_node;    /* (l) on the list of all */
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

/* Note that @pages more (or, negative, fewer) anonymous pages are mapped. */
void mm_add_anon(struct mm *mm, long pages);

/* Pages mapped now. */
static inline unsigned long mm_resident_pages(const struct mm *mm)
{
    return __atomic_load_n(&mm->anon_pages, __ATOMIC_RELAXED) +
           __atomic_load_n(&mm->file_pages, __ATOMIC_RELAXED);
}

#endif
