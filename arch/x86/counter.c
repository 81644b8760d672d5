/*
 * Counters, and how to compare two.
 *
 * To compare, both are read together twice.  The slow one is polled until it changes, so that it
 * matters neither how coarse it is nor how long a device takes to answer: what counts is the time
 * from the poll that still saw the old value to the end of the one that saw the new.  Where the
 * machine is quiet that is short, and then so is the whole measurement: well below a millisecond
 * under an emulator that counts instructions.  An emulator on a busy host is held up, for longer
 * than all of it takes: then it is done again.
 */
#include "arch/x86/counter.h"

#include "arch/x86/apic.h"
#include "arch/x86/cpu.h"
#include "arch/x86/hpet.h"
#include "arch/x86/pit.h"
#include "kernel/preempt.h"
#include "lib/assert.h"
#include "lib/minmax.h"

enum {
    POLLS_MAX = 100000, /* a counter that has not moved by then stands still */
    LONGEST_PER_S = 50, /* 20 ms */
    SAMPLES = 4,        /* of which the best is taken, at the beginning and at the end */
    ATTEMPTS = 25,      /* likewise: an emulator may be held up in any of them */
    ERROR_SHIFT = 20,
    TOLERABLE_ERROR = (1 << ERROR_SHIFT) / 200, /* in 20 ms; a greater one is not of reading */
};

static u64 read_tsc(void) { return cpu_has(CPU_SSE2) ? rdtsc_ordered() : rdtsc(); }
static u64 read_hpet(void) { return hpet_read_counter(); }
static u64 read_pit(void) { return pit_read_counter(); }
static u64 read_apic(void) { return apic_timer_elapsed(); }

struct counter counter_tsc = { .name = "tsc", .read = read_tsc, .bits = 64 };
struct counter counter_hpet = { .name = "hpet", .read = read_hpet, .bits = HPET_COUNTER_BITS };
struct counter counter_pit = {
    .name = "pit", .hz = PIT_HZ, .read = read_pit, .bits = PIT_COUNTER_BITS, .takes_lock = true
};
struct counter counter_apic = { .name = "apic", .read = read_apic, .bits = 32 };

static u64 load(const u64 *value)
{
    return __sync_val_compare_and_swap((u64 *)value, 0, 0); /* 64 bits at once on i386, too */
}

u64 counter_read(struct counter *counter)
{
    if (counter->bits == 64)
        return counter->read();

    u64 range_mask = ((u64)1 << counter->bits) - 1;
    for (;;) {
        u64 before = load(&counter->extended); /* first: what is read next is not older */
        if (counter->takes_lock && in_nmi())
            return before;
        u64 passed = (counter->read() - before) & range_mask;
        if (__sync_bool_compare_and_swap(&counter->extended, before, before + passed))
            return before + passed;
    }
}

/* The moment when the slow counter began to read @slow: at @fast, give or take @span. */
struct sample {
    u64 fast, slow, span;
};

static bool take_sample(struct counter *fast, struct counter *slow, struct sample *sample)
{
    u64 old = counter_read(slow);
    u64 earlier, before = counter_read(fast), after = before;

    for (unsigned polls = 0; polls < POLLS_MAX; polls++) {
        earlier = before;
        before = after;
        u64 now = counter_read(slow);
        after = counter_read(fast);
        if (now != old && polls > 0) {
            *sample = (struct sample){ before, now, after - earlier + 1 };
            return true;
        }
        old = now;
    }
    return false;
}

static bool is_too_long(const struct counter *counter, u64 passed)
{
    return counter->hz && passed > counter->hz / LONGEST_PER_S;
}

/*
 * Compare once, as long as it takes to be as exact as @precision, or 20 ms and a few samples more.
 *
 * Returns: parts in 2^20 that *@pair may be wrong by; UINT64_MAX: a counter stands still.
 */
static u64 compare_once(struct counter *fast, struct counter *slow, unsigned precision,
                        struct counter_pair *pair)
{
    struct sample first = { .span = UINT64_MAX }, now;
    u64 least = UINT64_MAX;

    for (unsigned i = 0; i < SAMPLES; i++) {
        if (!take_sample(fast, slow, &now))
            return UINT64_MAX;
        if (now.span < first.span)
            first = now;
    }

    unsigned late = 0;
    do {
        if (!take_sample(fast, slow, &now))
            return UINT64_MAX;
        const struct counter_pair passed = { now.fast - first.fast, now.slow - first.slow };
        late += is_too_long(fast, passed.fast) || is_too_long(slow, passed.slow);
        if (!passed.fast || !passed.slow)
            continue;
        const u64 error = ((first.span + now.span) << ERROR_SHIFT) / passed.fast;
        if (error < least)
            *pair = passed;
        least = min(least, error);
    } while (least > (1u << ERROR_SHIFT) / precision && late < SAMPLES);
    return least;
}

bool counter_compare(struct counter *fast, struct counter *slow, unsigned precision,
                     struct counter_pair *pair)
{
    u64 least = UINT64_MAX;

    assert(fast->hz || slow->hz);
    for (unsigned i = 0; i < ATTEMPTS && least > TOLERABLE_ERROR; i++) {
        struct counter_pair next;
        u64 error = compare_once(fast, slow, precision, &next);
        if (error == UINT64_MAX)
            break;
        if (error < least)
            *pair = next;
        least = min(least, error);
    }
    return least != UINT64_MAX;
}
