/*
 * CPU time: of threads and processes, in user mode and in the kernel; clocks, timers and sleeps
 * that go by it.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/wait.h>
#include <time.h>

#include "check.h"
#include "later.h"
#include "user/now.h"

enum { MS = 1000000, PROF = 0, VIRTUAL = 1, SCHEDULER = 2, OF_THREAD = 4 };

static volatile sig_atomic_t count[65];
static volatile int stop;

static void note(int signal) { count[signal]++; }

static clockid_t clock_of(int number, int kind)
{
    return (clockid_t)(~(unsigned)number << 3) | kind;
}

static void spin(clockid_t clock, long long ns)
{
    long long end = now_ns(clock) + ns;
    while (now_ns(clock) < end)
        for (volatile int i = 0; i < 100000; i++)
            ;
}

/* Have the kernel work, for @ns by @clock. */
static void spin_in_kernel(clockid_t clock, long long ns)
{
    static char buffer[1 << 20];
    int zero = open("/dev/zero", O_RDONLY);
    long long end = now_ns(clock) + ns;
    while (now_ns(clock) < end)
        (void)!read(zero, buffer, sizeof(buffer));
    close(zero);
}

static long long in_ns(struct timeval time)
{
    return time.tv_sec * 1000000000ll + time.tv_usec * 1000;
}

static struct rusage usage(int who)
{
    struct rusage usage;
    getrusage(who, &usage);
    return usage;
}

static void test_own(void)
{
    struct timespec step;
    check("a program that has just begun has run", now_ns(CLOCK_PROCESS_CPUTIME_ID) > 0);
    check("so has its thread", now_ns(CLOCK_THREAD_CPUTIME_ID) > 0);
    check("the clock is exact", clock_getres(CLOCK_PROCESS_CPUTIME_ID, &step) == 0 &&
                                    step.tv_sec == 0 && step.tv_nsec == 1);
    long long process = now_ns(CLOCK_PROCESS_CPUTIME_ID), thread = now_ns(CLOCK_THREAD_CPUTIME_ID);
    check("they agree", thread <= now_ns(CLOCK_PROCESS_CPUTIME_ID));
    spin(CLOCK_THREAD_CPUTIME_ID, 50 * MS);
    check("the process's advances", now_ns(CLOCK_PROCESS_CPUTIME_ID) - process >= 50 * MS);
    process = now_ns(CLOCK_PROCESS_CPUTIME_ID);
    sleep_ms(200);
    check("but not asleep", now_ns(CLOCK_PROCESS_CPUTIME_ID) - process < 100 * MS);
    check("0 is oneself",
          now_ns(clock_of(0, SCHEDULER)) >= process && now_ns(clock_of(0, PROF)) >= process / 2);
}

static void test_modes(void)
{
    struct rusage before = usage(RUSAGE_SELF), after;
    spin(CLOCK_PROCESS_CPUTIME_ID, 200 * MS);
    after = usage(RUSAGE_SELF);
    long long user = in_ns(after.ru_utime) - in_ns(before.ru_utime);
    long long system = in_ns(after.ru_stime) - in_ns(before.ru_stime);
    check("a loop is user time", user >= 100 * MS && user > 2 * system);
    check("the sum is exact", user + system >= 199 * MS);
    before = usage(RUSAGE_THREAD);
    spin_in_kernel(CLOCK_PROCESS_CPUTIME_ID, 200 * MS);
    after = usage(RUSAGE_THREAD);
    user = in_ns(after.ru_utime) - in_ns(before.ru_utime);
    system = in_ns(after.ru_stime) - in_ns(before.ru_stime);
    check("reading is the kernel's", system >= 100 * MS && system > user);
    check("and VIRTUAL counts the loop alone",
          now_ns(clock_of(0, VIRTUAL)) < now_ns(clock_of(0, SCHEDULER)) - 100 * MS);
}

static void *be_busy(void *clock)
{
    pthread_getcpuclockid(pthread_self(), clock);
    while (!stop)
        ;
    return NULL;
}

static void test_thread(void)
{
    pthread_t thread;
    clockid_t clock = 0;
    stop = 0;
    check("a thread", pthread_create(&thread, NULL, be_busy, &clock) == 0);
    long long process = now_ns(CLOCK_PROCESS_CPUTIME_ID), own = now_ns(CLOCK_THREAD_CPUTIME_ID);
    sleep_ms(100);
    while (!clock || now_ns(clock) < 50 * MS)
        sleep_ms(1);
    check("its clock advances", now_ns(clock) >= 50 * MS);
    check("the process's, too", now_ns(CLOCK_PROCESS_CPUTIME_ID) - process >= 50 * MS);
    check("one's own does not", now_ns(CLOCK_THREAD_CPUTIME_ID) - own < 50 * MS);
    struct timespec span = { 0, 30 * MS };
    long long start = now_ns(CLOCK_PROCESS_CPUTIME_ID);
    check("sleep while it runs", clock_nanosleep(CLOCK_PROCESS_CPUTIME_ID, 0, &span, NULL) == 0);
    check("until it has run so long", now_ns(CLOCK_PROCESS_CPUTIME_ID) - start >= 30 * MS);
    stop = 1;
    pthread_join(thread, NULL);
    check("its time stays with the process",
          now_ns(CLOCK_PROCESS_CPUTIME_ID) - now_ns(CLOCK_THREAD_CPUTIME_ID) >= 50 * MS);
    for (int i = 0; i < 1000 && now_ns(clock) != -1; i++)
        sleep_ms(1); /* who joins it may be earlier than its end */
    check_errno(now_ns(clock), EINVAL);
}

