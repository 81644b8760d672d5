/*
 * Timers that send signals: alarm(2), setitimer(2), and what they do to system calls that wait.
 */
#define _GNU_SOURCE
#include "check.h"
#include "user/now.h"

#include <signal.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>

static volatile sig_atomic_t count[64];

static void note(int signal) { count[signal]++; }

static void handle(int signal)
{
    struct sigaction action = { .sa_handler = note };
    sigaction(signal, &action, NULL);
}

static int set(int which, long ms, long interval_ms)
{
    struct itimerval value = {
        .it_value = { ms / 1000, ms % 1000 * 1000 },
        .it_interval = { interval_ms / 1000, interval_ms % 1000 * 1000 },
    };
    return setitimer(which, &value, NULL);
}

static void test_alarm(void)
{
    check("none is set", alarm(100) == 0);
    check("one is", alarm(50) == 100);
    check("take it back", alarm(0) == 50);
    check("none is set", alarm(0) == 0);
    handle(SIGALRM);
    long start = now_ms();
    alarm(1);
    pause();
    long took = now_ms() - start;
    check("it comes once", count[SIGALRM] == 1);
    check("after a second", took >= 990);
    pid_t child = fork();
    if (!child) {
        signal(SIGALRM, SIG_DFL);
        set(ITIMER_REAL, 20, 0);
        for (;;)
            pause();
    }
    int status;
    check("it ends who does not handle it",
          waitpid(child, &status, 0) == child && WTERMSIG(status) == SIGALRM);
    alarm(100);
    child = fork();
    if (!child)
        _exit((int)alarm(0));
    check("a child does not inherit it", waitpid(child, &status, 0) == child && status == 0);
    check("its parent keeps it", alarm(0) == 100);
}

static void spin_until(volatile sig_atomic_t *what, int wanted)
{
    long start = now_ms();
    while (*what < wanted && now_ms() - start < 20000)
        ;
}

static void test_real(void)
{
    struct itimerval value;
    count[SIGALRM] = 0;
    long start = now_ms();
    check("every 20 ms", set(ITIMER_REAL, 40, 20) == 0);
    check("is told", getitimer(ITIMER_REAL, &value) == 0 && value.it_interval.tv_usec == 20000);
    check("so is what is left", value.it_value.tv_sec == 0 && value.it_value.tv_usec > 0 &&
                                    value.it_value.tv_usec <= 40000);
    while (count[SIGALRM] < 4)
        pause();
    check("the fourth comes after 100 ms", now_ms() - start >= 100);
    check("stop it", set(ITIMER_REAL, 0, 0) == 0);
    check("it has stopped",
          getitimer(ITIMER_REAL, &value) == 0 && !value.it_value.tv_sec && !value.it_value.tv_usec);
    int ends[2];
    char byte;
    check("pipe", pipe(ends) == 0);
    set(ITIMER_REAL, 30, 0);
    check_errno(read(ends[0], &byte, 1), EINTR);
    count[SIGALRM] = 0;
    value = (struct itimerval){ { 0, 1 }, { 0, 1 } };
    int error = setitimer(ITIMER_REAL, &value, NULL);
    spin_until(&count[SIGALRM], 3);
    set(ITIMER_REAL, 0, 0); /* else it interrupts what we say */
    check("every microsecond", error == 0);
    check("leaves time for oneself", count[SIGALRM] >= 3);
    check_errno(setitimer(3, &value, NULL), EINVAL);
    check_errno(getitimer(-1, &value), EINVAL);
    check_errno(syscall(SYS_setitimer, ITIMER_REAL, (long[4]){ 0, 0, 0, 1000000 }, NULL), EINVAL);
    check_errno(syscall(SYS_setitimer, ITIMER_REAL, 16, NULL), EFAULT);
    check_errno(syscall(SYS_getitimer, ITIMER_REAL, 16), EFAULT);
}

static void test_cpu(void)
{
    handle(SIGPROF);
    handle(SIGVTALRM);
    set(ITIMER_PROF, 30, 30);
    spin_until(&count[SIGPROF], 3);
    check("ITIMER_PROF comes again and again", count[SIGPROF] >= 3);
    set(ITIMER_PROF, 0, 0);
    set(ITIMER_VIRTUAL, 50, 0);
    spin_until(&count[SIGVTALRM], 1);
    check("ITIMER_VIRTUAL comes", count[SIGVTALRM] == 1);
    set(ITIMER_VIRTUAL, 50, 0);
    nanosleep(&(struct timespec){ 0, 150000000 }, NULL);
    check("not while nothing runs", count[SIGVTALRM] == 1);
    set(ITIMER_VIRTUAL, 0, 0);
}

int main(void)
{
    test_alarm();
    test_real();
    test_cpu();
    return finish();
}
