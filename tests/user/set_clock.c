/*
 * The wall clock can be set: everybody sees it, and what waits for a moment of it obeys, whatever
 * it waits with; what waits for a span does not notice.  At the end it is as it was.
 */
#define _GNU_SOURCE
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/timex.h>
#include <sys/wait.h>
#include <time.h>

#include "check.h"
#include "later.h"
#include "user/now.h"

enum { MS = 1000000, S = 1000000000, HOUR_S = 3600 };
enum { FUTEX_WAIT_BITSET = 9, FUTEX_CLOCK_REALTIME = 256 };

#ifdef __x86_64__
#define SETTIME SYS_clock_settime
#define GET_DAY SYS_gettimeofday
#define SET_DAY SYS_settimeofday
#define ADJTIME SYS_clock_adjtime
#define FUTEX   SYS_futex
#define GETTIME SYS_clock_gettime
#else
#define SETTIME SYS_clock_settime64
#define GET_DAY 78
#define SET_DAY 79
#define ADJTIME SYS_clock_adjtime64
#define FUTEX   SYS_futex_time64
#define GETTIME SYS_clock_gettime64
#endif

struct time {
    int64_t s, ns;
};

static struct timespec spec(long long ns) { return (struct timespec){ ns / S, ns % S }; }

/* What the kernel shows, not the vDSO. */
static long long kernels_ns(void)
{
    struct time time = { 0 };
    syscall(GETTIME, CLOCK_REALTIME, &time);
    return time.s * S + time.ns;
}

static int set_ns(long long ns)
{
    struct timespec time = spec(ns);
    return clock_settime(CLOCK_REALTIME, &time);
}

static void move_s(int seconds) { set_ns(now_ns(CLOCK_REALTIME) + seconds * (long long)S); }

static int is_near(long long a, long long b) { return a - b < S && b - a < S; }

static void test_shown(void)
{
    struct timeval day = { 0 };
    struct timezone zone;
    long long wanted = 2000000000ll * S, real = now_ns(CLOCK_REALTIME);
    long long start = now_ns(CLOCK_MONOTONIC);
    check("it can be set", set_ns(wanted) == 0);
    check("clock_gettime shows it", is_near(now_ns(CLOCK_REALTIME), wanted));
    check("so does the kernel", is_near(kernels_ns(), wanted));
    gettimeofday(&day, NULL);
    check("and gettimeofday", day.tv_sec == 2000000000);
    check("and time", time(NULL) == 2000000000);
    check("the other clock goes on", now_ns(CLOCK_MONOTONIC) - start < S);
    unlink("/tmp/set_clock");
    FILE *file = fopen("/tmp/set_clock", "w");
    struct stat status = { 0 };
    if (file)
        fclose(file);
    check("files have its time",
          stat("/tmp/set_clock", &status) == 0 && status.st_mtime >= 1999999999);
    unlink("/tmp/set_clock");
    day = (struct timeval){ 1900000000, 999999 };
    check("settimeofday", settimeofday(&day, NULL) == 0);
    check("sets it, too", is_near(now_ns(CLOCK_REALTIME), 1900000001ll * S));
    real += now_ns(CLOCK_MONOTONIC) - start;
    check("it can be set back", set_ns(real) == 0);
    zone = (struct timezone){ -60, 1 };
    check("a time zone is kept", syscall(SET_DAY, &(long[2]){ real / S, 0 }, &zone) == 0);
    zone = (struct timezone){ 0 };
    syscall(GET_DAY, NULL, &zone);
    check("and told", zone.tz_minuteswest == -60 && zone.tz_dsttime == 1);
    zone = (struct timezone){ 0 };
    check("or not", syscall(SET_DAY, NULL, &zone) == 0);
    set_ns(real);
}

