/*
 * How urgent a program is to its user: nice values, policies, and who inherits them.  And what kind
 * of Linux it wants to see.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <stdbool.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>

#include "check.h"

enum { NOBODY = 99999, RESET_ON_FORK = 0x40000000 };

/* Field @number of /proc/self/stat. */
static int stat_field(unsigned number)
{
    char line[1024] = "";
    FILE *file = fopen("/proc/self/stat", "r");
    (void)!fgets(line, sizeof(line), file);
    fclose(file);
    char *at = strrchr(line, ')');
    for (; at && number > 2; number--)
        at = strchr(at + 1, ' ');
    return at ? atoi(at) : -1;
}

/* What a child says. */
static int in_child(int (*ask)(void))
{
    int status = 0;
    pid_t child = fork();
    if (!child)
        _exit(ask());
    waitpid(child, &status, 0);
    return WEXITSTATUS(status);
}

static int my_nice(void) { return getpriority(PRIO_PROCESS, 0); }
static int my_policy(void) { return (int)syscall(SYS_sched_getscheduler, 0); }

static void test_nice(void)
{
    check("nobody is nice at first", my_nice() == 0 && stat_field(19) == 0);
    check("somebody is", setpriority(PRIO_PROCESS, 0, 5) == 0 && my_nice() == 5);
    check("which /proc tells", stat_field(18) == 25 && stat_field(19) == 5);
    check("and children inherit", in_child(my_nice) == 5);
    check("more than that is not possible", setpriority(PRIO_PROCESS, getpid(), 100) == 0);
    check("so it is the most there is", my_nice() == 19);
    check("nor less than this", setpriority(PRIO_PROCESS, 0, -100) == 0 && my_nice() == -20);
    check("a system call returns no negative numbers",
          syscall(SYS_getpriority, PRIO_PROCESS, 0) == 40);
    check_errno(getpriority(99, 0), EINVAL);
    check_errno(setpriority(-1, 0, 0), EINVAL);
    check_errno(getpriority(PRIO_PROCESS, NOBODY), ESRCH);
    check_errno(setpriority(PRIO_PROCESS, -5, 0), ESRCH);
    setpriority(PRIO_PROCESS, 0, 0);
}

static int group_of_two(void)
{
    int pipes[2];
    char byte;
    (void)!pipe(pipes);
    setpgid(0, 0);
    pid_t child = fork();
    if (!child) {
        close(pipes[1]);
        (void)!read(pipes[0], &byte, 1);
        _exit(my_nice());
    }
    bool all = setpriority(PRIO_PGRP, 0, 7) == 0 && my_nice() == 7;
    all &= getpriority(PRIO_PROCESS, child) == 7 && getpriority(PRIO_PGRP, getpid()) == 7;
    all &= setpriority(PRIO_PROCESS, child, 3) == 0 && my_nice() == 7;
    all &= getpriority(PRIO_PGRP, 0) == 3; /* the highest priority of them */
    close(pipes[1]);
    int status = 0;
    waitpid(child, &status, 0);
    return all && WEXITSTATUS(status) == 3;
}

static void test_groups(void)
{
    check("a whole group is", in_child(group_of_two) == 1);
    check("and not who is in another", my_nice() == 0);
    check("all of root's are asked", getpriority(PRIO_USER, 0) <= 0);
    check_errno(getpriority(PRIO_PGRP, NOBODY), ESRCH);
    check_errno(setpriority(PRIO_USER, NOBODY, 0), ESRCH);
}

static int reset_policy(void)
{
    struct sched_param none = { 0 };
    setpriority(PRIO_PROCESS, 0, -3);
    bool kept = syscall(SYS_sched_setscheduler, 0, SCHED_IDLE | RESET_ON_FORK, &none) == 0 &&
                my_policy() == (SCHED_IDLE | RESET_ON_FORK);
    return kept && in_child(my_policy) == SCHED_IDLE && in_child(my_nice) == 0 && my_nice() == -3;
}

static void test_policy(void)
{
    struct sched_param none = { 0 }, some = { .sched_priority = 5 };
    check("turns are taken", my_policy() == SCHED_OTHER && stat_field(41) == SCHED_OTHER);
    check("quietly", syscall(SYS_sched_setscheduler, 0, SCHED_BATCH, &none) == 0);
    check("which is told", my_policy() == SCHED_BATCH && stat_field(41) == SCHED_BATCH);
    check("and inherited", in_child(my_policy) == SCHED_BATCH);
    check("parameters change no policy",
          syscall(SYS_sched_setparam, 0, &none) == 0 && my_policy() == SCHED_BATCH);
    check_errno(syscall(SYS_sched_setparam, 0, &some), EINVAL);
    check_errno(syscall(SYS_sched_setscheduler, 0, SCHED_IDLE, &some), EINVAL);
    check_errno(syscall(SYS_sched_setscheduler, 0, 77, &none), EINVAL);
    check_errno(syscall(SYS_sched_setscheduler, 0, -1, &none), EINVAL);
    check_errno(syscall(SYS_sched_setscheduler, -1, 0, &none), EINVAL);
    check_errno(syscall(SYS_sched_setscheduler, 0, 0, NULL), EINVAL);
    check_errno(syscall(SYS_sched_setscheduler, 0, 0, 16), EFAULT);
    check_errno(syscall(SYS_sched_setscheduler, NOBODY, 0, &none), ESRCH);
    check_errno(syscall(SYS_sched_getscheduler, -1), EINVAL);
    check_errno(syscall(SYS_sched_getscheduler, NOBODY), ESRCH);
    check("children may begin anew", in_child(reset_policy) == 1);
    syscall(SYS_sched_setscheduler, 0, SCHED_OTHER, &none);
}

static int same_places(void)
{
    void *first = sbrk(0), *now = first;
    char text[32], *const arguments[] = { "priority", "where", NULL };
    for (unsigned i = 0; i < 4 && now == first; i++) {
        int pipes[2];
        (void)!pipe(pipes);
        pid_t child = vfork();
        if (!child) {
            dup2(pipes[1], 1);
            execv("/proc/self/exe", arguments);
            _exit(1);
        }
        close(pipes[1]);
        ssize_t size = read(pipes[0], text, sizeof(text) - 1);
        text[size < 0 ? 0 : size] = 0;
        close(pipes[0]);
        waitpid(child, NULL, 0);
        void *said = NULL;
        (void)!sscanf(text, "%p", &said);
        first = i ? first : said;
        now = said;
    }
    return now == first;
}

static int no_random(void) { return personality(ADDR_NO_RANDOMIZE) == 0 && same_places(); }
static int my_personality(void) { return personality(0xffffffff) == ADDR_COMPAT_LAYOUT; }

static int is_32_bit(void)
{
    struct utsname name;
    return personality(PER_LINUX32) == 0 && uname(&name) == 0 && strcmp(name.machine, "i686") == 0;
}

static void test_personality(void)
{
    check("it is Linux", personality(0xffffffff) == PER_LINUX);
    check("with a flag", personality(ADDR_COMPAT_LAYOUT) == PER_LINUX && my_personality());
    check("that is inherited", in_child(my_personality) == 1);
    check("and taken back", personality(PER_LINUX) == ADDR_COMPAT_LAYOUT);
    check("it may be a 32-bit one", in_child(is_32_bit) == 1);
    check("addresses need not be random", in_child(no_random) == 1);
}

int main(int count, char **arguments)
{
    int local;
    if (count > 1 && strcmp(arguments[1], "where") == 0) {
        printf("%p\n", (void *)&local);
        return 0;
    }
    test_nice();
    test_groups();
    test_policy();
    test_personality();
    return finish();
}
