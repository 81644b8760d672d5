/*
 * What clocks show.
 */
#ifndef USER_NOW_H
#define USER_NOW_H

#include <time.h>

/* -1: there is no such clock, and errno says why. */
static inline long long now_ns(clockid_t clock)
{
    struct timespec now;
    return clock_gettime(clock, &now) ? -1 : now.tv_sec * 1000000000ll + now.tv_nsec;
}

/* Of the clock that only goes forward. */
static inline long now_ms(void) { return (long)(now_ns(CLOCK_MONOTONIC) / 1000000); }

#endif
