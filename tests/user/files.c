/*
 * Files: names, bytes, holes, devices, and what is known of them.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>

#include "check.h"

static char path[64], back[20000];

static void test_bytes(void)
{
    int fd = open(path, O_CREAT | O_EXCL | O_RDWR, 0640);
    struct stat stat;
    check("a file is made", fd >= 0);
    check("it is empty", fstat(fd, &stat) == 0 && stat.st_size == 0);
    check("with the rights asked for", stat.st_mode == (S_IFREG | 0640) && stat.st_nlink == 1);
    check("and the time", time(NULL) - stat.st_mtime < 5 && stat.st_mtime - time(NULL) < 5);
    check("bytes go in", write(fd, "hello", 5) == 5);
    check("far behind the end too",
          lseek(fd, 10000, SEEK_SET) == 10000 && write(fd, "end", 3) == 3);
    check("it is longer now", fstat(fd, &stat) == 0 && stat.st_size == 10003);
    check("SEEK_CUR and SEEK_END",
          lseek(fd, -3, SEEK_CUR) == 10000 && lseek(fd, 1, SEEK_END) == 10004);
    check("behind the end is nothing", read(fd, back, 10) == 0);
    check("all can be read", pread(fd, back, sizeof(back), 0) == 10003);
    check("as it was written", !memcmp(back, "hello\0\0", 7) && !memcmp(back + 9999, "\0end", 4));
    struct iovec vector[3] = { { "one", 3 }, { NULL, 0 }, { "twothree", 8 } };
    check("writev", lseek(fd, 0, SEEK_SET) == 0 && writev(fd, vector, 3) == 11);
    struct iovec into[2] = { { back, 4 }, { back + 100, 50 } };
    check("readv", lseek(fd, 0, SEEK_SET) == 0 && readv(fd, into, 2) == 54 &&
                       !memcmp(back, "onet", 4) && !memcmp(back + 100, "wothree", 7));
    close(fd);
    fd = open(path, O_WRONLY | O_APPEND);
    check("O_APPEND writes behind all", write(fd, "x", 1) == 1 && lseek(fd, 0, SEEK_CUR) == 10004);
    check_errno(read(fd, back, 1), EBADF);
    close(fd);
    fd = open(path, O_RDWR | O_TRUNC);
    check("O_TRUNC empties it", fstat(fd, &stat) == 0 && stat.st_size == 0);
    close(fd);
}

static void test_names(void)
{
    char inside[80], long_name[300];
    snprintf(inside, sizeof(inside), "%s/x", path);
    memset(long_name, 'n', sizeof(long_name));
    long_name[0] = '/';
    long_name[299] = 0;
    check_errno(open(path, O_CREAT | O_EXCL | O_RDWR, 0600), EEXIST);
    check_errno(open("/no/such/file", O_RDONLY), ENOENT);
    check_errno(open("", O_RDONLY), ENOENT);
    check_errno(open(inside, O_RDONLY), ENOTDIR);
    check_errno(open(long_name, O_RDONLY), ENAMETOOLONG);
    check_errno(open("/tmp", O_WRONLY), EISDIR);
    check_errno(open(path, O_RDONLY | O_DIRECTORY), ENOTDIR);
    check_errno(open("/tmp/missing/../x", O_RDONLY), ENOENT);
    check("a directory can be opened", open("/tmp", O_RDONLY | O_DIRECTORY) == 3);
    check_errno(read(3, back, 1), EISDIR);
    check("names are relative to it", openat(3, path + 5, O_RDONLY) == 4);
    check("the lowest number is free again", close(3) == 0 && open("/tmp/..", O_RDONLY) == 3);
    check_errno(openat(4, "x", O_RDONLY), ENOTDIR);
    check_errno(openat(77, "x", O_RDONLY), EBADF);
    close(3);
    close(4);
    check("chdir and getcwd",
          chdir("/tmp/../tmp/.") == 0 && getcwd(back, 5) && !strcmp(back, "/tmp"));
    check_errno(syscall(SYS_getcwd, back, 4), ERANGE);
    check("a relative path", access(path + 5, R_OK | W_OK) == 0);
    check_errno(access(path + 5, 8), EINVAL);
    check_errno(access("nowhere", F_OK), ENOENT);
    check_errno(chdir(path), ENOTDIR);
}

static void test_devices(void)
{
    struct stat stat;
    int null = open("/dev/null", O_RDWR), zero = open("/dev/zero", O_RDWR);
    int random = open("/dev/urandom", O_RDONLY);
    memset(back, 'x', 200);
    check("/dev/null swallows", write(null, "abc", 3) == 3 && read(null, back, 10) == 0);
    check("/dev/zero gives zeroes",
          read(zero, back, 100) == 100 && !back[0] && !back[99] && back[100]);
    check("/dev/urandom gives bytes", read(random, back, 100) == 100);
    check("they are devices",
          fstat(null, &stat) == 0 && S_ISCHR(stat.st_mode) && stat.st_rdev == 0x103);
    close(null);
    close(zero);
    close(random);
}

static void test_links(void)
{
    struct stat stat;
    ssize_t length = readlink("/proc/self/exe", back, sizeof(back));
    check("/proc/self/exe names the program", length > 5 && !memcmp(back + length - 5, "files", 5));
    check("lstat sees the link", lstat("/proc/self/exe", &stat) == 0 && S_ISLNK(stat.st_mode));
    check("stat sees the program", stat.st_size == 0 && !(stat.st_size = 0) &&
                                       !fstatat(AT_FDCWD, "/proc/self/exe", &stat, 0) &&
                                       S_ISREG(stat.st_mode) && stat.st_size > 4096);
    check_errno(open("/proc/self/exe", O_RDONLY | O_NOFOLLOW), ELOOP);
    check_errno(readlink(path, back, 10), EINVAL);
}

int main(void)
{
    snprintf(path, sizeof(path), "/tmp/quire-test-%d", (int)getpid());
    test_bytes();
    test_names();
    test_devices();
    test_links();
    unlink(path);
    return finish();
}
