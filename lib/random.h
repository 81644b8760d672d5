/*
 * A small generator of pseudo-random numbers, for tests and for what only has to look random.
 *
 * Its whole state is one number, so a run is repeated by repeating the seed; any seed is good.
 * Whoever sees one of its numbers can compute all others: it keeps no secrets.
 *
 * Source: Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators" (2014): SplitMix64.
 */
#ifndef LIB_RANDOM_H
#define LIB_RANDOM_H

#include "lib/types.h"

struct random {
    u64 state;
};

static inline void random_seed(struct random *random, u64 seed) { random->state = seed; }

/* The next 64 bits, all equally likely. */
u64 random_u64(struct random *random);

/* The next number from 0 to @limit - 1, all equally likely.  @limit is not 0. */
u32 random_below(struct random *random, u32 limit);

/* Fill @buffer with @count random bytes. */
void random_bytes(struct random *random, void *buffer, size_t count);

#endif
