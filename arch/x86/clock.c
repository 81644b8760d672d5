/*
 * The clock.
 *
 * It is a counter and where that stood at which time.  Changing to another counter (when a CPU
 * turns up whose TSC is wrong) means publishing another pair: readers use the one they found.
 *
 * The TSC counts at a constant rate on every CPU made since about 2008, and says so (CPUID, "TSC
 * invariant").  One that does not say so is used as well: only power states that this kernel never
 * enters would change its rate.  What CPUID claims about its frequency is checked against another
 * counter, since emulators claim what the real CPU does.
 *
 * Source: Intel SDM vol. 3B, 18.17 "Time-Stamp Counter"; vol. 2A, "CPUID", leaf 15H.
 */
#include "arch/x86/clock.h"

#include "arch/x86/acpi.h"
#include "arch/x86/clock_scale.h"
#include "arch/x86/counter.h"
#include "arch/x86/cpu.h"
#include "arch/x86/hpet.h"
#include "arch/x86/pit.h"
#include "arch/x86/rtc.h"
#include "arch/x86/run_clock.h"
#include "arch/x86/tick.h"
#include "arch/x86/vdso.h"
#include "kernel/param.h"
#include "kernel/printk.h"
#include "kernel/time.h"
#include "lib/assert.h"
#include "lib/string.h"

enum {
    PRECISION = 10000,     /* of measured frequencies: 100 ppm */
    PRECISION_CHECK = 200, /* enough to see whether CPUID lies */
    PRECISION_TICK = 2000,
    CPUID_TSC = 0x15,
    COMPARE_ROUNDS = 16,
};
#define CPUID_HYPERVISOR     0x40000000u
#define CPUID_HYPERVISOR_TSC 0x40000010u
#define SWITCH_MARGIN_NS     (100 * NS_PER_US) /* more than two agreeing clocks can differ */

struct clock {
    struct counter *counter;
    struct clock_scale scale;
    u64 base_count, base_ns;
};

/* The clock in use is published last, when all it points at stands.  It changes at most once. */
static struct clock clocks[2];
static const struct clock *current_clock;
static struct clock_scale run_scale = { .multiplier = 1 }; /* constant after time_init() */
static u64 wall_base_s; /* when the clock showed 0; constant after time_init() */
static const char *wanted;

bool run_clock_is_tsc;

u64 run_clock_without_tsc(void) { return time_now_ns(); }

u64 run_clock_ns(u64 count) { return clock_scale_ns(run_scale, count); }

static bool choose_clock(const char *value)
{
    if (strcmp(value, "tsc") != 0 && strcmp(value, "hpet") != 0 && strcmp(value, "pit") != 0)
        return false;
    wanted = value;
    return true;
}

KERNEL_PARAM("clock", choose_clock);

u64 time_now_ns(void)
{
    const struct clock *clock = __atomic_load_n(&current_clock, __ATOMIC_ACQUIRE);
    if (!clock)
        return 0;
    u64 passed = counter_read(clock->counter) - clock->base_count;
    return clock->base_ns + clock_scale_ns(clock->scale, passed);
}

u64 time_wall_ns(void) { return wall_base_s ? wall_base_s * NS_PER_S + time_now_ns() : 0; }

const char *clock_name(void)
{
    const struct counter *counter = clock_counter();
    return counter ? counter->name : "none";
}

struct counter *clock_counter(void)
{
    const struct clock *clock = __atomic_load_n(&current_clock, __ATOMIC_ACQUIRE);
    return clock ? clock->counter : NULL;
}

/* Let programs read @clock as well, if they can. */
static void show_clock(const struct clock *clock)
{
    struct vdso_data data = {
        .counter = VDSO_ASK_KERNEL,
        .scale = clock->scale,
        .base_count = clock->base_count,
        .base_ns = clock->base_ns,
    };
    if (clock->counter == &counter_tsc)
        data.counter = cpu_has(CPU_SSE2) ? VDSO_RDTSC_ORDERED : VDSO_RDTSC;
    vdso_set_clock(&data);
}

/* Let @counter go on from @base_ns. */
static void use_counter(struct counter *counter, u64 base_ns)
{
    assert(counter->hz);
    struct clock *clock = &clocks[current_clock != NULL];
    assert(clock != current_clock);
    *clock = (struct clock){
        .counter = counter,
        .scale = clock_scale_make(counter->hz),
        .base_count = counter_read(counter),
        .base_ns = base_ns,
    };
    __atomic_store_n(&current_clock, clock, __ATOMIC_RELEASE);
    show_clock(clock);
}

