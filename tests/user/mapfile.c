/*
 * Files in memory: shared and private mappings, their rights, sizes that change beneath them.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "check.h"

enum { PAGE = 4096, PAGES = 8, RW = PROT_READ | PROT_WRITE };

static char path[64], back[PAGES * PAGE];
static int fd;

/* The last two of mmap(): the file, and the page of it. */
#define map(pages, prot, flags, file, page) \
    ((char *)mmap(NULL, (size_t)(pages)*PAGE, prot, flags, file, (off_t)(page)*PAGE))

/* Is each of @count bytes @wanted? */
static int all(const char *bytes, char wanted, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (bytes[i] != wanted)
            return 0;
    return 1;
}

/* Page n of the file holds 'a' + n. */
static void fill_file(void)
{
    static char page[PAGE];
    for (int n = 0; n < PAGES; n++) {
        memset(page, 'a' + n, PAGE);
        if (pwrite(fd, page, PAGE, n * PAGE) != PAGE)
            abort();
    }
}

/* The kernel says so without a signal: does it see the byte? */
static int is_there(const char *byte)
{
    int out = open("/dev/null", O_WRONLY), pipe_fd[2];
    close(out);
    if (pipe(pipe_fd))
        abort();
    ssize_t done = write(pipe_fd[1], byte, 1);
    close(pipe_fd[0]);
    close(pipe_fd[1]);
    return done == 1;
}

static void test_shared(void)
{
    char *one = map(PAGES, RW, MAP_SHARED, fd, 0), *two = map(2, PROT_READ, MAP_SHARED, fd, 3);
    check("shared mappings", one != MAP_FAILED && two != MAP_FAILED);
    check("show the file", one[0] == 'a' && one[7 * PAGE + 99] == 'h' && two[PAGE] == 'e');
    one[3 * PAGE + 5] = '!';
    check("what is written shows in the other", two[5] == '!' && two[4] == 'd');
    check("and in the file", pread(fd, back, PAGE, 3 * PAGE) == PAGE && back[5] == '!');
    check("what the file gets shows",
          pwrite(fd, "xyz", 3, 4 * PAGE) == 3 && two[PAGE + 2] == 'z' && one[4 * PAGE] == 'x');
    check("read() into a mapping of the same file",
          pread(fd, one + 2, 2 * PAGE, PAGE) == 2 * PAGE && one[2] == 'b' && one[PAGE + 1] == 'b' &&
              one[2 * PAGE + 1] == 'c');
    check("write() out of one", pwrite(fd, one + 7 * PAGE, 10, 6 * PAGE + 5) == 10 &&
                                    one[6 * PAGE + 4] == 'g' && one[6 * PAGE + 14] == 'h');
    check("msync", msync(one, PAGES * PAGE, MS_SYNC) == 0 && msync(one, 1, MS_ASYNC) == 0 &&
                       msync(one, PAGE, MS_INVALIDATE) == 0 && msync(one, 0, 0) == 0);
    check_errno(msync(one + 1, PAGE, MS_SYNC), EINVAL);
    check_errno(msync(one, PAGE, MS_SYNC | MS_ASYNC), EINVAL);
    check_errno(msync(one, PAGE, 64), EINVAL);
    check("a hole in it", munmap(one + PAGE, PAGE) == 0);
    check_errno(msync(one, 3 * PAGE, MS_SYNC), ENOMEM);
    check_errno(msync(one, (size_t)-PAGE, MS_SYNC), ENOMEM);
    check("the rest is as it was", one[0] == 'a' && one[2 * PAGE] == 'c');
    munmap(one, PAGES * PAGE);
    munmap(two, 2 * PAGE);
    check("the file keeps what was written", pread(fd, back, 6, 3 * PAGE) == 6 && back[5] == '!');
    fill_file();
}

static void test_private(void)
{
    char *mine = map(PAGES, RW, MAP_PRIVATE, fd, 0), *other = map(1, PROT_READ, MAP_SHARED, fd, 2);
    check("a private mapping shows the file", mine[0] == 'a' && mine[2 * PAGE] == 'c');
    mine[2 * PAGE] = '?';
    mine[5 * PAGE + 1] = '?'; /* not looked at before */
    check("a write is its own", mine[2 * PAGE] == '?' && other[0] == 'c' && mine[5 * PAGE] == 'f' &&
                                    mine[5 * PAGE + 1] == '?');
    check("the file has none of it", pread(fd, back, sizeof(back), 0) == sizeof(back) &&
                                         back[2 * PAGE] == 'c' && back[5 * PAGE + 1] == 'f');
    pwrite(fd, "NEW", 3, 2 * PAGE);
    pwrite(fd, "NEW", 3, 3 * PAGE);
    check("its copy does not follow the file", mine[2 * PAGE] == '?' && mine[2 * PAGE + 1] == 'c');
    check("what it has not written does", mine[3 * PAGE] == 'N' && other[0] == 'N');
    check("MADV_DONTNEED forgets the copy",
          madvise(mine + 2 * PAGE, PAGE, MADV_DONTNEED) == 0 && mine[2 * PAGE] == 'N');
    munmap(mine, PAGES * PAGE);
    munmap(other, PAGE);
    fill_file();
}

