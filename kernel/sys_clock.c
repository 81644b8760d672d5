/*
 * System calls that set the wall clock: clock_settime(2), settimeofday(2), stime(2), adjtimex(2).
 *
 * It is set, or moved at once.  It is never made to go faster or slower: nobody here measures how
 * good it is, so what would steer it is refused, and adjtimex() says that it is not synchronized.
 */
#include "kernel/cpu_clock.h"
#include "kernel/fs/timerfd.h"
#include "kernel/sys.h"
#include "kernel/sys_time.h"
#include "kernel/wall_clock.h"
#include "lib/errno.h"

/* After the clock was set, which @error tells of: those who wait for that are told. */
static int tell(int error)
{
    if (!error)
        timerfd_clock_was_set();
    return error;
}

/* Set it to @s and @ns since 1970. */
static int set_to(u64 s, u64 ns)
{
    bool is_too_much = s >= INT64_MAX / NS_PER_S;
    return is_too_much ? -EINVAL : tell(wall_clock_set(s * NS_PER_S + ns));
}

/* Set @clock to @ns, if @error is 0 and programs may: of those that exist, the wall clock alone. */
static long set_clock(int clock, int error, u64 ns)
{
    if (clock == CLOCK_REALTIME)
        return error ? error : set_to(ns / NS_PER_S, ns % NS_PER_S);
    if (clock >= 0)
        return -EINVAL;
    return error ? error : clock_exists(clock) ? -EPERM : -EINVAL;
}

long sys_clock_settime(int clock, const void __user *time)
{
    u64 ns = 0;
    int error = get_time(time, &ns);
    return set_clock(clock, error, ns);
}

long sys_clock_settime64(int clock, const void __user *time)
{
    u64 ns = 0;
    int error = get_time64(time, &ns);
    return set_clock(clock, error, ns);
}

long sys_stime(const long __user *user)
{
    long seconds;
    if (copy_from_user(&seconds, user, sizeof(seconds)))
        return -EFAULT;
    return seconds < 0 ? -EINVAL : set_to((u64)seconds, 0);
}

/* --- the time of day ------------------------------------------------------------------------- */

enum { ZONE_MINUTES_MAX = 15 * 60, US_PER_S = NS_PER_S / NS_PER_US };

static bool is_zone(const struct wall_zone *zone)
{
    return zone->minutes_west <= ZONE_MINUTES_MAX && zone->minutes_west >= -ZONE_MINUTES_MAX;
}

/*
 * Remember @zone.  Who says it first, and no time with it, means that the clock shows local time:
 * it is moved to UTC.  Source: settimeofday(2), "warp clock".
 */
static int set_zone(struct wall_zone zone, bool has_time)
{
    static bool is_known; /* atomic */
    bool is_first = !__atomic_exchange_n(&is_known, true, __ATOMIC_RELAXED);
    wall_clock_set_zone(zone);
    if (!is_first || has_time || !zone.minutes_west)
        return 0;
    return tell(wall_clock_move(zone.minutes_west * 60ll * (s64)NS_PER_S));
}

long sys_settimeofday(const void __user *user_time, const void __user *user_zone)
{
    struct abi_timeval time = { 0 };
    struct wall_zone zone = { 0 };
    if (user_time && copy_from_user(&time, user_time, sizeof(time)))
        return -EFAULT;
    if (time.s < 0 || time.us < 0 || time.us >= US_PER_S)
        return -EINVAL;
    if (user_zone && copy_from_user(&zone, user_zone, sizeof(zone)))
        return -EFAULT;
    if (!is_zone(&zone))
        return -EINVAL;
    int error = user_zone ? set_zone(zone, user_time) : 0;
    if (error || !user_time)
        return error;
    return set_to((u64)time.s, (u64)time.us * NS_PER_US);
}

/* --- adjtimex -------------------------------------------------------------------------------- */

/* Source: adjtimex(2), Linux uapi linux/timex.h. */
enum {
    ADJ_SETOFFSET = 0x100,
    ADJ_MICRO = 0x1000,
    ADJ_NANO = 0x2000,
    ADJ_OFFSET_SS_READ = 0xa001,
    STA_UNSYNC = 0x40,
    STA_NANO = 0x2000,
    TIME_ERROR = 5, /* it is not synchronized */
    ERROR_MAX_US = 16000000,
    TICK_US = 10000, /* of USER_HZ */
    TIME_CONSTANT = 2,
    PRECISION_US = 1,
    TOLERANCE = 500 << 16, /* parts in a million, of which 16 bits are behind the point */
};