static void test_sleeps(void)
{
    struct timespec moment = spec(now_ns(CLOCK_REALTIME) + HOUR_S / 2 * (long long)S);
    long long start = now_ns(CLOCK_MONOTONIC);
    pid_t child = later(move_s, HOUR_S);
    check("a sleep until a moment",
          clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &moment, NULL) == 0);
    waitpid(child, NULL, 0);
    check("ends when it is set past that", now_ns(CLOCK_MONOTONIC) - start < 10ll * S);
    child = later(move_s, -HOUR_S);
    struct timespec span = spec(3 * LATER_MS * MS);
    start = now_ns(CLOCK_MONOTONIC);
    check("a sleep for a while", clock_nanosleep(CLOCK_REALTIME, 0, &span, NULL) == 0);
    waitpid(child, NULL, 0);
    long long slept = now_ns(CLOCK_MONOTONIC) - start;
    check("takes that long", slept >= 3 * LATER_MS * MS && slept < 10ll * S);
    int word = 7;
    struct time until = { now_ns(CLOCK_REALTIME) / S + HOUR_S / 2, 0 };
    child = later(move_s, HOUR_S);
    check_errno(
        syscall(FUTEX, &word, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 7, &until, NULL, -1),
        ETIMEDOUT);
    waitpid(child, NULL, 0);
    move_s(-HOUR_S);
    moment = spec(now_ns(CLOCK_REALTIME) + 3 * LATER_MS * MS);
    child = later(move_s, -1);
    start = now_ns(CLOCK_MONOTONIC);
    check("set back a second", clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &moment, NULL) == 0);
    waitpid(child, NULL, 0);
    check("the moment is later", now_ns(CLOCK_MONOTONIC) - start >= S);
    move_s(1);
}

static void test_timers(void)
{
    timer_t timer;
    sigset_t alarm;
    siginfo_t info;
    struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM };
    sigemptyset(&alarm);
    sigaddset(&alarm, SIGALRM);
    sigprocmask(SIG_BLOCK, &alarm, NULL);
    timer_create(CLOCK_REALTIME, &event, &timer);
    struct itimerspec wanted = { { 0 }, spec(now_ns(CLOCK_REALTIME) + HOUR_S / 2 * (long long)S) };
    struct itimerspec left = wanted;
    timer_settime(timer, TIMER_ABSTIME, &wanted, NULL);
    move_s(HOUR_S / 4);
    timer_gettime(timer, &left);
    check("less is left", left.it_value.tv_sec <= HOUR_S / 4 && left.it_value.tv_sec > HOUR_S / 8);
    move_s(HOUR_S / 2);
    struct timespec patience = { 10, 0 };
    check("a timer comes", sigtimedwait(&alarm, &info, &patience) == SIGALRM);
    move_s(-HOUR_S);
    patience = spec(2 * LATER_MS * MS);
    check_errno(sigtimedwait(&alarm, &info, &patience), EAGAIN);
    timer_delete(timer);
    move_s(HOUR_S / 4);
}

static int timerfd_at(int flags, long long ns, int fd)
{
    struct itimerspec wanted = { { 0 }, spec(ns) };
    return timerfd_settime(fd, flags, &wanted, NULL);
}

static void test_timerfd(void)
{
    enum { FRAGILE = TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET };
    int fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK);
    struct pollfd poller = { fd, POLLIN, 0 };
    uint64_t times = 0;
    timerfd_at(TFD_TIMER_ABSTIME, now_ns(CLOCK_REALTIME) + HOUR_S / 2 * (long long)S, fd);
    move_s(HOUR_S);
    check("a file comes", poll(&poller, 1, 10000) == 1);
    check("once", read(fd, &times, sizeof(times)) == sizeof(times) && times == 1);
    timerfd_at(FRAGILE, now_ns(CLOCK_REALTIME) + HOUR_S * (long long)S, fd);
    check("a fragile one", poll(&poller, 1, 0) == 0);
    move_s(-HOUR_S);
    check("gives up", poll(&poller, 1, 10000) == 1);
    check_errno(read(fd, &times, sizeof(times)), ECANCELED);
    check_errno(read(fd, &times, sizeof(times)), EAGAIN);
    move_s(0);
    check_errno(timerfd_at(FRAGILE, now_ns(CLOCK_REALTIME) + 1 * MS, fd), ECANCELED);
    check("but it is set", poll(&poller, 1, 10000) == 1);
    check("and comes", read(fd, &times, sizeof(times)) == sizeof(times) && times == 1);
    close(fd);
}