static void test_ends(void)
{
    check("a file that ends in a page", ftruncate(fd, 2 * PAGE + 100) == 0);
    char *one = map(PAGES, RW, MAP_SHARED, fd, 0), *mine = map(PAGES, RW, MAP_PRIVATE, fd, 0);
    check("zeroes behind its last byte",
          one[2 * PAGE + 99] == 'c' && all(one + 2 * PAGE + 100, 0, 3996));
    check("nothing behind its last page", !is_there(one + 3 * PAGE) && !is_there(mine + 7 * PAGE));
    check_errno(write(fd, one + 3 * PAGE, 1), EFAULT);
    check("it grows", ftruncate(fd, 5 * PAGE) == 0 && is_there(one + 3 * PAGE));
    check("with zeroes", all(one + 3 * PAGE, 0, 2 * PAGE) && all(mine + 4 * PAGE, 0, PAGE));
    check("by writing, too", pwrite(fd, "x", 1, 6 * PAGE) == 1 && one[6 * PAGE] == 'x');
    one[4 * PAGE] = '4';
    mine[4 * PAGE + 1] = '5';
    mine[0] = 'm';
    check("it shrinks beneath both",
          ftruncate(fd, PAGE) == 0 && !is_there(one + 4 * PAGE) && !is_there(mine + 4 * PAGE));
    check("and keeps what is left", one[0] == 'a' && mine[0] == 'm');
    check("grown again it is zero", ftruncate(fd, PAGES * PAGE) == 0 &&
                                        all(one + PAGE, 0, 7 * PAGE) &&
                                        all(mine + PAGE, 0, 7 * PAGE));
    munmap(one, PAGES * PAGE);
    munmap(mine, PAGES * PAGE);
    fill_file();
}

static void test_rights(void)
{
    int read_only = open(path, O_RDONLY), write_only = open(path, O_WRONLY);
    check_errno(map(1, PROT_READ, MAP_SHARED, write_only, 0), EACCES);
    check_errno(map(1, PROT_WRITE, MAP_SHARED, write_only, 0), EACCES);
    check_errno(map(1, PROT_READ, MAP_PRIVATE, write_only, 0), EACCES);
    check_errno(map(1, RW, MAP_SHARED, read_only, 0), EACCES);
    char *shared = map(1, PROT_READ, MAP_SHARED, read_only, 0);
    check_errno(mprotect(shared, PAGE, RW), EACCES);
    check("other rights it may have", mprotect(shared, PAGE, PROT_NONE) == 0 &&
                                          mprotect(shared, PAGE, PROT_READ) == 0 &&
                                          shared[0] == 'a');
    char *mine = map(1, PROT_READ, MAP_PRIVATE, read_only, 0);
    check("private memory may be written", mine[1] == 'a' && mprotect(mine, PAGE, RW) == 0);
    mine[1] = 'z';
    check("and is", mine[1] == 'z' && shared[1] == 'a');
    munmap(shared, PAGE);
    munmap(mine, PAGE);
    shared = map(1, PROT_READ, MAP_SHARED, fd, 0);
    check("a file that may be written", shared[0] == 'a' && mprotect(shared, PAGE, RW) == 0);
    shared[0] = 'A';
    check("can be", pread(fd, back, 1, 0) == 1 && back[0] == 'A');
    shared[0] = 'a';
    munmap(shared, PAGE);
    close(read_only);
    close(write_only);
    check_errno(map(1, PROT_READ, MAP_SHARED, 77, 0), EBADF);
    int other = open("/tmp", O_RDONLY | O_DIRECTORY);
    check_errno(map(1, PROT_READ, MAP_SHARED, other, 0), ENODEV);
    close(other);
    other = open("/dev/null", O_RDONLY);
    check_errno(map(1, PROT_READ, MAP_PRIVATE, other, 0), ENODEV);
    close(other);
    other = open(path, O_PATH);
    check_errno(map(1, PROT_READ, MAP_PRIVATE, other, 0), EBADF);
    close(other);
    check_errno(mmap(NULL, 0, PROT_READ, MAP_SHARED, fd, 0), EINVAL);
    check_errno(mmap(NULL, PAGE, PROT_READ, 0, fd, 0), EINVAL);
    check_errno(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 100), EINVAL);
}

