/*
 * move_pages: where each page is (Z48, trap 45), on a machine of one node.
 */
#define _GNU_SOURCE
#include "memory.h"

enum { PAGES = 8, MOVE = 2, MOVE_ALL = 4, UNTOUCHED = 999 };

static char *at;
static int state[PAGES];

static long ask(const int *nodes, int flags)
{
    void *page[PAGES];
    for (int i = 0; i < PAGES; i++) {
        page[i] = at + i * PAGE;
        state[i] = UNTOUCHED;
    }
    return syscall(SYS_move_pages, 0, (long)PAGES, page, nodes, state, flags);
}

static int all(int wanted)
{
    for (int i = 0; i < PAGES; i++)
        if (state[i] != wanted)
            return 0;
    return 1;
}

static void test_asking(void)
{
    at = map(PAGES);
    check("nothing mapped is ENOENT", !ask(NULL, MOVE) && all(-ENOENT));
    check("asking maps nothing", !ask(NULL, 0) && all(-ENOENT) && resident(at, PAGES) == 0);
    check("the zero page is EFAULT", reads_zero(at, PAGES) && !ask(NULL, MOVE) && all(-EFAULT));
    write_pages(at, PAGES, 1);
    check("a page of its own is on node 0", !ask(NULL, MOVE) && all(0));
    munmap(at + PAGE, PAGE);
    madvise(at + 2 * PAGE, PAGE, MADV_DONTNEED);
    check("one of each", !ask(NULL, MOVE) && state[0] == 0 && state[1] == -EFAULT &&
                             state[2] == -ENOENT && reads_zero(at + 2 * PAGE, 1) &&
                             !ask(NULL, MOVE) && state[2] == -EFAULT && state[3] == 0);
    mprotect(at + 3 * PAGE, PAGE, PROT_NONE);
    check("forbidden memory keeps its page", !ask(NULL, MOVE) && state[3] == 0);

    void *odd[3] = { at + 5 * PAGE + 123, (void *)8, (void *)-8 };
    check("an address need not be aligned",
          !syscall(SYS_move_pages, 0, 3l, odd, NULL, state, MOVE) && state[0] == 0);
    check("one outside is EFAULT", state[1] == -EFAULT && state[2] == -EFAULT);
    munmap(at, PAGES * PAGE);
}

static void test_moving(void)
{
    static const int here[PAGES];
    at = map(PAGES);
    write_pages(at, PAGES, 1);
    check("what is there already stays", !ask(here, MOVE) && all(0) && holds(at, PAGES, 1));
    check("whoever else has it", !ask(here, MOVE_ALL) && all(0));
    check("without a kind of move too", !ask(here, 0) && all(0));
    madvise(at, 4 * PAGE, MADV_DONTNEED);
    reads_zero(at + 2 * PAGE, 2);
    check("what is not there is not moved",
          !ask(here, MOVE) && state[0] == -ENOENT && state[2] == -EFAULT && state[4] == 0);
    check("nor brought", resident(at, PAGES) == 6);
    munmap(at, PAGES * PAGE);
}

/* More than fit into one page of addresses. */
static void test_many(void)
{
    enum { MANY = 3000 };
    static void *page[MANY];
    static int where[MANY];
    int wrong = 0;
    char *many = map(MANY);
    for (size_t i = 0; i < MANY; i++) {
        page[i] = many + i * PAGE;
        if (i % 3 == 0)
            many[i * PAGE] = 1;
        else if (i % 3 == 1)
            reads_zero(many + i * PAGE, 1);
    }
    check("many pages are asked for",
          !syscall(SYS_move_pages, getpid(), (long)MANY, page, NULL, where, MOVE));
    for (size_t i = 0; i < MANY; i++)
        wrong += where[i] != (i % 3 == 0 ? 0 : i % 3 == 1 ? -EFAULT : -ENOENT);
    check("each has its answer", !wrong);
    munmap(many, (size_t)MANY * PAGE);
}

int main(void)
{
    test_asking();
    test_moving();
    test_many();
    return finish();
}
