/*
 * The reverse map: from a page to the entries that map it.
 *
 * A file's page belongs to the file's struct mapping, which lists the vmas that map the file.  A
 * private page belongs to an anon_vma: one for each family of address spaces that forked from one
 * another, with a list of the vmas that may have copies of its pages.
 *
 *     page->mapping ---> anon_vma ---> vma of the parent ---> its mm's tables
 *     page->index                 \--> vma of the child  ---> its mm's tables
 *
 * Where in such a vma the page would be follows from page->index: a vma keeps its offset wherever
 * mremap() moves it.  Whether it is there, only the entry can tell.
 *
 * An anon_vma lives as long as a vma refers to it, so whoever follows page->mapping makes sure
 * that one does: it holds the mmap_lock of an mm that maps the page.
 */
#ifndef MM_RMAP_H
#define MM_RMAP_H

#include "mm/page.h"
#include "mm/vma.h"

/* (r) under lock */
struct anon_vma {
    struct spinlock lock;
    struct list_node vmas; /* (r) by anon_node */
    u32 refs;              /* (r) length of the list, and makers that have not linked a vma yet */
};

/* In page->mapping: what it points to is an anon_vma, not a struct mapping. */
#define PAGE_MAPPING_ANON ((uintptr_t)1)

/* Is @page, which is in use, private memory of programs? */
static inline bool page_is_anon(const struct page *page)
{
    return (uintptr_t)page->mapping & PAGE_MAPPING_ANON;
}

/* The anon_vma of @page, which is anonymous; its place there.  Parts of a block are its head's. */
static inline struct anon_vma *page_anon_vma(struct page *page)
{
    return (void *)((uintptr_t)page_head(page)->mapping & ~PAGE_MAPPING_ANON);
}
static inline unsigned long page_index(struct page *page)
{
    struct page *head = page_head(page);
    return head->index + (unsigned long)(page - head);
}

/* Make the cache.  After slab_init(). */
void rmap_init(void);

/*
 * Give @vma an anon_vma, before the first private page is mapped in it.
 *
 * Locks:   mmap_lock is held, at all.  Sleeps.
 * Returns: 0 or -ENOMEM.
 */
int anon_vma_make(struct vma *vma) MUST_CHECK;
static inline MUST_CHECK int anon_vma_prepare(struct vma *vma)
{
    return likely(vma->anon_vma != NULL) ? 0 : anon_vma_make(vma);
}

/* @vma names an anon_vma, or none, that it has copied from another: put it on the list. */
void anon_vma_join(struct vma *vma);

/* @vma, whose entries are empty, goes away. */
void anon_vma_leave(struct vma *vma);

/* Around a change of @vma's ends: a walk must not take the old one with the new other. */
void anon_vma_lock(const struct vma *vma);
void anon_vma_unlock(const struct vma *vma);

/* A fresh private page is about to be mapped, for the first time, at @va of @vma. */
static inline void rmap_add_new(struct page *page, const struct vma *vma, vaddr_t va)
{
    page->index = vma_page_index(vma, va);
    page->mapping = (void *)((uintptr_t)vma->anon_vma | PAGE_MAPPING_ANON);
    page->mapcount = 1;
}

/* One more entry maps @page, or one fewer; under the lock of its table. */
static inline void rmap_add(struct page *page)
{
    __atomic_fetch_add(&page->mapcount, 1, __ATOMIC_RELAXED);
}
static inline void rmap_remove(struct page *page)
{
    __atomic_fetch_sub(&page->mapcount, 1, __ATOMIC_RELAXED);
}

/* How many entries map @page, by itself or as a part of a huge page. */
static inline u32 page_map_count(struct page *page)
{
    struct page *head = page_head(page);
    u32 whole = page_is_anon(head) && head->flags & PAGE_COMPOUND ? head->private : 0;
    return whole + page->mapcount;
}

/*
 * Call @visit for each entry that maps @page, under the lock of its table.
 *
 * Locks:   the caller keeps the anon_vma alive (see above); takes and drops its lock.
 * Returns: how many there were.
 */
struct rmap_place {
    struct vma *vma;
    vaddr_t va;
    pte_t *slot;
    unsigned level;
};
unsigned rmap_walk_anon(struct page *page, void (*visit)(const struct rmap_place *, void *),
                        void *data);

#endif
