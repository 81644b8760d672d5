/*
 * Counters: devices that count at a fixed rate, made alike.
 *
 * A counter of few bits is extended to 64: each reading adds what has passed since the one before
 * it, modulo the counter's range.  So somebody must read it at least once a range; the tick does.
 */
#ifndef ARCH_X86_COUNTER_H
#define ARCH_X86_COUNTER_H

#include "lib/types.h"

/* (c) constant once known; (a) atomic */
struct counter {
    const char *name;  /* (c) */
    u64 hz;            /* (c) 0: not known */
    u64 (*read)(void); /* (c) counts up, modulo 2^bits */
    u8 bits;           /* (c) */
    bool takes_lock;   /* (c) read() may not be called from an NMI */
    u64 extended;      /* (a) the latest reading */
};

extern struct counter counter_tsc, counter_hpet, counter_pit, counter_apic;

/* The reading of @counter in 64 bits, never less than any reading before it.  Any context. */
u64 counter_read(struct counter *counter);

/* Two counters' progress in the same time. */
struct counter_pair {
    u64 fast, slow;
};

/*
 * Count with both until the uncertainty of reading them is less than 1/@precision of what @fast
 * counted, but no longer than 20 ms.  If it is then more than half a percent, do it again, and take
 * the best of some attempts.  @fast should be the one that is quick to read; the frequency of one
 * must be known.  Interrupts off.
 *
 * Returns: false: one of them stands still.
 */
bool counter_compare(struct counter *fast, struct counter *slow, unsigned precision,
                     struct counter_pair *pair);

#endif
