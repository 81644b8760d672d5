/*
 * The trace: what happened to memory, event by event.
 *
 *     fault   a page fault, how it was answered, what it cost
 *     kmap, kunmap   a page got, or lost, a mapping of the kernel's
 *     clear   a stretch of pages was zeroed: the order in which a huge page is cleared
 *     split, merge   a free block was cut in two; two became one
 *     flush   CPUs were made to forget translations
 *
 * Each CPU writes into a ring of its own, with interrupts off and no lock; the newest event takes
 * the place of the oldest.  While nobody wants to know, an event costs the look at trace_on: one
 * branch, which the CPU predicts.  docs/observing.md says what each event means.
 *
 * Reading takes nothing out: two readers see the same.  trace_clear() does.
 */
#ifndef MM_TRACE_H
#define MM_TRACE_H

#include "lib/annotate.h"
#include "lib/types.h"

enum trace_kind {
    TRACE_FAULT,  /* how: enum trace_answer; first: address; second: pfn; cost */
    TRACE_KMAP,   /* how: enum trace_kmap; first: address; second: pfn */
    TRACE_KUNMAP, /* likewise */
    TRACE_CLEAR,  /* first: pfn; second: pages */
    TRACE_SPLIT,  /* first: pfn of the block; second: its order before */
    TRACE_MERGE,  /* first: pfn of the block; second: its order afterwards */
    TRACE_FLUSH,  /* how: enum trace_flush; first, second: the range; cost: CPUs */
    TRACE_KINDS,
};

/* How a fault was answered. */
enum trace_answer {
    TRACE_BAD,   /* it was not: no vma, forbidden, no memory */
    TRACE_AGAIN, /* the entry allowed it by then */
    TRACE_ZERO,  /* the zero page, to be read only */
    TRACE_FRESH, /* a page of zeroes of its own */
    TRACE_FILE,  /* a page of a file */
    TRACE_COPY,  /* a copy of what others have, too */
    TRACE_REUSE, /* the page that was there, now to be written */
    TRACE_ANSWERS,
    TRACE_HUGE = 1 << 3,  /* or-ed to the above: a huge page */
    TRACE_WRITE = 1 << 4, /* what was tried; neither: a read */
    TRACE_EXEC = 1 << 5,
};

enum trace_kmap { TRACE_LOCAL, TRACE_POOL };
enum trace_flush { TRACE_FLUSH_MM, TRACE_FLUSH_KERNEL };

/* (o) by the CPU it is of; read by anybody, who checks that number is the same afterwards. */
struct trace_event {
    u32 number; /* the CPU's events are counted from 0; the complement: being written */
    u8 kind;    /* enum trace_kind */
    u8 how;     /* by kind, see there */
    u16 cpu;
    int pid;   /* of the task that was running */
    u32 cost;  /* by kind: time-stamp counter's ticks, or CPUs */
    u64 ns;    /* since boot */
    u64 first; /* by kind */
    u64 second;
};

enum { TRACE_EVENTS = 4096 }; /* of each CPU's ring, a power of two */

/* Are events wanted?  Only trace_start() and trace_stop() set it. */
extern bool trace_on;

/* What TRACE() does when they are.  Any context but NMI. */
void trace_record(const struct trace_event *event);

/* Record an event, if any are wanted: TRACE(.kind = ..., .first = ...). */
#define TRACE(...)                                              \
    do {                                                        \
        if (unlikely(trace_on))                                 \
            trace_record(&(struct trace_event){ __VA_ARGS__ }); \
    } while (0)

/* Want events from here on.  The first time takes memory for the rings.  0, -ENOMEM.  Sleeps. */
int trace_start(void) MUST_CHECK;

/* Want none any more: when it returns no CPU is writing one.  The events stay.  Sleeps. */
void trace_stop(void);

/*
 * Forget all events; those that come meanwhile may stay.  If none are wanted at the moment, the
 * memory of the rings goes, too.  Sleeps.
 */
void trace_clear(void);

/*
 * Show @visit all events of this moment, in order of time; those that come meanwhile are not among
 * them, but may overwrite some.  @visit may sleep.
 *
 * Returns: 0, and in *@lost how many were overwritten before they could be shown; -ENOMEM.  Sleeps.
 */
int trace_for_each(void (*visit)(const struct trace_event *event, void *data), void *data,
                   u64 *lost) MUST_CHECK;

#endif
