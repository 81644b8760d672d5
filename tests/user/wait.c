/*
 * Waiting for children: which, for what, and what is told about them.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include "check.h"

static pid_t child_that_exits(int code)
{
    pid_t child = fork();
    if (child == 0)
        _exit(code);
    return child;
}

static pid_t child_that_sleeps(void)
{
    pid_t child = fork();
    if (child == 0)
        for (;;)
            pause();
    return child;
}

static void test_plain(void)
{
    int status;
    check_errno(wait(&status), ECHILD);
    check_errno(waitpid(-1, &status, WNOHANG), ECHILD);
    pid_t child = child_that_exits(5);
    check("wait() tells which", wait(&status) == child);
    check("and the exit code", WIFEXITED(status) && WEXITSTATUS(status) == 5);
    check_errno(waitpid(child, &status, 0), ECHILD);

    child = child_that_sleeps();
    check("WNOHANG does not wait", waitpid(child, &status, WNOHANG) == 0);
    check("kill(pid, 0) finds it", kill(child, 0) == 0);
    kill(child, SIGTERM);
    check("it ends by the signal", waitpid(child, &status, 0) == child && WIFSIGNALED(status) &&
                                       WTERMSIG(status) == SIGTERM);
    check_errno(kill(child, 0), ESRCH);
    check_errno(waitpid(child, &status, 0), ECHILD);
    check_errno(waitpid(1000000, &status, 0), ECHILD);
    check_errno(wait4(-1, &status, 0x10000, NULL), EINVAL);
    check_errno(waitpid((pid_t)0x80000000, &status, 0), ESRCH);
    child = child_that_exits(1);
    check_errno(waitpid(child, (int *)8, 0), EFAULT);
}

static void test_order(void)
{
    int status, sum = 0;
    pid_t children[10];
    for (int i = 0; i < 10; i++)
        children[i] = child_that_exits(i);
    for (int i = 9; i >= 5; i--)
        sum += waitpid(children[i], &status, 0) == children[i] && WEXITSTATUS(status) == i;
    check("children are waited for one by one", sum == 5);
    for (int i = 0; i < 5; i++)
        sum += wait(&status) > 0 ? 1 : 0;
    check("or as they come", sum == 10 && wait(&status) == -1);
}

static void test_waitid(void)
{
    siginfo_t info;
    pid_t child = child_that_exits(9);
    memset(&info, 0, sizeof(info));
    check("waitid() tells and keeps (WNOWAIT)",
          waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT) == 0 && info.si_pid == child &&
              info.si_code == CLD_EXITED && info.si_status == 9 && info.si_signo == SIGCHLD);
    memset(&info, 0, sizeof(info));
    check("then takes", waitid(P_ALL, 0, &info, WEXITED) == 0 && info.si_pid == child);
    check_errno(waitid(P_PID, (id_t)child, &info, WEXITED), ECHILD);
    check_errno(waitid(P_ALL, 0, &info, 0), EINVAL);
    check_errno(waitid(P_ALL, 0, &info, WNOHANG), EINVAL);
    check_errno(waitid((idtype_t)7, 0, &info, WEXITED), EINVAL);
    check_errno(waitid(P_PID, 0, &info, WEXITED), EINVAL);
    child = child_that_sleeps();
    info.si_pid = 77;
    check("nothing to tell (WNOHANG)",
          waitid(P_ALL, 0, &info, WEXITED | WNOHANG) == 0 && info.si_pid == 0);
    kill(child, SIGKILL);
    check("a killed child", waitid(P_PID, (id_t)child, &info, WEXITED) == 0 &&
                                info.si_code == CLD_KILLED && info.si_status == SIGKILL);
}

static void test_stop(void)
{
    int status;
    siginfo_t info;
    pid_t child = child_that_sleeps();
    kill(child, SIGSTOP);
    check("a child stops", waitpid(child, &status, WUNTRACED) == child && WIFSTOPPED(status) &&
                               WSTOPSIG(status) == SIGSTOP);
    check("which is told once", waitpid(child, &status, WUNTRACED | WNOHANG) == 0);
    kill(child, SIGCONT);
    check("and goes on", waitpid(child, &status, WCONTINUED) == child && WIFCONTINUED(status));
    setpgid(child, child); /* a group that its parent, in another one, controls */
    kill(child, SIGTSTP);
    check("SIGTSTP stops it, too", waitid(P_PID, (id_t)child, &info, WSTOPPED) == 0 &&
                                       info.si_code == CLD_STOPPED && info.si_status == SIGTSTP);
    kill(child, SIGKILL);
    check("SIGKILL ends what is stopped",
          waitpid(child, &status, 0) == child && WTERMSIG(status) == SIGKILL);
}

static void test_groups(void)
{
    int status;
    pid_t a = child_that_sleeps(), b = child_that_sleeps(), c = child_that_sleeps();
    check("setpgid() makes a group", setpgid(a, a) == 0 && getpgid(a) == a);
    check("and another joins it", setpgid(b, a) == 0 && getpgid(b) == a);
    check_errno(setpgid(c, 999999), EPERM);
    check_errno(setpgid(c, -1), EINVAL);
    check_errno(setpgid(999999, 0), ESRCH);
    check_errno(getpgid(999999), ESRCH);
    check_errno(getsid(999999), ESRCH);
    check("nobody of it has ended", waitpid(-a, &status, WNOHANG) == 0);
    kill(-a, SIGTERM);
    check("a signal to the group reaches both",
          waitpid(-a, &status, 0) > 0 && waitpid(-a, &status, 0) > 0 &&
              waitpid(-a, &status, 0) == -1 && errno == ECHILD);
    check_errno(kill(-a, 0), ESRCH);
    check("and nobody else", waitpid(c, &status, WNOHANG) == 0);
    kill(c, SIGKILL);
    check("waitpid(0) means our own group", waitpid(0, &status, 0) == c);

    fflush(stdout);
    pid_t leader = fork();
    if (leader == 0) {
        pid_t session = setsid();
        _exit(session == getpid() && getsid(0) == session && getpgrp() == session &&
                      setsid() == -1 && errno == EPERM
                  ? 0
                  : 1);
    }
    check("setsid()", waitpid(leader, &status, 0) == leader && status == 0);
}

