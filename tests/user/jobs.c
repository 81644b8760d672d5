/*
 * Sessions and job control on a pseudo-terminal: whose terminal it is, which group its keys reach,
 * who is stopped for touching it, and what happens when its owner goes.
 */
#define _GNU_SOURCE
#include "check.h"
#include "later.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>

enum { SHORT_MS = 60, LONG_MS = 5000 };

static int master, slave;
static volatile sig_atomic_t caught;

static void note(int signal) { caught = signal; }

static void handle(int signal, void (*handler)(int))
{
    struct sigaction action = { .sa_handler = handler };
    sigaction(signal, &action, NULL);
}

/* Has @signal been caught, or is it within a while? */
static int is_caught(int signal)
{
    for (int i = 0; i < LONG_MS / 10 && caught != signal; i++)
        sleep_ms(10);
    int result = caught == signal;
    caught = 0;
    return result;
}

static void type(const char *keys) { (void)!write(master, keys, strlen(keys)); }

/* Run @test in a child that leads a session of its own, and report its failures. */
static void in_session(void (*test)(void))
{
    int status = 0;
    fflush(stdout);
    pid_t child = fork();
    if (!child) {
        setsid();
        test();
        fflush(stdout);
        _exit(failures);
    }
    check("the session ended well", waitpid(child, &status, 0) == child && status == 0);
}

static void open_both(void)
{
    master = posix_openpt(O_RDWR | O_NOCTTY);
    unlockpt(master);
    slave = open(ptsname(master), O_RDWR);
}

/* A member of a group of its own that does @what. */
static pid_t in_group(void (*what)(void))
{
    pid_t child = fork();
    if (!child) {
        setpgid(0, 0);
        what();
        _exit(0);
    }
    setpgid(child, child);
    return child;
}

static void sleep_long(void) { sleep_ms(LONG_MS * 4); }

static void read_once(void)
{
    char line[16];
    _exit(read(slave, line, sizeof(line)) < 0 ? errno : 0);
}

static void write_once(void) { _exit(write(slave, "x", 1) < 0 ? errno : 0); }

static void read_deaf(void)
{
    handle(SIGTTIN, SIG_IGN);
    read_once();
}

static void change_settings(void)
{
    struct termios settings;
    tcgetattr(slave, &settings);
    _exit(tcsetattr(slave, TCSANOW, &settings) < 0 ? errno : 0);
}

static void change_deaf(void)
{
    handle(SIGTTOU, SIG_IGN);
    change_settings();
}

static int is_stopped_by(pid_t child, int signal)
{
    int status;
    return waitpid(child, &status, WUNTRACED) == child && WIFSTOPPED(status) &&
           WSTOPSIG(status) == signal;
}

static int ends_with(pid_t child, int code)
{
    int status;
    return waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == code;
}

static int is_killed_by(pid_t child, int signal)
{
    int status;
    return waitpid(child, &status, 0) == child && WIFSIGNALED(status) && WTERMSIG(status) == signal;
}

static void a_leader_takes_a_terminal(void)
{
    check_errno(open("/dev/tty", O_RDWR), ENXIO);
    check_errno(setsid(), EPERM);
    check("it leads", getsid(0) == getpid() && getpgrp() == getpid());
    open_both();
    int tty = open("/dev/tty", O_RDWR);
    check("the first terminal it opens is its own", tty >= 0);
    check("in the foreground: itself", tcgetpgrp(slave) == getpid());
    check("the session", tcgetsid(slave) == getpid());
    check("the master may ask, too", tcgetpgrp(master) == getpid());
    check("take what it has", ioctl(slave, TIOCSCTTY, 0) == 0);
    check("/dev/tty is a terminal", isatty(tty));
    int other_master = posix_openpt(O_RDWR | O_NOCTTY);
    unlockpt(other_master);
    int other = open(ptsname(other_master), O_RDWR);
    check_errno(tcgetpgrp(other), ENOTTY);
    check_errno(ioctl(other, TIOCSCTTY, 0), EPERM);
    check_errno(tcsetpgrp(other, getpid()), ENOTTY);
    check_errno(tcsetpgrp(slave, 1 << 20), ESRCH);
    check_errno(tcsetpgrp(slave, -5), EINVAL);
    close(other);
    close(other_master);
    handle(SIGHUP, SIG_IGN);
    check("give it up", ioctl(tty, TIOCNOTTY) == 0);
    check_errno(open("/dev/tty", O_RDWR), ENXIO);
    check_errno(tcgetpgrp(slave), ENOTTY);
    check("take it again", ioctl(slave, TIOCSCTTY, 0) == 0 && tcgetpgrp(slave) == getpid());
}

static void keys_reach_the_foreground(void)
{
    open_both();
    handle(SIGINT, note);
    handle(SIGQUIT, note);
    handle(SIGWINCH, note);
    type("junk\003");
    check("^C", is_caught(SIGINT));
    type("\034");
    check("^\\", is_caught(SIGQUIT));
    ioctl(master, TIOCSWINSZ, &(struct winsize){ 30, 90, 0, 0 });
    check("a new size", is_caught(SIGWINCH));
    handle(SIGINT, SIG_DFL);
    pid_t child = in_group(sleep_long);
    check("another group in the foreground", tcsetpgrp(slave, child) == 0);
    check("is", tcgetpgrp(slave) == child);
    type("\032");
    check("^Z stops it", is_stopped_by(child, SIGTSTP));
    check("take the terminal back", (handle(SIGTTOU, SIG_IGN), tcsetpgrp(slave, getpid()) == 0));
    check("in the background it goes on", kill(-child, SIGCONT) == 0);
    int status;
    check("as is told", waitpid(child, &status, WCONTINUED) == child && WIFCONTINUED(status));
    tcsetpgrp(slave, child);
    type("\003");
    check("^C ends it, and not us", is_killed_by(child, SIGINT));
    struct termios settings;
    tcgetattr(slave, &settings);
    settings.c_lflag &= ~(tcflag_t)ISIG;
    tcsetattr(slave, TCSANOW, &settings);
    tcsetpgrp(slave, getpid());
    type("\003\n");
    char line[16];
    check("without ISIG it is a byte", read(slave, line, sizeof(line)) == 2 && line[0] == 3);
}

