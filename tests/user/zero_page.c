/*
 * The zero page, as far as a program can tell: what is read first and written later is memory like
 * any other, and costs none until then.  What move_pages says of a page tells them apart: -EFAULT
 * for the zero page, -ENOENT for nothing, the node for a page (Z48).
 */
#define _GNU_SOURCE
#include "memory.h"

enum { PAGES = 16, NOTHING, ZERO, PAGE_OF_ITS_OWN };

/* What all pages are, or 0: not the same. */
static int kind(char *at, size_t pages)
{
    int state, seen = 0;
    for (size_t i = 0; i < pages; i++) {
        void *page = at + i * PAGE;
        if (syscall(SYS_move_pages, 0, 1l, &page, NULL, &state, 0))
            return 0;
        int now = state == -ENOENT ? NOTHING : state == -EFAULT ? ZERO : PAGE_OF_ITS_OWN;
        if (seen && seen != now)
            return 0;
        seen = now;
    }
    return seen;
}

static void test_read_then_write(void)
{
    char *at = map(PAGES), *other = map(PAGES);
    check("memory begins as nothing", kind(at, PAGES) == NOTHING);
    check("reading maps the zero page (Z9)", reads_zero(at, PAGES) && kind(at, PAGES) == ZERO);
    check("all of it is zero", is_zero(at, PAGES));
    reads_zero(other, PAGES);
    at[3 * PAGE + 5] = 9;
    check("writing gives a page (Z28)", kind(at + 3 * PAGE, 1) == PAGE_OF_ITS_OWN);
    check("with zeroes around what was written",
          at[3 * PAGE + 5] == 9 && !at[3 * PAGE + 4] && !at[3 * PAGE + 6]);
    check("and to no other", kind(at, 3) == ZERO && kind(at + 4 * PAGE, 12) == ZERO);
    check("others read zeroes still (Z36)", is_zero(other, PAGES) && is_zero(at, 3));
    check("writing first gives a page at once (Z14)",
          (munmap(at, PAGE), map_at(at, 1, READ_WRITE, 0)[0] = 1) &&
              kind(at, 1) == PAGE_OF_ITS_OWN);
    munmap(at, PAGES * PAGE);
    munmap(other, PAGES * PAGE);
}

/* Memory that others have, too, is somebody's from the first look (Z8, Z43). */
static void test_shared(void)
{
    char *at = map_at(NULL, PAGES, READ_WRITE, MAP_SHARED);
    check("shared memory is never the zero page (Z43)",
          at != MAP_FAILED && reads_zero(at, PAGES) && kind(at, PAGES) == PAGE_OF_ITS_OWN);
    munmap(at, PAGES * PAGE);
}

/*
 * A program may leave the direction flag set; the kernel clears and copies upwards all the same
 * (trap 39).
 */
static void test_direction(void)
{
    char *at = map(PAGES);
    long result = SYS_uname;
    memset(at, 5, 4 * PAGE);
    madvise(at + PAGE, PAGE, MADV_DONTNEED); /* what comes next is likely this very page */
    __asm__ volatile("std; movb $0, 100(%0); cld" : : "r"(at + PAGE) : "memory", "cc");
    check("a page that is brought is cleared, and no other",
          is_zero(at + PAGE, 1) && at[PAGE - 1] == 5 && at[2 * PAGE] == 5);
#if defined(__x86_64__)
    __asm__ volatile("std; syscall; cld"
                     : "+a"(result)
                     : "D"(at + 3 * PAGE)
                     : "rcx", "r11", "memory", "cc");
#else
    __asm__ volatile("std; int $0x80; cld" : "+a"(result) : "b"(at + 3 * PAGE) : "memory", "cc");
#endif
    check("a system call's answer goes where it should",
          !result && at[3 * PAGE] && at[3 * PAGE] != 5 && at[3 * PAGE - 1] == 5);
    munmap(at, PAGES * PAGE);
}

/* The kernel writes for the program: the same. */
static void test_kernel_writes(void)
{
    char *at = map(PAGES);
    reads_zero(at, PAGES);
    check("a system call's answer is written", !syscall(SYS_uname, at + PAGE - 10));
    check("to pages of its own", kind(at, 2) == PAGE_OF_ITS_OWN && kind(at + 2 * PAGE, 14) == ZERO);
    char *fresh = map(PAGES);
    check("the zero page is as it was", is_zero(at + 2 * PAGE, 14) && is_zero(fresh, PAGES));
    munmap(at, PAGES * PAGE);
    munmap(fresh, PAGES * PAGE);
}

static void test_rights(void)
{
    char *at = map_at(NULL, PAGES, PROT_READ, 0);
    check("read-only memory reads the zero page (Z15)",
          reads_zero(at, PAGES) && kind(at, PAGES) == ZERO);
    check_errno(syscall(SYS_uname, at), EFAULT);
    check("that leaves it (Z35)", kind(at, PAGES) == ZERO && is_zero(at, 1));
    check("mprotect keeps it (Z40)",
          !mprotect(at, PAGES * PAGE, READ_WRITE) && kind(at, PAGES) == ZERO);
    at[0] = 1;
    check("writable now, it is written",
          at[0] == 1 && kind(at, 1) == PAGE_OF_ITS_OWN && is_zero(at + PAGE, PAGES - 1));
    check("forbidden and allowed again it is there",
          !mprotect(at, PAGES * PAGE, PROT_NONE) && !is_mapped(at + PAGE) &&
              !mprotect(at, PAGES * PAGE, READ_WRITE) && kind(at + PAGE, PAGES - 1) == ZERO &&
              resident(at, PAGES) == PAGES);
    check("forgotten it is nothing (Z39)",
          !madvise(at, PAGES * PAGE, MADV_DONTNEED) && kind(at, PAGES) == NOTHING);
    munmap(at, PAGES * PAGE);
}

/* Much is read, nothing is used: only tables.  (Z9, Z38, Z52) */
static void test_cost(void)
{
    enum { MANY = 8192 };
    char *at = map(MANY);
    long before = status("RssAnon");
    check("a lot of memory is read", reads_zero(at, MANY));
    check("it counts for nothing", status("RssAnon") - before < 100 && kind(at, 5) == ZERO);
    check("written it counts",
          (write_pages(at, 1024, 1), status("RssAnon") - before >= 4096) && holds(at, 1024, 1));
    check("unmapped it does not",
          !munmap(at, (size_t)MANY * PAGE) && status("RssAnon") - before < 100);
}

int main(void)
{
    test_read_then_write();
    test_kernel_writes();
    test_shared();
    test_direction();
    test_rights();
    test_cost();
    return finish();
}
