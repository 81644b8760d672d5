/*
 * mincore: which pages are in memory, and that the zero page is (Z50).
 */
#define _GNU_SOURCE
#include "memory.h"

enum { PAGES = 32 };

static void test_answers(void)
{
    unsigned char vector[PAGES + 2];
    char *at = map(PAGES);
    check("nothing is there yet", resident(at, PAGES) == 0);
    check("asking brings nothing", resident(at, PAGES) == 0);
    at[3 * PAGE] = 1;
    check("a written page is", resident(at, PAGES) == 1 && resident(at + 3 * PAGE, 1) == 1);
    check("a page that was read is (Z50)",
          reads_zero(at + 5 * PAGE, 1) && resident(at + 5 * PAGE, 1) == 1);
    check("no other", resident(at, PAGES) == 2);

    memset(vector, 0xaa, sizeof(vector));
    check("the vector is filled", !mincore(at + 2 * PAGE, 4 * PAGE, vector + 1));
    check("with ones and noughts, where it should be", vector[0] == 0xaa && !(vector[1] & 1) &&
                                                           vector[2] & 1 && !(vector[3] & 1) &&
                                                           vector[4] & 1 && vector[5] == 0xaa);
    memset(vector, 0xaa, sizeof(vector));
    check("a part of a page is a page", !mincore(at + 3 * PAGE, PAGE + 1, vector) &&
                                            vector[0] & 1 && !(vector[1] & 1) && vector[2] == 0xaa);
    munmap(at, PAGES * PAGE);
}

static void test_changes(void)
{
    char *at = map(PAGES);
    write_pages(at, 8, 1);
    check("forgotten pages are not there",
          !madvise(at + PAGE, 2 * PAGE, MADV_DONTNEED) && resident(at, PAGES) == 6);
    check("forbidden ones are", !mprotect(at, 8 * PAGE, PROT_NONE) && resident(at, PAGES) == 6);
    check("allowed again they are",
          !mprotect(at, 8 * PAGE, READ_WRITE) && resident(at, PAGES) == 6);
    check("across different rights too",
          !mprotect(at + 4 * PAGE, PAGE, PROT_READ) && resident(at, PAGES) == 6);
    char *ready = map_at(NULL, PAGES, READ_WRITE, MAP_POPULATE);
    check("MAP_POPULATE brings all", resident(ready, PAGES) == PAGES);
    munmap(ready + PAGE, PAGE);
    check("across a hole there is no answer", resident(ready, PAGES) == -1);
    munmap(ready, PAGES * PAGE);
    munmap(at, PAGES * PAGE);
}

/* More pages than the kernel can ask for at once, whatever its unit is. */
static void test_many(void)
{
    enum { MANY = 10000 };
    static unsigned char vector[MANY];
    char *at = map(MANY);
    int wrong = 0;
    for (int i = 0; i < MANY; i += 7)
        at[(size_t)i * PAGE] = 1;
    check("many pages are asked for", !mincore(at, (size_t)MANY * PAGE, vector));
    for (int i = 0; i < MANY; i++)
        wrong += (vector[i] & 1) != (i % 7 == 0);
    check("each has its answer", !wrong);
    munmap(at, (size_t)MANY * PAGE);
}

int main(void)
{
    test_answers();
    test_changes();
    test_many();
    return finish();
}
