/*
 * Is as much memory in use as before?
 */
#ifndef TESTS_KERNEL_IN_USE_H
#define TESTS_KERNEL_IN_USE_H

/* What is in use: objects, and pages that are no cache's. */
struct in_use {
    unsigned long objects, pages;
};

struct in_use in_use_now(void);

/*
 * Fail the test, whose operation @what had its @nth allocation fail, unless no more is in use than
 * @before; wait a while, for others may be about to give something back.  Sleeps.
 */
void in_use_expect(const struct in_use *before, const char *what, unsigned nth);

#endif
