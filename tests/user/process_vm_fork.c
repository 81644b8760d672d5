/*
 * process_vm_readv and process_vm_writev between parent and child, and after the child's end.
 */
#define _GNU_SOURCE
#include <sys/uio.h>
#include <sys/wait.h>

#include "memory.h"

enum { PAGES = 4 };

/* Between @bytes at @copy here and at @at there. */
static char *at, *copy;

static ssize_t transfer(long call, pid_t pid, size_t bytes)
{
    struct iovec here = { copy, bytes }, there = { at, bytes };
    return syscall(call, pid, &here, 1l, &there, 1l, 0l);
}

int main(void)
{
    int to_child[2], to_parent[2];
    char word = 0;
    at = map(PAGES);
    copy = map(PAGES);
    write_pages(at, PAGES, 1);
    if (pipe(to_child) || pipe(to_parent))
        return 2;

    pid_t child = fork();
    if (!child) {
        write_pages(at, 2, 50);
        (void)!write(to_parent[1], "w", 1);
        (void)!read(to_child[0], &word, 1);
        _exit(at[0] == 90 && holds(at + PAGE, PAGES - 1, 91) ? 7 : 8);
    }
    if (child < 0)
        return 2;
    check("the child has written", read(to_parent[0], &word, 1) == 1);
    check("its memory can be read",
          transfer(SYS_process_vm_readv, child, PAGES * PAGE) == PAGES * PAGE);
    check("and is its own",
          holds(copy, 2, 50) && holds(copy + 2 * PAGE, 2, 3) && holds(at, PAGES, 1));
    write_pages(copy, PAGES, 90);
    check("it can be written",
          transfer(SYS_process_vm_writev, child, PAGES * PAGE) == PAGES * PAGE);
    check("and the parent keeps its own", holds(at, PAGES, 1));

    int code = 0;
    (void)!write(to_child[1], "x", 1);
    siginfo_t info;
    check("the child ends", !waitid(P_PID, child, &info, WEXITED | WNOWAIT));
    check("a dead process has no memory",
          transfer(SYS_process_vm_readv, child, 1) == -1 && errno == ESRCH);
    check("and saw what was written", waitpid(child, &code, 0) == child && WEXITSTATUS(code) == 7);
    check("and is nobody then", transfer(SYS_process_vm_readv, child, 1) == -1 && errno == ESRCH);
    return finish();
}
