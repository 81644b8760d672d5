/*
 * Timers as files: read, polled, watched, once and again; and what sets one wrongly.
 */
#define _GNU_SOURCE
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>

#include "check.h"
#include "later.h"
#include "user/now.h"

#ifdef __x86_64__
#define SETTIME SYS_timerfd_settime
#define GETTIME SYS_timerfd_gettime
#else
#define SETTIME SYS_timerfd_settime64
#define GETTIME SYS_timerfd_gettime64
#endif

enum { MS = 1000000, NOT_A_FLAG = 4 };

static int timer;

static struct timespec spec(long long ns)
{
    return (struct timespec){ ns / 1000000000, ns % 1000000000 };
}

static long long ns_of(struct timespec time) { return time.tv_sec * 1000000000ll + time.tv_nsec; }

static int set(int flags, long long first, long long interval)
{
    struct itimerspec wanted = { spec(interval), spec(first) };
    return timerfd_settime(timer, flags, &wanted, NULL);
}

/* How often has it come?  0: not yet, if it may not be waited for. */
static uint64_t times(void)
{
    uint64_t count = 0;
    return read(timer, &count, sizeof(count)) == sizeof(count) ? count : 0;
}

static int is_ready(int ms) { return poll(&(struct pollfd){ timer, POLLIN, 0 }, 1, ms); }

static void test_once(clockid_t clock, const char *name)
{
    struct itimerspec now = { 0 };
    timer = timerfd_create(clock, TFD_NONBLOCK);
    check(name, timer >= 0);
    check("it is not set", timerfd_gettime(timer, &now) == 0 && ns_of(now.it_value) == 0);
    check("nor readable", is_ready(0) == 0 && times() == 0 && errno == EAGAIN);
    check("after a while", set(0, LATER_MS * MS, 0) == 0);
    check("which has begun", timerfd_gettime(timer, &now) == 0 && ns_of(now.it_value) > 0 &&
                                 ns_of(now.it_value) <= LATER_MS * MS);
    check("it comes", is_ready(-1) == 1 && times() == 1);
    check("but once", is_ready(2 * LATER_MS) == 0 && times() == 0);
    check("it stands still", timerfd_gettime(timer, &now) == 0 && ns_of(now.it_value) == 0);
    check("at a moment", set(TFD_TIMER_ABSTIME, now_ns(clock) + LATER_MS * MS, 0) == 0);
    check("it comes", is_ready(-1) == 1 && times() == 1);
    check("at one that is over", set(TFD_TIMER_ABSTIME, now_ns(clock) - MS, 0) == 0);
    check("at once", is_ready(-1) == 1 && times() == 1);
    close(timer);
}

static void test_again(void)
{
    struct itimerspec now = { 0 }, none = { 0 };
    timer = timerfd_create(CLOCK_MONOTONIC, 0);
    long long start = now_ns(CLOCK_MONOTONIC);
    check("again and again", set(0, 20 * MS, 20 * MS) == 0);
    check("a read waits", times() >= 1 && now_ns(CLOCK_MONOTONIC) - start >= 20 * MS);
    check("for the next", times() >= 1 && now_ns(CLOCK_MONOTONIC) - start >= 40 * MS);
    sleep_ms(200);
    check("while nobody reads", is_ready(0) == 1);
    check("it counts", timerfd_gettime(timer, &now) == 0 && ns_of(now.it_value) > 0 &&
                           ns_of(now.it_value) <= 20 * MS && ns_of(now.it_interval) == 20 * MS);
    uint64_t count = times();
    long long passed = now_ns(CLOCK_MONOTONIC) - start;
    check("all of them", count >= 9 && (long long)count <= passed / (20 * MS));
    check("what it was is told",
          timerfd_settime(timer, 0, &none, &now) == 0 && ns_of(now.it_interval) == 20 * MS);
    check("stopped it does not come", is_ready(2 * LATER_MS) == 0);
    set(0, MS, 0);
    is_ready(-1);
    check("set anew", set(0, 1000ll * MS, 0) == 0);
    check("what came before is forgotten", is_ready(0) == 0);
    close(timer);
}

static void set_it(int unused)
{
    (void)unused;
    set(0, MS, 0);
}

