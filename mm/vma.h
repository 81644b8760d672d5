/*
 * One stretch of an address space: where it is, what the process may do there, and where its
 * pages come from.  And the sorted tree of them.
 */
#ifndef MM_VMA_H
#define MM_VMA_H

#include "arch/x86/pte.h"
#include "lib/annotate.h"
#include "lib/list.h"
#include "lib/rbtree.h"
#include "mm/fault.h"

struct anon_vma;
struct file;
struct mapping;
struct mm;

/*
 * The first three are numbered as PROT_ is; the MAY flags, four bits higher, say which of them
 * mprotect() may still give.
 */
enum vma_flags {
    VM_READ = 1 << 0,
    VM_WRITE = 1 << 1,
    VM_EXEC = 1 << 2,
    VM_SHARED = 1 << 3,
    VM_MAYREAD = 1 << 4,
    VM_MAYWRITE = 1 << 5,
    VM_MAYEXEC = 1 << 6,
    VM_MAYSHARE = 1 << 7,     /* asked for as shared, even if nobody may write through it */
    VM_GROWSDOWN = 1 << 8,    /* a stack: a fault just below makes it larger */
    VM_LOCKED = 1 << 9,       /* mlock: its pages stay, and count against a limit */
    VM_LOCKONFAULT = 1 << 10, /* but they need not be there at once */
    VM_HUGEPAGE = 1 << 11,    /* madvise: huge pages are welcome, or are not */
    VM_NOHUGEPAGE = 1 << 12,
    VM_HUGETLB = 1 << 13,    /* pages of the reserved pool, of the size that level says */
    VM_PFNMAP = 1 << 14,     /* frames without a struct page of ours: special entries */
    VM_MIXEDMAP = 1 << 15,   /* both kinds */
    VM_DONTCOPY = 1 << 16,   /* a child does not get it */
    VM_WIPEONFORK = 1 << 17, /* a child gets it empty */
    VM_NORESERVE = 1 << 18,
    VM_DONTDUMP = 1 << 19,
    VM_SHMEM = 1 << 20, /* pages of a file that lives in memory */
    VM_ACCESS = VM_READ | VM_WRITE | VM_EXEC,
    VM_MAY_ACCESS = VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC,
};

/* How to get from VM_READ to VM_MAYREAD, and so on. */
#define VM_MAY_SHIFT 4

/* Where a vma's pages come from.  One constant object for each kind. */
struct vma_ops {
    const char *name;
    /* See mm/fault.h. */
    enum fault_result (*fault)(struct vma *vma, pte_t *slot, const struct fault *fault);
    /* @vma is a copy of another (a split, a fork): take what it refers to.  NULL: nothing. */
    void (*open)(struct vma *vma);
    /* @vma, whose entries are empty, goes away: drop what it refers to.  NULL: nothing. */
    void (*close)(struct vma *vma);
};

/*
 * Everything: written under mmap_lock held exclusive, read under it held at all; but (f) is set
 * once, by a fault, which holds it shared; (r) is under the lock of the list it is on.
 */
struct vma {
    struct rb_node node; /* in its mm's tree; first, so that no node (NULL) is no vma */
    vaddr_t start;       /* first byte, page-aligned */
    vaddr_t end;         /* first byte beyond, page-aligned */
    unsigned flags;
    prot_t prot;       /* what the entries of its pages may allow at most */
    u8 level;          /* VM_HUGETLB: of its entries */
    unsigned reserved; /* VM_HUGETLB: (a) pages of the pool that are still to come */
    bool touched;      /* (f) a fault has been here: there may be entries, or tables for them */
    pte_t model;       /* what prot means as an entry: the entry of its page 0, so to speak */
    const struct vma_ops *ops;
    struct mm *mm;
    struct file *file;          /* what it maps; NULL: anonymous memory */
    struct mapping *mapping;    /* where that has its pages; NULL: anonymous memory */
    u64 offset;                 /* of start: bytes into the file; anonymous: where it was made */
    struct anon_vma *anon_vma;  /* (f) finds all mappings of its private pages, see rmap.h */
    struct list_node anon_node; /* (r) on the anon_vma's list */
    struct list_node map_node;  /* (r) on the mapping's list */
    vaddr_t hole;               /* bytes that are free just below it */
    vaddr_t gap;                /* the largest hole of the subtree at node */
};

