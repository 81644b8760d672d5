/*
 * What is known of files, and how it is changed: rights, owners, times, what file system.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/xattr.h>
#include <time.h>
#include <utime.h>

#include "check.h"

static struct stat now(const char *path)
{
    struct stat it = { 0 };
    lstat(path, &it);
    return it;
}

static unsigned rights(const char *path) { return now(path).st_mode & 07777; }

static void make(const char *path, mode_t mode)
{
    close(open(path, O_CREAT | O_WRONLY | O_EXCL, mode));
}

static void test_rights(void)
{
    check("umask", umask(027) == 022 && umask(027) == 027);
    make("a", 0777);
    mkdir("d", 0777);
    mkfifo("p", 0666);
    check("takes rights from what is made",
          rights("a") == 0750 && rights("d") == 0750 && rights("p") == 0640);
    umask(022);
    check("chmod", chmod("a", 04755) == 0 && rights("a") == 04755);
    check("of a directory", chmod("d", 01777) == 0 && rights("d") == 01777);
    int fd = open("a", O_RDWR);
    check("fchmod", fchmod(fd, 0600) == 0 && rights("a") == 0600);
    check("type bits are ignored",
          fchmod(fd, 0100640) == 0 && S_ISREG(now("a").st_mode) && rights("a") == 0640);
    check("fchmodat", fchmodat(AT_FDCWD, "a", 0444, 0) == 0 && rights("a") == 0444);
    check_errno(chmod("x", 0644), ENOENT);
    check_errno(chmod("a/x", 0644), ENOTDIR);
    check_errno(fchmod(77, 0644), EBADF);
    check_errno(syscall(SYS_chmod, 8, 0644), EFAULT);
    symlink("a", "l");
    check("through a link", chmod("l", 0600) == 0 && rights("a") == 0600);
    check("access", access("a", R_OK | W_OK) == 0 && access("a", F_OK) == 0);
    check_errno(access("a", X_OK), EACCES);
    check_errno(access("x", F_OK), ENOENT);
    check_errno(access("a", 8), EINVAL);
    close(fd);
    fd = open("a", O_PATH);
    check_errno(syscall(SYS_fchmod, fd, 0644), EBADF);
    close(fd);
    unlink("a"), unlink("l"), unlink("p"), rmdir("d");
}

static void test_owner(void)
{
    make("a", 0644);
    uid_t uid = getuid();
    gid_t gid = getgid();
    check("chown to oneself", chown("a", uid, gid) == 0);
    check("as it is", chown("a", (uid_t)-1, (gid_t)-1) == 0 && now("a").st_uid == uid);
    symlink("nowhere", "l");
    check("lchown", lchown("l", uid, gid) == 0);
    check_errno(chown("l", uid, gid), ENOENT);
    check_errno(chown("x", uid, gid), ENOENT);
    check_errno(fchown(77, uid, gid), EBADF);
    check_errno(fchownat(AT_FDCWD, "a", uid, gid, 1), EINVAL);
    unlink("a"), unlink("l");
}

static void test_times(void)
{
    struct timespec times[2] = { { 1000, 5 }, { 2000, 999999999 } };
    make("a", 0644);
    check("utimensat", utimensat(AT_FDCWD, "a", times, 0) == 0 && now("a").st_atim.tv_sec == 1000 &&
                           now("a").st_atim.tv_nsec == 5 && now("a").st_mtim.tv_sec == 2000 &&
                           now("a").st_mtim.tv_nsec == 999999999);
    times[0].tv_nsec = UTIME_OMIT;
    times[1] = (struct timespec){ -5, 7 };
    check("one of them, before 1970",
          utimensat(AT_FDCWD, "a", times, 0) == 0 && now("a").st_atim.tv_sec == 1000);
    times[1].tv_nsec = UTIME_NOW;
    check("now", utimensat(AT_FDCWD, "a", times, 0) == 0 &&
                     labs((long)(now("a").st_mtim.tv_sec - time(NULL))) <= 5);
    times[1].tv_nsec = 1000000000;
    check_errno(utimensat(AT_FDCWD, "a", times, 0), EINVAL);
    check_errno(utimensat(AT_FDCWD, "x", NULL, 0), ENOENT);
    check_errno(utimensat(AT_FDCWD, "a", NULL, 1), EINVAL);
    check_errno(utimensat(77, "a", NULL, 0), EBADF);
    int fd = open("a", O_RDWR);
    times[0] = times[1] = (struct timespec){ 3000, 0 };
    check("futimens", futimens(fd, times) == 0 && now("a").st_mtim.tv_sec == 3000);
    struct timespec before = now("a").st_ctim;
    check("a write changes mtime", write(fd, "x", 1) == 1 && now("a").st_mtim.tv_sec > 3000);
    check("and ctime", now("a").st_ctim.tv_sec >= before.tv_sec);
    struct utimbuf old = { 10, 20 };
    check("utime", utime("a", &old) == 0 && now("a").st_atime == 10 && now("a").st_mtime == 20);
    struct timeval us[2] = { { 5, 6 }, { 7, 8 } };
    check("utimes",
          utimes("a", us) == 0 && now("a").st_atim.tv_nsec == 6000 && now("a").st_mtim.tv_sec == 7);
    us[0].tv_usec = 1000000;
    check_errno(utimes("a", us), EINVAL);
    symlink("a", "l");
    times[0] = times[1] = (struct timespec){ 4000, 0 };
    check("of a link itself", utimensat(AT_FDCWD, "l", times, AT_SYMLINK_NOFOLLOW) == 0 &&
                                  now("l").st_mtim.tv_sec == 4000 && now("a").st_mtim.tv_sec == 7);
    close(fd);
    unlink("a"), unlink("l");
}

/* The beginning of struct statx. */
struct first_of_statx {
    unsigned mask, block_bytes;
    unsigned long long attributes;
    unsigned links, uid, gid;
    unsigned short mode, pad;
    unsigned long long inode, size;
    char others[256 - 48];
};

