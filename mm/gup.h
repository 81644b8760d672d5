/*
 * Other people's pages: from an address in some address space to the page behind it.
 *
 * For those who touch a program's memory without being it: process_vm_readv(), move_pages(),
 * mlock().  Pages come with a reference, so they stay however the program unmaps them.
 *
 *     entry      | read               | FOLL_WRITE        | FOLL_DUMP | FOLL_NOZERO
 *    ------------+--------------------+-------------------+-----------+-------------
 *     none       | fault, look again  | fault, look again | -EFAULT   | fault
 *     zero page  | that page          | fault, look again | -EFAULT   | nothing
 *     a page     | that page          | if it may be written, else fault |
 *     a frame    | -EFAULT            | -EFAULT           | -EFAULT   | -EFAULT
 */
#ifndef MM_GUP_H
#define MM_GUP_H

#include "lib/annotate.h"
#include "lib/types.h"

struct mm;
struct page;
struct vma;

enum follow_flags {
    FOLL_WRITE = 1 << 0,  /* the page will be written */
    FOLL_TOUCH = 1 << 1,  /* mark the entry as accessed */
    FOLL_GET = 1 << 2,    /* with a reference, which the caller puts; the zero page, too (Z23) */
    FOLL_DUMP = 1 << 3,   /* memory that nobody ever wrote is an error: leave it out of a dump */
    FOLL_NOZERO = 1 << 4, /* pass over the zero page as if nothing were there */
    FOLL_FORCE = 1 << 5,  /* rights that mprotect() could give count as given */
};

/*
 * The page that @vma shows at @va now; never faults.
 *
 * Locks:   mmap_lock is held, at all; takes and drops a table's.  Sleeps not.
 * Returns: 0 and *@page; -ENOENT: nothing is there, or not what FOLL_WRITE needs;
 *          -EFAULT: a frame that is nobody's page, or, with FOLL_DUMP, a zero page.
 */
int follow_page(struct vma *vma, vaddr_t va, unsigned flags, struct page **page) MUST_CHECK;

/*
 * The pages of the @count addresses from @start on, a page apart, each with a reference: to
 * *@pages; NULL with FOLL_NOZERO where a zero page is.
 *
 * Locks:   takes and drops @mm's mmap_lock.  Sleeps.
 * Returns: how many, at least one; or -EFAULT (nothing mapped, or not with those rights), -ENOMEM.
 */
struct user_pages {
    vaddr_t start;
    size_t count;
    unsigned flags; /* FOLL_GET is implied */
};
ssize_t get_user_pages(struct mm *mm, const struct user_pages *wanted, struct page **pages)
    MUST_CHECK;

#endif
