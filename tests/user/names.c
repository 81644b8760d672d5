/*
 * Names that come and go, and the sizes of files.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "check.h"

static char back[10000];

static nlink_t links(const char *path)
{
    struct stat stat;
    return fstatat(AT_FDCWD, path, &stat, AT_SYMLINK_NOFOLLOW) ? 0 : stat.st_nlink;
}

static int make(const char *path, const char *text)
{
    int fd = open(path, O_CREAT | O_RDWR | O_EXCL, 0644);
    return fd < 0 ? -1 : write(fd, text, strlen(text)) < 0 ? -1 : fd;
}

static int holds(const char *path, const char *text)
{
    int fd = open(path, O_RDONLY);
    ssize_t got = read(fd, back, sizeof(back));
    close(fd);
    return got == (ssize_t)strlen(text) && !memcmp(back, text, (size_t)got);
}

static void test_unlink(void)
{
    int fd = make("a", "first");
    check("a file is made", fd == 3);
    check("a link to it", link("a", "b") == 0 && links("a") == 2);
    check_errno(link("a", "b"), EEXIST);
    check_errno(link(".", "c"), EPERM);
    check("one name goes", unlink("a") == 0 && links("b") == 1);
    check_errno(open("a", O_RDONLY), ENOENT);
    check("the other is left", holds("b", "first"));
    check("and goes, too", unlink("b") == 0);
    check("open it lives on", pread(fd, back, 10, 0) == 5 && !memcmp(back, "first", 5));
    struct stat stat;
    check("without a name", fstat(fd, &stat) == 0 && stat.st_nlink == 0);
    close(fd);
    check_errno(unlink("a"), ENOENT);
    check_errno(unlink("."), EISDIR);
    check_errno(unlink("no/such"), ENOENT);
    check_errno(unlink(""), ENOENT);
    check_errno(syscall(SYS_unlinkat, AT_FDCWD, "x", 1), EINVAL);
    check("a new file of that name", close(make("a", "")) == 0 && unlink("a") == 0);
}

static void test_directories(void)
{
    check("a directory is made", mkdir("d", 0755) == 0 && links("d") == 2);
    check("and one in it", mkdir("d/e/", 0755) == 0 && links("d") == 3);
    check_errno(mkdir("d", 0755), EEXIST);
    check_errno(mkdir("d/.", 0755), EEXIST);
    check_errno(mkdir("x/y", 0755), ENOENT);
    check_errno(rmdir("d"), ENOTEMPTY);
    check_errno(unlink("d"), EISDIR);
    check_errno(unlink("d/"), EISDIR);
    check_errno(rmdir("d/."), EINVAL);
    check_errno(rmdir("d/.."), ENOTEMPTY);
    check_errno(rmdir("/"), EBUSY);
    close(make("f", "x"));
    check_errno(rmdir("f"), ENOTDIR);
    check_errno(unlink("f/"), ENOTDIR);
    check_errno(mkdir("f/g", 0755), ENOTDIR);
    int fd = open("d/e", O_RDONLY | O_DIRECTORY);
    check("it goes when it is empty", rmdir("d/e") == 0 && links("d") == 2);
    check_errno(openat(fd, "x", O_CREAT | O_RDWR, 0600), ENOENT);
    check("unlinkat removes it, too", unlinkat(AT_FDCWD, "d", AT_REMOVEDIR) == 0);
    check_errno(rmdir("d"), ENOENT);
    close(fd);
    unlink("f");
}

static void test_rename(void)
{
    close(make("a", "aaa"));
    close(make("b", "bbb"));
    int fd = open("b", O_RDONLY);
    check("a file gets a free name", rename("a", "c") == 0 && holds("c", "aaa"));
    check_errno(open("a", O_RDONLY), ENOENT);
    check("or one that was taken", rename("c", "b") == 0 && holds("b", "aaa") && links("b") == 1);
    check("what had it lives on", read(fd, back, 9) == 3 && !memcmp(back, "bbb", 3));
    close(fd);
    check_errno(rename("c", "b"), ENOENT);
    check("to itself", rename("b", "b") == 0 && holds("b", "aaa"));
    check("and its own link", link("b", "l") == 0 && rename("b", "l") == 0 && links("b") == 2);
    mkdir("d", 0700);
    check("into a directory", rename("b", "d/x") == 0 && holds("d/x", "aaa") && links("l") == 2);
    check_errno(rename("l", "d"), EISDIR);
    check_errno(rename("l", "d/."), EBUSY);
    check_errno(rename("l", "no/such"), ENOENT);
    check_errno(syscall(SYS_renameat2, AT_FDCWD, "l", AT_FDCWD, "d/x", 1), EEXIST);
    check_errno(rename("", "x"), ENOENT);
    unlink("d/x");
    unlink("l");
    rmdir("d");
}

/* Directories move with all that is in them. */
static void test_move(void)
{
    char here[256], there[256];
    mkdir("d", 0755), mkdir("d/e", 0755), mkdir("d/e/f", 0755), mkdir("g", 0755);
    close(make("d/e/f/x", "xxx"));
    int fd = open("d/e", O_RDONLY | O_DIRECTORY);
    check("a directory moves", rename("d/e", "g/h") == 0 && holds("g/h/f/x", "xxx"));
    check("link counts move with it", links("d") == 2 && links("g") == 3);
    check("who is in it goes along", fchdir(fd) == 0 && getcwd(here, sizeof(here)) &&
                                         strstr(here, "/g/h") && chdir("../..") == 0);
    check(".. leads to where it is now",
          getcwd(there, sizeof(there)) && !strncmp(here, there, strlen(there)));
    check_errno(rename("g", "g/h/i"), EINVAL);
    check_errno(rename("g", "g/h"), EINVAL);
    check_errno(rename("g/h/f", "g"), ENOTEMPTY);
    mkdir("empty", 0755);
    close(make("file", "f"));
    check_errno(rename("empty", "file"), ENOTDIR);
    check_errno(rename("file", "empty"), EISDIR);
    check("it replaces an empty one", rename("g/h", "empty") == 0 && holds("empty/f/x", "xxx"));
    check_errno(rename("d", "empty"), ENOTEMPTY);
    check_errno(rename("d", "."), EBUSY);
    check("with a slash", rename("d/", "k/") == 0 && links("k") == 2);
    check_errno(rename("file", "new/"), ENOTDIR);
    check("an open file goes along",
          lseek(fd, 0, SEEK_SET) == 0 && openat(fd, "f/x", O_RDONLY) >= 0);
    close(fd + 1), close(fd);
    unlink("file"), unlink("empty/f/x"), rmdir("empty/f"), rmdir("empty"), rmdir("k");
    check("all is gone", rmdir("g") == 0);
}

