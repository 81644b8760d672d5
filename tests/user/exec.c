/*
 * execve and execveat: scripts, what is refused and how, descriptors, a file that is running.
 *
 * The program starts itself again: with an argument it says what it was started with.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "check.h"

#define FOLDER "/tmp/quire-exec"
#define SELF   FOLDER "/self"
enum { BIG = 128 << 10 };

static char *const nothing[] = { NULL };
static char *const *volatile nowhere = (char *const *)1;
static char said[4096];

static void copy_self(const char *to)
{
    static char block[65536];
    int from = open("/proc/self/exe", O_RDONLY),
        into = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0755);
    for (ssize_t got; (got = read(from, block, sizeof(block))) > 0;)
        if (write(into, block, got) != got)
            abort();
    close(from);
    close(into);
}

static void make(const char *path, const char *text, mode_t mode)
{
    unlink(path);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);
    if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
        abort();
    close(fd);
}

/* Let a child do @start, and read into said what it writes.  Returns: its exit status, or errno. */
static int run(void (*start)(void *), void *data)
{
    int pipes[2], status;
    size_t length = 0;
    if (pipe(pipes))
        abort();
    fflush(stdout);
    pid_t child = fork();
    if (!child) {
        dup2(pipes[1], 1);
        close(pipes[0]);
        close(pipes[1]);
        start(data);
        _exit(errno);
    }
    close(pipes[1]);
    for (ssize_t got; (got = read(pipes[0], said + length, sizeof(said) - 1 - length)) > 0;)
        length += got;
    said[length] = 0;
    close(pipes[0]);
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

struct call {
    int dir;
    const char *path;
    char *const *argv;
    char *const *envp;
    int flags; /* -1: execve */
};

static void do_call(void *data)
{
    const struct call *call = data;
    if (call->flags < 0)
        execve(call->path, call->argv, call->envp);
    else
        syscall(SYS_execveat, call->dir, call->path, call->argv, call->envp, call->flags);
}

static int exec_path(const char *path, char *const argv[])
{
    return run(do_call, &(struct call){ 0, path, argv, nothing, -1 });
}

static int exec_at(int dir, const char *path, int flags)
{
    char *const argv[] = { "name", "say", NULL };
    return run(do_call, &(struct call){ dir, path, argv, nothing, flags });
}

/* What it was started with: arguments, and the path in the auxiliary vector. */
static int say(int argc, char **argv)
{
    for (int i = 0; i < argc; i++)
        printf("[%s]", argv[i]);
    printf(" %s\n", (const char *)getauxval(AT_EXECFN));
    return 0;
}

#define check_said(what, text)                   \
    do {                                         \
        check(what, strcmp(said, text) == 0);    \
        if (strcmp(said, text))                  \
            printf("    but it is: %s\n", said); \
    } while (0)

static void test_scripts(void)
{
    char *const argv[] = { "zero", "one", "two", NULL };
    char line[400], name[100];
    make(FOLDER "/script", "#!" SELF "  say \n", 0755);
    check("a script runs", exec_path(FOLDER "/script", argv) == 0);
    check_said("with its interpreter, argument, path and arguments",
               "[" SELF "][say][" FOLDER "/script][one][two] " FOLDER "/script\n");
    make(FOLDER "/script", "#! \t" SELF " say it  all\t \nrest", 0755);
    exec_path(FOLDER "/script", argv);
    check_said("there is one argument at most, blanks in it stay",
               "[" SELF "][say it  all][" FOLDER "/script][one][two] " FOLDER "/script\n");
    make(FOLDER "/script", "#!" SELF, 0755);
    exec_path(FOLDER "/script", nothing);
    check_said("a line needs no end, a program no arguments",
               "[" SELF "][" FOLDER "/script] " FOLDER "/script\n");
    if (chdir(FOLDER))
        abort();
    make("script", "#!self x\n", 0755);
    check("an interpreter may be relative", exec_path("./script", argv) == 0);
    check_said("and is, to the working directory", "[self][x][./script][one][two] ./script\n");
    make("script", "#!\n", 0755);
    check("no interpreter: ENOEXEC", exec_path("script", argv) == ENOEXEC);
    make("script", "#!   \n", 0755);
    check("blanks are none: ENOEXEC", exec_path("script", argv) == ENOEXEC);
    make("script", "#!/no/such\n", 0755);
    check("one that is not there: ENOENT", exec_path("script", argv) == ENOENT);
    make("script", "#!" FOLDER "\n", 0755);
    check("a directory: EACCES", exec_path("script", argv) == EACCES);
    memset(line, 'x', sizeof(line));
    memcpy(line, "#!/", 3);
    line[399] = 0;
    make("script", line, 0755);
    check("a name that is cut off: ENOEXEC", exec_path("script", argv) == ENOEXEC);
    make("nest0", "#!self n\n", 0755);
    for (int i = 1; i < 7; i++) {
        snprintf(line, sizeof(line), "#!nest%d\n", i - 1);
        snprintf(name, sizeof(name), "nest%d", i);
        make(name, line, 0755);
    }
    check("scripts nest: 4 levels", exec_path("nest3", argv) == 0);
    check_said("and each is an argument of the next",
               "[self][n][nest0][nest1][nest2][nest3][one][two] nest3\n");
    check("5 levels", exec_path("nest4", argv) == 0);
    check("but not 6: ELOOP", exec_path("nest5", argv) == ELOOP);
    make("script", "#!script\n", 0755);
    check("nor one in itself: ELOOP", exec_path("script", argv) == ELOOP);
}

static void test_refusals(void)
{
    make(FOLDER "/text", "just text\n", 0755);
    make(FOLDER "/empty", "", 0755);
    make(FOLDER "/quiet", "#!" SELF "\n", 0644);
    if (symlink("loop", FOLDER "/loop") || symlink("self", FOLDER "/link"))
        abort();
    check_errno(execve(FOLDER "/none", nothing, nothing), ENOENT);
    check_errno(execve("", nothing, nothing), ENOENT);
    check_errno(execve(FOLDER "/text", nothing, nothing), ENOEXEC);
    check_errno(execve(FOLDER "/empty", nothing, nothing), ENOEXEC);
    check_errno(execve(FOLDER "/quiet", nothing, nothing), EACCES);
    check_errno(execve(FOLDER, nothing, nothing), EACCES);
    check_errno(execve("/dev/null", nothing, nothing), EACCES);
    check_errno(execve(FOLDER "/text/x", nothing, nothing), ENOTDIR);
    check_errno(execve(FOLDER "/loop", nothing, nothing), ELOOP);
    check_errno(execve((char *)nowhere, nothing, nothing), EFAULT);
    check_errno(execve(SELF, nowhere, nothing), EFAULT);
    check_errno(execve(SELF, nothing, nowhere), EFAULT);
    check_errno(execve(SELF, ((char *[]){ (char *)1, NULL }), nothing), EFAULT);
    check_errno(syscall(SYS_execveat, AT_FDCWD, SELF, nothing, nothing, 1), EINVAL);
    check_errno(syscall(SYS_execveat, 99, "self", nothing, nothing, 0), EBADF);
    check_errno(syscall(SYS_execveat, AT_FDCWD, "", nothing, nothing, 0), ENOENT);
    check_errno(syscall(SYS_execveat, AT_FDCWD, "", nothing, nothing, AT_EMPTY_PATH), EACCES);
}

static void test_limits(void)
{
    static char big[BIG + 1], *many[100];
    memset(big, 'x', BIG);
    big[BIG - 1] = 0;
    char *const one[] = { "name", "count", big, NULL };
    check("a string of 128 KiB, with its end, is allowed", exec_path(SELF, one) == 3);
    big[BIG - 1] = 'x';
    check("a longer one is not: E2BIG", exec_path(SELF, one) == E2BIG);
    big[BIG - 1] = 0;
    many[0] = "name", many[1] = "count";
    for (int i = 2; i < 17; i++)
        many[i] = big;
    check("nearly a quarter of the stack's limit is allowed", exec_path(SELF, many) == 17);
    many[17] = big;
    check("more is not: E2BIG", exec_path(SELF, many) == E2BIG);
    const struct rlimit small = { 1 << 20, RLIM_INFINITY };
    struct rlimit before;
    getrlimit(RLIMIT_STACK, &before);
    setrlimit(RLIMIT_STACK, &(struct rlimit){ small.rlim_cur, before.rlim_max });
    many[17] = many[3] = NULL;
    check("a smaller stack: a string is allowed", exec_path(SELF, many) == 3);
    many[3] = big;
    check("two are not: E2BIG", exec_path(SELF, many) == E2BIG);
    setrlimit(RLIMIT_STACK, &before);
}

static void test_at(void)
{
    int dir = open(FOLDER, O_RDONLY | O_DIRECTORY), file = open(SELF, O_PATH);
    char wanted[100];
    make(FOLDER "/script", "#!" SELF " s\n", 0755);
    check("execveat, from a directory", exec_at(dir, "self", 0) == 0);
    snprintf(wanted, sizeof(wanted), "[name][say] /dev/fd/%d/self\n", dir);
    check_said("says so in AT_EXECFN", wanted);
    check("a descriptor itself", exec_at(file, "", AT_EMPTY_PATH) == 0);
    snprintf(wanted, sizeof(wanted), "[name][say] /dev/fd/%d\n", file);
    check_said("likewise", wanted);
    check("an absolute path ignores it", exec_at(99, SELF, 0) == 0);
    check("a file is no directory: ENOTDIR", exec_at(file, "self", 0) == ENOTDIR);
    check("a link is followed", exec_at(dir, "link", 0) == 0);
    check("or not: ELOOP", exec_at(dir, "link", AT_SYMLINK_NOFOLLOW) == ELOOP);
    int script = open(FOLDER "/script", O_RDONLY | O_CLOEXEC);
    check("a script that its interpreter cannot open: ENOENT",
          exec_at(script, "", AT_EMPTY_PATH) == ENOENT);
    int memory = syscall(SYS_memfd_create, "program", 0);
    check("memory is never busy, but empty: ENOEXEC",
          exec_at(memory, "", AT_EMPTY_PATH) == ENOEXEC);
    close(script), close(memory), close(dir), close(file);
}

static void pause_self(void) { execve(SELF, (char *const[]){ "name", "pause", NULL }, nothing); }

static void test_busy(void)
{
    int pipes[2];
    char byte;
    if (pipe(pipes))
        abort();
    fflush(stdout);
    pid_t child = fork();
    if (!child) {
        dup2(pipes[1], 1);
        pause_self();
        _exit(1);
    }
    close(pipes[1]);
    check("a program runs", read(pipes[0], &byte, 1) == 1);
    check_errno(open(SELF, O_WRONLY), ETXTBSY);
    check_errno(open(SELF, O_RDWR | O_TRUNC), ETXTBSY);
    check_errno(truncate(SELF, 0), ETXTBSY);
    int fd = open(SELF, O_RDONLY);
    check("it may be read, and mapped",
          fd >= 0 && mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0) != MAP_FAILED);
    kill(child, SIGKILL);
    siginfo_t info;
    waitid(P_PID, child, &info, WEXITED | WNOWAIT);
    fd = open(SELF, O_RDWR);
    check("when it is dead, not even collected, it may be written", fd >= 0);
    check("and not be started: ETXTBSY", exec_at(AT_FDCWD, SELF, 0) == ETXTBSY);
    close(fd);
    check("until it is closed", exec_at(AT_FDCWD, SELF, 0) == 0);
    waitpid(child, NULL, 0);
}

