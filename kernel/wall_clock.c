/*
 * The wall clock: the monotonic clock, moved by what the machine said at boot.
 */
#include "kernel/wall_clock.h"

#include "arch/x86/rtc.h"
#include "arch/x86/vdso.h"
#include "kernel/time.h"

static u64 offset_ns; /* (c) after wall_clock_init() */

void wall_clock_init(void)
{
    u64 now_s = rtc_read_unix();
    if (now_s)
        offset_ns = now_s * NS_PER_S - time_now_ns();
    vdso_set_wall(offset_ns);
}

u64 wall_clock_ns(void) { return offset_ns + time_now_ns(); }

u32 wall_clock_s(void) { return (u32)(wall_clock_ns() / NS_PER_S); }
