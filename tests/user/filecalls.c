/*
 * Calls on open files beyond reading and writing: locks, holes, seals, copies, limits, vectors.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "check.h"

#ifndef F_OFD_SETLK
#define F_OFD_GETLK 36
#define F_OFD_SETLK 37
#endif

static char back[10000];

static int make(const char *path, const char *text)
{
    int fd = open(path, O_CREAT | O_RDWR | O_TRUNC, 0644);
    return write(fd, text, strlen(text)) < 0 ? -1 : fd;
}

#define lock(fd, command, type, start, length) \
    fcntl(fd, command, &(struct flock){ type, SEEK_SET, start, length, 0 })

/* What would be in the way of a lock for writing, as a child sees it: its type, or F_UNLCK. */
static int seen_by_child(const char *path, off_t start, off_t length, struct flock *seen)
{
    int ends[2];
    pipe(ends);
    pid_t pid = fork();
    if (pid == 0) {
        struct flock it = { .l_type = F_WRLCK, .l_start = start, .l_len = length };
        int fd = open(path, O_RDWR);
        fcntl(fd, F_GETLK, &it);
        write(ends[1], &it, sizeof(it));
        _exit(0);
    }
    read(ends[0], seen, sizeof(*seen));
    waitpid(pid, NULL, 0);
    close(ends[0]), close(ends[1]);
    return seen->l_type;
}

static void test_record_locks(void)
{
    struct flock seen;
    int fd = make("a", "0123456789"), other = open("a", O_RDWR), reader = open("a", O_RDONLY);
    check("a lock", lock(fd, F_SETLK, F_WRLCK, 10, 20) == 0);
    check("is seen", seen_by_child("a", 0, 0, &seen) == F_WRLCK && seen.l_start == 10 &&
                         seen.l_len == 20 && seen.l_pid == getpid());
    check("but not beside it", seen_by_child("a", 30, 5, &seen) == F_UNLCK);
    check("a part becomes a read lock", lock(fd, F_SETLK, F_RDLCK, 15, 5) == 0 &&
                                            seen_by_child("a", 16, 1, &seen) == F_RDLCK &&
                                            seen.l_start == 15 && seen.l_len == 5);
    check("the rest is what it was",
          seen_by_child("a", 21, 1, &seen) == F_WRLCK && seen.l_start == 20 && seen.l_len == 10);
    check("and they join again", lock(fd, F_SETLK, F_WRLCK, 15, 5) == 0 &&
                                     seen_by_child("a", 0, 0, &seen) == F_WRLCK &&
                                     seen.l_start == 10 && seen.l_len == 20);
    check("unlocked in the middle", lock(fd, F_SETLK, F_UNLCK, 12, 3) == 0 &&
                                        seen_by_child("a", 12, 3, &seen) == F_UNLCK &&
                                        seen_by_child("a", 11, 1, &seen) == F_WRLCK &&
                                        seen_by_child("a", 15, 1, &seen) == F_WRLCK);
    check("to the end of the file", lock(fd, F_SETLK, F_RDLCK, 100, 0) == 0 &&
                                        seen_by_child("a", 1000000, 1, &seen) == F_RDLCK &&
                                        seen.l_len == 0);
    check("closing any descriptor unlocks",
          close(other) == 0 && seen_by_child("a", 0, 0, &seen) == F_UNLCK);
    check_errno(lock(reader, F_SETLK, F_WRLCK, 0, 1), EBADF);
    check_errno(lock(77, F_SETLK, F_WRLCK, 0, 1), EBADF);
    check_errno(lock(fd, F_SETLK, 7, 0, 1), EINVAL);
    check_errno(lock(fd, F_SETLK, F_WRLCK, -1, 1), EINVAL);
    check_errno(fcntl(fd, F_SETLK, 8), EFAULT);
    close(fd), close(reader);
    unlink("a");
}

