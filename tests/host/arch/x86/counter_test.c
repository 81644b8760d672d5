/*
 * Comparing counters in a machine whose time stands still for a while at any moment, as it does
 * for a machine that is emulated on a busy host.
 */
#include "arch/x86/counter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "arch/x86/apic.h"
#include "arch/x86/cpu.h"
#include "arch/x86/hpet.h"
#include "arch/x86/percpu.h"
#include "arch/x86/pit.h"
#include "kernel/preempt.h"

enum { FAST_HZ = 2000000000, SLOW_HZ = 1193182, READING_NS = 700 };

unsigned host_cpu;
DEFINE_PER_CPU(u32, preempt_count);

static u64 now_ns;
static unsigned readings;
static unsigned held_up_at, held_up_again; /* before that reading, and each so many after it */
static u64 held_up_ns;

/* What the sources under test ask the machine for. */
bool cpu_has(enum cpu_feature feature) { return false; }
u32 hpet_read_counter(void) { return 0; }
u16 pit_read_counter(void) { return 0; }
u32 apic_timer_elapsed(void) { return 0; }

static void let_time_pass(void)
{
    now_ns += READING_NS;
    readings++;
    if (readings == held_up_at) {
        now_ns += held_up_ns;
        held_up_at += held_up_again;
    }
}

static u64 read_fast(void)
{
    let_time_pass();
    return now_ns * (FAST_HZ / 1000000) / 1000;
}

static u64 read_slow(void)
{
    let_time_pass();
    return (u64)((unsigned __int128)now_ns * SLOW_HZ / 1000000000) & 0xffffffff;
}

static u64 read_still(void)
{
    let_time_pass();
    return 7;
}

/* The frequency of the fast counter as the slow one has it. */
static u64 measured_hz(void)
{
    struct counter fast = { .name = "fast", .read = read_fast, .bits = 64 };
    struct counter slow = { .name = "slow", .hz = SLOW_HZ, .read = read_slow, .bits = 32 };
    struct counter_pair pair;
    now_ns = readings = 0;
    assert_true(counter_compare(&fast, &slow, 10000, &pair));
    return pair.fast * SLOW_HZ / pair.slow;
}

static void expect_hz(u64 hz, u64 parts)
{
    const u64 most = FAST_HZ / parts, low = FAST_HZ - most, high = FAST_HZ + most;
    if (hz < low || hz > high)
        printf("held up at reading %u: %llu Hz\n", held_up_at, (unsigned long long)hz);
    assert_in_range(hz, low, high);
}

static void on_a_quiet_machine_it_is_quick_and_exact(void **state)
{
    held_up_at = 0;
    expect_hz(measured_hz(), 5000);
    assert_true(now_ns < 25 * 1000000);
}

static void being_held_up_once_spoils_nothing(void **state)
{
    held_up_again = 1u << 31;
    held_up_ns = 300 * 1000000ull;
    for (unsigned at = 1; at < 400; at++) {
        held_up_at = at;
        expect_hz(measured_hz(), 200);
    }
}

static void nor_does_being_held_up_again_and_again(void **state)
{
    held_up_ns = 80 * 1000000ull;
    for (unsigned often = 3000; often < 60000; often += 1009) {
        held_up_at = 5;
        held_up_again = often;
        expect_hz(measured_hz(), 200);
    }
}

static void a_counter_that_stands_still_is_noticed(void **state)
{
    struct counter fast = { .name = "fast", .read = read_fast, .bits = 64 };
    struct counter still = { .name = "still", .hz = SLOW_HZ, .read = read_still, .bits = 32 };
    struct counter_pair pair;
    held_up_at = 0;
    assert_false(counter_compare(&fast, &still, 1000, &pair));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(on_a_quiet_machine_it_is_quick_and_exact),
        cmocka_unit_test(being_held_up_once_spoils_nothing),
        cmocka_unit_test(nor_does_being_held_up_again_and_again),
        cmocka_unit_test(a_counter_that_stands_still_is_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
