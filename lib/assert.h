/*
 * Programmer errors stop the machine.  What a user program or the firmware can cause is an
 * errno, never an assert.
 *
 * assert() is always compiled in.  assert_slow() is for walks and counts; only check builds
 * (`make CHECK=1`) pay for it.
 */
#ifndef LIB_ASSERT_H
#define LIB_ASSERT_H

#include "gen/config.h"

_Noreturn void assert_failed(const char *expression, const char *file, int line);

#define assert(expression) \
    (__builtin_expect(!!(expression), 1) ? (void)0 : assert_failed(#expression, __FILE__, __LINE__))
#define assert_slow(expression) (CONFIG_CHECK ? assert(expression) : (void)0)

#endif
