/*
 * The system call futex(2), with both kinds of time.
 */
#include "kernel/futex.h"
#include "kernel/sys.h"
#include "kernel/sys_time.h"
#include "kernel/time.h"
#include "kernel/wall_clock.h"
#include "lib/errno.h"

static bool waits(u32 operation)
{
    u32 command = operation & FUTEX_COMMAND;
    return command == FUTEX_WAIT || command == FUTEX_WAIT_BITSET;
}

/* When the kernel's clock shows what @ns means to @operation. */
static u64 deadline(u32 operation, u64 ns)
{
    u64 now = time_now_ns(), wall = wall_clock_ns();
    if ((operation & FUTEX_COMMAND) == FUTEX_WAIT)
        return time_add_ns(now, ns);
    if (!(operation & FUTEX_CLOCK_REALTIME))
        return ns;
    return ns <= wall ? now : time_add_ns(now, ns - wall);
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
        call->deadline_ns = deadline(call->operation, ns);
    } else {
        call->value2 = (u32)(uintptr_t)time;
    }
    return futex(call);
}

long sys_futex(u32 __user *word, u32 operation, u32 value, const void __user *time,
               u32 __user *word2, u32 value3)
{
    return call(&(struct futex_call){ word, word2, operation, value, 0, value3, 0 }, time,
                get_time);
}

long sys_futex64(u32 __user *word, u32 operation, u32 value, const void __user *time,
                 u32 __user *word2, u32 value3)
{
    return call(&(struct futex_call){ word, word2, operation, value, 0, value3, 0 }, time,
                get_time64);
}