static volatile sig_atomic_t chld_count;
static void on_chld(int signal) { chld_count += signal == SIGCHLD; }

static void test_sigchld(void)
{
    int status;
    struct sigaction action = { .sa_handler = on_chld };
    sigaction(SIGCHLD, &action, NULL);
    pid_t child = child_that_exits(0);
    while (waitpid(child, &status, 0) == -1 && errno == EINTR)
        ;
    check("SIGCHLD comes", chld_count == 1);
    signal(SIGCHLD, SIG_IGN);
    child = child_that_exits(0);
    check_errno(waitpid(child, &status, 0), ECHILD);
    signal(SIGCHLD, SIG_DFL);
}

/* The grandchild's parent ends first: who is its parent then? */
static void test_orphan(void)
{
    int status;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        pid_t parent = getpid();
        if (fork() == 0) {
            struct timespec moment = { 0, 10000000 };
            while (getppid() == parent)
                nanosleep(&moment, NULL);
            _exit(0);
        }
        _exit(4);
    }
    check("a child that leaves a child behind",
          waitpid(child, &status, 0) == child && WEXITSTATUS(status) == 4);
}

static pid_t clone_silently(void) { return (pid_t)syscall(SYS_clone, 0, 0, 0, 0, 0); }

/*
 * A child that tells its end by no signal is waited for only by who asks for such.  Who inherits
 * it, or has it run a program, finds a child like any other.
 */
static void test_silent(void)
{
    int status;
    siginfo_t info;
    fflush(stdout);
    pid_t child = clone_silently();
    if (child == 0)
        _exit(3);
    check("wait() does not see it", wait(&status) == -1 && errno == ECHILD);
    check("__WALL does", waitpid(child, &status, __WALL) == child && WEXITSTATUS(status) == 3);

    child = clone_silently();
    if (child == 0) {
        execl("/proc/self/exe", "wait", "exit", NULL);
        _exit(1);
    }
    waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT | __WALL);
    check("one that became a program is seen", wait(&status) == child && WEXITSTATUS(status) == 5);

    child = fork();
    if (child == 0)
        _exit(clone_silently() < 0);
    check("one left behind", waitpid(child, &status, 0) == child && status == 0);
    child = getpid() == 1 ? wait(&status) : 1; /* on a host, somebody else inherits it */
    check("is seen by who inherits it", child > 0);
}

/* The first thread's number, which the kernel clears when that thread ends. */
static volatile int first_thread;

static void *exit_all(void *data)
{
    (void)data;
    exit(6);
}

static void *exit_as_last(void *data)
{
    (void)data;
    while (first_thread)
        sched_yield();
    syscall(SYS_exit, 4);
    return NULL;
}

static void test_threads(void)
{
    int status;
    for (int whole = 0; whole < 2; whole++) {
        fflush(stdout);
        pid_t child = fork();
        if (child == 0) {
            pthread_t thread;
            first_thread = (int)syscall(SYS_set_tid_address, &first_thread);
            pthread_create(&thread, NULL, whole ? exit_all : exit_as_last, NULL);
            while (whole)
                pause();
            syscall(SYS_exit, 3); /* the first thread alone */
        }
        pid_t ended = waitpid(child, &status, 0);
        check(whole ? "exit() in a thread ends all" : "the process ends with its last thread",
              ended == child && WEXITSTATUS(status) == (whole ? 6 : 4));
    }
}

enum { PAGES = 512 };

/* One fault a page: no page larger than the smallest. */
static void touch_pages(void)
{
    volatile char *bytes =
        mmap(NULL, PAGES * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    madvise((void *)bytes, PAGES * 4096, MADV_NOHUGEPAGE);
    for (unsigned i = 0; i < PAGES * 4096; i += 4096)
        bytes[i] = 1;
}

/* ru_maxrss, in KiB, is 4 * PAGES at least; Linux counts it loosely. */
static void test_usage(void)
{
    struct rusage usage;
    int status;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        touch_pages();
        _exit(0);
    }
    memset(&usage, 0, sizeof(usage));
    check("wait4() tells what was used", wait4(child, &status, 0, &usage) == child &&
                                             usage.ru_minflt >= PAGES &&
                                             usage.ru_maxrss >= PAGES * 2);
    memset(&usage, 0, sizeof(usage));
    getrusage(RUSAGE_CHILDREN, &usage);
    check("so does getrusage() of all children",
          usage.ru_minflt >= PAGES && usage.ru_maxrss >= PAGES * 2);
}

int main(int argc, char **argv)
{
    (void)argv;
    if (argc > 1)
        return 5; /* the program that a child became */
    test_plain();
    test_order();
    test_waitid();
    /* Not as PID 1, which on Linux controls no group. */
    fflush(stdout);
    pid_t child = fork();
    if (!child) {
        test_stop();
        fflush(stdout);
        _exit(failures);
    }
    int status;
    check("the tests of stopping", waitpid(child, &status, 0) == child && status == 0);
    test_groups();
    test_sigchld();
    test_silent();
    test_orphan();
    test_threads();
    test_usage();
    return finish();
}
