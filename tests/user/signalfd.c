/*
 * Signals read from a file: what is known of them, in which order, by whom, and watched.
 */
#define _GNU_SOURCE
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include "check.h"
#include "later.h"
#include "user/now.h"

enum { MANY = 4, SET_BYTES = 8 };

static int fd;
static sigset_t blocked;
static struct signalfd_siginfo got[MANY];

static int is_ready(int ms) { return poll(&(struct pollfd){ fd, POLLIN, 0 }, 1, ms); }

/* Read one signal.  Its number; 0: there is none. */
static uint32_t next(void)
{
    memset(got, 0xff, sizeof(got));
    return read(fd, got, sizeof(*got)) == sizeof(*got) ? got->ssi_signo : 0;
}

static void test_kinds(void)
{
    const union sigval value = { .sival_int = 77 };
    check("nothing waits", is_ready(0) == 0 && next() == 0 && errno == EAGAIN);
    kill(getpid(), SIGUSR1);
    check("one waits", is_ready(0) == 1);
    check("kill", next() == SIGUSR1 && got->ssi_code == SI_USER);
    check("by whom", got->ssi_pid == (uint32_t)getpid() && got->ssi_uid == getuid());
    check("all else is zero", got->ssi_errno == 0 && got->ssi_fd == 0 && got->ssi_tid == 0 &&
                                  got->ssi_overrun == 0 && got->ssi_int == 0 && got->ssi_ptr == 0 &&
                                  got->ssi_addr == 0 && got->ssi_status == 0);
    check("it waits no more", is_ready(0) == 0);
    raise(SIGUSR1);
    check("raise", next() == SIGUSR1 && got->ssi_code == SI_TKILL);
    sigqueue(getpid(), SIGRTMIN, value);
    check("sigqueue", next() == (uint32_t)SIGRTMIN && got->ssi_code == SI_QUEUE);
    check("with a value", got->ssi_int == 77 && (int)got->ssi_ptr == 77);
}

static void test_child(void)
{
    pid_t child = fork();
    if (!child)
        _exit(5);
    check("a child ends", is_ready(-1) == 1 && next() == SIGCHLD && got->ssi_code == CLD_EXITED);
    check("which, and how", got->ssi_pid == (uint32_t)child && got->ssi_status == 5);
    waitpid(child, NULL, 0);
}

static void test_timer(void)
{
    timer_t timer;
    struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM };
    event.sigev_value.sival_int = 99;
    const struct itimerspec often = { { 0, 5000000 }, { 0, 5000000 } };
    timer_create(CLOCK_MONOTONIC, &event, &timer);
    timer_settime(timer, 0, &often, NULL);
    sleep_ms(100);
    check("a timer", next() == SIGALRM && got->ssi_code == SI_TIMER && got->ssi_int == 99);
    check("how often", got->ssi_overrun >= 5 && got->ssi_tid == 0);
    check("it goes on", is_ready(-1) == 1 && next() == SIGALRM);
    timer_delete(timer);
    next();
}

static void test_order(void)
{
    const union sigval first = { .sival_int = 1 }, second = { .sival_int = 2 };
    sigqueue(getpid(), SIGRTMIN + 1, first);
    sigqueue(getpid(), SIGRTMIN + 1, second);
    kill(getpid(), SIGUSR2);
    kill(getpid(), SIGUSR2);
    check("as many as there are", read(fd, got, sizeof(got)) == 3 * sizeof(*got));
    check("low numbers first", got[0].ssi_signo == SIGUSR2 && got[1].ssi_int == 1);
    check("then as they came", got[2].ssi_int == 2);
    kill(getpid(), SIGUSR2);
    sigqueue(getpid(), SIGRTMIN + 1, first);
    check("as many as fit", read(fd, got, 2 * sizeof(*got) - 1) == sizeof(*got));
    check("the rest stays", next() == (uint32_t)SIGRTMIN + 1);
}

static void test_set(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    check("another set", signalfd(fd, &set, 0) == fd);
    kill(getpid(), SIGUSR1);
    check("another signal is not told", is_ready(0) == 0 && next() == 0);
    check("the old set", signalfd(fd, &blocked, 0) == fd);
    check("it is there", is_ready(0) == 1 && next() == SIGUSR1);
}

