/*
 * Listing directories: each name once, though others come and go meanwhile; positions that keep
 * their meaning; and the listings of /proc.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "check.h"

enum { FILES = 1000 };

struct linux_dirent64 {
    unsigned long long inode;
    long long next;
    unsigned short bytes;
    unsigned char type;
    char name[];
};

static unsigned seen[FILES];

static char *name_of(unsigned n)
{
    static char name[32];
    snprintf(name, sizeof(name), "file-%u", n);
    return name;
}

static void make(const char *name) { close(open(name, O_CREAT | O_WRONLY | O_EXCL, 0644)); }

/* Count the names of @dir in seen[].  Returns: how many others but the dots. */
static unsigned count(DIR *dir)
{
    struct dirent *entry;
    unsigned others = 0, number;
    while ((entry = readdir(dir)))
        if (sscanf(entry->d_name, "file-%u", &number) == 1 && number < FILES)
            seen[number]++;
        else if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
            others++;
    return others;
}

static unsigned seen_times(unsigned times, unsigned step)
{
    unsigned found = 0;
    for (unsigned i = 0; i < FILES; i += step)
        found += seen[i] == times;
    return found;
}

static void test_types(void)
{
    unsigned char type[256] = { 0 };
    unsigned same = 0, dots = 0;
    make("r");
    mkdir("d", 0755);
    symlink("r", "l");
    mkfifo("p", 0600);
    DIR *dir = opendir(".");
    for (struct dirent *entry; (entry = readdir(dir));) {
        struct stat stat;
        if (entry->d_name[0] != '.')
            type[(unsigned char)entry->d_name[0]] = entry->d_type;
        else
            dots += entry->d_type == DT_DIR;
        same += lstat(entry->d_name, &stat) == 0 && stat.st_ino == entry->d_ino;
    }
    closedir(dir);
    check("types", type['r'] == DT_REG && type['d'] == DT_DIR && type['l'] == DT_LNK &&
                       type['p'] == DT_FIFO);
    check("two dots", dots == 2);
    check("inode numbers are those of stat()", same == 6);
    unlink("r"), unlink("l"), unlink("p"), rmdir("d");
}

static void test_many(void)
{
    for (unsigned i = 0; i < FILES; i++)
        make(name_of(i));
    DIR *dir = opendir(".");
    check("only they are there", count(dir) == 0);
    check("each once", seen_times(1, 1) == FILES);
    rewinddir(dir);
    for (int i = 0; i < 500; i++)
        readdir(dir);
    long place = telldir(dir);
    char next[256];
    strcpy(next, readdir(dir)->d_name);
    for (unsigned i = 1; i < FILES; i += 2)
        if (strcmp(name_of(i), next))
            unlink(name_of(i));
    for (unsigned i = 0; i < 100; i++) {
        char name[32];
        snprintf(name, sizeof(name), "new-%u", i);
        make(name);
    }
    seekdir(dir, place);
    struct dirent *entry = readdir(dir);
    check("a position keeps its meaning", entry && !strcmp(entry->d_name, next));
    rewinddir(dir);
    memset(seen, 0, sizeof(seen));
    check("new ones are there", count(dir) == 100);
    check("those that stayed are seen once", seen_times(1, 2) == FILES / 2);
    closedir(dir);
}

/* Remove all while listing, as rm -r does. */
static void test_remove(void)
{
    DIR *dir = opendir(".");
    unsigned removed = 0;
    for (struct dirent *entry; (entry = readdir(dir));)
        removed += unlink(entry->d_name) == 0;
    closedir(dir);
    dir = opendir(".");
    memset(seen, 0, sizeof(seen));
    check("all are removed in one pass", removed > FILES / 2 && count(dir) == 0);
    check("none is left", seen_times(0, 1) == FILES);
    closedir(dir);
}

