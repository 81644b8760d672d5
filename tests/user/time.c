/*
 * Clocks run forwards, and sleeping takes as long as asked.
 */
#include <sys/time.h>
#include <time.h>

#include "check.h"
#include "user/now.h"

int main(void)
{
    long long last = now_ns(CLOCK_MONOTONIC), start = last;
    unsigned backwards = 0;
    for (unsigned i = 0; i < 10000; i++) {
        long long now = now_ns(CLOCK_MONOTONIC);
        backwards += now < last;
        last = now;
    }
    check("the clock never goes back", !backwards && last > start);

    start = now_ns(CLOCK_MONOTONIC);
    struct timespec span = { 0, 50000000 };
    check("nanosleep", nanosleep(&span, NULL) == 0);
    long long slept = now_ns(CLOCK_MONOTONIC) - start;
    check("sleeps long enough", slept >= 50000000);
    check("but not for ever", slept < 2000000000);

    start = now_ns(CLOCK_MONOTONIC);
    struct timespec until = { (start + 40000000) / 1000000000, (start + 40000000) % 1000000000 };
    check("clock_nanosleep", clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == 0);
    check("sleeps until then", now_ns(CLOCK_MONOTONIC) - start >= 40000000);

    struct timeval day;
    long long wall = now_ns(CLOCK_REALTIME);
    check("gettimeofday", gettimeofday(&day, NULL) == 0);
    long long difference = day.tv_sec * 1000000000ll + day.tv_usec * 1000 - wall;
    check("and clock_gettime agree", difference > -1000 && difference < 1000000000);
    check("so does time", time(NULL) - day.tv_sec <= 1);
    check("it is later than 2020", day.tv_sec > 1577836800);

    long long leap = now_ns(CLOCK_TAI) - now_ns(CLOCK_REALTIME); /* as far as anybody has told */
    check("TAI is ahead by leap seconds", leap > -1000000000 && leap < 60000000000);
    until = (struct timespec){ day.tv_sec, 0 };
    check("what is over is not waited for",
          clock_nanosleep(CLOCK_TAI, TIMER_ABSTIME, &until, NULL) == 0);
    return finish();
}
