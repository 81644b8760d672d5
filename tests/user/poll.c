/*
 * Waiting for several files: poll(2), select(2), eventfd(2) and how signals and time end a wait.
 */
#define _GNU_SOURCE
#include "check.h"
#include "later.h"
#include "user/now.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>

enum { MANY = 60 };

static volatile sig_atomic_t caught;
static int ends[2]; /* a pipe: read, write */

static void note(int signal) { caught = signal; }

static void handle(int signal, int flags)
{
    struct sigaction action = { .sa_handler = note, .sa_flags = flags };
    sigaction(signal, &action, NULL);
}

/* One poll of one descriptor; -1: it failed. */
static int events_of(int fd, short wanted, int ms)
{
    struct pollfd entry = { fd, wanted, 0 };
    int found = poll(&entry, 1, ms);
    return found < 0 ? -1 : found ? entry.revents : 0;
}

static void stop_and_continue(int unused)
{
    (void)unused;
    kill(getppid(), SIGSTOP);
    sleep_ms(LATER_MS);
    kill(getppid(), SIGCONT);
}

static void states_of_a_pipe(void)
{
    char bytes[65536] = { 0 };
    struct pollfd none = { -1, POLLIN, 7 };
    check("pipe", pipe(ends) == 0);
    check("an empty pipe is not readable", events_of(ends[0], POLLIN, 0) == 0);
    check("but writable", events_of(ends[1], POLLOUT, 0) == POLLOUT);
    check("and asked for both names of it",
          events_of(ends[1], POLLOUT | POLLWRNORM, 0) == (POLLOUT | POLLWRNORM));
    write_byte(ends[1]);
    check("with a byte it is readable",
          events_of(ends[0], POLLIN | POLLRDNORM | POLLPRI, 0) == (POLLIN | POLLRDNORM));
    check("read it", read(ends[0], bytes, 1) == 1);
    check("fill it", write(ends[1], bytes, sizeof(bytes)) == sizeof(bytes));
    check("a full one is not writable", events_of(ends[1], POLLOUT, 0) == 0);
    check("read a page", read(ends[0], bytes, 4096) == 4096);
    check("then it is", events_of(ends[1], POLLOUT, 0) == POLLOUT);
    close(ends[1]);
    check("the writer is gone: hang-up, but bytes are left",
          events_of(ends[0], POLLIN, -1) == (POLLIN | POLLHUP));
    while (read(ends[0], bytes, sizeof(bytes)) > 0)
        ;
    check("no bytes left", events_of(ends[0], POLLIN, -1) == POLLHUP);
    check("told without being asked", events_of(ends[0], 0, -1) == POLLHUP);
    close(ends[0]);
    check("not open", events_of(ends[0], POLLIN, -1) == POLLNVAL);
    check("a negative descriptor is skipped", poll(&none, 1, 0) == 0 && none.revents == 0);
    check("pipe", pipe(ends) == 0);
    close(ends[0]);
    check("the reader is gone: error", events_of(ends[1], 0, -1) == POLLERR);
    close(ends[1]);
    int file = open("/proc/self/maps", O_RDONLY);
    check("a file is always ready", events_of(file, POLLIN | POLLOUT, -1) == (POLLIN | POLLOUT));
    close(file);
}

static void waiting(void)
{
    long start = now_ms();
    check("poll nothing for a while", poll(NULL, 0, LATER_MS) == 0);
    check("it took that long", now_ms() - start >= LATER_MS);
    check("pipe", pipe(ends) == 0);
    start = now_ms();
    check("time runs out", events_of(ends[0], POLLIN, LATER_MS) == 0);
    check("it took that long", now_ms() - start >= LATER_MS);
    pid_t child = later(write_byte, ends[1]);
    check("a byte ends the wait", events_of(ends[0], POLLIN, -1) == POLLIN);
    waitpid(child, NULL, 0);
    close(ends[0]);
    close(ends[1]);
}

