/*
 * Rounding to powers of two.
 *
 * The macros work in the type of @x, so a paddr_t stays 64 bits wide even where a word has 32.
 */
#ifndef LIB_ALIGN_H
#define LIB_ALIGN_H

#include "lib/types.h"

/* @x rounded down or up to a multiple of @to, a power of two. */
#define align_down(x, to) ((x) & ~((__typeof__((x) + 0))(to)-1))
#define align_up(x, to)   align_down((x) + ((__typeof__((x) + 0))(to)-1), to)

/* Is @x a multiple of @to, a power of two? */
#define is_aligned(x, to) (((x) & ((__typeof__((x) + 0))(to)-1)) == 0)

/* How many pieces of @piece hold @x: the quotient, rounded up. */
#define divide_up(x, piece) (((x) + ((__typeof__((x) + 0))(piece)-1)) / (piece))

#endif
