/*
 * User memory for tests that run in kernel threads: the thread becomes a process, for a while.
 */
#ifndef TESTS_KERNEL_USER_SPACE_H
#define TESTS_KERNEL_USER_SPACE_H

#include "lib/types.h"

struct mm;

/* Give the current thread an address space of its own, or one more user of @mm. */
void user_space_enter(struct mm *mm);

/* Take it away again. */
void user_space_leave(void);

/* Map @bytes at @address with @prot; fails the test if that does not work. */
void user_space_map(vaddr_t address, size_t bytes, unsigned prot);

/* Make an empty first file system, once, for tests of what has files. */
void user_space_ensure_root(void);

#endif
