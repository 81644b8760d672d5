/*
 * A process's own timers: signals that come once, again and again, too late; and small questions
 * about scheduling and the kernel's messages, whose answers are the same everywhere.
 */
#define _GNU_SOURCE
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <sys/klog.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include "check.h"
#include "later.h"
#include "user/now.h"

enum { MS = 1000000 };

static volatile int signals, last_value, last_overrun, last_code;

static void handle(int signal, siginfo_t *info, void *context)
{
    (void)signal, (void)context;
    signals++;
    last_code = info->si_code;
    last_value = info->si_value.sival_int;
    last_overrun = info->si_overrun;
}

static struct timespec spec(long long ns)
{
    return (struct timespec){ ns / 1000000000, ns % 1000000000 };
}

static timer_t make(clockid_t clock, int notify, int signal)
{
    struct sigevent event = { .sigev_notify = notify, .sigev_signo = signal };
    timer_t timer = (timer_t)-1;
    event.sigev_value.sival_int = 77;
    return timer_create(clock, &event, &timer) ? (timer_t)-1 : timer;
}

static int set(timer_t timer, int flags, long long first, long long interval)
{
    struct itimerspec wanted = { spec(interval), spec(first) };
    return timer_settime(timer, flags, &wanted, NULL);
}

static long long left(timer_t timer)
{
    struct itimerspec value;
    return timer_gettime(timer, &value)
               ? -1
               : value.it_value.tv_sec * 1000000000ll + value.it_value.tv_nsec;
}

/* Wait for @count signals, but not for ever. */
static int wait_for(int count)
{
    for (int i = 0; signals < count && i < 300; i++)
        sleep_ms(10);
    return signals >= count;
}

static void test_once(clockid_t clock, const char *name)
{
    timer_t timer = make(clock, SIGEV_SIGNAL, SIGUSR1);
    signals = 0;
    int ok = set(timer, 0, 20 * MS, 0) == 0 && left(timer) > 0 && wait_for(1);
    ok = ok && last_code == SI_TIMER && last_value == 77 && !last_overrun && left(timer) == 0;
    signals = 0;
    ok = ok && set(timer, TIMER_ABSTIME, now_ns(clock) + 20 * MS, 0) == 0 && wait_for(1);
    signals = 0;
    ok = ok && set(timer, TIMER_ABSTIME, now_ns(clock) - 20 * MS, 0) == 0 && wait_for(1);
    check(name, ok && timer_delete(timer) == 0);
}

static void test_again(void)
{
    timer_t timer = make(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR1);
    sigset_t set_of_one;
    sigemptyset(&set_of_one);
    sigaddset(&set_of_one, SIGUSR1);
    signals = 0;
    set(timer, 0, 10 * MS, 20 * MS);
    check("it comes again and again", wait_for(3));

    sigprocmask(SIG_BLOCK, &set_of_one, NULL);
    set(timer, 0, 10 * MS, 10 * MS);
    sleep_ms(200);
    signals = 0;
    last_overrun = -1;
    siginfo_t info;
    check("while it is blocked only one waits",
          sigwaitinfo(&set_of_one, &info) == SIGUSR1 && info.si_code == SI_TIMER);
    check("which says how many it stands for", info.si_overrun >= 5 && info.si_overrun <= 100);
    check("so does timer_getoverrun", timer_getoverrun(timer) == info.si_overrun);
    check("and it goes on", sigwaitinfo(&set_of_one, &info) == SIGUSR1);
    check("until it is stopped", set(timer, 0, 0, 0) == 0 && left(timer) == 0);
    check("and deleted", timer_delete(timer) == 0);
    sigtimedwait(&set_of_one, &info, &(struct timespec){ 0, 0 });
    sigprocmask(SIG_UNBLOCK, &set_of_one, NULL);
}