static void test_exchange(void)
{
    enum { NOREPLACE = 1, EXCHANGE = 2 };
    mkdir("d", 0755), mkdir("d/e", 0755);
    close(make("a", "aaa"));
    check("a file and a directory change places",
          syscall(SYS_renameat2, AT_FDCWD, "a", AT_FDCWD, "d/e", EXCHANGE) == 0 &&
              holds("d/e", "aaa") && links("a") == 2 && links("d") == 2);
    check_errno(syscall(SYS_renameat2, AT_FDCWD, "a", AT_FDCWD, "x", EXCHANGE), ENOENT);
    check_errno(syscall(SYS_renameat2, AT_FDCWD, "d/e", AT_FDCWD, "d", EXCHANGE), EINVAL);
    check_errno(syscall(SYS_renameat2, AT_FDCWD, "d", AT_FDCWD, "d/e", EXCHANGE), EINVAL);
    check_errno(syscall(SYS_renameat2, AT_FDCWD, "a", AT_FDCWD, "d", NOREPLACE), EEXIST);
    check_errno(syscall(SYS_renameat2, AT_FDCWD, "a", AT_FDCWD, "x", NOREPLACE | EXCHANGE), EINVAL);
    check_errno(syscall(SYS_renameat2, AT_FDCWD, "a", AT_FDCWD, "x", 8), EINVAL);
    unlink("d/e"), rmdir("d"), rmdir("a");
}

static void test_symlinks(void)
{
    close(make("a", "aaa"));
    check("a symbolic link", symlink("a", "s") == 0 && holds("s", "aaa"));
    check_errno(symlink("a", "s"), EEXIST);
    check_errno(symlink("", "t"), ENOENT);
    check("unlink takes the link", unlink("s") == 0 && holds("a", "aaa"));
    unlink("a");
}

static void test_sizes(void)
{
    struct stat stat;
    int fd = make("a", "0123456789");
    check("a file is cut", ftruncate(fd, 4) == 0 && holds("a", "0123"));
    check("and grown with zeroes", truncate("a", 5000) == 0 && pread(fd, back, 9000, 0) == 5000 &&
                                       !memcmp(back, "0123\0\0\0\0\0\0", 10) && !back[4999]);
    check("far",
          ftruncate(fd, 1ll << 40) == 0 && fstat(fd, &stat) == 0 && stat.st_size == 1ll << 40);
    check_errno(ftruncate(fd, -1), EINVAL);
    check_errno(truncate("a", -1), EINVAL);
    check_errno(truncate(".", 0), EISDIR);
    check_errno(truncate("x", 0), ENOENT);
    check_errno(ftruncate(77, 0), EBADF);
    check("fsync, fdatasync and sync", fsync(fd) == 0 && fdatasync(fd) == 0 && (sync(), 1));
    check_errno(fsync(77), EBADF);
    close(fd);
    fd = open("a", O_RDONLY);
    check_errno(ftruncate(fd, 0), EINVAL);
    close(fd);
    unlink("a");
}

static void test_memfd(void)
{
    struct stat stat;
    char name[300];
    memset(name, 'n', sizeof(name));
    name[250] = 0;
    int fd = memfd_create("some name", MFD_CLOEXEC);
    check("a memfd is a file", fd == 3 && fstat(fd, &stat) == 0 && S_ISREG(stat.st_mode) &&
                                   stat.st_size == 0 && stat.st_nlink == 0);
    check("closed at exec", fcntl(fd, F_GETFD) == FD_CLOEXEC);
    check("it holds bytes", write(fd, "abc", 3) == 3 && pread(fd, back, 9, 0) == 3 &&
                                ftruncate(fd, 100000) == 0 && lseek(fd, 0, SEEK_END) == 100000);
    check_errno(memfd_create("x", 0x100), EINVAL);
    check_errno(memfd_create(name, 0), EINVAL);
    check_errno(syscall(SYS_memfd_create, 8, 0), EFAULT);
    name[249] = 0;
    check("the longest name", close(memfd_create(name, 0)) == 0);
    close(fd);
}

int main(void)
{
    char folder[64];
    snprintf(folder, sizeof(folder), "/tmp/quire-names-%d", (int)getpid());
    check("a place for it", mkdir(folder, 0755) == 0 && chdir(folder) == 0);
    test_unlink();
    test_directories();
    test_rename();
    test_move();
    test_exchange();
    test_symlinks();
    test_sizes();
    test_memfd();
    check("nothing is left", chdir("/") == 0 && rmdir(folder) == 0);
    return finish();
}