static void many_files(void)
{
    int pipes[MANY][2];
    struct pollfd entry[MANY];
    for (int i = 0; i < MANY; i++) {
        if (pipe(pipes[i]) != 0)
            check("pipe", 0);
        entry[i] = (struct pollfd){ pipes[i][0], POLLIN, 0 };
    }
    check("none of many is ready", poll(entry, MANY, 0) == 0);
    pid_t child = later(write_byte, pipes[MANY - 1][1]);
    check("the last becomes ready", poll(entry, MANY, -1) == 1);
    check("and it is that one", entry[MANY - 1].revents == POLLIN && !entry[0].revents);
    waitpid(child, NULL, 0);
    write_byte(pipes[7][1]);
    check("two are", poll(entry, MANY, -1) == 2 && entry[7].revents == POLLIN);
    for (int i = 0; i < MANY; i++) {
        close(pipes[i][0]);
        close(pipes[i][1]);
    }
}

static void signals_end_a_wait(void)
{
    struct pollfd entry;
    check("pipe", pipe(ends) == 0);
    entry = (struct pollfd){ ends[0], POLLIN, 0 };
    handle(SIGUSR1, SA_RESTART);
    pid_t child = later(signal_parent, SIGUSR1);
    check_errno(poll(&entry, 1, -1), EINTR);
    check("its handler ran", caught == SIGUSR1);
    waitpid(child, NULL, 0);
    long start = now_ms();
    child = later(stop_and_continue, 0);
    check("a stop without a handler does not end it", poll(&entry, 1, 5 * LATER_MS) == 0);
    check("nor make it shorter", now_ms() - start >= 5 * LATER_MS);
    check("or much longer", now_ms() - start < 60 * LATER_MS);
    waitpid(child, NULL, 0);
    check_errno(poll((struct pollfd *)16, 1, 0), EFAULT);
    struct rlimit limit = { 0 };
    getrlimit(RLIMIT_NOFILE, &limit);
    check_errno(syscall(SYS_poll, &entry, limit.rlim_cur + 1, 0), EINVAL);
    close(ends[0]);
    close(ends[1]);
}

static void signals_let_in_while_waiting(void)
{
    sigset_t blocked, none, before;
    struct timespec time = { 5, 0 };
    struct pollfd entry;
    check("pipe", pipe(ends) == 0);
    entry = (struct pollfd){ ends[0], POLLIN, 0 };
    sigemptyset(&none);
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    sigprocmask(SIG_BLOCK, &blocked, NULL);
    caught = 0;
    kill(getpid(), SIGUSR1);
    check("blocked: not caught", caught == 0);
    check_errno(ppoll(&entry, 1, &time, &none), EINTR);
    check("ppoll let it in", caught == SIGUSR1);
    sigprocmask(SIG_SETMASK, NULL, &before);
    check("blocked again", sigismember(&before, SIGUSR1));
    caught = 0;
    kill(getpid(), SIGUSR1);
    check_errno(pselect(0, NULL, NULL, NULL, NULL, &none), EINTR);
    check("pselect let it in", caught == SIGUSR1);
    caught = 0;
    kill(getpid(), SIGUSR1);
    write_byte(ends[1]);
    check("ready at once", ppoll(&entry, 1, NULL, &blocked) == 1 && caught == 0);
    sigprocmask(SIG_SETMASK, &none, NULL);
    check("it comes when it may", caught == SIGUSR1);
    long bad[2] = { 0, 1000000000 }; /* as the system call has it */
    check_errno(syscall(SYS_ppoll, &entry, 1, bad, NULL, 8), EINVAL);
    close(ends[0]);
    close(ends[1]);
}

/* The system call itself: the C library's keeps what time is left to itself. */
static long select_call(int top, fd_set *in, fd_set *out, long time[2])
{
#ifdef SYS__newselect
    return syscall(SYS__newselect, top, in, out, NULL, time);
#else
    return syscall(SYS_select, top, in, out, NULL, time);
#endif
}

