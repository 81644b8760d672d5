/*
 * Changing what an address space holds: what mmap, munmap, mprotect and brk ask for.
 *
 * Each takes and drops mmap_lock exclusive, and sleeps.  Errors are Linux's, since programs see
 * them: mmap(2), munmap(2), mprotect(2), brk(2).
 */
#ifndef MM_MMAP_H
#define MM_MMAP_H

#include "arch/x86/pte.h"
#include "lib/annotate.h"

struct file;
struct vma;
struct mm;

/* Source: Linux uapi mman.h; PROT_READ, PROT_WRITE and PROT_EXEC stand in arch/x86/pte.h. */
enum map_flags {
    MAP_SHARED = 0x01,
    MAP_PRIVATE = 0x02,
    MAP_SHARED_VALIDATE = 0x03,
    MAP_TYPE = 0x0f,
    MAP_FIXED = 0x10,
    MAP_ANONYMOUS = 0x20,
    MAP_32BIT = 0x40,
    MAP_GROWSDOWN = 0x0100,
    MAP_DENYWRITE = 0x0800,  /* without effect, as on Linux */
    MAP_EXECUTABLE = 0x1000, /* likewise */
    MAP_LOCKED = 0x2000,
    MAP_NORESERVE = 0x4000,
    MAP_POPULATE = 0x8000,
    MAP_NONBLOCK = 0x10000, /* with MAP_POPULATE: do not */
    MAP_STACK = 0x20000,    /* without effect */
    MAP_HUGETLB = 0x40000,
    MAP_SYNC = 0x80000,
    MAP_FIXED_NOREPLACE = 0x100000,
    MAP_HUGE_SHIFT = 26, /* MAP_HUGETLB: log2 of the page's bytes, six bits */
    MAP_HUGE_MASK = 0x3f,
};

/* Also from there, mprotect(2). */
enum protect_flags { PROT_SEM = 8, PROT_GROWSDOWN = 0x01000000, PROT_GROWSUP = 0x02000000 };

struct map_request {
    vaddr_t address; /* a wish, or with MAP_FIXED a command */
    size_t bytes;
    unsigned prot;
    unsigned flags;
    struct file *file; /* NULL: anonymous memory */
    u64 offset;        /* into the file */
    /*
     * Make @vma, which has its place and flags but is in no tree, one of @file: set ops, mapping,
     * file and what else differs from private anonymous memory.  NULL: that is what it is.
     * Returns 0 or an errno.
     */
    int (*attach)(struct vma *vma, struct file *file);
};

/*
 * Map what @request says; *@address is where it went.
 * Returns: 0, -EINVAL, -ENOMEM, -EEXIST, -EPERM (below MM_MIN_ADDRESS), -EAGAIN (more locked than
 *          allowed), -EOVERFLOW, and what attach() says.
 */
int mm_map(struct mm *mm, const struct map_request *request, vaddr_t *address) MUST_CHECK;

/*
 * Find a place of @length bytes, whole pages, for @request, by its address and flags.  Locks:
 * mmap_lock is held, at all.  Returns: 0, -EINVAL, -ENOMEM, -EEXIST or -EPERM.
 */
int mm_find_place(const struct mm *mm, const struct map_request *request, size_t length,
                  vaddr_t *place) MUST_CHECK;

/*
 * Bring all pages of [@start, @end) now, writable if they are private and may be written.  A page
 * that cannot be had ends it.
 * Locks:   takes and drops mmap_lock, page by page.  Sleeps.
 * Returns: 0, -ENOMEM (a hole, or no memory), -EFAULT (a page that is not there).
 */
int mm_populate(struct mm *mm, vaddr_t start, vaddr_t end);

/* Unmap whatever lies in [@start, @start + @bytes).  Returns 0, -EINVAL or -ENOMEM. */
int mm_unmap(struct mm *mm, vaddr_t start, size_t bytes) MUST_CHECK;

/*
 * Give [@start, @start + @bytes) the rights @prot, with PROT_GROWSDOWN from the start of the stack
 * there.  Returns 0, -EINVAL, -ENOMEM (a hole) or -EACCES (a file that may not be written).
 */
int mm_protect(struct mm *mm, vaddr_t start, size_t bytes, unsigned prot) MUST_CHECK;

/* Move the end of the heap to @wish if that is possible.  Returns: where it is now. */
vaddr_t mm_brk(struct mm *mm, vaddr_t wish);

/* Put the (empty) heap at @start, rounded up to a page: for exec. */
void mm_set_brk(struct mm *mm, vaddr_t start);

#endif
