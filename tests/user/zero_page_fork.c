/*
 * The zero page and fork: parent and child read zeroes, and each writes for itself (Z36, Z37).
 */
#define _GNU_SOURCE
#include <sys/wait.h>

#include "memory.h"

enum { PAGES = 16, CHILDREN = 4 };

static int wait_for(pid_t child)
{
    int code;
    if (child < 0 || waitpid(child, &code, 0) != child || !WIFEXITED(code))
        return -1;
    return WEXITSTATUS(code);
}

static int work(char *only_read, char *mixed, int n)
{
    if (!is_zero(only_read, PAGES) || !is_zero(mixed + PAGE, PAGES - 1) || mixed[0] != 5)
        return 1;
    write_pages(only_read, PAGES, n);
    write_pages(mixed, PAGES, n + 1);
    return holds(only_read, PAGES, n) && holds(mixed, PAGES, n + 1) ? 0 : 2;
}

int main(void)
{
    char *only_read = map(PAGES), *mixed = map(PAGES);
    pid_t child[CHILDREN];
    int wrong = 0;
    reads_zero(only_read, PAGES);
    reads_zero(mixed, PAGES);
    mixed[0] = 5;

    fflush(stdout);
    for (int i = 0; i < CHILDREN; i++)
        if (!(child[i] = fork()))
            _exit(work(only_read, mixed, 10 + i));
    for (int i = 0; i < CHILDREN; i++)
        wrong += wait_for(child[i]) != 0;
    check("children read zeroes and write for themselves", !wrong);
    check("the parent sees none of it",
          is_zero(only_read, PAGES) && is_zero(mixed + PAGE, PAGES - 1) && mixed[0] == 5);

    fflush(stdout);
    pid_t reader = fork();
    if (!reader) {
        usleep(50000);
        _exit(is_zero(only_read, PAGES) && mixed[0] == 5 ? 0 : 1);
    }
    write_pages(only_read, PAGES, 1);
    write_pages(mixed, PAGES, 2);
    check("a child sees nothing of the parent's", wait_for(reader) == 0);
    check("the parent has it", holds(only_read, PAGES, 1) && holds(mixed, PAGES, 2));
    check("and new memory is zero", is_zero(map(PAGES), PAGES));
    return finish();
}