static void handler(int signal) { (void)signal; }

static void test_state(void)
{
    char text[20];
    int kept = dup(1), closed = dup(1);
    fcntl(closed, F_SETFD, FD_CLOEXEC);
    signal(SIGUSR1, handler);
    signal(SIGUSR2, SIG_IGN);
    snprintf(text, sizeof(text), "%d", kept);
    char *const open_still[] = { "name", "fd", text, NULL };
    check("descriptors stay open", exec_path(SELF, open_still) == 1);
    snprintf(text, sizeof(text), "%d", closed);
    check("but for those closed on exec", exec_path(SELF, open_still) == 0);
    check("handlers are gone, what is ignored stays so",
          exec_path(SELF, (char *const[]){ "name", "signals", NULL }) == 0);
    close(kept), close(closed);
}

static int second(int argc, char **argv)
{
    struct sigaction one, two;
    if (!strcmp(argv[1], "count"))
        return argc;
    if (!strcmp(argv[1], "fd"))
        return fcntl(atoi(argv[2]), F_GETFD) >= 0;
    if (!strcmp(argv[1], "pause"))
        return write(1, "x", 1) == 1 && pause();
    if (strcmp(argv[1], "signals"))
        return say(argc, argv);
    sigaction(SIGUSR1, NULL, &one);
    sigaction(SIGUSR2, NULL, &two);
    return one.sa_handler != SIG_DFL || two.sa_handler != SIG_IGN;
}

int main(int argc, char **argv)
{
    if (argc > 1)
        return second(argc, argv);
    if (mkdir(FOLDER, 0755) && errno != EEXIST)
        abort();
    unlink(FOLDER "/loop"), unlink(FOLDER "/link");
    copy_self(SELF);
    test_scripts();
    test_refusals();
    test_limits();
    test_at();
    test_state();
    test_busy();
    return finish();
}
