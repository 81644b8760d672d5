/*
 * The books of memory.c: what is in use, and when to fail.
 */
#ifndef TESTS_HOST_KERNEL_FS_MEMORY_H
#define TESTS_HOST_KERNEL_FS_MEMORY_H

extern long memory_in_use;        /* blocks and pages taken and not given back */
extern long memory_until_failure; /* that many more succeed, then none; -1: all succeed */
extern unsigned mutexes_held;

#endif
