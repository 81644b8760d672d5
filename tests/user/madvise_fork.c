/*
 * madvise about fork: what the child gets, does not get, and gets as zeroes.
 */
#define _GNU_SOURCE
#include <sys/wait.h>

#include "memory.h"

enum { PAGES = 12, THIRD = 4 };

static char *at;

/* Run @test in a child.  Returns: what it said. */
static int in_child(int (*test)(void))
{
    int code;
    fflush(stdout);
    pid_t child = fork();
    if (!child)
        _exit(test() ? 1 : 0);
    if (child < 0 || waitpid(child, &code, 0) != child)
        return 0;
    return WIFEXITED(code) && WEXITSTATUS(code) == 1;
}

static int sees_all(void) { return holds(at, PAGES, 1); }

static int lacks_the_second(void)
{
    return holds(at, THIRD, 1) && !is_mapped(at + THIRD * PAGE) &&
           !is_mapped(at + (2 * THIRD - 1) * PAGE) && holds(at + 2 * THIRD * PAGE, THIRD, 9);
}

static int has_zeroes(void)
{
    int zero = resident(at + THIRD * PAGE, THIRD) == 0 && is_zero(at + THIRD * PAGE, THIRD);
    write_pages(at + THIRD * PAGE, THIRD, 50);
    return zero && holds(at, THIRD, 1) && holds(at + 2 * THIRD * PAGE, THIRD, 9);
}

/* A child's child: the advice itself is inherited. */
static int hands_zeroes_on(void)
{
    write_pages(at + THIRD * PAGE, THIRD, 70);
    return in_child(has_zeroes);
}

int main(void)
{
    at = map(PAGES);
    write_pages(at, PAGES, 1);
    check("a child sees everything", in_child(sees_all));
    check("DONTFORK is taken", !madvise(at + THIRD * PAGE, THIRD * PAGE, MADV_DONTFORK));
    check("a child lacks that", in_child(lacks_the_second));
    check("the parent does not", holds(at, PAGES, 1));
    check("DOFORK gives it back",
          !madvise(at + THIRD * PAGE, THIRD * PAGE, MADV_DOFORK) && in_child(sees_all));
    check("WIPEONFORK is taken", !madvise(at + THIRD * PAGE, THIRD * PAGE, MADV_WIPEONFORK));
    check("a child has zeroes there", in_child(has_zeroes));
    check("the parent has what it had", holds(at, PAGES, 1));
    check("so has a child's child", in_child(hands_zeroes_on));
    check("KEEPONFORK ends it",
          !madvise(at + THIRD * PAGE, THIRD * PAGE, MADV_KEEPONFORK) && in_child(sees_all));
    char *shared = map_at(NULL, 1, READ_WRITE, MAP_SHARED);
    check_errno(madvise(shared, PAGE, MADV_WIPEONFORK), EINVAL);
    check("both at once: DONTFORK wins",
          !madvise(at + THIRD * PAGE, THIRD * PAGE, MADV_WIPEONFORK) &&
              !madvise(at + THIRD * PAGE, THIRD * PAGE, MADV_DONTFORK) &&
              in_child(lacks_the_second));
    return finish();
}