static void test_kinds(void)
{
    timer_t quiet = make(CLOCK_MONOTONIC, SIGEV_NONE, 0), timer;
    set(quiet, 0, 5 * MS, 40 * MS);
    sleep_ms(60);
    check("one without a signal runs all the same", left(quiet) > 0 && left(quiet) <= 40 * MS);

    struct sigevent event = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGUSR2 };
    ((int *)&event)[sizeof(long) == 8 ? 4 : 3] = (int)syscall(SYS_gettid);
    signals = 0;
    check("one for a thread", timer_create(CLOCK_MONOTONIC, &event, &timer) == 0 &&
                                  set(timer, 0, 5 * MS, 0) == 0 && wait_for(1));
    ((int *)&event)[sizeof(long) == 8 ? 4 : 3] = 1 << 29;
    check_errno(timer_create(CLOCK_MONOTONIC, &event, &timer), EINVAL);
    check("no event is SIGALRM", timer_create(CLOCK_REALTIME, NULL, &timer) == 0);
    pid_t child = fork();
    if (!child)
        _exit(syscall(SYS_timer_delete, quiet) == -1 && errno == EINVAL ? 7 : 1);
    int status = 0;
    waitpid(child, &status, 0);
    check("a child has none of them", WEXITSTATUS(status) == 7);
    check_errno(syscall(SYS_timer_delete, 99), EINVAL);
    check_errno(syscall(SYS_timer_getoverrun, 99), EINVAL);
    check_errno(set(timer, 0, -1, 0), EINVAL);
    check_errno(timer_create(1000, NULL, &timer), EINVAL);
    event.sigev_notify = 99;
    check_errno(timer_create(CLOCK_MONOTONIC, &event, &timer), EINVAL);
    event = (struct sigevent){ .sigev_notify = SIGEV_SIGNAL, .sigev_signo = 65 };
    check_errno(timer_create(CLOCK_MONOTONIC, &event, &timer), EINVAL);
}

static void test_often(void)
{
    timer_t timer = make(CLOCK_MONOTONIC, SIGEV_NONE, 0);
    check("every nanosecond, for nobody", set(timer, 0, 1, 1) == 0);
    sleep_ms(LATER_MS);
    check("leaves time for oneself", left(timer) <= 1);
    timer_delete(timer);
}

static void test_scheduling(void)
{
    struct sched_param parameter = { .sched_priority = 5 };
    long slice[2] = { -1, -1 }; /* struct timespec, as the oldest call has it */
    const long interval_call = sizeof(long) == 8 ? SYS_sched_rr_get_interval : 161;
    unsigned long cpus = 0;
    check("the policy is the usual one", syscall(SYS_sched_getscheduler, 0) == SCHED_OTHER);
    check("with priority 0",
          syscall(SYS_sched_getparam, 0, &parameter) == 0 && parameter.sched_priority == 0);
    check("it can be set", syscall(SYS_sched_setscheduler, 0, SCHED_BATCH, &parameter) == 0 &&
                               syscall(SYS_sched_setscheduler, 0, SCHED_OTHER, &parameter) == 0);
    check_errno(syscall(SYS_sched_setscheduler, 0, 77, &parameter), EINVAL);
    check_errno(syscall(SYS_sched_getscheduler, 99999), ESRCH);
    check("priorities", sched_get_priority_max(SCHED_FIFO) == 99 &&
                            sched_get_priority_min(SCHED_RR) == 1 &&
                            sched_get_priority_max(SCHED_OTHER) == 0);
    check_errno(sched_get_priority_max(77), EINVAL);
    check("a turn has a length",
          syscall(interval_call, 0, slice) == 0 && slice[0] == 0 && slice[1] >= 0);
    check("affinity", syscall(SYS_sched_getaffinity, 0, sizeof(cpus), &cpus) > 0 && cpus);
    check("it can be set to what it is",
          syscall(SYS_sched_setaffinity, 0, sizeof(cpus), &cpus) == 0);
    unsigned long one = cpus & -cpus, now = 0, none = 0;
    check("and to one CPU", syscall(SYS_sched_setaffinity, 0, sizeof(one), &one) == 0 &&
                                syscall(SYS_sched_getaffinity, 0, sizeof(now), &now) > 0 &&
                                now == one);
    check_errno(syscall(SYS_sched_setaffinity, 0, sizeof(none), &none), EINVAL);
    check_errno(syscall(SYS_sched_setaffinity, 99999, sizeof(cpus), &cpus), ESRCH);
}

static void test_small(void)
{
    check("there are groups, or none", getgroups(0, NULL) >= 0);
    check_errno(getgroups(-1, NULL), EINVAL);
    check("the log has a size", klogctl(10, NULL, 0) > 1000);
    check_errno(klogctl(3, NULL, 10), EINVAL);
    check_errno(klogctl(99, NULL, 0), EINVAL);
}

int main(void)
{
    struct sigaction action = { .sa_sigaction = handle, .sa_flags = SA_SIGINFO };
    sigaction(SIGUSR1, &action, NULL);
    sigaction(SIGUSR2, &action, NULL);
    test_once(CLOCK_REALTIME, "CLOCK_REALTIME");
    test_once(CLOCK_MONOTONIC, "CLOCK_MONOTONIC");
    test_once(CLOCK_BOOTTIME, "CLOCK_BOOTTIME");
    test_again();
    test_kinds();
    test_often();
    test_scheduling();
    test_small();
    return finish();
}
