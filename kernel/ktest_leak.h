/*
 * Is as much memory in use as before?
 */
#ifndef KERNEL_KTEST_LEAK_H
#define KERNEL_KTEST_LEAK_H

#include "lib/annotate.h"
#include "lib/types.h"

/* What is in use: objects, and pages that are no cache's. */
struct in_use {
    unsigned long objects, pages;
};

/* A snapshot, exact to an object while nobody else allocates. */
struct in_use in_use_now(void);

/*
 * Is no more in use than @before?  Waits a while, for others may be about to give something back;
 * then notes what is lost.  Sleeps.
 */
bool in_use_as_before(const struct in_use *before) MUST_CHECK;

#endif