/* Two processes, each waiting for what the other has. */
static void test_deadlock(void)
{
    int fd = make("a", ""), ends[2];
    char byte = 0;
    pipe(ends);
    lock(fd, F_SETLK, F_WRLCK, 0, 1);
    pid_t pid = fork();
    if (pid == 0) {
        lock(fd, F_SETLK, F_WRLCK, 1, 1);
        write(ends[1], &byte, 1);
        int result = lock(fd, F_SETLKW, F_WRLCK, 0, 1); /* until the parent gives up */
        _exit(result == 0 ? 5 : errno);
    }
    read(ends[0], &byte, 1);
    int result, error;
    do { /* until the child waits */
        result = lock(fd, F_SETLKW, F_WRLCK, 1, 1);
        error = errno;
    } while (result == -1 && error == EINTR);
    lock(fd, F_SETLK, F_UNLCK, 0, 1);
    int status;
    check("the child ends", waitpid(pid, &status, 0) == pid);
    bool mine = result == -1 && error == EDEADLK && WEXITSTATUS(status) == 5;
    bool its = result == 0 && WEXITSTATUS(status) == EDEADLK;
    check("whoever comes second sees the deadlock", mine || its);
    close(ends[0]), close(ends[1]), close(fd);
    unlink("a");
}

static void test_open_locks(void)
{
    int fd = make("a", ""), other = open("a", O_RDWR);
    check("flock",
          flock(fd, LOCK_EX) == 0 && flock(other, LOCK_SH | LOCK_NB) == -1 && errno == EWOULDBLOCK);
    check("shared", flock(fd, LOCK_SH) == 0 && flock(other, LOCK_SH | LOCK_NB) == 0);
    check("goes with the file", close(other) == 0 && flock(fd, LOCK_EX | LOCK_NB) == 0);
    check_errno(flock(fd, 16), EINVAL);
    check_errno(flock(77, LOCK_SH), EBADF);
    flock(fd, LOCK_UN);
    other = open("a", O_RDWR);
    check("of open files", lock(fd, F_OFD_SETLK, F_WRLCK, 0, 10) == 0);
    check_errno(lock(other, F_OFD_SETLK, F_RDLCK, 5, 1), EAGAIN);
    check_errno(lock(other, F_SETLK, F_RDLCK, 5, 1), EAGAIN);
    check("go with theirs", close(fd) == 0 && lock(other, F_OFD_SETLK, F_RDLCK, 5, 1) == 0);
    close(other);
    unlink("a");
}

static void test_holes(void)
{
    struct stat stat;
    int fd = memfd_create("holes", 0);
    check("fallocate", fallocate(fd, 0, 0, 40960) == 0 && fstat(fd, &stat) == 0 &&
                           stat.st_size == 40960 && stat.st_blocks == 80);
    check("beyond the end", fallocate(fd, FALLOC_FL_KEEP_SIZE, 40960, 8192) == 0 &&
                                fstat(fd, &stat) == 0 && stat.st_size == 40960);
    memset(back, 'x', sizeof(back));
    pwrite(fd, back, 10000, 0);
    check("a hole", fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 100, 8192) == 0 &&
                        pread(fd, back, 10000, 0) == 10000 && back[99] == 'x' && !back[100] &&
                        !back[8291] && back[8292] == 'x');
    ftruncate(fd, 0);
    ftruncate(fd, 1 << 20);
    pwrite(fd, "x", 1, 65536);
    check("SEEK_DATA", lseek(fd, 0, SEEK_DATA) == 65536 && lseek(fd, 65540, SEEK_DATA) == 65540);
    check("SEEK_HOLE", lseek(fd, 0, SEEK_HOLE) == 0 && lseek(fd, 65536, SEEK_HOLE) == 69632);
    check_errno(lseek(fd, 70000, SEEK_DATA), ENXIO);
    check_errno(lseek(fd, 1 << 20, SEEK_HOLE), ENXIO);
    check_errno(lseek(fd, -1, SEEK_DATA), ENXIO);
    check_errno(fallocate(fd, FALLOC_FL_PUNCH_HOLE, 0, 1), EOPNOTSUPP);
    check_errno(fallocate(fd, 0, -1, 1), EINVAL);
    check_errno(fallocate(fd, 0, 0, 0), EINVAL);
    check_errno(fallocate(77, 0, 0, 1), EBADF);
    close(fd);
}

