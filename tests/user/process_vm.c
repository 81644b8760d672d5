/*
 * process_vm_readv and process_vm_writev on the program's own memory: pieces, limits, partial
 * transfers.
 */
#define _GNU_SOURCE
#include <sys/uio.h>

#include "memory.h"

enum { PAGES = 16 };

static ssize_t get(const struct iovec *local, long locals, const struct iovec *remote, long remotes)
{
    return syscall(SYS_process_vm_readv, getpid(), local, locals, remote, remotes, 0l);
}

static ssize_t put(const struct iovec *local, long locals, const struct iovec *remote, long remotes)
{
    return syscall(SYS_process_vm_writev, getpid(), local, locals, remote, remotes, 0l);
}

static struct iovec piece(char *start, size_t bytes) { return (struct iovec){ start, bytes }; }

static void test_whole(char *from, char *to)
{
    struct iovec remote = piece(from, PAGES * PAGE), local = piece(to, PAGES * PAGE);
    check("all is read", get(&local, 1, &remote, 1) == PAGES * PAGE && holds(to, PAGES, 1));
    write_pages(to, PAGES, 50);
    check("all is written", put(&local, 1, &remote, 1) == PAGES * PAGE && holds(from, PAGES, 50));
    local.iov_len = 100;
    check("the shorter one decides", get(&local, 1, &remote, 1) == 100);
    local = piece(to + 1, 3 * PAGE);
    remote = piece(from + 4001, 2 * PAGE + 17);
    check("nothing need be aligned", get(&local, 1, &remote, 1) == 2 * PAGE + 17 &&
                                         !memcmp(to + 1, from + 4001, 2 * PAGE + 17));
}

static void test_pieces(char *from, char *to)
{
    struct iovec remote[3] = { piece(from + 10, 5), piece(from + 3 * PAGE - 2, 4),
                               piece(from + 9 * PAGE, 3000) };
    struct iovec local[3] = { piece(to, 1), piece(to + PAGE, 7), piece(to + 2 * PAGE, 5000) };
    for (int i = 0; i < PAGES * PAGE; i++)
        from[i] = (char)(i * 7 + i / 256);
    memset(to, 0, PAGES * PAGE);
    check("pieces of other sizes", get(local, 3, remote, 3) == 3009);
    check("are joined and cut", to[0] == from[10] && !memcmp(to + PAGE, from + 11, 4) &&
                                    !memcmp(to + PAGE + 4, from + 3 * PAGE - 2, 3) &&
                                    to[2 * PAGE] == from[3 * PAGE + 1] &&
                                    !memcmp(to + 2 * PAGE + 1, from + 9 * PAGE, 3000));
    check("and nothing else is written",
          to[1] == 0 && to[PAGE + 7] == 0 && to[2 * PAGE + 3001] == 0);

    static struct iovec many[1024];
    for (int i = 0; i < 1024; i++)
        many[i] = piece(from + i * 50, 3);
    struct iovec one = piece(to, PAGES * PAGE);
    check("1024 pieces are allowed",
          get(&one, 1, many, 1024) == 3072 && !memcmp(to + 3069, from + 1023 * 50, 3));
}

static void test_partial(char *from, char *to)
{
    struct iovec local = piece(to, PAGES * PAGE);
    struct iovec remote[3] = { piece(from, 100), piece(from + 4 * PAGE - 50, 100),
                               piece(from + 8 * PAGE, 100) };
    munmap(from + 4 * PAGE, PAGE);
    check("it stops where memory does", get(&local, 1, remote, 3) == 150);
    check("so does writing", put(&local, 1, remote, 3) == 150);
    remote[0] = piece(from + 4 * PAGE, 1);
    check("nothing at all is an error", get(&local, 1, remote, 3) == -1 && errno == EFAULT);
    mprotect(from + 6 * PAGE, PAGE, PROT_READ);
    remote[0] = piece(from + 6 * PAGE - 10, 20);
    check("read-only memory is read", get(&local, 1, remote, 1) == 20);
    check("and not written", put(&local, 1, remote, 1) == 10);
    mprotect(from + 6 * PAGE, PAGE, PROT_NONE);
    check("forbidden memory neither", get(&local, 1, remote, 1) == 10);
    local = piece(from + 4 * PAGE - 30, 100);
    remote[0] = piece(from + 8 * PAGE, 100);
    check("the own side may end too", get(&local, 1, remote, 1) == 30);
}

static void test_untouched(void)
{
    char *from = map(4), *to = map(4);
    struct iovec local = piece(to, 2 * PAGE), remote = piece(from, 2 * PAGE);
    memset(to, 1, 2 * PAGE);
    check("untouched memory reads as zero",
          get(&local, 1, &remote, 1) == 2 * PAGE && is_zero(to, 2));
    memset(to, 7, 2 * PAGE);
    remote.iov_base = from + 2 * PAGE;
    check("and can be written",
          put(&local, 1, &remote, 1) == 2 * PAGE && from[3 * PAGE] == 7 && is_zero(from, 2));
    check("a page that was read as zero, too",
          (remote.iov_base = from, put(&local, 1, &remote, 1) == 2 * PAGE) && from[PAGE] == 7);
    char *zero = map(1);
    check("the zero page is still zero", is_zero(zero, 1));
}

int main(void)
{
    char *from = map(PAGES), *to = map(PAGES);
    write_pages(from, PAGES, 1);
    test_whole(from, to);
    test_pieces(from, to);
    test_partial(from, to);
    test_untouched();
    return finish();
}
