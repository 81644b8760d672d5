/*
 * Pipes, copies of descriptors, and what fcntl knows of them.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "check.h"

enum { PAGE = 4096, CAPACITY = 65536 };

static char out[CAPACITY + PAGE], back[CAPACITY + PAGE], path[64];

static void test_bytes(void)
{
    int fd[2], waiting = -1;
    struct stat stat;
    check("a pipe is made", pipe(fd) == 0 && fd[0] == 3 && fd[1] == 4);
    check("it is one", fstat(fd[0], &stat) == 0 && S_ISFIFO(stat.st_mode) && stat.st_size == 0);
    check("bytes go in", write(fd[1], "hello", 5) == 5 && write(fd[1], ", world", 7) == 7);
    check("they are counted", ioctl(fd[0], FIONREAD, &waiting) == 0 && waiting == 12);
    check("and come out in order", read(fd[0], back, 8) == 8 && !memcmp(back, "hello, w", 8));
    check("to the last", read(fd[0], back, 100) == 4 && !memcmp(back, "orld", 4));
    check("nothing is nothing", write(fd[1], "", 0) == 0 && read(fd[0], back, 0) == 0);
    struct iovec from[3] = { { "one", 3 }, { NULL, 0 }, { "twothree", 8 } };
    struct iovec into[2] = { { back, 11 }, { back + 100, 50 } };
    check("writev and readv stop where the bytes do",
          writev(fd[1], from, 3) == 11 && readv(fd[0], into, 2) == 11);
    check("and keep their order", !memcmp(back, "onetwothree", 11));
    check_errno(read(fd[1], back, 1), EBADF);
    check_errno(write(fd[0], back, 1), EBADF);
    check_errno(lseek(fd[0], 0, SEEK_SET), ESPIPE);
    check_errno(pread(fd[0], back, 1, 0), ESPIPE);
    check_errno(fsync(fd[0]), EINVAL);
    check_errno(ftruncate(fd[1], 0), EINVAL);
    check_errno(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd[0], 0), ENODEV);
    close(fd[1]);
    check("without a writer it ends", read(fd[0], back, 10) == 0);
    close(fd[0]);
}

static void test_capacity(void)
{
    int fd[2];
    unsigned wrong = 0;
    for (unsigned i = 0; i < sizeof(out); i++)
        out[i] = (char)(i * 7 + i / 251);
    check("it need not wait", pipe2(fd, O_NONBLOCK | O_CLOEXEC) == 0);
    check("it holds 64 KiB", fcntl(fd[0], F_GETPIPE_SZ) == CAPACITY);
    check_errno(read(fd[0], back, 1), EAGAIN);
    check("and takes no more", write(fd[1], out, sizeof(out)) == CAPACITY);
    check_errno(write(fd[1], out, 1), EAGAIN);
    check("two pages leave",
          read(fd[0], back, 2 * PAGE) == 2 * PAGE && !memcmp(out, back, 2 * PAGE));
    check("a page comes", write(fd[1], out, PAGE) == PAGE);
    check("and one more", write(fd[1], out + CAPACITY, PAGE) == PAGE);
    check("no small write is torn apart", read(fd[0], back, 100) == 100);
    check_errno(write(fd[1], out, 200), EAGAIN);
    size_t rest = CAPACITY - 2 * PAGE - 100;
    check("all is there", read(fd[0], back, CAPACITY) == CAPACITY - 100);
    wrong += !!memcmp(back, out + 2 * PAGE + 100, rest);
    wrong += !!memcmp(back + rest, out, PAGE) + !!memcmp(back + rest + PAGE, out + CAPACITY, PAGE);
    check("as it went in", !wrong);
    check_errno(pipe2(fd, O_APPEND), EINVAL);
    check("fcntl lets it wait", fcntl(fd[0], F_SETFL, 0) == 0 && fcntl(fd[0], F_GETFL) == O_RDONLY);
    close(fd[0]);
    close(fd[1]);
}

static void test_size(void)
{
    int fd[2];
    (void)!pipe2(fd, O_NONBLOCK);
    (void)!write(fd[1], out, 3 * PAGE);
    check("it grows", fcntl(fd[0], F_SETPIPE_SZ, 2 * CAPACITY - 5) == 2 * CAPACITY &&
                          fcntl(fd[1], F_GETPIPE_SZ) == 2 * CAPACITY);
    check("and takes more", write(fd[1], out, CAPACITY) == CAPACITY);
    check("in the order in which it came", read(fd[0], back, 3 * PAGE + 100) == 3 * PAGE + 100 &&
                                               !memcmp(back, out, 3 * PAGE) &&
                                               !memcmp(back + 3 * PAGE, out, 100));
    check_errno(fcntl(fd[0], F_SETPIPE_SZ, CAPACITY / 2), EBUSY);
    check("it shrinks",
          read(fd[0], back, CAPACITY) == CAPACITY - 100 && fcntl(fd[0], F_SETPIPE_SZ, 1) == PAGE);
    check("to one page", write(fd[1], out, 2 * PAGE) == PAGE);
    check_errno(fcntl(fd[0], F_SETPIPE_SZ, 0xc0000000ul), EINVAL);
    check_errno(fcntl(0, F_SETPIPE_SZ, PAGE), EBADF);
    close(fd[0]);
    close(fd[1]);
}

static void test_tee(void)
{
    int from[2], to[2];
    (void)!pipe2(from, O_NONBLOCK);
    (void)!pipe2(to, O_NONBLOCK);
    check_errno(tee(from[0], to[1], 10, 0), EAGAIN);
    (void)!write(from[1], out, 2 * PAGE);
    check("what is in one pipe is in two", tee(from[0], to[1], 3 * PAGE, 0) == 2 * PAGE);
    check("both have it", read(to[0], back, CAPACITY) == 2 * PAGE && !memcmp(back, out, 2 * PAGE) &&
                              read(from[0], back, CAPACITY) == 2 * PAGE);
    (void)!write(from[1], out, 100);
    check("or a part of it", tee(from[0], to[1], 7, SPLICE_F_NONBLOCK) == 7 &&
                                 read(to[0], back, 100) == 7 && read(from[0], back, 200) == 100);
    check("nothing of nothing", tee(from[0], to[1], 0, 0) == 0);
    check_errno(tee(from[0], from[1], 10, 0), EINVAL);
    check_errno(tee(from[1], to[1], 10, 0), EBADF);
    check_errno(tee(from[0], to[0], 10, 0), EBADF);
    check_errno(tee(from[0], to[1], 10, 16), EINVAL);
    check_errno(tee(from[0], 1000, 10, 0), EBADF);
    close(from[1]);
    check("who writes no more has ended", tee(from[0], to[1], 10, 0) == 0);
    close(from[0]);
    close(to[0]);
    close(to[1]);
}

static void test_bad_memory(void)
{
    int fd[2];
    char *page = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    munmap(page + PAGE, PAGE);
    check("a pipe for bad memory", pipe2(fd, O_NONBLOCK) == 0);
    check_errno(write(fd[1], page + PAGE - 100, 200), EFAULT);
    check_errno(read(fd[0], back, 10), EAGAIN);
    check("bytes wait", write(fd[1], out, 200) == 200);
    check_errno(read(fd[0], page + PAGE - 100, 200), EFAULT);
    check("none was lost", read(fd[0], back, 300) == 200 && !memcmp(back, out, 200));
    check_errno(syscall(SYS_pipe2, page + PAGE, 0), EFAULT);
    check_errno(syscall(SYS_pipe2, 8, 0), EFAULT);
    check("a failed pipe leaves nothing open", dup(fd[0]) == fd[1] + 1 && close(fd[1] + 1) == 0);
    signal(SIGPIPE, SIG_IGN);
    close(fd[0]);
    check_errno(write(fd[1], "x", 1), EPIPE);
    close(fd[1]);
    munmap(page, PAGE);
}

static void test_copies(void)
{
    int fd[2];
    check("a pipe to copy", pipe(fd) == 0);
    check("dup takes the lowest", dup(fd[1]) == 5);
    check("dup2 the one asked for", dup2(fd[1], 9) == 9 && dup2(9, 9) == 9);
    check("they are the same pipe", write(5, "ab", 2) == 2 && write(9, "cd", 2) == 2 &&
                                        read(fd[0], back, 9) == 4 && !memcmp(back, "abcd", 4));
    check("dup3 closes at exec", dup3(fd[1], 10, O_CLOEXEC) == 10 && fcntl(10, F_GETFD) == 1);
    check("dup2 does not", fcntl(9, F_GETFD) == 0);
    check("dup2 replaces", dup2(fd[0], 9) == 9 && write(fd[1], "x", 1) == 1 &&
                               read(9, back, 1) == 1 && dup2(fd[0], 10) == 10 &&
                               fcntl(10, F_GETFD) == 0);
    check("F_SETFD", fcntl(9, F_SETFD, FD_CLOEXEC) == 0 && fcntl(9, F_GETFD) == FD_CLOEXEC);
    check("F_DUPFD", fcntl(9, F_DUPFD, 9) == 11 && fcntl(11, F_GETFD) == 0);
    check("F_DUPFD_CLOEXEC", fcntl(9, F_DUPFD_CLOEXEC, 20) == 20 && fcntl(20, F_GETFD) == 1);
    check("flags are the open file's",
          fcntl(fd[0], F_SETFL, O_NONBLOCK) == 0 && fcntl(11, F_GETFL) == (O_RDONLY | O_NONBLOCK));
    check_errno(dup(-1), EBADF);
    check_errno(dup(77), EBADF);
    check_errno(dup2(77, 5), EBADF);
    check_errno(dup2(77, 77), EBADF);
    check_errno(dup2(3, -1), EBADF);
    check_errno(dup2(3, 1 << 30), EBADF);
    check_errno(syscall(SYS_dup3, 3, 3, 0), EINVAL);
    check_errno(syscall(SYS_dup3, 3, 5, O_NONBLOCK), EINVAL);
    check_errno(fcntl(3, F_DUPFD, -1), EINVAL);
    check_errno(fcntl(77, F_GETFD), EBADF);
    check_errno(fcntl(77, F_GETFL), EBADF);
    check_errno(fcntl(3, 12345), EINVAL);
    for (int i = 3; i <= 20; i++)
        close(i);
}

static void test_fifo(void)
{
    snprintf(path, sizeof(path), "/tmp/quire-fifo-%d", (int)getpid());
    check("a FIFO is made", mkfifo(path, 0600) == 0);
    check_errno(mkfifo(path, 0600), EEXIST);
    check_errno(open(path, O_WRONLY | O_NONBLOCK), ENXIO);
    int reader = open(path, O_RDONLY | O_NONBLOCK);
    check("its reader need not wait", reader == 3 && read(reader, back, 1) == 0);
    int writer = open(path, O_WRONLY);
    check("its writer has a reader", writer == 4 && write(writer, "abc", 3) == 3);
    check("bytes pass", read(reader, back, 9) == 3 && !memcmp(back, "abc", 3));
    check_errno(read(reader, back, 9), EAGAIN);
    close(writer);
    close(reader);
    int both = open(path, O_RDWR);
    check("both ends in one", write(both, "x", 1) == 1 && read(both, back, 1) == 1);
    close(both);
    unlink(path);
}

int main(void)
{
    test_bytes();
    test_capacity();
    test_size();
    test_tee();
    test_bad_memory();
    test_copies();
    test_fifo();
    return finish();
}