static void test_shared(void)
{
    struct epoll_event event = { .events = EPOLLIN | EPOLLET }, got;
    int epoll = epoll_create1(0);
    timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    check("watched", epoll_ctl(epoll, EPOLL_CTL_ADD, timer, &event) == 0);
    check("it is quiet", epoll_wait(epoll, &got, 1, 0) == 0);
    pid_t child = later(set_it, 0);
    check("a child may set it", epoll_wait(epoll, &got, 1, -1) == 1 && got.events == EPOLLIN);
    waitpid(child, NULL, 0);
    check("an edge is told once", epoll_wait(epoll, &got, 1, 0) == 0);
    check("and the time taken", times() == 1);
    child = later(set_it, 0);
    check("a reader waits for it, too", times() == 1);
    waitpid(child, NULL, 0);
    check("what was taken is not told", epoll_wait(epoll, &got, 1, 0) == 0);
    close(epoll);
    close(timer);
}

static void note(int signal) { (void)signal; }

static void test_errors(void)
{
    struct itimerspec value = { 0 };
    struct sigaction action = { .sa_handler = note };
    char small[7];
    check_errno(timerfd_create(CLOCK_PROCESS_CPUTIME_ID, 0), EINVAL);
    check_errno(timerfd_create(CLOCK_MONOTONIC_RAW, 0), EINVAL);
    check_errno(timerfd_create(-1, 0), EINVAL);
    check_errno(timerfd_create(CLOCK_MONOTONIC, 1), EINVAL);
    timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    check_errno(syscall(SETTIME, 99, 0, &value, NULL), EBADF);
    check_errno(syscall(SETTIME, 99, NOT_A_FLAG, &value, NULL), EINVAL);
    check_errno(syscall(SETTIME, timer, NOT_A_FLAG, NULL, NULL), EFAULT);
    check_errno(syscall(SETTIME, 1, 0, &value, NULL), EINVAL);
    check_errno(syscall(SETTIME, timer, 0, NULL, NULL), EFAULT);
    check_errno(syscall(SETTIME, timer, 0, 16, NULL), EFAULT);
    check_errno(syscall(SETTIME, timer, 0, &value, 16), EFAULT);
    check_errno(syscall(SETTIME, timer, NOT_A_FLAG, &value, NULL), EINVAL);
    check_errno(set(0, -1, 0), EINVAL);
    value.it_interval.tv_nsec = 1000000000;
    check_errno(timerfd_settime(timer, 0, &value, NULL), EINVAL);
    check_errno(syscall(GETTIME, 1, &value), EINVAL);
    check_errno(syscall(GETTIME, 99, &value), EBADF);
    check_errno(syscall(GETTIME, timer, 16), EFAULT);
    check_errno(write(timer, "12345678", 8), EINVAL);
    set(0, 1, 0);
    is_ready(-1);
    check_errno(read(timer, small, sizeof(small)), EINVAL);
    check("nothing was taken", times() == 1);
    set(0, 1, 0);
    is_ready(-1);
    check_errno(read(timer, (void *)16, 8), EFAULT);
    close(timer);
    timer = timerfd_create(CLOCK_MONOTONIC, 0);
    sigaction(SIGUSR1, &action, NULL);
    pid_t child = later(signal_parent, SIGUSR1);
    check_errno(read(timer, &value, sizeof(value)), EINTR);
    waitpid(child, NULL, 0);
    close(timer);
}

/* As the calls were before there were 64 bits of seconds: words. */
static void test_words(void)
{
    const long settime = sizeof(long) == 8 ? SETTIME : 325,
               gettime = sizeof(long) == 8 ? GETTIME : 326;
    long wanted[4] = { 5, 0, 7, 0 }, now[4] = { 0 };
    timer = timerfd_create(CLOCK_BOOTTIME, 0);
    check("with words", syscall(settime, timer, 0, wanted, NULL) == 0);
    check("read as words", syscall(gettime, timer, now) == 0);
    check("interval first", now[0] == 5 && now[1] == 0 && now[2] == 6 && now[3] > 0);
    close(timer);
}

int main(void)
{
    test_once(CLOCK_MONOTONIC, "CLOCK_MONOTONIC");
    test_once(CLOCK_REALTIME, "CLOCK_REALTIME");
    test_once(CLOCK_BOOTTIME, "CLOCK_BOOTTIME");
    test_again();
    test_shared();
    test_errors();
    test_words();
    return finish();
}
