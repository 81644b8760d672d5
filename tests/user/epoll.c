/*
 * epoll(7): level and edge triggered, one-shot, what can be watched, and what ends a wait.
 */
#define _GNU_SOURCE
#include "check.h"
#include "later.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

enum { MANY = 20 };
#define MARK 0x123456789abcdef0ull

static int epoll;
static int ends[2];
static struct epoll_event got[MANY];
static volatile sig_atomic_t caught;

static void note(int signal) { caught = signal; }

static int control_of(int watcher, int operation, int fd, unsigned events)
{
    struct epoll_event event = { .events = events, .data.u64 = MARK + (unsigned)fd };
    return epoll_ctl(watcher, operation, fd, &event);
}

static int control(int operation, int fd, unsigned events)
{
    return control_of(epoll, operation, fd, events);
}

/* The events of the only descriptor that is told at once; 0: none is. */
static unsigned told(void)
{
    int count = epoll_wait(epoll, got, MANY, 0);
    return count == 0 ? 0 : count == 1 ? got[0].events : ~0u;
}

static void read_byte(int fd)
{
    char byte;
    (void)!read(fd, &byte, 1);
}

static void begin(void)
{
    epoll = epoll_create1(EPOLL_CLOEXEC);
    check("epoll and pipe", epoll >= 0 && pipe(ends) == 0);
}

static void end(void)
{
    close(epoll);
    close(ends[0]);
    close(ends[1]);
}

static void level_triggered(void)
{
    begin();
    check("add the reader", control(EPOLL_CTL_ADD, ends[0], EPOLLIN) == 0);
    check("nothing is there", told() == 0);
    write_byte(ends[1]);
    check("a byte is", told() == EPOLLIN);
    check("with what was given", got[0].data.u64 == MARK + (unsigned)ends[0]);
    check("and still is", told() == EPOLLIN);
    read_byte(ends[0]);
    check("read: no more", told() == 0);
    check("the epoll itself is not readable",
          poll(&(struct pollfd){ epoll, POLLIN, 0 }, 1, 0) == 0);
    write_byte(ends[1]);
    check("now it is", poll(&(struct pollfd){ epoll, POLLIN, 0 }, 1, 0) == 1);
    check("and tells", told() == EPOLLIN);
    read_byte(ends[0]);
    pid_t child = later(write_byte, ends[1]);
    check("a wait ends with a byte", epoll_wait(epoll, got, MANY, -1) == 1);
    waitpid(child, NULL, 0);
    read_byte(ends[0]);
    child = later(write_byte, ends[1]);
    check("so does a poll of the epoll", poll(&(struct pollfd){ epoll, POLLIN, 0 }, 1, -1) == 1);
    waitpid(child, NULL, 0);
    check("take it out", control(EPOLL_CTL_DEL, ends[0], 0) == 0);
    check("no more is told", told() == 0);
    end();
}

static void edge_triggered(void)
{
    begin();
    write_byte(ends[1]);
    check("add the reader", control(EPOLL_CTL_ADD, ends[0], EPOLLIN | EPOLLET) == 0);
    check("what is there is told", told() == EPOLLIN);
    check("once", told() == 0);
    write_byte(ends[1]);
    check("more is told", told() == EPOLLIN);
    check("once", told() == 0);
    read_byte(ends[0]);
    check("less is not", told() == 0);
    check("change", control(EPOLL_CTL_MOD, ends[0], EPOLLIN | EPOLLET) == 0);
    check("told anew", told() == EPOLLIN);
    read_byte(ends[0]);
    pid_t child = later(write_byte, ends[1]);
    check("a wait ends with a byte", epoll_wait(epoll, got, MANY, -1) == 1);
    waitpid(child, NULL, 0);
    check("and not again", epoll_wait(epoll, got, MANY, LATER_MS) == 0);
    end();
}