/* Make the cache of vmas.  After slab_init(). */
void vma_init(void);

/* For struct mm's tree: keep @node's summary up to date. */
void vma_update_gap(struct rb_node *node);

/* The first vma that ends above @va, whether @va lies in it or in the hole before it; or NULL. */
struct vma *vma_find(const struct mm *mm, vaddr_t va);

/* The vma that @va lies in, or NULL. */
struct vma *vma_lookup(const struct mm *mm, vaddr_t va);

/* The same for a fault, which often comes where the last one was. */
struct vma *vma_lookup_recent(struct mm *mm, vaddr_t va);

/* The neighbours of @vma by address, or NULL. */
struct vma *vma_next(const struct vma *vma);
struct vma *vma_prev(const struct vma *vma);

/* Memory for one vma, with nothing in it yet.  NULL: none left.  Sleeps. */
struct vma *vma_alloc(void) MUST_CHECK;

/* A copy of @vma, in no tree, with references of its own to what it maps.  NULL: no memory. */
struct vma *vma_copy(const struct vma *vma) MUST_CHECK;

/* Drop what @vma, which is in no tree, refers to, and free it. */
void vma_free(struct vma *vma);

/* Give @vma, which is in the tree, other flags, and the rights that they mean. */
void vma_set_flags(struct vma *vma, unsigned flags);

/* The same for one that is in no tree. */
void vma_init_flags(struct vma *vma, unsigned flags);

/* Put @vma, which overlaps no other, into the tree, or take it out. */
void vma_insert(struct mm *mm, struct vma *vma);
void vma_remove(struct mm *mm, struct vma *vma);

/* Give @vma, which is in the tree, new ends that overlap no other vma. */
void vma_resize(struct vma *vma, vaddr_t start, vaddr_t end);

/* Cut @vma in two at @va, inside it; a huge page there is split.  Returns: 0 or -ENOMEM. */
int vma_split(struct vma *vma, vaddr_t va) MUST_CHECK;

/* Join @vma with its neighbours where nothing tells them apart.  @vma may be gone afterwards. */
void vma_merge(struct vma *vma);

/* Where a hole is wanted: @bytes long, within [@low, @high), the highest or the lowest. */
struct vma_hole {
    size_t bytes;
    vaddr_t low, high;
    bool topmost;
};

/* The start of such a hole, or 0: there is none. */
vaddr_t vma_find_hole(const struct mm *mm, const struct vma_hole *want);

/* Where @vma begins for its lower neighbours: a stack keeps a guard gap below it. */
vaddr_t vma_guarded_start(const struct vma *vma);

/* The rights that entries get from VM_ flags. */
prot_t vma_prot(unsigned flags);

/* The entry of level 0 that shows page @pfn with all the rights of @vma. */
static inline pte_t vma_entry(const struct vma *vma, pfn_t pfn)
{
    return (pte_t){ vma->model.bits | (pte_bits_t)pfn.number << PAGE_SHIFT };
}

/* Which page of its mapping, or of anonymous memory, lies at @va: page->index. */
static inline unsigned long vma_page_index(const struct vma *vma, vaddr_t va)
{
    return (unsigned long)((vma->offset + (va - vma->start)) >> PAGE_SHIFT);
}

/* Do writes go to copies of its own? */
static inline bool vma_is_private(const struct vma *vma)
{
    return !(vma->flags & (VM_SHARED | VM_MAYSHARE));
}

extern const struct vma_ops anon_ops;

#endif
