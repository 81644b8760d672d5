/*
 * mremap: what a mapping is after it grew, shrank or moved, and what it left behind.
 */
#define _GNU_SOURCE
#include "memory.h"

#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif

/* In pages. */
#define remap(old, pages, wanted, flags, at) \
    ((char *)syscall(SYS_mremap, old, (pages) * (long)PAGE, (wanted) * (long)PAGE, flags, at))

static void fresh(void)
{
    munmap(ARENA, 64 * PAGE);
    map_at(ARENA, 8, READ_WRITE, 0);
    write_pages(ARENA, 8, 1);
}

static void test_size(void)
{
    fresh();
    check("the same size changes nothing", remap(ARENA, 8, 8, 0, 0) == ARENA && holds(ARENA, 8, 1));
    check("it grows into the hole behind it", remap(ARENA, 8, 12, 0, 0) == ARENA);
    check("what was there is there", holds(ARENA, 8, 1));
    check("and what is new is zero", is_zero(ARENA + 8 * PAGE, 4) && !is_mapped(ARENA + 12 * PAGE));
    check("it shrinks", remap(ARENA, 12, 5, 0, 0) == ARENA && holds(ARENA, 5, 1));
    check("the rest is gone", !is_mapped(ARENA + 5 * PAGE) && !is_mapped(ARENA + 11 * PAGE));
    check("grown again it is zero there",
          remap(ARENA, 5, 8, 0, 0) == ARENA && is_zero(ARENA + 5 * PAGE, 3));
    check("a length is rounded up",
          (char *)syscall(SYS_mremap, ARENA, 8 * PAGE - 5, 9 * PAGE - 1, 0, 0) == ARENA &&
              is_mapped(ARENA + 9 * PAGE - 1));

    fresh();
    check("a part shrinks and leaves a hole", remap(ARENA + PAGE, 4, 2, 0, 0) == ARENA + PAGE);
    check("around it all is as before", holds(ARENA, 3, 1) && holds(ARENA + 5 * PAGE, 3, 6) &&
                                            !is_mapped(ARENA + 3 * PAGE) &&
                                            !is_mapped(ARENA + 5 * PAGE - 1));
    check("a shrink may go across what differs",
          !mprotect(ARENA + 6 * PAGE, PAGE, PROT_READ) &&
              remap(ARENA + 5 * PAGE, 3, 1, 0, 0) == ARENA + 5 * PAGE &&
              !is_mapped(ARENA + 6 * PAGE) && holds(ARENA + 5 * PAGE, 1, 6));
}

static void test_move(void)
{
    fresh();
    map_at(ARENA + 8 * PAGE, 1, PROT_READ, 0);
    check("without room and leave to move it stays",
          remap(ARENA, 8, 9, 0, 0) == MAP_FAILED && errno == ENOMEM && holds(ARENA, 8, 1));
    char *at = remap(ARENA, 8, 16, MREMAP_MAYMOVE, 0);
    check("with leave it moves", at != MAP_FAILED && at != ARENA);
    check("and takes its pages along", holds(at, 8, 1) && is_zero(at + 8 * PAGE, 8));
    check("where it was is nothing", !is_mapped(ARENA) && !is_mapped(ARENA + 7 * PAGE));
    check("its neighbour is still there", is_mapped(ARENA + 8 * PAGE));
    munmap(at, 16 * PAGE);

    fresh();
    at = remap(ARENA + 2 * PAGE, 2, 4, MREMAP_MAYMOVE, 0);
    check("a part moves out of the middle", at != MAP_FAILED && holds(at, 2, 3));
    check("and leaves a hole there", holds(ARENA, 2, 1) && !is_mapped(ARENA + 2 * PAGE) &&
                                         !is_mapped(ARENA + 3 * PAGE) &&
                                         holds(ARENA + 4 * PAGE, 4, 5));
    at[0] = 99;
    check("it can be written where it is", at[0] == 99 && is_zero(at + 2 * PAGE, 2));
    munmap(at, 4 * PAGE);
}