/* The TSC's frequency as CPUID has it, 0: it does not say. */
static u64 tsc_claimed_hz(void)
{
    if (cpu_has(CPU_HYPERVISOR) && cpuid(CPUID_HYPERVISOR, 0).eax >= CPUID_HYPERVISOR_TSC)
        return cpuid(CPUID_HYPERVISOR_TSC, 0).eax * 1000ull; /* kHz */
    if (cpuid(0, 0).eax < CPUID_TSC)
        return 0;
    struct cpuid id = cpuid(CPUID_TSC, 0); /* TSC = crystal (ECX) * EBX / EAX */
    return id.eax ? (u64)id.ecx * id.ebx / id.eax : 0;
}

/* The TSC's frequency by @reference's, 0 if one of them does not count. */
static u64 tsc_measured_hz(struct counter *reference, unsigned precision)
{
    struct counter_pair pair;
    if (!counter_compare(&counter_tsc, reference, precision, &pair))
        return 0;
    return pair.fast * reference->hz / pair.slow;
}

static u64 tsc_find_hz(struct counter *reference)
{
    u64 claimed = tsc_claimed_hz();
    if (claimed) {
        u64 measured = tsc_measured_hz(reference, PRECISION_CHECK);
        u64 difference = measured > claimed ? measured - claimed : claimed - measured;
        if (difference < claimed / 100)
            return claimed;
        pr_info("clock: CPUID claims %llu Hz for the TSC, which runs at about %llu",
                (unsigned long long)claimed, (unsigned long long)measured);
    }
    return tsc_measured_hz(reference, PRECISION);
}

/* The best counter that runs, or the one that clock= names. */
static struct counter *choose_counter(void)
{
    struct counter *const best_first[] = { &counter_tsc, &counter_hpet, &counter_pit };

    for (unsigned i = 0; wanted && i < ARRAY_COUNT(best_first); i++)
        if (best_first[i]->hz && strcmp(best_first[i]->name, wanted) == 0)
            return best_first[i];
    if (wanted)
        pr_warn("clock: there is no %s here", wanted);
    for (unsigned i = 0; i < ARRAY_COUNT(best_first); i++)
        if (best_first[i]->hz)
            return best_first[i];
    return &counter_pit;
}

void time_init(void)
{
    pit_start_counter();
    if (acpi_info.has_hpet)
        counter_hpet.hz = hpet_start(acpi_info.hpet.phys);
    struct counter *reference = counter_hpet.hz ? &counter_hpet : &counter_pit;
    if (cpu_has(CPU_TSC))
        counter_tsc.hz = tsc_find_hz(reference);
    if (counter_tsc.hz) {
        run_scale = clock_scale_make(counter_tsc.hz);
        run_clock_is_tsc = true;
    }

    use_counter(choose_counter(), 0);
    u64 unix_s = rtc_read_unix();
    wall_base_s = unix_s ? unix_s - time_now_ns() / NS_PER_S : 0;
    tick_init();
    bool is_promised = clock_counter() != &counter_tsc || cpu_has(CPU_TSC_INVARIANT);
    pr_info("clock: %s, %llu Hz%s", clock_name(), (unsigned long long)clock_counter()->hz,
            is_promised ? "" : " (constant, though CPUID does not promise it)");
    tick_start_this();
}

/*
 * Two CPUs take turns in stamping; each stamp must not be less than the other's before it.
 * Members change hands with turn.
 */
static struct {
    u32 turn; /* (a) even: the boot CPU's, odd: the new CPU's */
    u64 stamp;
    u64 back; /* how far a stamp went back at most */
} comparison;

static void wait_for_turn(u32 turn)
{
    while (__atomic_load_n(&comparison.turn, __ATOMIC_ACQUIRE) != turn)
        cpu_relax();
}

static void pass_turn(u32 turn) { __atomic_store_n(&comparison.turn, turn, __ATOMIC_RELEASE); }

static void take_stamp(void)
{
    u64 now = counter_tsc.read();
    if (now < comparison.stamp && comparison.stamp - now > comparison.back)
        comparison.back = comparison.stamp - now;
    comparison.stamp = now;
}

void clock_compare_cpus(bool is_new)
{
    assert(irqs_disabled());
    if (current_clock->counter != &counter_tsc)
        return; /* for both: it is the boot CPU that changes it, while the new one waits below */

    for (u32 round = 0; round < COMPARE_ROUNDS; round++) {
        wait_for_turn(2 * round + is_new);
        take_stamp();
        pass_turn(2 * round + is_new + 1);
    }
    if (is_new) {
        wait_for_turn(0);
        return;
    }

    wait_for_turn(2 * COMPARE_ROUNDS);
    u64 back_ns = clock_scale_ns(current_clock->scale, comparison.back);
    comparison.stamp = comparison.back = 0;
    if (back_ns) {
        counter_tsc.hz = 0;
        wanted = NULL;
        use_counter(choose_counter(), time_now_ns() + back_ns + SWITCH_MARGIN_NS);
        pr_warn("clock: a CPU's TSC is %llu ns behind; from now on %s", (unsigned long long)back_ns,
                clock_name());
    }
    pass_turn(0);
}
