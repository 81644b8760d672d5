/*
 * madvise: what is forgotten, what is brought, what is only advice.
 */
#define _GNU_SOURCE
#include "memory.h"

enum { PAGES = 16, COLD = 20, PAGEOUT = 21, POPULATE_READ = 22, POPULATE_WRITE = 23 };

static int advise(char *at, size_t pages, int advice) { return madvise(at, pages * PAGE, advice); }

static void test_forget(void)
{
    char *at = map(PAGES);
    write_pages(at, PAGES, 1);
    check("DONTNEED forgets", !advise(at + PAGE, 3, MADV_DONTNEED) && resident(at, PAGES) == 13);
    check("what it was told to", holds(at, 1, 1) && holds(at + 4 * PAGE, 12, 5));
    check("the pages are zero", is_zero(at + PAGE, 3));
    check("zero pages are forgotten too (Z39)", reads_zero(at + PAGE, 3) &&
                                                    !advise(at + PAGE, 3, MADV_DONTNEED) &&
                                                    resident(at, PAGES) == 13);
    check("part of a page is a page",
          !madvise(at + 4 * PAGE, 1, MADV_DONTNEED) && is_zero(at + 4 * PAGE, 1));
    mprotect(at + 8 * PAGE, 2 * PAGE, PROT_READ);
    check("across different rights", !advise(at + 7 * PAGE, 4, MADV_DONTNEED));
    check("they stay what they are", is_zero(at + 7 * PAGE, 4) && holds(at + 11 * PAGE, 5, 12));
    munmap(at + 12 * PAGE, PAGE);
    check("on both sides of a hole", advise(at + 11 * PAGE, 3, MADV_DONTNEED) && errno == ENOMEM &&
                                         is_zero(at + 11 * PAGE, 1) && is_zero(at + 13 * PAGE, 1) &&
                                         holds(at + 14 * PAGE, 2, 15));
    munmap(at, PAGES * PAGE);
}

/* Freed pages are zero or what they were; written to, they are what was written. */
static void test_free(void)
{
    char *at = map(PAGES);
    int odd = 0;
    write_pages(at, PAGES, 1);
    check("FREE is done", !advise(at + PAGE, 4, MADV_FREE));
    for (int i = 1; i < 5; i++)
        odd += at[i * PAGE] != 0 && at[i * PAGE] != i + 1;
    check("its pages are zero or as before", !odd);
    write_pages(at + PAGE, 4, 50);
    check("written again they stay", holds(at + PAGE, 4, 50) && holds(at, 1, 1));
    check("zero pages are not harmed (Z39)",
          !advise(at, PAGES, MADV_DONTNEED) && reads_zero(at, PAGES) &&
              !advise(at, PAGES, MADV_FREE) && is_zero(at, PAGES));
    munmap(at, PAGES * PAGE);
}

static void test_populate(void)
{
    char *at = map(PAGES);
    check("POPULATE_READ brings pages", !advise(at, 8, POPULATE_READ) && resident(at, PAGES) == 8);
    check("they are zero and can be written",
          is_zero(at, 8) && (write_pages(at, 8, 1), holds(at, 8, 1)));
    check("POPULATE_WRITE brings pages",
          !advise(at, PAGES, POPULATE_WRITE) && resident(at, PAGES) == PAGES);
    check("and keeps what is there", holds(at, 8, 1) && is_zero(at + 8 * PAGE, 8));
    munmap(at, PAGES * PAGE);

    at = map(PAGES);
    check("reading first and writing then",
          reads_zero(at, PAGES) && !advise(at, PAGES, POPULATE_WRITE) && is_zero(at, PAGES));
    mprotect(at + 4 * PAGE, PAGE, PROT_READ);
    check("read-only memory cannot be written", !advise(at, PAGES, POPULATE_READ) &&
                                                    advise(at, PAGES, POPULATE_WRITE) &&
                                                    errno == EINVAL);
    mprotect(at + 4 * PAGE, PAGE, PROT_NONE);
    check("forbidden memory cannot be read", advise(at, PAGES, POPULATE_READ) && errno == EINVAL);
    munmap(at + 4 * PAGE, PAGE);
    check("nor is a hole advised", advise(at, PAGES, MADV_NORMAL) && errno == ENOMEM &&
                                       advise(at, PAGES, POPULATE_READ) && errno == ENOMEM);
    munmap(at, PAGES * PAGE);
    at = map(PAGES);
    munmap(at + 4 * PAGE, PAGE);
    check("up to the hole, and no further", advise(at, PAGES, POPULATE_WRITE) && errno == ENOMEM &&
                                                resident(at, 4) == 4 &&
                                                resident(at + 5 * PAGE, 11) == 0);
    munmap(at, PAGES * PAGE);
}