/* struct timex as adjtimex() has it, with words; and as clock_adjtime64() does on i386. */
#define ABI_TIMEX(word)                                     \
    {                                                       \
        u32 modes;                                          \
        word offset, frequency, max_error, estimated_error; \
        int status;                                         \
        word constant, precision, tolerance, s, us, tick;   \
        word pps_frequency, pps_jitter;                     \
        int pps_shift;                                      \
        word pps_stability, pps_counts[4];                  \
        int tai, unused[11];                                \
    }

typedef s64 wide_word ALIGNED(8);

struct abi_timex ABI_TIMEX(long);
struct abi_timex64 ABI_TIMEX(wide_word);

static_assert(sizeof(struct abi_timex64) == 208, "as programs know it");
static_assert(sizeof(struct abi_timex) == (sizeof(long) == 8 ? 208 : 128), "as programs know it");

static bool counts_ns; /* (a) since ADJ_NANO, until ADJ_MICRO */

/* Move the clock by @s and @part, which is a number of ns or us. */
static int move(s64 s, s64 part, bool is_ns)
{
    const s64 limit = is_ns ? (s64)NS_PER_S : US_PER_S, most = INT64_MAX / (s64)NS_PER_S - 1;
    if (part < 0 || part >= limit || s > most || s < -most)
        return -EINVAL;
    return tell(wall_clock_move(s * (s64)NS_PER_S + part * (is_ns ? 1 : (s64)NS_PER_US)));
}

/* Do what @timex asks for, and tell in it how the clock is.  Returns: TIME_ERROR, an errno. */
static int adjust(struct abi_timex64 *timex)
{
    const u32 modes = timex->modes;
    if (modes != ADJ_OFFSET_SS_READ) {
        if (modes & ~(u32)(ADJ_SETOFFSET | ADJ_MICRO | ADJ_NANO))
            return -EOPNOTSUPP;
        int error = modes & ADJ_SETOFFSET ? move(timex->s, timex->us, modes & ADJ_NANO) : 0;
        if (error)
            return error;
        if (modes & (ADJ_NANO | ADJ_MICRO))
            WRITE_ONCE(counts_ns, !(modes & ADJ_MICRO));
    }
    const bool is_ns = READ_ONCE(counts_ns);
    const u64 now = wall_clock_ns();
    *timex = (struct abi_timex64){
        .modes = modes,
        .max_error = ERROR_MAX_US,
        .estimated_error = ERROR_MAX_US,
        .status = STA_UNSYNC | (is_ns ? STA_NANO : 0),
        .constant = TIME_CONSTANT,
        .precision = PRECISION_US,
        .tolerance = TOLERANCE,
        .s = (s64)(now / NS_PER_S),
        .us = (s64)(now % NS_PER_S / (is_ns ? 1 : NS_PER_US)),
        .tick = TICK_US,
    };
    return TIME_ERROR;
}

/* The same for @clock: -EOPNOTSUPP if it cannot be moved, -EINVAL if it is not there. */
static NOINLINE int adjust_clock(int clock, struct abi_timex64 *timex)
{
    if (clock == CLOCK_REALTIME)
        return adjust(timex);
    return clock_exists(clock) ? -EOPNOTSUPP : -EINVAL;
}

long sys_clock_adjtime64(int clock, void __user *user)
{
    struct abi_timex64 timex;
    if (copy_from_user(&timex, user, sizeof(timex)))
        return -EFAULT;
    int result = adjust_clock(clock, &timex);
    return result >= 0 && copy_to_user(user, &timex, sizeof(timex)) ? -EFAULT : result;
}

long sys_clock_adjtime(int clock, void __user *user)
{
    struct abi_timex timex;
    if (copy_from_user(&timex, user, sizeof(timex)))
        return -EFAULT;
    struct abi_timex64 wide = { .modes = timex.modes, .s = timex.s, .us = timex.us };
    int result = adjust_clock(clock, &wide);
    timex = (struct abi_timex){
        .modes = wide.modes,
        .max_error = (long)wide.max_error,
        .estimated_error = (long)wide.estimated_error,
        .status = wide.status,
        .constant = (long)wide.constant,
        .precision = (long)wide.precision,
        .tolerance = (long)wide.tolerance,
        .s = (long)wide.s,
        .us = (long)wide.us,
        .tick = (long)wide.tick,
    };
    return result >= 0 && copy_to_user(user, &timex, sizeof(timex)) ? -EFAULT : result;
}

long sys_adjtimex(void __user *user) { return sys_clock_adjtime(CLOCK_REALTIME, user); }
