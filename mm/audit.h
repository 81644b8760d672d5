/*
 * Proving that the books balance: run after every in-kernel test and on demand.
 */
#ifndef MM_AUDIT_H
#define MM_AUDIT_H

/*
 * Check every invariant of memory that can be checked, and print each offence.
 * Returns: how many there were.  Locks: none held; thread context.
 */
int audit_all(void);

/*
 * Find kernel mappings that are both writable and executable, or that a program could use.
 * Returns: how many, each printed.
 */
int audit_kernel_map(void);

#endif
