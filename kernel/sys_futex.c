/*
 * The system call futex(2), with both kinds of time.
 */
#include "kernel/futex.h"
#include "kernel/sys.h"
#include "kernel/sys_time.h"
#include "kernel/time.h"
#include "lib/errno.h"

static bool waits(u32 operation)
{
    u32 command = operation & FUTEX_COMMAND;
    return command == FUTEX_WAIT || command == FUTEX_WAIT_BITSET;
}

/* FUTEX_WAIT says how long to wait, FUTEX_WAIT_BITSET until when. */
static void set_deadline(struct futex_call *call, u64 ns)
{
    bool is_moment = (call->operation & FUTEX_COMMAND) != FUTEX_WAIT;
    call->deadline_ns = is_moment ? ns : deadline_after(ns);
    call->by_wall = is_moment && call->operation & FUTEX_CLOCK_REALTIME;
}

/* The fourth argument is a time for those operations that wait, else a number. */
static long call(struct futex_call *call, const void __user *time,
                 int (*get)(const void __user *user, u64 *ns))
{
    u64 ns;
    call->deadline_ns = NEVER_NS;
    if (waits(call->operation) && time) {
        int error = get(time, &ns);
        if (error)
            return error;
        set_deadline(call, ns);
    } else {
        call->value2 = (u32)(uintptr_t)time;
    }
    return futex(call);
}

long sys_futex(u32 __user *word, u32 operation, u32 value, const void __user *time,
               u32 __user *word2, u32 value3)
{
    struct futex_call wanted = { word, word2, operation, value, 0, value3, 0, false };
    return call(&wanted, time, get_time);
}

long sys_futex64(u32 __user *word, u32 operation, u32 value, const void __user *time,
                 u32 __user *word2, u32 value3)
{
    struct futex_call wanted = { word, word2, operation, value, 0, value3, 0, false };
    return call(&wanted, time, get_time64);
}
