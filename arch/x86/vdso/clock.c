/*
 * What time is it?  Answered in user mode, from the TSC and the page of data below the code.
 *
 * The sum is the kernel's own (arch/x86/clock.c), so the two never contradict each other.  Clocks
 * that count something else, and all clocks when the kernel's is not the TSC, are left to the
 * system calls.
 *
 * This is compiled for any address and linked alone: nothing of the kernel is there to be called.
 */
#include "arch/x86/vdso/vdso.h"

#include "arch/x86/cpu.h"
#include "arch/x86/vdso_code.h"
#include "arch/x86/vdso_data.h"

/* Source: clock_gettime(2), Linux uapi time.h; asm/unistd_64.h, asm/unistd_32.h. */
enum clock {
    CLOCK_REALTIME = 0,
    CLOCK_MONOTONIC = 1,
    CLOCK_MONOTONIC_RAW = 4,
    CLOCK_REALTIME_COARSE = 5,
    CLOCK_MONOTONIC_COARSE = 6,
    CLOCK_BOOTTIME = 7,
    CLOCKS = 8,
};
enum {
    IS_WIDE = sizeof(long) == 8,
    SYS_CLOCK_GETTIME = IS_WIDE ? 228 : 265,
    SYS_CLOCK_GETTIME64 = 403,
    SYS_GETTIMEOFDAY = IS_WIDE ? 96 : 78,
    SYS_TIME = IS_WIDE ? 201 : 13,
    NS_PER_SECOND = 1000000000,
    NS_PER_MICROSECOND = 1000,
};
#define CLOCKS_OF_WALL (1u << CLOCK_REALTIME | 1u << CLOCK_REALTIME_COARSE)
#define CLOCKS_OF_BOOT                                                                  \
    (1u << CLOCK_MONOTONIC | 1u << CLOCK_MONOTONIC_RAW | 1u << CLOCK_MONOTONIC_COARSE | \
     1u << CLOCK_BOOTTIME)

extern const struct vdso_data vdso_data HIDDEN; /* layout.ld: the page before the first */

struct moment {
    u64 s;
    u32 ns;
};

static struct moment split(u64 ns)
{
    if (IS_WIDE)
        return (struct moment){ ns / NS_PER_SECOND, (u32)(ns % NS_PER_SECOND) };
    const u32 high = (u32)(ns >> 32);
    struct moment moment;
    u32 low = vdso_divide(high % NS_PER_SECOND, (u32)ns, NS_PER_SECOND, &moment.ns);
    moment.s = (u64)(high / NS_PER_SECOND) << 32 | low;
    return moment;
}

/* What @clock shows.  False: the kernel must be asked. */
static bool read_clock(unsigned clock, struct moment *moment)
{
    const struct vdso_data *data = &vdso_data;
    u32 sequence;
    u64 ns;
    if (clock >= CLOCKS || !((CLOCKS_OF_WALL | CLOCKS_OF_BOOT) >> clock & 1))
        return false;
    do {
        sequence = __atomic_load_n(&data->sequence, __ATOMIC_ACQUIRE);
        const u32 counter = data->counter;
        if (counter == VDSO_ASK_KERNEL)
            return false;
        const u64 count = counter == VDSO_RDTSC_ORDERED ? rdtsc_ordered() : rdtsc();
        ns = data->base_ns + clock_scale_ns(data->scale, count - data->base_count);
        if (CLOCKS_OF_WALL >> clock & 1)
            ns += data->wall_ns;
        __atomic_thread_fence(__ATOMIC_ACQUIRE);
    } while (sequence & 1 || sequence != __atomic_load_n(&data->sequence, __ATOMIC_RELAXED));
    *moment = split(ns);
    return true;
}

int __vdso_clock_gettime(int clock, struct vdso_timespec *time)
{
    struct moment now;
    if (!read_clock((unsigned)clock, &now))
        return (int)vdso_syscall(SYS_CLOCK_GETTIME, (unsigned long)clock, (unsigned long)time);
    *time = (struct vdso_timespec){ (long)now.s, (long)now.ns };
    return 0;
}

int __vdso_clock_gettime64(int clock, struct vdso_timespec64 *time)
{
    struct moment now;
    if (!read_clock((unsigned)clock, &now))
        return (int)vdso_syscall(SYS_CLOCK_GETTIME64, (unsigned long)clock, (unsigned long)time);
    *time = (struct vdso_timespec64){ (s64)now.s, now.ns };
    return 0;
}

int __vdso_gettimeofday(struct vdso_timeval *time, struct vdso_timezone *zone)
{
    struct moment now;
    if (!read_clock(CLOCK_REALTIME, &now))
        return (int)vdso_syscall(SYS_GETTIMEOFDAY, (unsigned long)time, (unsigned long)zone);
    if (time)
        *time = (struct vdso_timeval){ (long)now.s, (long)(now.ns / NS_PER_MICROSECOND) };
    if (zone)
        *zone = (struct vdso_timezone){ vdso_data.minutes_west, vdso_data.dst };
    return 0;
}

long __vdso_time(long *seconds)
{
    struct moment now;
    if (!read_clock(CLOCK_REALTIME, &now))
        return vdso_syscall(SYS_TIME, (unsigned long)seconds, 0);
    if (seconds)
        *seconds = (long)now.s;
    return (long)now.s;
}

long __vdso_getcpu(unsigned *cpu, unsigned *node, void *unused)
{
    if (cpu)
        *cpu = vdso_cpu();
    if (node)
        *node = 0;
    return 0;
}