static void test_no_file(void)
{
    char *one = map(4, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    check("shared memory without a file is zero", all(one, 0, 4 * PAGE));
    one[PAGE] = 1;
    check("it can be written", one[PAGE] == 1 && mprotect(one, 4 * PAGE, PROT_READ) == 0);
    munmap(one, 4 * PAGE);
    int zero = open("/dev/zero", O_RDWR);
    char *mine = map(4, RW, MAP_PRIVATE, zero, 1), *shared = map(4, RW, MAP_SHARED, zero, 0);
    check("/dev/zero private and shared", all(mine, 0, 4 * PAGE) && all(shared, 0, 4 * PAGE));
    mine[0] = shared[0] = 1;
    char *more = map(4, RW, MAP_SHARED, zero, 0);
    check("each mapping is its own", !more[0] && mine[0] && shared[0]);
    munmap(more, 4 * PAGE);
    munmap(mine, 4 * PAGE);
    munmap(shared, 4 * PAGE);
    close(zero);
    int memfd = memfd_create("memory", 0);
    ftruncate(memfd, 2 * PAGE);
    one = map(2, RW, MAP_SHARED, memfd, 0);
    more = map(1, RW, MAP_SHARED, memfd, 1);
    close(memfd);
    more[7] = 'm';
    check("a memfd lives as long as it is mapped",
          one[PAGE + 7] == 'm' && munmap(one, 2 * PAGE) == 0 && more[7] == 'm');
    munmap(more, PAGE);
}

static void test_remove(void)
{
    char *one = map(PAGES, RW, MAP_SHARED, fd, 0), *mine = map(PAGES, RW, MAP_PRIVATE, fd, 0);
    check("mapped and touched", one[PAGE] == 'b' && mine[PAGE] == 'b');
    mine[2 * PAGE] = '?';
    check("a hole is punched", madvise(one + PAGE, 2 * PAGE, MADV_REMOVE) == 0);
    check("it is zero", all(one + PAGE, 0, 2 * PAGE) && one[0] == 'a' && one[3 * PAGE] == 'd');
    check("for all who did not write", mine[PAGE] == 0 && mine[2 * PAGE] == '?');
    check("and in the file", pread(fd, back, sizeof(back), 0) == sizeof(back) && !back[PAGE]);
    check_errno(madvise(mine, PAGE, MADV_REMOVE), EACCES);
    munmap(mine, PAGES * PAGE);
    mine = map(1, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    check_errno(madvise(mine, PAGE, MADV_REMOVE), EINVAL);
    munmap(mine, PAGE);
    munmap(one, PAGES * PAGE);
    fill_file();
}

static void test_pieces(void)
{
    char *one = map(PAGES, RW, MAP_SHARED, fd, 0);
    check("a middle is unmapped", munmap(one + 2 * PAGE, 2 * PAGE) == 0 && one[4 * PAGE] == 'e');
    check("and mapped again, otherwise",
          mmap(one + 2 * PAGE, 2 * PAGE, PROT_READ, MAP_SHARED | MAP_FIXED, fd, 6 * PAGE) ==
              one + 2 * PAGE);
    check("it shows its part", one[2 * PAGE] == 'g' && one[3 * PAGE] == 'h' && one[PAGE] == 'b');
    check("a page gets other rights", mprotect(one + 5 * PAGE, PAGE, PROT_READ) == 0);
    pwrite(fd, "555", 3, 5 * PAGE);
    pwrite(fd, "666", 3, 6 * PAGE);
    check("all show their parts", one[5 * PAGE] == '5' && one[6 * PAGE] == '6' &&
                                      one[2 * PAGE] == '6' && one[7 * PAGE] == 'h');
    check("cut beneath all of them", ftruncate(fd, 2 * PAGE) == 0 && one[PAGE] == 'b' &&
                                         !is_there(one + 2 * PAGE) && !is_there(one + 5 * PAGE) &&
                                         !is_there(one + 7 * PAGE));
    check("unmapped", munmap(one, PAGES * PAGE) == 0);
    unlink(path);
    one = map(2, RW, MAP_SHARED, fd, 0);
    close(fd);
    check("without a name or descriptor it is still there", one[0] == 'a' && one[PAGE] == 'b');
    check("until it is unmapped", munmap(one, 2 * PAGE) == 0);
}

int main(void)
{
    snprintf(path, sizeof(path), "/tmp/quire-map-%d", (int)getpid());
    fd = open(path, O_CREAT | O_RDWR | O_TRUNC, 0600);
    check("a file to map", fd >= 0);
    fill_file();
    test_shared();
    test_private();
    test_ends();
    test_rights();
    test_no_file();
    test_remove();
    test_pieces();
    return finish();
}
