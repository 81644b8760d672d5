/*
 * Futexes: sleeping until another thread says that a word of user memory has changed.
 */
#ifndef KERNEL_FUTEX_H
#define KERNEL_FUTEX_H

#include "arch/x86/user_copy.h"
#include "lib/annotate.h"
#include "lib/types.h"

/* Source: futex(2), Linux uapi linux/futex.h. */
enum futex_operation {
    FUTEX_WAIT = 0,
    FUTEX_WAKE = 1,
    FUTEX_REQUEUE = 3,
    FUTEX_CMP_REQUEUE = 4,
    FUTEX_WAKE_OP = 5,
    FUTEX_WAIT_BITSET = 9,
    FUTEX_WAKE_BITSET = 10,
    FUTEX_COMMAND = 0x7f,
    FUTEX_PRIVATE = 0x80,
    FUTEX_CLOCK_REALTIME = 0x100,
};
#define FUTEX_ANY_BIT 0xffffffffu

/* One call of futex(), @word2, @value2 and @value3 as the operation needs them. */
struct futex_call {
    u32 __user *word, *word2;
    u32 operation; /* with FUTEX_PRIVATE */
    u32 value, value2, value3;
    u64 deadline_ns; /* NEVER_NS: none */
    bool by_wall;    /* that is the wall clock's */
};

/* Prepare the table of waiters. */
void futex_init(void);

/* Do @call.  Returns: what futex(2) returns.  Sleeps. */
long futex(const struct futex_call *call);

/* Wake one who waits for @word, private or shared.  Sleeps. */
void futex_wake_word(u32 __user *word);

#endif