static void test_adjtimex(void)
{
    struct timex timex = { .modes = 0 };
    check("it is not synchronized", adjtimex(&timex) == TIME_ERROR && timex.status & STA_UNSYNC);
    check("it tells", timex.tick == 10000 && timex.tolerance == 500 << 16 && timex.precision == 1);
    check("the time", is_near(timex.time.tv_sec * (long long)S + timex.time.tv_usec * 1000,
                              now_ns(CLOCK_REALTIME)));
    long long before = now_ns(CLOCK_REALTIME);
    timex = (struct timex){ .modes = ADJ_SETOFFSET | ADJ_NANO, .time = { 100, 5 } };
    check("moved", clock_adjtime(CLOCK_REALTIME, &timex) == TIME_ERROR);
    check("forward", is_near(now_ns(CLOCK_REALTIME), before + 100ll * S));
    check("it counts nanoseconds now", timex.status & STA_NANO);
    timex = (struct timex){ .modes = ADJ_SETOFFSET | ADJ_MICRO, .time = { -101, 999999 } };
    check("back", adjtimex(&timex) == TIME_ERROR && is_near(now_ns(CLOCK_REALTIME), before));
    check("it counts microseconds", !(timex.status & STA_NANO) && timex.time.tv_usec < 1000000);
    timex = (struct timex){ .modes = ADJ_SETOFFSET, .time = { 0, 1000000 } };
    check_errno(adjtimex(&timex), EINVAL);
    timex = (struct timex){ .modes = ADJ_OFFSET_SS_READ };
    check("nothing is being adjusted", adjtimex(&timex) == TIME_ERROR && timex.offset == 0);
    timex.modes = 0;
    check_errno(clock_adjtime(CLOCK_MONOTONIC, &timex), EOPNOTSUPP);
    check_errno(clock_adjtime(1000, &timex), EINVAL);
    check_errno(syscall(ADJTIME, 1000, 16), EFAULT);
    check_errno(syscall(SYS_adjtimex, 16), EFAULT);
}

static void test_errors(void)
{
    struct time time = { 0, 0 };
    check_errno(syscall(SETTIME, CLOCK_REALTIME, 16), EFAULT);
    check_errno(syscall(SETTIME, CLOCK_MONOTONIC, 16), EINVAL);
    clockid_t own = 0;
    clock_getcpuclockid(getpid(), &own);
    check_errno(syscall(SETTIME, own, &time), EPERM);
    check_errno(syscall(SETTIME, 1000, &time), EINVAL);
    check_errno(syscall(SETTIME, CLOCK_REALTIME, &time), EINVAL);
    time = (struct time){ 1900000000, S };
    check_errno(syscall(SETTIME, CLOCK_REALTIME, &time), EINVAL);
    time = (struct time){ -1, 0 };
    check_errno(syscall(SETTIME, CLOCK_REALTIME, &time), EINVAL);
    time = (struct time){ 1ll << 40, 0 };
    check_errno(syscall(SETTIME, CLOCK_REALTIME, &time), EINVAL);
    long day[2] = { 1900000000, 1000000 };
    int zone[2] = { 15 * 60 + 1, 0 };
    check_errno(syscall(SET_DAY, day, NULL), EINVAL);
    day[1] = -1;
    check_errno(syscall(SET_DAY, day, NULL), EINVAL);
    check_errno(syscall(SET_DAY, NULL, zone), EINVAL);
    check_errno(syscall(SET_DAY, 16, NULL), EFAULT);
    check_errno(syscall(SET_DAY, NULL, 16), EFAULT);
}

static void test_stime(void)
{
    long now = (long)time(NULL);
    if (sizeof(long) == 8) {
        puts("ok: stime\nok: sets it, too");
        return;
    }
    check("stime", syscall(25, &now) == 0);
    check("sets it, too", time(NULL) - now <= 1);
}

int main(void)
{
    const long long real = now_ns(CLOCK_REALTIME), start = now_ns(CLOCK_MONOTONIC);
    test_shown();
    test_sleeps();
    test_timers();
    test_timerfd();
    test_adjtimex();
    test_errors();
    test_stime();
    check("as it was", set_ns(real + now_ns(CLOCK_MONOTONIC) - start) == 0);
    return finish();
}
