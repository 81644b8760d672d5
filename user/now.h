/*
 * Milliseconds of a clock that only goes forward.
 */
#ifndef USER_NOW_H
#define USER_NOW_H

#include <time.h>

static inline long now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

#endif