static void test_fixed(void)
{
    const int fixed = MREMAP_MAYMOVE | MREMAP_FIXED;
    fresh();
    map_at(ARENA + 32 * PAGE, 8, READ_WRITE, 0);
    write_pages(ARENA + 32 * PAGE, 8, 50);
    char *at = ARENA + 34 * PAGE;
    check("it moves to where it is told", remap(ARENA, 4, 4, fixed, at) == at && holds(at, 4, 1));
    check("over what was there", holds(at - 2 * PAGE, 2, 50) && holds(at + 4 * PAGE, 2, 56));
    check("and leaves a hole", !is_mapped(ARENA) && holds(ARENA + 4 * PAGE, 4, 5));
    check("it shrinks on the way",
          remap(ARENA + 4 * PAGE, 4, 2, fixed, ARENA + 16 * PAGE) == ARENA + 16 * PAGE &&
              holds(ARENA + 16 * PAGE, 2, 5) && !is_mapped(ARENA + 18 * PAGE));
    check("all of it is gone", !is_mapped(ARENA + 4 * PAGE) && !is_mapped(ARENA + 7 * PAGE));
    check("it grows on the way",
          remap(ARENA + 16 * PAGE, 2, 5, fixed, ARENA + 20 * PAGE) == ARENA + 20 * PAGE &&
              holds(ARENA + 20 * PAGE, 2, 5) && is_zero(ARENA + 22 * PAGE, 3));
    check("it may move to its own hole below",
          remap(ARENA + 20 * PAGE, 5, 5, fixed, ARENA + 15 * PAGE) == ARENA + 15 * PAGE &&
              holds(ARENA + 15 * PAGE, 2, 5) && !is_mapped(ARENA + 20 * PAGE));
}

/* What was mapped read-only, forbidden or never touched stays so. */
static void test_kinds(void)
{
    fresh();
    mprotect(ARENA, 2 * PAGE, PROT_READ);
    char *at = remap(ARENA, 2, 4, MREMAP_MAYMOVE, 0);
    check("read-only memory moves",
          at != MAP_FAILED && holds(at, 2, 1) && is_zero(at + PAGE * 2, 2));
    check_errno(syscall(SYS_uname, at), EFAULT);
    check("and can become writable", !mprotect(at, 4 * PAGE, READ_WRITE) && (at[0] = 7) == 7);
    munmap(at, 4 * PAGE);

    mprotect(ARENA + 2 * PAGE, PAGE, PROT_NONE);
    at = remap(ARENA + 2 * PAGE, 1, 1, MREMAP_MAYMOVE | MREMAP_FIXED, ARENA + 40 * PAGE);
    check("forbidden memory moves", at == ARENA + 40 * PAGE && !is_mapped(at));
    check("with what it holds", !mprotect(at, PAGE, PROT_READ) && holds(at, 1, 3));

    char *zero = map(16);
    check("zero pages are read", reads_zero(zero, 8));
    at = remap(zero, 16, 16, MREMAP_MAYMOVE | MREMAP_FIXED, ARENA + 16 * PAGE);
    check("and move (Z41)", at == ARENA + 16 * PAGE && resident(at, 16) == 8);
    check("they are still zero", is_zero(at, 16));
    write_pages(at, 16, 1);
    check("and each gets a page of its own when written", holds(at, 16, 1));
    munmap(at, 16 * PAGE);
}

/* Larger than one page table on every machine, so that whole tables may travel. */
static void test_large(void)
{
    enum { PAGES = 3000 };
    char *at = map_at(ARENA, PAGES, READ_WRITE, 0), *to = ARENA + 0x4001000;
    write_pages(at, PAGES, 1);
    check("a large mapping moves",
          remap(at, PAGES, PAGES + 1, MREMAP_MAYMOVE | MREMAP_FIXED, to) == to);
    check("whole", holds(to, PAGES, 1) && !is_mapped(at) && !is_mapped(at + (PAGES - 1) * PAGE));
    to[0] = 5;
    check("and back, to another alignment",
          remap(to, PAGES, PAGES, MREMAP_MAYMOVE | MREMAP_FIXED, at + 7 * PAGE) == at + 7 * PAGE);
    check("whole again", at[7 * PAGE] == 5 && holds(at + 8 * PAGE, PAGES - 1, 2));
    check("the last page stayed", is_mapped(to + PAGES * PAGE) && !is_mapped(to));
    munmap(at, 0x8000000);
}

static void test_dontunmap(void)
{
    const int leave = MREMAP_MAYMOVE | MREMAP_DONTUNMAP;
    fresh();
    char *at = remap(ARENA, 8, 8, leave, 0);
    check("DONTUNMAP moves the pages", at != MAP_FAILED && at != ARENA && holds(at, 8, 1));
    check("and leaves the mapping", resident(ARENA, 8) == 0 && is_zero(ARENA, 8));
    write_pages(ARENA, 8, 100);
    check("the two are apart", holds(ARENA, 8, 100) && holds(at, 8, 1));
    char *third = remap(at + 2 * PAGE, 2, 2, leave | MREMAP_FIXED, ARENA + 3 * PAGE);
    check("a part moves over another mapping", third == ARENA + 3 * PAGE && holds(ARENA, 3, 100) &&
                                                   holds(third, 2, 3) &&
                                                   holds(ARENA + 5 * PAGE, 3, 105));
    check("and is zero where it was",
          holds(at, 2, 1) && is_zero(at + 2 * PAGE, 2) && holds(at + 4 * PAGE, 4, 5));
    munmap(at, 8 * PAGE);
}

int main(void)
{
    test_size();
    test_move();
    test_fixed();
    test_kinds();
    test_large();
    test_dontunmap();
    return finish();
}
