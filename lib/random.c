/* A counter with a large odd step, and a mixer that spreads each of its bits over all 64. */
#include "lib/random.h"

#include "lib/assert.h"
#include "lib/minmax.h"
#include "lib/string.h"

u64 random_u64(struct random *random)
{
    u64 mixed = random->state += 0x9e3779b97f4a7c15;
    mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111eb;
    return mixed ^ mixed >> 31;
}

/* Source: Lemire, "Fast Random Integer Generation in an Interval" (2019). */
u32 random_below(struct random *random, u32 limit)
{
    assert(limit > 0);
    u32 unfair = -limit % limit; /* 2^32 mod limit: so many fractions come once too often */
    u64 scaled;
    do
        scaled = (random_u64(random) >> 32) * limit;
    while ((u32)scaled < unfair);
    return (u32)(scaled >> 32);
}

void random_bytes(struct random *random, void *buffer, size_t count)
{
    u8 *at = buffer;
    while (count > 0) {
        u64 bits = random_u64(random);
        size_t part = min_of(size_t, count, sizeof(bits));
        memcpy(at, &bits, part);
        at += part;
        count -= part;
    }
}