static void one_shot(void)
{
    begin();
    check("add the reader", control(EPOLL_CTL_ADD, ends[0], EPOLLIN | EPOLLONESHOT) == 0);
    write_byte(ends[1]);
    check("told", told() == EPOLLIN);
    write_byte(ends[1]);
    check("never again", told() == 0);
    close(ends[1]);
    check("not even that it has hung up", told() == 0);
    check("until it is changed", control(EPOLL_CTL_MOD, ends[0], EPOLLIN) == 0);
    check("then all of it", told() == (EPOLLIN | EPOLLHUP));
    end();
}

static void many_and_closed_ones(void)
{
    int fds[MANY];
    begin();
    for (int i = 0; i < MANY; i++) {
        fds[i] = eventfd(1, 0);
        if (control(EPOLL_CTL_ADD, fds[i], EPOLLIN) != 0)
            check("add", 0);
    }
    check("all are told", epoll_wait(epoll, got, MANY, -1) == MANY);
    int seen = 0;
    for (int i = 0; i < 2 * MANY; i++) {
        int count = epoll_wait(epoll, got, 1, -1);
        for (int j = 0; j < MANY && count == 1; j++)
            seen |= (got[0].data.u64 == MARK + (unsigned)fds[j]) << j;
    }
    check("one at a time: each gets its turn", seen == (1 << MANY) - 1);
    for (int i = 1; i < MANY; i++)
        close(fds[i]);
    check("closed ones are forgotten", epoll_wait(epoll, got, MANY, -1) == 1);
    int copy = dup(fds[0]);
    close(fds[0]);
    check("but not while a copy is open", epoll_wait(epoll, got, MANY, -1) == 1);
    close(copy);
    check("then, too", epoll_wait(epoll, got, MANY, 0) == 0);
    end();
}

/* @outer watches the epoll, which watches the pipe. */
static void watched_by_another(unsigned how)
{
    begin();
    int outer = epoll_create1(0);
    check("watch it", control_of(outer, EPOLL_CTL_ADD, epoll, EPOLLIN | how) == 0);
    check("it watches nothing", epoll_wait(outer, got, MANY, 0) == 0);
    check("now it does", control(EPOLL_CTL_ADD, ends[0], EPOLLIN) == 0);
    check("nothing is there", epoll_wait(outer, got, MANY, 0) == 0);
    pid_t child = later(write_byte, ends[1]);
    check("a wait ends with a byte", epoll_wait(outer, got, MANY, -1) == 1);
    check("by the epoll's name", got[0].data.u64 == MARK + (unsigned)epoll);
    check("which is readable", got[0].events == EPOLLIN);
    waitpid(child, NULL, 0);
    check("again, unless it is told by edges", epoll_wait(outer, got, MANY, 0) == !how);
    check("it tells", told() == EPOLLIN);
    read_byte(ends[0]);
    check("no more", epoll_wait(outer, got, MANY, 0) == 0);
    child = later(write_byte, ends[1]);
    check("a poll ends, too", poll(&(struct pollfd){ outer, POLLIN, 0 }, 1, -1) == 1);
    waitpid(child, NULL, 0);
    check("told", epoll_wait(outer, got, MANY, 0) == 1);
    end();
    check("closed, it is forgotten", epoll_wait(outer, got, MANY, 0) == 0);
    close(outer);
}

static void watched_in_a_row(void)
{
    enum { ROW = 12, SHORT = 5 };
    int row[ROW], error = 0;
    begin();
    row[0] = epoll;
    for (int i = 1; i < ROW; i++)
        row[i] = epoll_create1(0);
    for (int i = 1; i < SHORT; i++)
        check("a short row", control_of(row[i], EPOLL_CTL_ADD, row[i - 1], EPOLLIN) == 0);
    check_errno(control_of(row[0], EPOLL_CTL_ADD, row[SHORT - 1], EPOLLIN), ELOOP);
    check_errno(control_of(row[1], EPOLL_CTL_ADD, row[2], EPOLLIN), ELOOP);
    check("add a reader", control(EPOLL_CTL_ADD, ends[0], EPOLLIN) == 0);
    check("the last is quiet", epoll_wait(row[SHORT - 1], got, MANY, 0) == 0);
    write_byte(ends[1]);
    check("the last is told", epoll_wait(row[SHORT - 1], got, MANY, 0) == 1);
    for (int i = SHORT; i < ROW && !error; i++)
        error = control_of(row[i], EPOLL_CTL_ADD, row[i - 1], EPOLLIN) ? errno : 0;
    check("a long row is refused", error == ELOOP);
    for (int i = 1; i < ROW; i++)
        close(row[i]);
    end();
}