static void test_statx(void)
{
    struct first_of_statx it;
    make("a", 0640);
    truncate("a", 5000);
    check("statx", syscall(SYS_statx, AT_FDCWD, "a", 0, 0x7ff, &it) == 0 && it.size == 5000 &&
                       it.mode == (S_IFREG | 0640) && it.links == 1 && (it.mask & 0x7ff) == 0x7ff);
    check_errno(syscall(SYS_statx, AT_FDCWD, "a", 1, 0x7ff, &it), EINVAL);
    check_errno(syscall(SYS_statx, AT_FDCWD, "", 0, 0x7ff, &it), ENOENT);
    check_errno(syscall(SYS_statx, AT_FDCWD, "a", 0, 0x7ff, 8), EFAULT);
    unlink("a");
}

static void test_statfs(void)
{
    struct statfs it;
    check("statfs", statfs(".", &it) == 0 && it.f_bsize == 4096 && it.f_namelen == 255 &&
                        it.f_bfree <= it.f_blocks);
    check_errno(syscall(SYS_statfs, "/nothing", &it), ENOENT);
    check_errno(syscall(SYS_fstatfs, 1000, &it), EBADF);
    check_errno(syscall(SYS_statfs, "/proc", (void *)8), EFAULT);
    long words[16] = { 0 };
    check("the oldest statfs",
          syscall(SYS_statfs, "/proc", sizeof(long) == 4 ? words : (void *)&it) == 0 &&
              (sizeof(long) == 8 || (words[0] == 0x9fa0 && words[1] == 4096 && words[9] == 255)));
    check("/proc", statfs("/proc", &it) == 0 && it.f_type == 0x9fa0 && it.f_blocks == 0);
    int fd = open(".", O_RDONLY);
    check("fstatfs", fstatfs(fd, &it) == 0 && it.f_bsize == 4096);
    close(fd);
    check_errno(statfs("x", &it), ENOENT);
    check_errno(fstatfs(77, &it), EBADF);
#ifdef SYS_fstatfs64
    long result = syscall(SYS_fstatfs64, 0, 84, 8);
#else
    long result = syscall(SYS_fstatfs, 0, 8);
#endif
    check("to nowhere", result == -1 && errno == EFAULT);
}

