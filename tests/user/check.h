/*
 * How the programs here report: one line for each thing that must be so, the same on every machine
 * and on Linux.
 */
#ifndef TESTS_USER_CHECK_H
#define TESTS_USER_CHECK_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int failures;

#define check(what, condition)                           \
    do {                                                 \
        int ok_ = !!(condition);                         \
        printf("%s: %s\n", ok_ ? "ok" : "FAILED", what); \
        failures += !ok_;                                \
    } while (0)

/* The call must fail with @wanted. */
#define check_errno(call, wanted)                                                       \
    do {                                                                                \
        errno = 0;                                                                      \
        long result_ = (long)(call);                                                    \
        int error_ = result_ == -1 ? errno : 0;                                         \
        printf("%s: %s is %s\n", error_ == (wanted) ? "ok" : "FAILED", #call, #wanted); \
        if (error_ != (wanted))                                                         \
            printf("    but it is %d\n", error_);                                       \
        failures += error_ != (wanted);                                                 \
    } while (0)

static inline int finish(void) { return failures ? 1 : 0; }

#endif
