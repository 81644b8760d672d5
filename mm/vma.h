/*
 * One stretch of an address space: where it is, what the process may do there, and where its
 * pages come from.  And the sorted tree of them.
 */
#ifndef MM_VMA_H
#define MM_VMA_H

#include "arch/x86/pte.h"
#include "lib/annotate.h"
#include "lib/rbtree.h"
#include "mm/fault.h"

struct file;
struct mm;

enum vma_flags {
    VM_READ = 1 << 0,
    VM_WRITE = 1 << 1,
    VM_EXEC = 1 << 2,
    VM_SHARED = 1 << 3,
    VM_GROWSDOWN = 1 << 4, /* a stack: a fault just below makes it larger */
    VM_ACCESS = VM_READ | VM_WRITE | VM_EXEC,
};

/* Where a vma's pages come from.  One constant object for each kind. */
struct vma_ops {
    const char *name;
    enum fault_result (*fault)(struct vma *vma, pte_t *slot, const struct fault *fault);
};

/* Everything: written under mmap_lock held exclusive, read under it held at all. */
struct vma {
    vaddr_t start; /* first byte, page-aligned */
    vaddr_t end;   /* first byte beyond, page-aligned */
    unsigned flags;
    prot_t prot; /* what the entries of its pages may allow at most */
    const struct vma_ops *ops;
    struct mm *mm;
    struct file *file; /* what it maps; NULL: anonymous memory */
    u64 offset;        /* bytes into the file where start lies */
    struct rb_node node;
    vaddr_t hole; /* bytes that are free just below it */
    vaddr_t gap;  /* the largest hole of the subtree at node */
};

/* Make the cache of vmas.  After slab_init(). */
void vma_init(void);

/* For struct mm's tree: keep @node's summary up to date. */
void vma_update_gap(struct rb_node *node);

/* The first vma that ends above @va, whether @va lies in it or in the hole before it; or NULL. */
struct vma *vma_find(const struct mm *mm, vaddr_t va);

/* The vma that @va lies in, or NULL. */
struct vma *vma_lookup(const struct mm *mm, vaddr_t va);

/* The neighbours of @vma by address, or NULL. */
struct vma *vma_next(const struct vma *vma);
struct vma *vma_prev(const struct vma *vma);

/* Memory for one vma, zeroed.  NULL: none left. */
struct vma *vma_alloc(void) MUST_CHECK;
void vma_free(struct vma *vma);

/* Put @vma, which overlaps no other, into the tree, or take it out. */
void vma_insert(struct mm *mm, struct vma *vma);
void vma_remove(struct mm *mm, struct vma *vma);

/* Give @vma, which is in the tree, new ends that overlap no other vma. */
void vma_resize(struct vma *vma, vaddr_t start, vaddr_t end);

/* Cut @vma in two at @va, inside it.  Returns: 0 or -ENOMEM. */
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

extern const struct vma_ops anon_ops;

#endif