/* May be heeded or not: the bytes are the same. */
static void test_advice(void)
{
    static const struct {
        const char *name;
        int advice;
    } row[] = { { "NORMAL", MADV_NORMAL },
                { "RANDOM", MADV_RANDOM },
                { "SEQUENTIAL", MADV_SEQUENTIAL },
                { "WILLNEED", MADV_WILLNEED },
                { "COLD", COLD },
                { "PAGEOUT", PAGEOUT },
                { "DONTDUMP", MADV_DONTDUMP },
                { "DODUMP", MADV_DODUMP },
                { "HUGEPAGE", MADV_HUGEPAGE },
                { "NOHUGEPAGE", MADV_NOHUGEPAGE },
                { "DONTFORK", MADV_DONTFORK },
                { "DOFORK", MADV_DOFORK },
                { "WIPEONFORK", MADV_WIPEONFORK },
                { "KEEPONFORK", MADV_KEEPONFORK } };
    char *at = map(PAGES);
    write_pages(at, 8, 1);
    reads_zero(at + 8 * PAGE, 4);
    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        int fine = !advise(at + PAGE, PAGES - 2, row[i].advice) && holds(at, 8, 1) &&
                   is_zero(at + 8 * PAGE, 8);
        printf("%s: %s keeps the bytes\n", fine ? "ok" : "FAILED", row[i].name);
        failures += !fine;
    }
    munmap(at, PAGES * PAGE);
}

/* Huge or not, memory that is advised to be huge has the same bytes: also when it is cut. */
static void test_huge(void)
{
    enum { HUGE = 1024 };
    char *at = map_at(ARENA, 2 * HUGE, READ_WRITE, 0);
    check("HUGEPAGE is taken", !advise(at, 2 * HUGE, MADV_HUGEPAGE));
    check("its memory is zero", reads_zero(at, 2 * HUGE));
    write_pages(at, 2 * HUGE, 1);
    check("and holds what is written", holds(at, 2 * HUGE, 1));
    check("DONTNEED of one page", !advise(at + 5 * PAGE, 1, MADV_DONTNEED) &&
                                      is_zero(at + 5 * PAGE, 1) && holds(at, 5, 1) &&
                                      holds(at + 6 * PAGE, 2 * HUGE - 6, 7));
    check("unmapping one page", !munmap(at + 9 * PAGE, PAGE) && !is_mapped(at + 9 * PAGE) &&
                                    holds(at + 10 * PAGE, 2 * HUGE - 10, 11));
    check("NOHUGEPAGE for the second half", !advise(at + HUGE * PAGE, HUGE, MADV_NOHUGEPAGE) &&
                                                holds(at + HUGE * PAGE, HUGE, HUGE + 1));
    check("moving a part",
          mremap(at + 20 * PAGE, 700 * PAGE, 700 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
                 at + 3 * HUGE * PAGE) == at + 3 * HUGE * PAGE &&
              holds(at + 3 * HUGE * PAGE, 700, 21) && holds(at + 720 * PAGE, 1000, 721));
    munmap(at, 4 * HUGE * PAGE);
}

int main(void)
{
    test_forget();
    test_free();
    test_populate();
    test_advice();
    test_huge();
    return finish();
}