static void test_errors(void)
{
    char buffer[1024];
    int fd = open(".", O_RDONLY | O_DIRECTORY), file = open("x", O_CREAT | O_RDWR, 0600);
    check_errno(syscall(SYS_getdents64, 77, buffer, sizeof(buffer)), EBADF);
    check_errno(syscall(SYS_getdents64, file, buffer, sizeof(buffer)), ENOTDIR);
    check_errno(syscall(SYS_getdents64, fd, buffer, 10), EINVAL);
    check_errno(syscall(SYS_getdents64, fd, (char *)8, sizeof(buffer)), EFAULT);
    check("nothing was lost", syscall(SYS_getdents64, fd, buffer, sizeof(buffer)) == 24 * 3);
    struct linux_dirent64 *first = (void *)buffer;
    check("the first is .", !strcmp(first->name, ".") && first->bytes == 24 && first->type == 4);
    check("the end", syscall(SYS_getdents64, fd, buffer, sizeof(buffer)) == 0);
    check("and again", lseek(fd, 0, SEEK_SET) == 0 &&
                           syscall(SYS_getdents64, fd, buffer, 24) == 24 &&
                           syscall(SYS_getdents64, fd, buffer, 24) == 24);
    check("the old call",
          lseek(fd, 0, SEEK_SET) == 0 && syscall(SYS_getdents, fd, buffer, sizeof(buffer)) > 0);
    close(fd);
    close(file);
    unlink("x");
    mkdir("gone", 0700);
    fd = open("gone", O_RDONLY);
    rmdir("gone");
    check_errno(syscall(SYS_getdents64, fd, buffer, sizeof(buffer)), ENOENT);
    close(fd);
}

static int lists(const char *path, const char *name)
{
    DIR *dir = opendir(path);
    int found = 0;
    for (struct dirent *entry; dir && (entry = readdir(dir));)
        found += !strcmp(entry->d_name, name);
    if (dir)
        closedir(dir);
    return found;
}

static void test_proc(void)
{
    char text[64], path[256] = "", here[256];
    snprintf(text, sizeof(text), "%d", (int)getpid());
    check("/proc lists us", lists("/proc", text) == 1);
    check("and what else there is", lists("/proc", "self") == 1 && lists("/proc", "meminfo") == 1);
    check("our files", lists("/proc/self", "status") == 1 && lists("/proc/self", "fd") == 1);
    check("our only thread", lists("/proc/self/task", text) == 1);
    snprintf(text, sizeof(text), "%d", 9);
    check("no descriptor 9", dup2(2, 9) == 9 && lists("/proc/self/fd", "9") == 1 && close(9) == 0 &&
                                 lists("/proc/self/fd", "9") == 0);
    getcwd(here, sizeof(here));
    check("/proc/self/cwd", readlink("/proc/self/cwd", path, 255) > 0 && !strcmp(path, here));
    memset(path, 0, sizeof(path));
    check("/proc/self/root", readlink("/proc/self/root", path, 255) == 1 && !strcmp(path, "/"));
    int fd = memfd_create("thing", 0), again = -1;
    snprintf(text, sizeof(text), "/proc/self/fd/%d", fd);
    memset(path, 0, sizeof(path));
    check("a memfd's link",
          readlink(text, path, 255) > 0 && !strcmp(path, "/memfd:thing (deleted)"));
    check("a file without a name is opened again",
          write(fd, "abc", 3) == 3 && (again = open(text, O_RDONLY)) >= 0 &&
              read(again, path, 9) == 3 && !memcmp(path, "abc", 3));
    close(again);
    close(fd);
    check_errno(open(text, O_RDONLY), ENOENT);
    check_errno(open("/proc/self/fd/x", O_RDONLY), ENOENT);
    check_errno(open("/proc/self/task/1000000", O_RDONLY), ENOENT);
}

int main(void)
{
    char folder[64];
    snprintf(folder, sizeof(folder), "/tmp/quire-dirs-%d", (int)getpid());
    check("a place for it", mkdir(folder, 0755) == 0 && chdir(folder) == 0);
    test_types();
    test_many();
    test_remove();
    test_errors();
    test_proc();
    check("nothing is left", chdir("/") == 0 && rmdir(folder) == 0);
    return finish();
}
