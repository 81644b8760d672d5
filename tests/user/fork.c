/*
 * fork, vfork and exec: what a child has of its parent, and what it has not.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "check.h"

static int global = 1;
static char page_area[16 * 4096];

/* The exit code of child @pid, or 1000 plus the signal that ended it. */
static int code_of(pid_t pid)
{
    int status;
    if (waitpid(pid, &status, 0) != pid)
        return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

#define IN_CHILD(expression)             \
    ({                                   \
        fflush(stdout);                  \
        pid_t pid_ = fork();             \
        if (pid_ == 0)                   \
            _exit((expression) ? 0 : 1); \
        code_of(pid_);                   \
    })

static int change_memory(void)
{
    global = 2;
    memset(page_area, 2, sizeof(page_area));
    return global == 2 && page_area[4096] == 2;
}

static void test_memory(void)
{
    int local = 5;
    char *mapped = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memset(page_area, 1, sizeof(page_area));
    mapped[4096] = 7;
    check("a child changes its own memory", IN_CHILD(change_memory()) == 0);
    check("and not its parent's", global == 1 && page_area[4096] == 1);
    check("it has the parent's stack", IN_CHILD(local == 5) == 0);
    check("and its mappings", IN_CHILD(mapped[4096] == 7 && mapped[8192] == 0) == 0);
    check("pages that were not there come as zeroes", IN_CHILD((mapped[8192] = 1)) == 0);
    check("but to the child alone", mapped[8192] == 0);
    munmap(mapped, 65536);
}

static void test_numbers(void)
{
    pid_t parent = getpid();
    fflush(stdout);
    pid_t child = fork();
    if (child == 0)
        _exit(getppid() == parent && getpid() != parent && getpid() == (pid_t)syscall(SYS_gettid)
                  ? 0
                  : 1);
    check("a child knows its number and its parent", code_of(child) == 0);
    check("its group is its parent's", IN_CHILD(getpgrp() == getpgid(parent)) == 0);
}

static void test_files(void)
{
    struct stat stat;
    int fd = open("/dev/zero", O_RDONLY);
    check("a child has its parent's files", IN_CHILD(fstat(fd, &stat) == 0) == 0);
    check("closing one is the child's own affair", IN_CHILD(close(fd) == 0) == 0);
    check("the parent has it still", fstat(fd, &stat) == 0);
    umask(027);
    check("the umask is copied", IN_CHILD(umask(0) == 027) == 0);
    check("and the parent's stays", umask(022) == 027);
    close(fd);
}

static void test_signals(void)
{
    sigset_t set, pending;
    signal(SIGUSR1, SIG_IGN);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    sigprocmask(SIG_BLOCK, &set, NULL);
    raise(SIGUSR2);
    check("what is ignored is ignored in the child", IN_CHILD(raise(SIGUSR1) == 0) == 0);
    check("what waits does not wait for the child",
          IN_CHILD(sigpending(&pending) == 0 && !sigismember(&pending, SIGUSR2)) == 0);
    check("what is blocked is blocked", IN_CHILD(raise(SIGUSR2) == 0 && sigpending(&pending) == 0 &&
                                                 sigismember(&pending, SIGUSR2)) == 0);
    signal(SIGUSR2, SIG_IGN);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    signal(SIGUSR1, SIG_DFL);
    signal(SIGUSR2, SIG_DFL);
}

static void test_limits(void)
{
    struct rlimit limit;
    getrlimit(RLIMIT_CORE, &limit);
    limit.rlim_cur = 0;
    check("limits are copied",
          IN_CHILD(getrlimit(RLIMIT_CORE, &limit) == 0 && limit.rlim_cur == 0) == 0);
    check_errno(setrlimit(RLIMIT_CORE, &((struct rlimit){ 2, 1 })), EINVAL);
    limit.rlim_cur = limit.rlim_max = 0;
    check("setrlimit() in a child",
          IN_CHILD(setrlimit(RLIMIT_CORE, &limit) == 0 && getrlimit(RLIMIT_CORE, &limit) == 0 &&
                   limit.rlim_max == 0) == 0);
}

/* --- vfork ----------------------------------------------------------------------------------- */

static void test_vfork(void)
{
    static volatile int shared;
    fflush(stdout);
    pid_t child = vfork();
    if (child == 0) {
        shared = 42;
        _exit(3);
    }
    check("vfork() returns when the child has ended, and shares its memory", shared == 42);
    check("the child's exit code is there", code_of(child) == 3);
}

/* --- exec ------------------------------------------------------------------------------------ */

static char *self;

static int run(const char *what)
{
    fflush(stdout);
    pid_t child = vfork();
    if (child == 0) {
        char *argv[] = { self, (char *)what, "with an argument", NULL };
        char *envp[] = { "A=1", "LONG=string", NULL };
        execve(self, argv, envp);
        _exit(99);
    }
    return code_of(child);
}

static void *exec_in_thread(void *number)
{
    static char text[32];
    snprintf(text, sizeof(text), "%d", *(int *)number);
    char *argv[] = { self, "same-number", text, NULL };
    char *envp[] = { NULL };
    execve(self, argv, envp);
    _exit(98);
}

static void *sleep_long(void *data)
{
    for (;;)
        pause();
    return data;
}

static int exec_from_a_thread(void)
{
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        static int number;
        pthread_t thread;
        number = getpid();
        pthread_create(&thread, NULL, sleep_long, NULL);
        pthread_create(&thread, NULL, sleep_long, NULL);
        pthread_create(&thread, NULL, exec_in_thread, &number);
        sleep_long(NULL);
    }
    return code_of(child);
}