static void test_seals(void)
{
    int fd = memfd_create("seals", MFD_ALLOW_SEALING), plain = memfd_create("plain", 0);
    check("no seals", fcntl(fd, F_GET_SEALS) == 0 && fcntl(plain, F_GET_SEALS) == F_SEAL_SEAL);
    check_errno(fcntl(plain, F_ADD_SEALS, F_SEAL_GROW), EPERM);
    ftruncate(fd, 8192);
    check("it may not shrink", fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK) == 0);
    check_errno(ftruncate(fd, 4096), EPERM);
    check("nor grow", ftruncate(fd, 12288) == 0 && fcntl(fd, F_ADD_SEALS, F_SEAL_GROW) == 0);
    check_errno(ftruncate(fd, 16384), EPERM);
    check_errno(pwrite(fd, "x", 1, 12288), EPERM);
    void *map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    check_errno(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), EBUSY);
    munmap(map, 4096);
    check("nor be written", fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE) == 0);
    check_errno(pwrite(fd, "x", 1, 0), EPERM);
    check_errno(mmap(NULL, 4096, PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED ? -1 : 0, EPERM);
    check("but read", mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0) != MAP_FAILED);
    check("no more seals", fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL) == 0);
    check_errno(fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL), EPERM);
    check("all of them", fcntl(fd, F_GET_SEALS) == 15);
    close(fd), close(plain);
    int ends[2];
    pipe(ends);
    check_errno(fcntl(ends[0], F_GET_SEALS), EINVAL);
    check("a pipe's size", fcntl(ends[0], F_GETPIPE_SZ) == 65536);
    close(ends[0]), close(ends[1]);
}

static void test_copies(void)
{
    int in = make("a", "hello, world"), out = make("b", ""), ends[2];
    off_t from = 7;
    check("sendfile", sendfile(out, in, &from, 100) == 5 && from == 12 &&
                          pread(out, back, 100, 0) == 5 && !memcmp(back, "world", 5));
    check("from where it is", lseek(in, 0, SEEK_SET) == 0 && sendfile(out, in, NULL, 5) == 5 &&
                                  lseek(in, 0, SEEK_CUR) == 5 && pread(out, back, 100, 0) == 10);
    pipe(ends);
    check_errno(sendfile(out, ends[0], NULL, 5), EINVAL);
    check_errno(sendfile(77, in, NULL, 5), EBADF);
    long long at = 0, to = 3;
    ftruncate(out, 0);
    check("copy_file_range", syscall(SYS_copy_file_range, in, &at, out, &to, 5, 0) == 5 &&
                                 at == 5 && to == 8 && pread(out, back, 100, 0) == 8 &&
                                 !memcmp(back, "\0\0\0hello", 8));
    check_errno(syscall(SYS_copy_file_range, in, &at, out, &to, 5, 1), EINVAL);
    check_errno(syscall(SYS_copy_file_range, in, NULL, ends[1], NULL, 5, 0), EINVAL);
    at = 7;
    check("splice into a pipe", syscall(SYS_splice, in, &at, ends[1], NULL, 100, 0) == 5 &&
                                    read(ends[0], back, 100) == 5 && !memcmp(back, "world", 5));
    check("and out of one", write(ends[1], "xyz", 3) == 3 && ftruncate(out, 0) == 0 &&
                                lseek(out, 0, SEEK_SET) == 0 &&
                                syscall(SYS_splice, ends[0], NULL, out, NULL, 100, 0) == 3 &&
                                pread(out, back, 100, 0) == 3);
    check_errno(syscall(SYS_splice, in, NULL, out, NULL, 5, 0), EINVAL);
    check_errno(syscall(SYS_splice, ends[0], &at, out, NULL, 5, 0), ESPIPE);
    close(in), close(out), close(ends[0]), close(ends[1]);
    unlink("a"), unlink("b");
}

static volatile sig_atomic_t caught;
static void note(int signal) { caught = signal; }