static void test_child(void)
{
    clockid_t clock;
    struct tms before, after;
    check("times", times(&before) != -1);
    pid_t child = fork();
    if (!child)
        for (;;)
            ;
    check("a child's clock", clock_getcpuclockid(child, &clock) == 0);
    while (now_ns(clock) < 60 * MS)
        sleep_ms(1);
    check_errno(now_ns(clock_of(child, SCHEDULER | OF_THREAD)), EINVAL);
    kill(child, SIGKILL);
    siginfo_t info = { 0 };
    waitid(P_PID, child, &info, WEXITED | WNOWAIT);
    check("the zombie's still shows it", now_ns(clock) >= 60 * MS);
    struct rusage usage;
    check("collected", wait4(child, NULL, 0, &usage) == child);
    check("it has used that", in_ns(usage.ru_utime) + in_ns(usage.ru_stime) >= 60 * MS);
    check("its clock is gone", clock_getcpuclockid(child, &clock) != 0);
    check("times", times(&after) != -1);
    check("counts it among the children",
          after.tms_cutime + after.tms_cstime - before.tms_cutime - before.tms_cstime >= 5);
    check("and oneself", after.tms_utime + after.tms_stime >= 10);
    check("times without a place", syscall(SYS_times, NULL) > 0);
    check_errno(syscall(SYS_times, 16), EFAULT);
}

static void test_timer(clockid_t clock, const char *name)
{
    struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1 };
    struct itimerspec span = { { 0, 0 }, { 0, 60 * MS } }, left;
    timer_t timer;
    printf("%s:\n", name);
    count[SIGUSR1] = 0;
    check("a timer", timer_create(clock, &event, &timer) == 0);
    check("set", timer_settime(timer, 0, &span, NULL) == 0);
    long long start = now_ns(clock);
    sleep_ms(150);
    check("does not expire asleep", count[SIGUSR1] == 0);
    check("is read", timer_gettime(timer, &left) == 0);
    check("some is left", left.it_value.tv_nsec > 20 * MS && left.it_value.tv_nsec <= 60 * MS);
    while (!count[SIGUSR1] && now_ns(clock) - start < 10000ll * MS)
        ;
    check("it expires", count[SIGUSR1] == 1);
    check("not too early", now_ns(clock) - start >= 59 * MS);
    span.it_interval.tv_nsec = 20 * MS;
    check("again and again", timer_settime(timer, 0, &span, NULL) == 0);
    start = now_ns(clock);
    while (count[SIGUSR1] < 4 && now_ns(clock) - start < 10000ll * MS)
        ;
    check("it comes", count[SIGUSR1] >= 4);
    long long end = now_ns(clock) + 100 * MS;
    span = (struct itimerspec){ { 0, 0 }, { end / 1000000000, end % 1000000000 } };
    check("at a moment", timer_settime(timer, TIMER_ABSTIME, &span, NULL) == 0);
    count[SIGUSR1] = 0;
    while (!count[SIGUSR1] && now_ns(clock) < end + 10000ll * MS)
        ;
    check("it comes then", count[SIGUSR1] == 1 && now_ns(clock) >= end - MS);
    span = (struct itimerspec){ { 0, 0 }, { (time_t)((~0ul) >> 1), 999999999 } };
    check("after the end of time", timer_settime(timer, 0, &span, NULL) == 0);
    sleep_ms(LATER_MS);
    check("delete", timer_delete(timer) == 0);
}

/* What is left of ITIMER_VIRTUAL when ITIMER_PROF has expired. */
static void test_itimers(void)
{
    struct itimerval span = { { 0, 0 }, { 0, 200000 } };
    setitimer(ITIMER_VIRTUAL, &span, NULL);
    setitimer(ITIMER_PROF, &span, NULL);
    count[SIGPROF] = count[SIGVTALRM] = 0;
    while (!count[SIGPROF])
        spin_in_kernel(CLOCK_PROCESS_CPUTIME_ID, 10 * MS);
    getitimer(ITIMER_VIRTUAL, &span);
    check("ITIMER_VIRTUAL waits for the program itself",
          count[SIGVTALRM] == 0 && span.it_value.tv_usec > 50000);
    while (!count[SIGVTALRM])
        ;
    check("which it finds", count[SIGVTALRM] == 1);
}

static void test_refused(void)
{
    timer_t timer;
    struct timespec span = { 0, MS };
    check_errno(now_ns(clock_of(100, 3)), EINVAL);
    check_errno(now_ns(clock_of(1 << 28, SCHEDULER)), EINVAL);
    check("no sleep by one's own clock",
          clock_nanosleep(clock_of(0, SCHEDULER | OF_THREAD), 0, &span, NULL) == EINVAL);
    check_errno(timer_create(clock_of(1 << 28, SCHEDULER), NULL, &timer), EINVAL);
}

int main(void)
{
    signal(SIGUSR1, note);
    signal(SIGPROF, note);
    signal(SIGVTALRM, note);
    test_own();
    test_modes();
    test_thread();
    test_child();
    test_timer(CLOCK_PROCESS_CPUTIME_ID, "the process's clock");
    test_timer(CLOCK_THREAD_CPUTIME_ID, "the thread's clock");
    test_itimers();
    test_refused();
    return finish();
}
