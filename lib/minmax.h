/*
 * The smaller, the greater, the nearest within bounds.
 *
 * Each argument is evaluated once, and all must have the same type: comparing a signed with an
 * unsigned number gives answers nobody expects, so the compiler refuses it.
 */
#ifndef LIB_MINMAX_H
#define LIB_MINMAX_H

#include "lib/types.h"

#define MINMAX_SAME_TYPE(a, b)                                                            \
    static_assert(__builtin_types_compatible_p(__typeof__((a) + 0), __typeof__((b) + 0)), \
                  "of the same type, or with min_of(type, a, b)")

#define min(a, b)                        \
    ({                                   \
        MINMAX_SAME_TYPE(a, b);          \
        __typeof__((a) + 0) min_a = (a); \
        __typeof__((a) + 0) min_b = (b); \
        min_a < min_b ? min_a : min_b;   \
    })

#define max(a, b)                        \
    ({                                   \
        MINMAX_SAME_TYPE(a, b);          \
        __typeof__((a) + 0) max_a = (a); \
        __typeof__((a) + 0) max_b = (b); \
        max_a > max_b ? max_a : max_b;   \
    })

/* As min() and max(), of two numbers converted to @type first. */
#define min_of(type, a, b) min((type)(a), (type)(b))
#define max_of(type, a, b) max((type)(a), (type)(b))

/* @x, or the nearer of @low and @high if @x is not between them. */
#define clamp(x, low, high) min(max(x, low), high)

#endif
