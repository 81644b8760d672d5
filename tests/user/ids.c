/*
 * Users and groups: whoever is told to be somebody is that, or is told that it cannot be; and
 * privileges that are given up for good.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdbool.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "check.h"

enum { SOMEBODY = 1000 };

static void test_root(void)
{
    uid_t uid[3] = { 7, 7, 7 };
    gid_t gid[3] = { 7, 7, 7 };
    check("root stays root", setuid(0) == 0 && seteuid(0) == 0 && setgid(0) == 0);
    check("or as it is", setreuid(-1, 0) == 0 && setregid(0, -1) == 0);
    check("all three", setresuid(-1, -1, -1) == 0 && setresgid(0, -1, 0) == 0);
    check("users are told", getresuid(&uid[0], &uid[1], &uid[2]) == 0);
    check("they are root", uid[0] == 0 && uid[1] == 0 && uid[2] == 0);
    check("groups are told", getresgid(&gid[0], &gid[1], &gid[2]) == 0);
    check("they are root's", gid[0] == 0 && gid[1] == 0 && gid[2] == 0);
    check("for files, too", setfsuid(-1) == 0 && setfsgid(0) == 0 && setfsgid(-1) == 0);
    check_errno(setuid(-1), EINVAL);
    check_errno(setgid(-1), EINVAL);
    check_errno(syscall(SYS_getresuid, &uid[0], 16, &uid[2]), EFAULT);
}

/* In a child, which may become somebody. */
static void test_truth(const char *name, int (*become)(uid_t), uid_t (*ask)(void))
{
    pid_t child = fork();
    if (!child) {
        int result = become(SOMEBODY);
        _exit(result == 0 ? ask() == SOMEBODY : errno == EINVAL && ask() == 0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    check(name, status == 1 << 8);
}

static void test_privileges(void)
{
    check("new privileges are possible", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 0);
    check_errno(prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0), EINVAL);
    check_errno(prctl(PR_SET_NO_NEW_PRIVS, 1, 1, 0, 0), EINVAL);
    check_errno(prctl(PR_GET_NO_NEW_PRIVS, 1, 0, 0, 0), EINVAL);
    check("no more", prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    check("which is told", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
    pid_t child = fork();
    if (!child)
        _exit(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
    int status = 0;
    waitpid(child, &status, 0);
    check("and inherited", status == 1 << 8);
    check_errno(prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0), EINVAL);
}

static void test_securebits(void)
{
    check("capabilities are not kept", prctl(PR_GET_KEEPCAPS, 0, 0, 0, 0) == 0);
    check("unless one asks for it", prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) == 0 &&
                                        prctl(PR_GET_KEEPCAPS, 0, 0, 0, 0) == 1 &&
                                        prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0) == 0);
    check_errno(prctl(PR_SET_KEEPCAPS, 2, 0, 0, 0), EINVAL);
    check("no secure bits", prctl(PR_GET_SECUREBITS, 0, 0, 0, 0) == 0);
}

/* A grandchild of ours sees its parent end: SIGUSR1, which it has asked for. */
static void test_parent_death(void)
{
    int signal = 99, ends[2], status;
    char news = 0;
    check_errno(prctl(PR_SET_PDEATHSIG, 65, 0, 0, 0), EINVAL);
    check("no signal tells of a parent's end",
          prctl(PR_GET_PDEATHSIG, &signal, 0, 0, 0) == 0 && signal == 0);
    if (pipe(ends))
        return;
    pid_t child = fork();
    if (!child) {
        sigset_t wanted;
        sigemptyset(&wanted);
        sigaddset(&wanted, SIGUSR1);
        sigprocmask(SIG_BLOCK, &wanted, NULL);
        prctl(PR_SET_PDEATHSIG, SIGUSR2, 0, 0, 0);
        if (fork() == 0) {
            int inherited = 99;
            prctl(PR_GET_PDEATHSIG, &inherited, 0, 0, 0);
            prctl(PR_SET_PDEATHSIG, SIGUSR1, 0, 0, 0);
            (void)!write(ends[1], inherited == 0 ? "n" : "y", 1);
            siginfo_t info;
            bool told = sigwaitinfo(&wanted, &info) == SIGUSR1 && info.si_code == SI_USER;
            (void)!write(ends[1], told ? "t" : "f", 1);
            _exit(0);
        }
        (void)!read(ends[0], &news, 1);
        _exit(news == 'n');
    }
    waitpid(child, &status, 0);
    check("a child does not inherit it", status == 1 << 8);
    check("one tells of it", read(ends[0], &news, 1) == 1 && news == 't');
    close(ends[0]), close(ends[1]);
}

int main(void)
{
    test_root();
    test_truth("setuid", setuid, getuid);
    test_truth("seteuid", seteuid, geteuid);
    test_truth("setgid", setgid, getgid);
    test_truth("setegid", setegid, getegid);
    test_privileges();
    test_securebits();
    test_parent_death();
    return finish();
}