static void the_background_is_stopped(void)
{
    struct termios settings;
    open_both();
    pid_t child = in_group(read_once);
    check("a reader is stopped", is_stopped_by(child, SIGTTIN));
    tcsetpgrp(slave, child);
    kill(-child, SIGCONT);
    type("line\n");
    check("in the foreground it reads", ends_with(child, 0));
    handle(SIGTTOU, SIG_IGN);
    tcsetpgrp(slave, getpid());
    check("who ignores it gets EIO", ends_with(in_group(read_deaf), EIO));
    check("a writer may", ends_with(in_group(write_once), 0));
    handle(SIGTTOU, SIG_DFL);
    tcgetattr(slave, &settings);
    settings.c_lflag |= TOSTOP;
    tcsetattr(slave, TCSANOW, &settings);
    child = in_group(write_once);
    check("with TOSTOP it is stopped", is_stopped_by(child, SIGTTOU));
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    child = in_group(change_settings);
    check("who changes settings is, too", is_stopped_by(child, SIGTTOU));
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    check("unless it ignores that", ends_with(in_group(change_deaf), 0));
}

static void children_that_stop_are_told(void)
{
    struct sigaction action = { .sa_handler = note };
    sigaction(SIGCHLD, &action, NULL);
    pid_t child = in_group(sleep_long);
    kill(child, SIGSTOP);
    check("SIGCHLD at a stop", is_caught(SIGCHLD));
    siginfo_t info = { 0 };
    check("waitid", waitid(P_PID, (id_t)child, &info, WSTOPPED) == 0 &&
                        info.si_code == CLD_STOPPED && info.si_status == SIGSTOP);
    kill(child, SIGCONT);
    check("SIGCHLD when it goes on", is_caught(SIGCHLD));
    check("waitid", waitid(P_PID, (id_t)child, &info, WCONTINUED) == 0 &&
                        info.si_code == CLD_CONTINUED && info.si_status == SIGCONT);
    action.sa_flags = SA_NOCLDSTOP;
    sigaction(SIGCHLD, &action, NULL);
    kill(child, SIGSTOP);
    waitpid(child, NULL, WUNTRACED);
    check("SA_NOCLDSTOP: not at a stop", caught == 0);
    kill(child, SIGKILL);
    check("but at the end", is_caught(SIGCHLD));
    waitpid(child, NULL, 0);
}

/* --- ends ------------------------------------------------------------------------------------ */

static int report[2];

static void say(char what) { (void)!write(report[1], &what, 1); }
static void say_hup(int signal) { say(signal == SIGHUP ? 'h' : 'c'); }

/* What was said until all who could say something have gone. */
static void expect_said(const char *what, const char *wanted)
{
    char said[16] = "";
    size_t count = 0;
    close(report[1]);
    while (count < sizeof(said) - 1 && read(report[0], said + count, 1) == 1)
        count++;
    close(report[0]);
    check(what, strcmp(said, wanted) == 0);
    if (strcmp(said, wanted) != 0)
        printf("    said %s\n", said);
}

static void master_closes(void)
{
    open_both();
    handle(SIGHUP, note);
    char byte;
    close(master);
    check("the leader is hung up", is_caught(SIGHUP));
    check("and reads the end", read(slave, &byte, 1) == 0);
    check_errno(open("/dev/tty", O_RDWR), ENXIO);
}

/* A leader ends while a group is in the foreground. */
static void leader_ends(void)
{
    fflush(stdout);
    if (pipe(report) != 0)
        return;
    pid_t leader = fork();
    if (!leader) {
        setsid();
        open_both();
        pid_t child = fork();
        if (!child) {
            handle(SIGHUP, say_hup);
            setpgid(0, 0);
            sleep_ms(LONG_MS * 4);
            _exit(0);
        }
        setpgid(child, child);
        tcsetpgrp(slave, child);
        sleep_ms(SHORT_MS);
        _exit(0);
    }
    waitpid(leader, NULL, 0);
    expect_said("the foreground of a leader that ends is hung up", "h");
}

/* A group is stopped, and the only process that cared about it ends. */
static void orphans(void)
{
    fflush(stdout);
    if (pipe(report) != 0)
        return;
    pid_t parent = fork();
    if (!parent) {
        pid_t child = fork();
        if (!child) {
            handle(SIGHUP, say_hup);
            setpgid(0, 0);
            kill(getpid(), SIGSTOP);
            kill(getpid(), SIGTSTP); /* does nothing: nobody is left to let it go on */
            say('e');
            _exit(0);
        }
        setpgid(child, child);
        waitpid(child, NULL, WUNTRACED);
        _exit(0);
    }
    waitpid(parent, NULL, 0);
    expect_said("a stopped group that is orphaned is hung up, and goes on", "he");
}

int main(void)
{
    in_session(a_leader_takes_a_terminal);
    in_session(keys_reach_the_foreground);
    in_session(the_background_is_stopped);
    in_session(children_that_stop_are_told);
    in_session(master_closes);
    in_session(leader_ends);
    in_session(orphans);
    return finish();
}
