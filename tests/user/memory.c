/*
 * brk, mmap, munmap, mprotect, madvise: what memory a program gets, and that it is zero.
 */
#define _GNU_SOURCE
#include <sys/mman.h>
#include <sys/syscall.h>

#include "check.h"

enum { PAGE = 4096, PAGES = 64 };

static int is_zero(const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (bytes[i])
            return 0;
    return 1;
}

static char *map(void *at, size_t bytes, int prot, int flags)
{
    return mmap(at, bytes, prot, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
}

static void test_mmap(void)
{
    char *bytes = map(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, 0);
    check("mmap finds a place", bytes != MAP_FAILED);
    check("mapped memory is zero", is_zero(bytes, PAGES * PAGE));
    memset(bytes, 'x', PAGES * PAGE);
    check("munmap makes a hole", munmap(bytes + PAGE, PAGE) == 0);
    check("MAP_FIXED fills it", map(bytes + PAGE, PAGE, PROT_READ, MAP_FIXED) == bytes + PAGE);
    check("with zeroes", is_zero(bytes + PAGE, PAGE));
    check("its neighbours are as before", bytes[PAGE - 1] == 'x' && bytes[2 * PAGE] == 'x');
    check("a free hint is taken",
          munmap(bytes + PAGE, PAGE) == 0 && map(bytes + PAGE, PAGE, PROT_READ, 0) == bytes + PAGE);
    check("a hint that is taken is not", map(bytes, PAGE, PROT_READ, 0) != bytes);
    check_errno(map(bytes, PAGE, PROT_READ, MAP_FIXED_NOREPLACE), EEXIST);
    check_errno(map(bytes + 1, PAGE, PROT_READ, MAP_FIXED), EINVAL);
    check_errno(map(NULL, 0, PROT_READ, 0), EINVAL);
    check_errno(map(NULL, (size_t)-PAGE, PROT_READ, 0), ENOMEM);
    check_errno(syscall(SYS_munmap, bytes + 1, PAGE), EINVAL);
    check_errno(munmap(bytes, 0), EINVAL);
    check("unmapping nothing is fine",
          munmap(bytes, PAGES * PAGE) == 0 && munmap(bytes, PAGES * PAGE) == 0);
}

/* Far more than there is: only what is touched counts. */
static void test_reservation(void)
{
    size_t bytes = sizeof(long) == 8 ? (size_t)1 << 44 : (size_t)1 << 29;
    char *start = map(NULL, bytes, PROT_READ | PROT_WRITE, MAP_NORESERVE);
    check("a huge reservation is made", start != MAP_FAILED);
    start[0] = 1;
    start[bytes - 1] = 2;
    check("its ends are memory", start[0] == 1 && start[bytes - 1] == 2 && !start[bytes / 2]);
    check("it gets other rights", mprotect(start, bytes, PROT_READ) == 0 && start[0] == 1);
    check("and goes again", munmap(start, bytes) == 0);
}

static void test_mprotect(void)
{
    char *bytes = map(NULL, PAGES * PAGE, PROT_NONE, 0);
    check("a reservation becomes memory", mprotect(bytes, 2 * PAGE, PROT_READ | PROT_WRITE) == 0);
    bytes[PAGE] = 1;
    check("read-only memory keeps its bytes",
          mprotect(bytes, 2 * PAGE, PROT_READ) == 0 && bytes[PAGE]);
    check_errno(write(1, bytes + 2 * PAGE, 1), EFAULT);
    check_errno(syscall(SYS_mprotect, bytes + 1, PAGE, PROT_READ), EINVAL);
    munmap(bytes + PAGE, PAGE);
    check_errno(mprotect(bytes, 3 * PAGE, PROT_READ), ENOMEM);
    munmap(bytes, PAGES * PAGE);
}

static void test_madvise(void)
{
    char *bytes = map(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, 0);
    memset(bytes, 'x', PAGES * PAGE);
    check("MADV_DONTNEED works", madvise(bytes + PAGE, PAGE, MADV_DONTNEED) == 0);
    check("and brings zeroes",
          is_zero(bytes + PAGE, PAGE) && bytes[0] == 'x' && bytes[2 * PAGE] == 'x');
    check("advice may be given", madvise(bytes, PAGES * PAGE, MADV_SEQUENTIAL) == 0);
    check_errno(madvise(bytes, PAGE, 12345), EINVAL);
    check_errno(madvise(bytes + 1, PAGE, MADV_NORMAL), EINVAL);
    munmap(bytes, PAGES * PAGE);
}

static void test_brk(void)
{
    char *start = sbrk(0);
    check("sbrk answers", start != (char *)-1);
    /* musl's sbrk() only tells; the system call moves. */
    char *end = start + 10 * PAGE + 123;
    check("the heap grows", (char *)syscall(SYS_brk, end) == end);
    check("with zeroes", is_zero(start, (size_t)(end - start)));
    memset(start, 'x', (size_t)(end - start));
    check("it shrinks", (char *)syscall(SYS_brk, start) == start);
    check("grown again it is zero",
          (char *)syscall(SYS_brk, end) == end && is_zero(start, (size_t)(end - start)));
    check("it does not move below its start", (char *)syscall(SYS_brk, 4096) == end);
}

static void test_heap(void)
{
    static char *block[2000];
    unsigned seed = 1, wrong = 0;
    for (unsigned round = 0; round < 20000; round++) {
        seed = seed * 1103515245 + 12345;
        unsigned i = seed / 65536 % 2000, size = seed / 7 % 3000 + 1;
        if (block[i] && block[i][0] != (char)i)
            wrong++;
        free(block[i]);
        block[i] = malloc(size);
        memset(block[i], (int)i, size);
    }
    check("malloc and free keep their books", !wrong);
}

int main(void)
{
    test_mmap();
    test_reservation();
    test_mprotect();
    test_madvise();
    test_brk();
    test_heap();
    return finish();
}