static void send_up(int signal) { kill(getppid(), signal); }

static void test_waiting(void)
{
    int waiting = signalfd(-1, &blocked, SFD_CLOEXEC), epoll = epoll_create1(0);
    struct epoll_event event = { .events = EPOLLIN }, told;
    pid_t child = later(send_up, SIGUSR1);
    check("a read waits", read(waiting, got, sizeof(*got)) == sizeof(*got));
    check("for the signal", got->ssi_signo == SIGUSR1 && got->ssi_pid == (uint32_t)child);
    waitpid(child, NULL, 0);
    next(); /* SIGCHLD */
    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
    check("watched", epoll_wait(epoll, &told, 1, 0) == 0);
    child = later(send_up, SIGUSR2);
    check("it is told", epoll_wait(epoll, &told, 1, -1) == 1 && told.events == EPOLLIN);
    check("which", next() == SIGUSR2);
    waitpid(child, NULL, 0);
    next();
    check("no more", epoll_wait(epoll, &told, 1, 0) == 0);
    close(epoll);
    close(waiting);
}

/* A child that has the file reads its own signals. */
static void test_reader(void)
{
    int status = 0;
    kill(getpid(), SIGUSR1);
    pid_t child = fork();
    if (!child) {
        int quiet = is_ready(0) == 0 && next() == 0;
        kill(getpid(), SIGUSR2);
        _exit(quiet && next() == SIGUSR2 && got->ssi_pid == (uint32_t)getpid());
    }
    waitpid(child, &status, 0);
    check("a child reads its own", status == 1 << 8);
    check("the parent, too", next() == SIGUSR1);
    next();
}

/* It is there for one who sleeps in sigtimedwait(), although it would end the process. */
static void test_awaited(void)
{
    sigset_t set;
    siginfo_t info;
    const struct timespec patience = { 10, 0 };
    sigemptyset(&set);
    sigaddset(&set, SIGALRM);
    int status = 0;
    pid_t child = fork();
    if (!child) {
        sigprocmask(SIG_SETMASK, &blocked, NULL);
        pid_t sender = later(send_up, SIGALRM);
        long start = now_ms();
        int taken = sigtimedwait(&set, &info, &patience);
        int at_once = now_ms() - start < 5000;
        waitpid(sender, NULL, 0);
        _exit(taken == SIGALRM && info.si_pid == sender && at_once);
    }
    waitpid(child, &status, 0);
    check("what is awaited does not end the process", status == 1 << 8);
    next();
}

static void test_errors(void)
{
    const uint64_t set = 1;
    char small[sizeof(*got) - 1];
    check_errno(syscall(SYS_signalfd4, -1, &set, 4, 0), EINVAL);
    check_errno(syscall(SYS_signalfd4, -1, 16, SET_BYTES, 1), EFAULT);
    check_errno(syscall(SYS_signalfd4, -1, &set, SET_BYTES, 1), EINVAL);
    check_errno(syscall(SYS_signalfd4, 99, &set, SET_BYTES, 0), EBADF);
    check_errno(syscall(SYS_signalfd4, 1, &set, SET_BYTES, 0), EINVAL);
    check_errno(read(fd, small, sizeof(small)), EINVAL);
    kill(getpid(), SIGUSR1);
    check_errno(read(fd, (void *)16, sizeof(*got)), EFAULT);
    check_errno(write(fd, got, sizeof(*got)), EINVAL);
    int old = (int)syscall(SYS_signalfd, -1, &set, SET_BYTES);
    check("the old call", old > fd && close(old) == 0);
    sigset_t kills;
    sigemptyset(&kills);
    sigaddset(&kills, SIGKILL);
    int none = signalfd(-1, &kills, SFD_NONBLOCK);
    check("SIGKILL is left out", none >= 0 && read(none, got, sizeof(got)) == -1);
    close(none);
}

int main(void)
{
    sigfillset(&blocked);
    sigprocmask(SIG_BLOCK, &blocked, NULL);
    fd = signalfd(-1, &blocked, SFD_NONBLOCK);
    test_kinds();
    test_child();
    test_timer();
    test_order();
    test_set();
    test_waiting();
    test_reader();
    test_awaited();
    test_errors();
    return finish();
}