static void exclusive(void)
{
    begin();
    int inner = epoll_create1(0);
    check_errno(control(EPOLL_CTL_ADD, inner, EPOLLIN | EPOLLEXCLUSIVE), EINVAL);
    check_errno(control(EPOLL_CTL_ADD, ends[0], EPOLLIN | EPOLLONESHOT | EPOLLEXCLUSIVE), EINVAL);
    check("add", control(EPOLL_CTL_ADD, ends[0], EPOLLIN | EPOLLET | EPOLLEXCLUSIVE) == 0);
    check_errno(control(EPOLL_CTL_MOD, ends[0], EPOLLIN), EINVAL);
    check_errno(control(EPOLL_CTL_MOD, ends[0], EPOLLIN | EPOLLEXCLUSIVE), EINVAL);
    check("take it out", control(EPOLL_CTL_DEL, ends[0], 0) == 0);
    check("add", control(EPOLL_CTL_ADD, ends[0], EPOLLIN) == 0);
    check_errno(control(EPOLL_CTL_MOD, ends[0], EPOLLIN | EPOLLEXCLUSIVE), EINVAL);
    close(inner);
    end();
}

static void what_cannot_be(void)
{
    begin();
    int file = open("/proc/self/exe", O_RDONLY);
    check_errno(control(EPOLL_CTL_ADD, file, EPOLLIN), EPERM);
    check_errno(control(EPOLL_CTL_ADD, 99, EPOLLIN), EBADF);
    check_errno(control(EPOLL_CTL_ADD, epoll, EPOLLIN), EINVAL);
    check_errno(control(EPOLL_CTL_MOD, ends[0], EPOLLIN), ENOENT);
    check_errno(control(EPOLL_CTL_DEL, ends[0], EPOLLIN), ENOENT);
    check("add", control(EPOLL_CTL_ADD, ends[0], EPOLLIN) == 0);
    check_errno(control(EPOLL_CTL_ADD, ends[0], EPOLLIN), EEXIST);
    check_errno(control(9, ends[0], EPOLLIN), EINVAL);
    check_errno(epoll_ctl(epoll, EPOLL_CTL_ADD, ends[1], NULL), EFAULT);
    check_errno(epoll_ctl(file, EPOLL_CTL_ADD, ends[1], got), EINVAL);
    check_errno(epoll_wait(epoll, got, 0, 0), EINVAL);
    check_errno(epoll_wait(ends[0], got, 1, 0), EINVAL);
    check_errno(epoll_wait(99, got, 1, 0), EBADF);
    check_errno(epoll_create1(1), EINVAL);
    check_errno(syscall(SYS_epoll_create1, 1), EINVAL);
    write_byte(ends[1]);
    check_errno(syscall(SYS_epoll_pwait, epoll, (void *)16, 1, 0, NULL, 8), EFAULT);
    close(file);
    end();
}

static void signals(void)
{
    sigset_t blocked, none;
    struct sigaction action = { .sa_handler = note, .sa_flags = SA_RESTART };
    begin();
    sigaction(SIGUSR1, &action, NULL);
    pid_t child = later(signal_parent, SIGUSR1);
    check_errno(epoll_wait(epoll, got, 1, -1), EINTR);
    waitpid(child, NULL, 0);
    sigemptyset(&none);
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    sigprocmask(SIG_BLOCK, &blocked, NULL);
    caught = 0;
    kill(getpid(), SIGUSR1);
    check_errno(epoll_pwait(epoll, got, 1, -1, &none), EINTR);
    check("its handler ran", caught == SIGUSR1);
    end();
}

int main(void)
{
    level_triggered();
    edge_triggered();
    one_shot();
    many_and_closed_ones();
    watched_by_another(0);
    watched_by_another(EPOLLET);
    watched_in_a_row();
    exclusive();
    what_cannot_be();
    signals();
    return finish();
}