static void test_places(void)
{
    char here[256];
    mkdir("d", 0755);
    int fd = open("d", O_RDONLY), file = open("f", O_CREAT | O_RDWR, 0600);
    check("fchdir", fchdir(fd) == 0 && getcwd(here, sizeof(here)) && strstr(here, "/d"));
    check_errno(fchdir(file), ENOTDIR);
    check_errno(fchdir(77), EBADF);
    check_errno(chdir("../f"), ENOTDIR);
    check_errno(chdir("x"), ENOENT);
    check("it goes while we are in it", rmdir("../d") == 0);
    check("and has no name", syscall(SYS_getcwd, here, sizeof(here)) == -1 && errno == ENOENT);
    check_errno(open("new", O_CREAT | O_RDWR, 0600), ENOENT);
    check("but leads out", chdir("..") == 0 && access("f", F_OK) == 0);
    close(fd), close(file);
    unlink("f");
}

/* What ls(1) and cp(1) ask; no file system here, nor Linux 6.1's tmpfs, has attributes of users. */
static void test_xattr(void)
{
    char value[16], name[257] = "user.";
    memset(name + 5, 'x', 251);
    make("a", 0644);
    symlink("a", "l");
    int fd = open("a", O_RDWR);
    check("there are none", listxattr("a", value, sizeof(value)) == 0 &&
                                llistxattr("l", NULL, 0) == 0 && flistxattr(fd, NULL, 0) == 0);
    check_errno(getxattr("a", "nobody.x", value, sizeof(value)), EOPNOTSUPP);
    check_errno(fgetxattr(fd, "nobody.x", value, sizeof(value)), EOPNOTSUPP);
    check_errno(setxattr("a", "nobody.x", "v", 1, 0), EOPNOTSUPP);
    check_errno(fsetxattr(fd, "nobody.x", "v", 1, XATTR_CREATE), EOPNOTSUPP);
    check_errno(removexattr("a", "nobody.x"), EOPNOTSUPP);
    check_errno(fremovexattr(fd, "nobody.x"), EOPNOTSUPP);
    check_errno(lgetxattr("l", "user.x", value, sizeof(value)), ENODATA);
    check_errno(lsetxattr("l", "user.x", "v", 1, 0), EPERM);
    check_errno(lremovexattr("l", "user.x"), EPERM);
    check_errno(setxattr("a", "user.x", "v", 1, 4), EINVAL);
    check_errno(setxattr("a", "user.x", "v", 65537, 0), E2BIG);
    check_errno(getxattr("a", "", value, sizeof(value)), ERANGE);
    check_errno(getxattr("a", name, value, sizeof(value)), ERANGE);
    check_errno(getxattr("x", "user.x", value, sizeof(value)), ENOENT);
    check_errno(listxattr("x", NULL, 0), ENOENT);
    check_errno(flistxattr(77, NULL, 0), EBADF);
    close(fd);
    unlink("a"), unlink("l");
}

int main(void)
{
    char folder[64];
    umask(022);
    snprintf(folder, sizeof(folder), "/tmp/quire-attributes-%d", (int)getpid());
    check("a place for it", mkdir(folder, 0755) == 0 && chdir(folder) == 0);
    test_rights();
    test_owner();
    test_times();
    test_statx();
    test_statfs();
    test_places();
    test_xattr();
    check("nothing is left", chdir("/") == 0 && rmdir(folder) == 0);
    return finish();
}