static void do_nothing(int signal) { (void)signal; }

static void test_exec(void)
{
    char *argv[] = { "x", NULL };
    check("a program starts another", run("exit-7") == 7);
    check("arguments and environment arrive", run("arguments") == 0);
    check("a thread may exec; the process keeps its number", exec_from_a_thread() == 0);
    check_errno(execve("/no/such/file", argv, argv), ENOENT);
    check_errno(execve("/dev", argv, argv), EACCES);
    check_errno(syscall(SYS_execve, 8l, argv, argv), EFAULT);
    check_errno(syscall(SYS_execve, self, 8l, argv), EFAULT);
    signal(SIGUSR1, SIG_IGN);
    signal(SIGUSR2, do_nothing);
    check("ignored signals stay ignored, handlers go", run("signals") == 0);
    signal(SIGUSR1, SIG_DFL);
    signal(SIGUSR2, SIG_DFL);
    int fd = open("/dev/null", O_RDONLY), cloexec = open("/dev/null", O_RDONLY | O_CLOEXEC);
    check("close-on-exec", fd >= 0 && cloexec >= 0 && fd < 10 && run("files") == 0);
    close(fd);
    close(cloexec);
}

/* What this program does when it is started as another. */
static int other(int argc, char **argv)
{
    extern char **environ;
    const char *what = argv[1];
    struct sigaction action;
    if (strcmp(what, "exit-7") == 0)
        return 7;
    if (strcmp(what, "arguments") == 0)
        return argc == 3 && strcmp(argv[2], "with an argument") == 0 && environ[0] &&
                       strcmp(environ[0], "A=1") == 0 && strcmp(environ[1], "LONG=string") == 0 &&
                       !environ[2]
                   ? 0
                   : 1;
    if (strcmp(what, "same-number") == 0)
        return getpid() == atoi(argv[2]) && getpid() == (pid_t)syscall(SYS_gettid) ? 0 : 1;
    if (strcmp(what, "signals") == 0) {
        sigaction(SIGUSR1, NULL, &action);
        int good = action.sa_handler == SIG_IGN;
        sigaction(SIGUSR2, NULL, &action);
        return good && action.sa_handler == SIG_DFL ? 0 : 1;
    }
    if (strcmp(what, "files") == 0) {
        int open_now = 0;
        struct stat stat;
        for (int fd = 3; fd < 20; fd++)
            open_now += fstat(fd, &stat) == 0;
        return open_now == 1 ? 0 : 1;
    }
    return 1;
}

/* --- many ------------------------------------------------------------------------------------ */

static void test_many(void)
{
    int good = 0;
    fflush(stdout);
    for (int i = 0; i < 200; i++) {
        pid_t child = fork();
        if (child == 0)
            _exit(i & 0x7f);
        good += code_of(child) == (i & 0x7f);
    }
    check("200 children one after the other", good == 200);

    static pid_t children[100];
    for (int i = 0; i < 100; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            pause();
            _exit(0);
        }
    }
    for (int i = 0; i < 100; i++)
        kill(children[i], SIGTERM);
    good = 0;
    for (int i = 0; i < 100; i++)
        good += code_of(children[i]) == 1000 + SIGTERM;
    check("100 children at once", good == 100);
}

int main(int argc, char **argv)
{
    self = "/proc/self/exe";
    if (argc > 1)
        return other(argc, argv);
    for (int fd = 3; fd < 20; fd++)
        close(fd); /* whatever we were started with */
    test_memory();
    test_numbers();
    test_files();
    test_signals();
    test_limits();
    test_vfork();
    test_exec();
    test_many();
    return finish();
}
