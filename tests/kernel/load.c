/*
 * The load: each average forgets in its own time.
 */
#include "kernel/load.h"

#include "kernel/ktest.h"

/* e^-1 of LOAD_ONE. */
enum { ONE_BY_E = 24109, CLOSE = LOAD_ONE / 200 };

static bool is_close(u32 load, u32 wanted)
{
    return load + CLOSE > wanted && load < wanted + CLOSE;
}

static u32 load_after_minutes(u32 load, unsigned which, unsigned minutes, unsigned tasks)
{
    for (unsigned i = 0; i < minutes * 60 / LOAD_PERIOD_S; i++)
        load = load_after(load, which, tasks);
    return load;
}

KTEST(after_its_time_an_average_has_forgotten_all_but_an_eth)
{
    static const unsigned minutes[LOADS] = { 1, 5, 15 };
    for (unsigned i = 0; i < LOADS; i++) {
        ktest_assert(is_close(load_after_minutes(LOAD_ONE, i, minutes[i], 0), ONE_BY_E));
        ktest_assert(is_close(load_after_minutes(0, i, minutes[i], 1), LOAD_ONE - ONE_BY_E));
    }
}

KTEST(in_the_long_run_the_load_is_how_many_there_are)
{
    for (unsigned i = 0; i < LOADS; i++) {
        ktest_assert(is_close(load_after_minutes(0, i, 200, 3), 3 * LOAD_ONE));
        ktest_assert(is_close(load_after_minutes(100 * LOAD_ONE, i, 200, 0), 0));
    }
}