static void select_sets(void)
{
    fd_set in, out;
    long time[2] = { 5, 0 };
    check("pipe", pipe(ends) == 0);
    int top = (ends[0] > ends[1] ? ends[0] : ends[1]) + 1;
    FD_ZERO(&in);
    FD_ZERO(&out);
    FD_SET(ends[0], &in);
    FD_SET(ends[1], &out);
    check("writable only", select_call(top, &in, &out, time) == 1);
    check("the sets say so", !FD_ISSET(ends[0], &in) && FD_ISSET(ends[1], &out));
    check("little time has passed", time[0] == 4 || (time[0] == 5 && !time[1]));
    FD_SET(ends[0], &in);
    time[0] = 0;
    time[1] = LATER_MS * 1000;
    check("time runs out", select_call(top, &in, NULL, time) == 0);
    check("the set is empty, no time is left", !FD_ISSET(ends[0], &in) && !time[0] && !time[1]);
    FD_SET(ends[0], &in);
    pid_t child = later(write_byte, ends[1]);
    check("a byte ends the wait", select(top, &in, NULL, NULL, NULL) == 1);
    waitpid(child, NULL, 0);
    FD_ZERO(&in);
    FD_SET(ends[0], &in);
    FD_SET(ends[1], &out);
    check("two bits", select(top, &in, &out, NULL, NULL) == 2);
    close(ends[1]);
    FD_SET(ends[1], &in);
    check_errno(select(top, &in, NULL, NULL, NULL), EBADF);
    check_errno(select(-1, NULL, NULL, NULL, NULL), EINVAL);
    check_errno(syscall(SYS_pselect6, 0, NULL, NULL, NULL, (long[2]){ -1, 0 }, NULL), EINVAL);
    FD_ZERO(&in);
    FD_SET(ends[0], &in);
    handle(SIGUSR1, SA_RESTART);
    time[0] = 5;
    child = later(signal_parent, SIGUSR1);
    FD_ZERO(&in);
    check_errno(select_call(top, &in, NULL, time), EINTR);
    check("some time was left", time[0] == 4);
    waitpid(child, NULL, 0);
    close(ends[0]);
}

static void reads_that_are_interrupted(void)
{
    char byte;
    check("pipe", pipe(ends) == 0);
    handle(SIGUSR1, 0);
    pid_t child = later(signal_parent, SIGUSR1);
    check_errno(read(ends[0], &byte, 1), EINTR);
    waitpid(child, NULL, 0);
    handle(SIGUSR1, SA_RESTART);
    child = later(signal_parent, SIGUSR1);
    pid_t writer = fork();
    if (!writer) {
        sleep_ms(3 * LATER_MS);
        write_byte(ends[1]);
        _exit(0);
    }
    caught = 0;
    check("with SA_RESTART it goes on", read(ends[0], &byte, 1) == 1 && caught == SIGUSR1);
    waitpid(child, NULL, 0);
    waitpid(writer, NULL, 0);
    close(ends[0]);
    close(ends[1]);
}

static void add_one(int fd) { (void)!write(fd, &(uint64_t){ 1 }, 8); }

static void counters(void)
{
    uint64_t value;
    int fd = eventfd(3, EFD_NONBLOCK);
    check("eventfd", fd >= 0);
    check("it counts: both", events_of(fd, POLLIN | POLLOUT, -1) == (POLLIN | POLLOUT));
    add_one(fd);
    check("read all of it", read(fd, &value, 8) == 8 && value == 4);
    check("now only writable", events_of(fd, POLLIN | POLLOUT, -1) == POLLOUT);
    check_errno(read(fd, &value, 8), EAGAIN);
    check_errno(read(fd, &value, 7), EINVAL);
    check_errno(write(fd, &(uint64_t){ UINT64_MAX }, 8), EINVAL);
    check("the most", write(fd, &(uint64_t){ UINT64_MAX - 1 }, 8) == 8);
    check("only readable", events_of(fd, POLLIN | POLLOUT, -1) == POLLIN);
    check_errno(write(fd, &(uint64_t){ 1 }, 8), EAGAIN);
    close(fd);
    fd = eventfd(2, EFD_SEMAPHORE);
    check("a semaphore gives one", read(fd, &value, 8) == 8 && value == 1);
    check("and one", read(fd, &value, 8) == 8 && value == 1);
    check("and is empty", events_of(fd, POLLIN, 0) == 0);
    pid_t child = later(add_one, fd);
    check("a reader waits for more", read(fd, &value, 8) == 8 && value == 1);
    waitpid(child, NULL, 0);
    close(fd);
    check_errno(eventfd(0, 1 << 30), EINVAL);
}

int main(void)
{
    states_of_a_pipe();
    waiting();
    many_files();
    signals_end_a_wait();
    signals_let_in_while_waiting();
    select_sets();
    reads_that_are_interrupted();
    counters();
    return finish();
}
