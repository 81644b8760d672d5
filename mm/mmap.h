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
    MAP_POPULATE = 0x8000,
    MAP_FIXED_NOREPLACE = 0x100000,
};

struct map_request {
    vaddr_t address; /* a wish, or with MAP_FIXED a command */
    size_t bytes;
    unsigned prot;
    unsigned flags;
    struct file *file; /* NULL: anonymous memory */
    u64 offset;        /* into the file */
};

/*
 * Map what @request says; *@address is where it went.
 * Returns: 0, -EINVAL, -ENOMEM, -EEXIST, -EPERM (below MM_MIN_ADDRESS), -ENODEV (a file whose
 *          pages nobody can bring).
 */
int mm_map(struct mm *mm, const struct map_request *request, vaddr_t *address) MUST_CHECK;

/* Unmap whatever lies in [@start, @start + @bytes).  Returns 0, -EINVAL or -ENOMEM. */
int mm_unmap(struct mm *mm, vaddr_t start, size_t bytes) MUST_CHECK;

/* Give [@start, @start + @bytes) the rights @prot.  Returns 0, -EINVAL or -ENOMEM (a hole). */
int mm_protect(struct mm *mm, vaddr_t start, size_t bytes, unsigned prot) MUST_CHECK;

/* Move the end of the heap to @wish if that is possible.  Returns: where it is now. */
vaddr_t mm_brk(struct mm *mm, vaddr_t wish);

/* Put the (empty) heap at @start, rounded up to a page: for exec. */
void mm_set_brk(struct mm *mm, vaddr_t start);

/* Drop the pages of anonymous memory in [@start, @start + @bytes): zeroes from now on. */
int mm_discard(struct mm *mm, vaddr_t start, size_t bytes) MUST_CHECK;

#endif
