/*
 * Mounting and unmounting, for those who may: read-only, busy, expiring, lazily.
 */
#define _GNU_SOURCE
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <sys/wait.h>

#include "check.h"
#include "slurp.h"

enum { TMPFS_MAGIC = 0x01021994, EXPIRE = 4 };

static char at[64], name[80];
static int may; /* are we allowed to mount?  Who is not is let off */

static int exists(const char *path) { return access(path, F_OK) == 0; }

/* Does it end as @wanted: 0 or an errno? */
static int ends(int result, int wanted) { return (result ? errno : 0) == wanted; }

static int makes_file(void)
{
    int fd = open(name, O_CREAT | O_RDWR, 0600);
    int error = fd < 0 ? errno : 0;
    close(fd);
    return error;
}

/* The line of /proc/self/mounts for our place begins with @wanted. */
static int is_listed(const char *wanted)
{
    const char *mounts = slurp("/proc/self/mounts");
    return mounts && strstr(mounts, wanted) != NULL;
}

static void test_read_only(void)
{
    char line[200];
    struct statfs statfs_;
    may = mount("mine", at, "tmpfs", 0, "size=1m") == 0;
    snprintf(line, sizeof(line), "mine %s tmpfs rw,", at);
    check("it is listed", !may || is_listed(line));
    check("it is another file system",
          !may || (statfs(at, &statfs_) == 0 && statfs_.f_type == TMPFS_MAGIC));
    check("files come", !may || makes_file() == 0);
    check("it turns read-only",
          !may || ends(mount("", at, "tmpfs", MS_REMOUNT | MS_RDONLY, ""), 0));
    snprintf(line, sizeof(line), "mine %s tmpfs ro,", at);
    check("that is listed", !may || is_listed(line));
    check("nothing can be changed",
          !may || (ends(open(name, O_RDWR), EROFS) && ends(unlink(name), EROFS) &&
                   ends(chmod(name, 0644), EROFS) && ends(access(name, W_OK), EROFS)));
    check("and back", !may || ends(mount("", at, "tmpfs", MS_REMOUNT, ""), 0));
    check("files go", !may || unlink(name) == 0);
}

static void test_unmount(void)
{
    check_errno(umount2(at, EXPIRE | MNT_FORCE), EINVAL);
    check_errno(umount2(at, 0x100), EINVAL);
    check_errno(umount2("/nothing/here", 0), ENOENT);
    makes_file();
    int fd = open(name, O_RDONLY);
    check("in use it stays", !may || ends(umount(at), EBUSY));
    check("also if it might expire", !may || ends(umount2(at, EXPIRE), EBUSY));
    close(fd);
    check("it expires not at once", !may || ends(umount2(at, EXPIRE), EAGAIN));
    close(open(name, O_RDONLY));
    check("and not if it is used", !may || ends(umount2(at, EXPIRE), EAGAIN));
    check("but then", !may || ends(umount2(at, EXPIRE), 0));
    check("it is gone", !may || !exists(name));
    check("and cannot go twice", !may || ends(umount(at), EINVAL));
    may = may && mount("mine", at, "tmpfs", 0, "") == 0;
    struct stat empty = { 0 }, full = { 0 };
    stat(at, &empty);
    makes_file();
    stat(at, &full);
    check("a name has its size", !may || (empty.st_size == 40 && full.st_size == 60));
    fd = open(name, O_RDWR);
    check("lazily it goes at once", !may || (ends(umount2(at, MNT_DETACH), 0) && !exists(name)));
    check("and whoever has a file keeps it", write(fd, "x", 1) == 1);
    close(fd);
    unlink(name);
}

/* A terminal opened as @ptmx: is its slave named in @directory?  Else the errno. */
static int names_slave(const char *ptmx, const char *directory)
{
    int number, fd = open(ptmx, O_RDWR | O_NOCTTY);
    char path[300];
    if (fd < 0)
        return errno;
    int error = ioctl(fd, TIOCGPTN, &number) ? errno : 0;
    snprintf(path, sizeof(path), "%s/%d", directory, number);
    if (!error && access(path, F_OK))
        error = errno;
    close(fd);
    return error ? error : access(path, F_OK) == 0 ? EEXIST : 0; /* it goes with its master */
}

/* Each ptmx means the devpts beside it. */
static void test_terminals(void)
{
    char ptmx[250], pts[250];
    snprintf(ptmx, sizeof(ptmx), "%s/ptmx", at);
    snprintf(pts, sizeof(pts), "%s/pts", at);
    may = may && mknod(ptmx, S_IFCHR | 0666, makedev(5, 2)) == 0;
    check("a ptmx alone names none", !may || names_slave(ptmx, pts) == ENOENT);
    mkdir(pts, 0755);
    check("nor beside an empty directory", !may || names_slave(ptmx, pts) == ENODEV);
    check("a devpts", !may || mount("mine", pts, "devpts", 0, "") == 0);
    check("beside it: there it is", !may || names_slave(ptmx, pts) == 0);
    check("and others are where they were", !may || names_slave("/dev/ptmx", "/dev/pts") == 0);
    check("unmounted", !may || umount(pts) == 0);
    check("there are none any more", !may || names_slave(ptmx, pts) == ENODEV);
    rmdir(pts);
    unlink(ptmx);
}

/* The program that @path names ends with 0: or what execve() says instead. */
static int runs(const char *path)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        execl(path, path, "child", NULL);
        _exit(errno);
    }
    return waitpid(child, &status, 0) == child ? WEXITSTATUS(status) : -1;
}

/* What noexec and nodev forbid. */
static void test_forbidden(void)
{
    char node[80];
    snprintf(node, sizeof(node), "%s/node", at);
    may = mount("mine", at, "tmpfs", MS_NOEXEC | MS_NODEV, "") == 0;
    int from = open("/proc/self/exe", O_RDONLY), to = open(name, O_CREAT | O_WRONLY, 0755);
    for (ssize_t got; may && (got = sendfile(to, from, NULL, 1 << 20)) > 0;)
        ;
    close(to);
    check("noexec: no program runs", !may || runs(name) == EACCES);
    check("nor does access() say so", !may || ends(access(name, X_OK), EACCES));
    check("nor is it mapped to", !may || (mmap(NULL, 4096, PROT_EXEC, MAP_PRIVATE,
                                               from = open(name, O_RDONLY), 0) == MAP_FAILED &&
                                          errno == EPERM));
    char *bytes = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, from, 0);
    check("nor later", !may || ends(mprotect(bytes, 4096, PROT_READ | PROT_EXEC), EACCES));
    munmap(bytes, 4096);
    close(from);
    check("nodev: a node comes", !may || ends(mknod(node, S_IFCHR | 0600, makedev(1, 3)), 0));
    check("but no device", !may || ends(open(node, O_RDWR), EACCES));
    check("without both", !may || ends(mount("", at, "tmpfs", MS_REMOUNT, ""), 0));
    check("it is one", !may || (from = open(node, O_RDWR)) >= 0);
    close(from);
    check("and programs run", !may || runs(name) == 0);
    check("it goes", !may || ends(umount(at), 0));
}

int main(int count, char **arguments)
{
    (void)arguments;
    if (count > 1) /* the child of runs() */
        return 0;
    snprintf(at, sizeof(at), "/tmp/quire-mount-%d", (int)getpid());
    snprintf(name, sizeof(name), "%s/file", at);
    check("a place", mkdir(at, 0700) == 0);
    test_read_only();
    test_unmount();
    test_terminals();
    test_forbidden();
    check("the place goes", rmdir(at) == 0);
    return finish();
}
