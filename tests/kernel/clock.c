/*
 * Time: the clock goes on, at the right rate, on all CPUs alike; ticks come HZ times a second.
 *
 * An emulator's CPUs share the host's with others, so rates are measured a few times: one good
 * measurement is enough, since a wrong rate is wrong in all of them.
 */
#include "arch/x86/clock.h"

#include "arch/x86/counter.h"
#include "arch/x86/cpu.h"
#include "arch/x86/percpu.h"
#include "arch/x86/tick.h"
#include "kernel/ktest.h"
#include "kernel/time.h"

enum {
    ATTEMPTS = 10,
    PIT_ATTEMPTS = 50,
    PPM_MAX = 1000,
};

#define READING_NS    (300 * NS_PER_MS)
#define PIT_WINDOW_NS (20 * NS_PER_MS)

static u64 latest_ns; /* (a) what some CPU has read */
static u32 went_back; /* (a) */

static u64 load(u64 *value) { return __sync_val_compare_and_swap(value, 0, 0); }

static void read_many(void *unused)
{
    u64 now = time_now_ns(), end = now + READING_NS;
    while (now < end) {
        u64 others = load(&latest_ns);
        now = time_now_ns();
        if (now < others)
            __atomic_add_fetch(&went_back, 1, __ATOMIC_RELAXED);
        else
            __sync_bool_compare_and_swap(&latest_ns, others, now);
    }
}

KTEST(time_never_goes_back_between_cpus)
{
    latest_ns = 0;
    went_back = 0;
    ktest_on_each_cpu(read_many, NULL);
    ktest_equal(went_back, 0);
    ktest_assert(latest_ns > 0);
}

/* How far the clock and the PIT are apart after a while, in parts per million. */
static u64 compare_with_pit(void)
{
    irqflags_t flags = irq_save();
    u64 clock = time_now_ns(), pit = counter_read(&counter_pit);
    irq_restore(flags);

    u64 end = clock + PIT_WINDOW_NS;
    while (time_now_ns() < end)
        (void)counter_read(&counter_pit); /* it comes round every 54 ms */

    flags = irq_save();
    clock = time_now_ns() - clock;
    pit = counter_read(&counter_pit) - pit;
    irq_restore(flags);
    u64 pit_ns = pit * NS_PER_S / counter_pit.hz;
    return (clock > pit_ns ? clock - pit_ns : pit_ns - clock) * 1000000 / pit_ns;
}

KTEST(the_clock_runs_as_fast_as_the_pit)
{
    u64 best = UINT64_MAX;
    for (unsigned i = 0; i < PIT_ATTEMPTS && best > PPM_MAX; i++) {
        u64 difference = compare_with_pit();
        best = difference < best ? difference : best;
    }
    ktest_note("%s: at best %llu ppm from the pit", clock_name(), (unsigned long long)best);
    ktest_assert(best <= PPM_MAX);
}

/*
 * Did @cpu tick HZ times a second while we slept, and not more?  A host that is busy may lose a
 * virtual CPU some ticks, but gives it none.
 */
static bool ticks_right(unsigned cpu)
{
    u64 start_ns = time_now_ns(), start = tick_count(cpu);
    time_sleep_ns(300 * NS_PER_MS);
    u64 ticks = tick_count(cpu) - start;
    u64 expected = (time_now_ns() - start_ns) / NS_PER_TICK;
    return ticks >= expected * 6 / 10 && ticks <= expected * 11 / 10 + 1;
}

KTEST(every_cpu_ticks_hz_times_a_second)
{
    for_each_online_cpu (cpu) {
        bool right = false;
        for (unsigned i = 0; i < ATTEMPTS && !right; i++)
            right = ticks_right(cpu);
        if (!right)
            ktest_note("CPU %u", cpu);
        ktest_assert(right);
    }
}

KTEST(the_date_is_later_than_this_test)
{
    if (time_wall_ns() == 0)
        ktest_skip("nobody knows the date");
    u64 years = time_wall_ns() / NS_PER_S / 86400 / 365;
    ktest_note("about %llu", (unsigned long long)(1970 + years));
    ktest_assert(years >= 2000 - 1970);
    ktest_assert(years < 2100 - 1970);
}