static void test_limits(void)
{
    struct rlimit before, small;
    getrlimit(RLIMIT_FSIZE, &before);
    signal(SIGXFSZ, note);
    int fd = make("a", "");
    small = before;
    small.rlim_cur = 1000;
    setrlimit(RLIMIT_FSIZE, &small);
    memset(back, 'x', sizeof(back));
    check("a write is cut at the limit", write(fd, back, 2000) == 1000 && !caught);
    check_errno(write(fd, back, 1), EFBIG);
    check("with a signal", caught == SIGXFSZ);
    check_errno(ftruncate(fd, 2000), EFBIG);
    setrlimit(RLIMIT_FSIZE, &before);
    getrlimit(RLIMIT_NOFILE, &before);
    small = before;
    small.rlim_cur = 20;
    setrlimit(RLIMIT_NOFILE, &small);
    int last = fd, next;
    while ((next = dup(fd)) >= 0)
        last = next;
    check("as many files as allowed", errno == EMFILE && last == 19);
    check_errno(open("a", O_RDONLY), EMFILE);
    check_errno(dup2(fd, 20), EBADF);
    check_errno(fcntl(fd, F_DUPFD, 20), EINVAL);
    setrlimit(RLIMIT_NOFILE, &before);
    check("more of them", dup2(fd, 900) == 900 && fcntl(900, F_GETFD) == 0);
    check("close_range",
          syscall(SYS_close_range, fd + 1, ~0u, 4) == 0 && fcntl(900, F_GETFD) == FD_CLOEXEC);
    check("all of them", syscall(SYS_close_range, fd + 1, ~0u, 0) == 0 &&
                             fcntl(900, F_GETFD) == -1 && fcntl(19, F_GETFD) == -1);
    check_errno(syscall(SYS_close_range, 5, 4, 0), EINVAL);
    close(fd);
    unlink("a");
}

static void test_vectors(void)
{
    int fd = make("a", "");
    struct iovec out[2] = { { "hello, ", 7 }, { "world", 5 } },
                 in[2] = { { back, 3 }, { back + 10, 100 } };
    check("pwritev", pwritev(fd, out, 2, 5) == 12 && lseek(fd, 0, SEEK_CUR) == 0);
    check("preadv", preadv(fd, in, 2, 5) == 12 && !memcmp(back, "hel", 3) &&
                        !memcmp(back + 10, "lo, world", 9));
    check_errno(preadv(fd, in, 2, -1), EINVAL);
    check_errno(preadv(77, in, 2, 0), EBADF);
    close(fd);
    fd = open(".", O_TMPFILE | O_RDWR, 0600);
    check("a file without a name", fd >= 0 && write(fd, "x", 1) == 1);
    struct stat stat;
    check("has none", fstat(fd, &stat) == 0 && stat.st_nlink == 0 && S_ISREG(stat.st_mode));
    close(fd);
    check_errno(open(".", O_TMPFILE | O_RDONLY, 0600), EINVAL);
    check("creat", (fd = creat("a", 0600)) >= 0 && fstat(fd, &stat) == 0 && stat.st_size == 0);
    check("O_APPEND", close(fd) == 0 && (fd = open("a", O_WRONLY | O_APPEND)) >= 0 &&
                          write(fd, "ab", 2) == 2 && lseek(fd, 0, SEEK_SET) == 0 &&
                          write(fd, "cd", 2) == 2 && lseek(fd, 0, SEEK_END) == 4);
    close(fd);
    unlink("a");
}

int main(void)
{
    char folder[64];
    setvbuf(stdout, NULL, _IONBF, 0); /* children must not print what we have not yet */
    snprintf(folder, sizeof(folder), "/tmp/quire-filecalls-%d", (int)getpid());
    check("a place for it", mkdir(folder, 0755) == 0 && chdir(folder) == 0);
    test_record_locks();
    test_deadlock();
    test_open_locks();
    test_holes();
    test_seals();
    test_copies();
    test_limits();
    test_vectors();
    check("nothing is left", chdir("/") == 0 && rmdir(folder) == 0);
    return finish();
}
