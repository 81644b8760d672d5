/*
 * Memory that grows down: MAP_GROWSDOWN and the stack, up to the guard gap and to RLIMIT_STACK;
 * mprotect with PROT_GROWSDOWN.
 */
#define _GNU_SOURCE
#include <sys/resource.h>

#include "memory.h"

enum { GAP = 256, PAGES = 4 };

/* Where the mapping of PAGES pages begins. */
#define STACK (ARENA + 0x1000000)

static char *make(int prot)
{
    munmap(ARENA, 0x2000000);
    return map_at(STACK, PAGES, prot, MAP_GROWSDOWN);
}

/* Let the kernel write there, for it can tell of a failure. */
static int grows_to(char *at) { return syscall(SYS_getrandom, at, 1l, 0l) == 1; }

static void test_growth(void)
{
    char *stack = make(READ_WRITE);
    write_pages(stack, PAGES, 1);
    stack[-1] = 5;
    check("a touch just below makes it larger", stack[-1] == 5 && is_mapped(stack - PAGE));
    stack[-100 * PAGE] = 6;
    check("far below too", stack[-100 * PAGE] == 6);
    check("all between is memory", is_zero(stack - 99 * PAGE, 98) && holds(stack, PAGES, 1));
    check("reading makes it larger", reads_zero(stack - 120 * PAGE, 1));
    check("so does the kernel", grows_to(stack - 200 * PAGE) && is_mapped(stack - 200 * PAGE));
    check("mapping into its way takes the place, with MAP_FIXED",
          map_at(stack - 400 * PAGE, 1, READ_WRITE, 0) == stack - 400 * PAGE);
    check("then it cannot grow there", !grows_to(stack - 201 * PAGE));
    check("nor anywhere near", !grows_to(stack - 399 * PAGE) && !grows_to(stack - 300 * PAGE));
    check("what is below stays", !munmap(stack - 400 * PAGE, PAGE));
    check("with the place free again it grows", grows_to(stack - 201 * PAGE));
    munmap(stack - 201 * PAGE, (201 + PAGES) * PAGE);
}

/* GAP pages between it and accessible memory below stay free. */
static void test_gap(void)
{
    char *stack = make(READ_WRITE), *below = stack - 2 * GAP * PAGE;
    map_at(below - PAGE, 1, READ_WRITE, 0);
    check("it grows up to the gap", grows_to(below + GAP * PAGE));
    check("and not into it", !grows_to(below + GAP * PAGE - 1));
    check("nothing of the gap is mapped",
          !is_mapped(below + GAP * PAGE - PAGE) && !is_mapped(below));

    char *hint = below + GAP * PAGE - 2 * PAGE;
    char *got = mmap(hint, PAGE, READ_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    check("a hint into the gap is not taken", got != hint && got != MAP_FAILED);
    munmap(got, PAGE);
    check("a command is", map_at(hint, 1, READ_WRITE, 0) == hint && !munmap(hint, PAGE));

    stack = make(READ_WRITE);
    map_at(below - PAGE, 1, PROT_NONE, 0);
    check("what nobody can access needs no gap", grows_to(below + PAGE) && grows_to(below));
    check("but is not grown over", !grows_to(below - 1));
    munmap(below - PAGE, 4 * GAP * PAGE);
}

static void test_limit(void)
{
    struct rlimit old, limit = { 64 * PAGE, RLIM_INFINITY };
    getrlimit(RLIMIT_STACK, &old);
    limit.rlim_max = old.rlim_max;
    char *stack = make(READ_WRITE), *end = stack + PAGES * PAGE;
    check("a small limit is set", !setrlimit(RLIMIT_STACK, &limit));
    check("it grows up to the limit", grows_to(end - 64 * PAGE));
    check("and no further", !grows_to(end - 64 * PAGE - 1));
    check("a higher limit lets it", !setrlimit(RLIMIT_STACK, &old) && grows_to(end - 65 * PAGE));
    munmap(stack - 64 * PAGE, 128 * PAGE);
}

static void test_protect(void)
{
    char *stack = make(READ_WRITE);
    write_pages(stack, PAGES, 1);
    stack[-10 * PAGE] = 1;
    check("GROWSDOWN goes down to where it begins",
          !mprotect(stack + 2 * PAGE, PAGE, PROT_READ | PROT_GROWSDOWN));
    check("all below is read-only now",
          !grows_to(stack - 10 * PAGE) && !grows_to(stack) && !grows_to(stack + 2 * PAGE));
    check("and still there", stack[-10 * PAGE] == 1 && holds(stack, PAGES, 1));
    check("what is above is not", grows_to(stack + 3 * PAGE));
    check("other memory does not know it",
          mprotect(map(1), PAGE, PROT_READ | PROT_GROWSDOWN) && errno == EINVAL);
    munmap(stack - 10 * PAGE, (10 + PAGES) * PAGE);
}

/* The stack itself: a megabyte at once, and by small steps. */
static int deep(int levels)
{
    volatile char frame[1000];
    frame[0] = (char)levels;
    return levels ? deep(levels - 1) + (frame[0] == (char)levels) : 0;
}

static void test_stack(void)
{
    volatile char large[1 << 20];
    large[0] = 1;
    check("the stack grows by a megabyte at once", large[0] == 1);
    check("and by small steps", deep(4000) == 4000);
}

int main(void)
{
    test_growth();
    test_gap();
    test_limit();
    test_protect();
    test_stack();
    return finish();
}
