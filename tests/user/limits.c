/*
 * RLIMIT_AS and RLIMIT_DATA: what a program may map at most; RLIMIT_FSIZE, which is about files
 * alone; and RLIMIT_MEMLOCK, which does not bind root.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "memory.h"

enum { KIB = 1024, MIB = 1024 * KIB };

static void *try_map(size_t bytes, int prot, int flags)
{
    return mmap(NULL, bytes, prot, MAP_ANONYMOUS | flags, -1, 0);
}

static int refused(void *got) { return got == MAP_FAILED && errno == ENOMEM; }

/* Leave room for @bytes more than there is, by the line @counts of /proc/self/status. */
static int limit(int resource, const char *counts, size_t bytes)
{
    struct rlimit limit = { (rlim_t)status(counts) * KIB + bytes, RLIM_INFINITY };
    return !setrlimit(resource, &limit);
}

static int unlimited(int resource)
{
    struct rlimit limit = { RLIM_INFINITY, RLIM_INFINITY };
    return !setrlimit(resource, &limit);
}

static int heap_grows(long bytes)
{
    long end = syscall(SYS_brk, 0l);
    int moved = syscall(SYS_brk, end + bytes) == end + bytes;
    syscall(SYS_brk, end);
    return moved;
}

static void test_as(void)
{
    char *old = try_map(2 * MIB, READ_WRITE, MAP_PRIVATE);
    check("room for 4 MiB is left", limit(RLIMIT_AS, "VmSize", 4 * MIB));
    check("8 MiB are refused", refused(try_map(8 * MIB, READ_WRITE, MAP_PRIVATE)));
    check("whatever may be done there", refused(try_map(8 * MIB, PROT_NONE, MAP_PRIVATE)));
    check("reserved or not", refused(try_map(8 * MIB, READ_WRITE, MAP_PRIVATE | MAP_NORESERVE)));
    char *two = try_map(2 * MIB, READ_WRITE, MAP_PRIVATE);
    check("2 MiB are given", two != MAP_FAILED && reads_zero(two, 512));
    check("3 more are refused", refused(try_map(3 * MIB, READ_WRITE, MAP_PRIVATE)));
    check("growing by 3 is, too", refused(mremap(two, 2 * MIB, 5 * MIB, MREMAP_MAYMOVE)));
    check("growing by 1 is not",
          (two = mremap(two, 2 * MIB, 3 * MIB, MREMAP_MAYMOVE)) != MAP_FAILED);
    check("the heap has the same limit", !heap_grows(2 * MIB) && heap_grows(512 * KIB));
    check("replacing needs no room",
          mmap(old, 2 * MIB, READ_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == old);
    check("what is unmapped can be mapped again",
          !munmap(two, 3 * MIB) && (two = try_map(3 * MIB, READ_WRITE, MAP_PRIVATE)) != MAP_FAILED);
    check("without a limit more is given", unlimited(RLIMIT_AS));
    char *many = try_map(64 * MIB, READ_WRITE, MAP_PRIVATE);
    check("much more", many != MAP_FAILED);
    munmap(many, 64 * MIB);
    munmap(two, 3 * MIB);
    munmap(old, 2 * MIB);
}

/* What counts is memory that is private and writable. */
static void test_data(void)
{
    char *read_only = try_map(4 * MIB, PROT_READ, MAP_PRIVATE);
    check("room for 2 MiB of data is left", limit(RLIMIT_DATA, "VmData", 2 * MIB));
    check("4 MiB are refused", refused(try_map(4 * MIB, READ_WRITE, MAP_PRIVATE)));
    char *other = try_map(4 * MIB, PROT_READ, MAP_PRIVATE);
    check("read-only memory is not data", other != MAP_FAILED);
    check("until it becomes writable",
          mprotect(read_only, 4 * MIB, READ_WRITE) && errno == ENOMEM && reads_zero(read_only, 4));
    check("a part may", !mprotect(read_only, MIB, READ_WRITE));
    check("the heap is data", !heap_grows(3 * MIB) && heap_grows(512 * KIB));
    check("made read-only it is none again",
          !mprotect(read_only, MIB, PROT_READ) &&
              (read_only[2 * MIB] == 0 && heap_grows(3 * MIB / 2)));
    check("without a limit it is given",
          unlimited(RLIMIT_DATA) && !mprotect(read_only, 4 * MIB, READ_WRITE));
    munmap(other, 4 * MIB);
    munmap(read_only, 4 * MIB);
}

/* The program runs as root, to whom this limit does not apply. */
static void test_memlock(void)
{
    enum { PAGES = 16 };
    struct rlimit limit = { 4 * PAGE, 4 * PAGE };
    char *at = map(PAGES);
    check("a small limit is set", !setrlimit(RLIMIT_MEMLOCK, &limit));
    check("root may lock more", !mlock(at, PAGES * PAGE) && status("VmLck") == PAGES * 4);
    check("and with FUTURE too", !mlockall(MCL_FUTURE) && resident(map(PAGES), PAGES) == PAGES);
    munlockall();
}

/* The limit on the size of files does not bind memory, and lets files that are too large shrink. */
static void test_file_size(void)
{
    struct rlimit old, small = { 4 * PAGE, RLIM_INFINITY };
    int file = memfd_create("limited", 0);
    getrlimit(RLIMIT_FSIZE, &old);
    check("a file is 16 pages", !ftruncate(file, 16 * PAGE));
    check("then files are limited to 4", !setrlimit(RLIMIT_FSIZE, &small));
    signal(SIGXFSZ, SIG_IGN);
    check("it cannot grow", ftruncate(file, 17 * PAGE) == -1 && errno == EFBIG);
    check("it can shrink, though to more", !ftruncate(file, 8 * PAGE));
    char *shared = try_map(16 * PAGE, READ_WRITE, MAP_SHARED);
    check("memory may be larger", shared != MAP_FAILED && reads_zero(shared, 16));
    setrlimit(RLIMIT_FSIZE, &old);
    munmap(shared, 16 * PAGE);
    close(file);
}

static _Noreturn void exceeded(int signal) { _exit(signal == SIGXCPU ? 7 : 8); }

/* A child that works until it has had @most seconds, or is told to end after one. */
static pid_t work(rlim_t most)
{
    struct rlimit limit = { 1, most };
    pid_t child = fork();
    if (child)
        return child;
    signal(SIGXCPU, exceeded);
    setrlimit(RLIMIT_CPU, &limit);
    for (;;)
        ;
}

static void test_cpu(void)
{
    pid_t told = work(9), killed = work(1);
    int told_status = 0, killed_status = 0;
    waitpid(told, &told_status, 0);
    waitpid(killed, &killed_status, 0);
    check("who has worked for a second is told",
          WIFEXITED(told_status) && WEXITSTATUS(told_status) == 7);
    check("or killed, if that was all",
          WIFSIGNALED(killed_status) && WTERMSIG(killed_status) == SIGKILL);
}

int main(void)
{
    test_as();
    test_data();
    test_file_size();
    test_memlock();
    test_cpu();
    return finish();
}
