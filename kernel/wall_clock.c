/*
 * The wall clock: the kernel's clock, moved by what the machine said at boot, or somebody later.
 *
 * The distance has 64 bits, on machines that cannot read those at once, too.  So there are two
 * places for it: the writer fills the one that nobody reads, then says that it is the other's turn.
 * A reader begins again only if there was another turn meanwhile; it never waits for a writer, and
 * so may be an interrupt that came in the middle.
 */
#include "kernel/wall_clock.h"

#include "arch/x86/rtc.h"
#include "arch/x86/vdso.h"
#include "kernel/spinlock.h"
#include "kernel/time.h"
#include "lib/errno.h"

/* (w) under write_lock; (a) atomic */
static SPINLOCK(write_lock, RANK_INPUT); /* taken with interrupts off */
static u64 offset_ns[2];                 /* (w) the one of turn is read by anybody */
static u32 turn;                         /* (a) its lowest bit says which */
static struct wall_zone zone;            /* (w) */

static u64 read_offset(void)
{
    u32 before;
    u64 ns;
    do {
        before = __atomic_load_n(&turn, __ATOMIC_ACQUIRE);
        ns = offset_ns[before & 1];
        __atomic_thread_fence(__ATOMIC_ACQUIRE);
    } while (before != __atomic_load_n(&turn, __ATOMIC_RELAXED));
    return ns;
}

static void write_offset(u64 ns) MUST_HOLD(write_lock)
{
    const u32 next = turn + 1;
    offset_ns[next & 1] = ns;
    __atomic_store_n(&turn, next, __ATOMIC_RELEASE);
    vdso_set_wall(ns);
}

void wall_clock_init(void)
{
    u64 now_s = rtc_read_unix();
    irqflags_t flags = spin_lock_irqsave(&write_lock);
    write_offset(now_s ? now_s * NS_PER_S - time_now_ns() : 0);
    spin_unlock_irqrestore(&write_lock, flags);
}

u64 wall_clock_at(u64 now_ns) { return read_offset() + now_ns; }

u64 wall_clock_ns(void) { return wall_clock_at(time_now_ns()); }

u32 wall_clock_s(void) { return (u32)(wall_clock_ns() / NS_PER_S); }

/* Signed numbers, which programs compute with, end in 2262: who sets it must leave 30 years. */
static bool can_show(u64 ns) { return ns / NS_PER_S < INT64_MAX / NS_PER_S - 30ull * 365 * 86400; }

int wall_clock_set(u64 ns)
{
    irqflags_t flags = spin_lock_irqsave(&write_lock);
    const u64 now = time_now_ns();
    bool is_fine = can_show(ns) && ns >= now;
    if (is_fine)
        write_offset(ns - now);
    spin_unlock_irqrestore(&write_lock, flags);
    return is_fine ? 0 : -EINVAL;
}

int wall_clock_move(s64 by_ns)
{
    irqflags_t flags = spin_lock_irqsave(&write_lock);
    const u64 offset = read_offset() + (u64)by_ns;
    bool is_fine = can_show(offset) && can_show(offset + time_now_ns());
    if (is_fine)
        write_offset(offset);
    spin_unlock_irqrestore(&write_lock, flags);
    return is_fine ? 0 : -EINVAL;
}

struct wall_zone wall_clock_zone(void)
{
    irqflags_t flags = spin_lock_irqsave(&write_lock);
    struct wall_zone now = zone;
    spin_unlock_irqrestore(&write_lock, flags);
    return now;
}

void wall_clock_set_zone(struct wall_zone wanted)
{
    irqflags_t flags = spin_lock_irqsave(&write_lock);
    zone = wanted;
    vdso_set_zone(zone.minutes_west, zone.dst);
    spin_unlock_irqrestore(&write_lock, flags);
}
