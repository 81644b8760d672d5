/*
 * Robust futexes: a thread that ends while it holds locks tells those who wait for them.
 *
 * The thread keeps a list of its locks in its own memory, and has told where it begins:
 * set_robust_list(2).  Source: get_robust_list(2), Linux uapi linux/futex.h.
 */
#ifndef KERNEL_ROBUST_LIST_H
#define KERNEL_ROBUST_LIST_H

#include "arch/x86/user_copy.h"
#include "lib/types.h"

/* The head of a list; its elements begin with next.  Bit 0 of an address: it is a PI lock. */
struct robust_head {
    unsigned long next;
    long offset;           /* from an element to its futex word */
    unsigned long pending; /* the element that is being added or removed; 0: none */
};

/*
 * The current thread ends: mark the words on its list that say that it holds them, and wake one who
 * waits for each.  Whatever is wrong with the list ends the walk.  Sleeps.
 */
void robust_list_release(void);

#endif
