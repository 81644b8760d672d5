/*
 * /proc about ourselves: maps, smaps, pagemap, status, statm, as Linux writes them.
 *
 * Every figure is compared with what this program has just done to its memory.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>

#include "check.h"
#include "slurp.h"

enum { PAGE = 4096, PAGES = 16 };

static char *map(size_t pages, int prot)
{
    char *bytes = mmap(NULL, pages * PAGE, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    madvise(bytes, pages * PAGE, MADV_NOHUGEPAGE);
    return bytes;
}

/* The line of maps, or the first of smaps, for the vma that starts at @start. */
static const char *find_line(const char *path, const void *start)
{
    char prefix[32];
    const char *all = slurp(path);
    snprintf(prefix, sizeof(prefix), "%08lx-", (unsigned long)start);
    for (const char *line = all; line && *line;) {
        if (strncmp(line, prefix, strlen(prefix)) == 0)
            return line;
        line = strchr(line, '\n');
        line += line != NULL;
    }
    return NULL;
}

/* The number behind @name, from @from on; -1: it is not there. */
static long value(const char *from, const char *name)
{
    const char *at = from ? strstr(from, name) : NULL;
    return at ? strtol(at + strlen(name), NULL, 10) : -1;
}

static long status(const char *name) { return value(slurp("/proc/self/status"), name); }

/* There are Linux kernels that have no zero page: what is only read is a page at once. */
static int may_lack_zero_page(void)
{
    struct utsname name;
    uname(&name);
    return strncmp(name.version, "Quire", 5) != 0;
}

static void test_maps(void)
{
    /* Between two of no rights: no neighbour is like it, so it is a vma of its own. */
    char *bytes = map(PAGES, PROT_NONE) + PAGE;
    char wanted[64];
    mprotect(bytes, PAGE, PROT_READ | PROT_WRITE);
    snprintf(wanted, sizeof(wanted), "%08lx-%08lx rw-p 00000000 00:00 0 \n", (unsigned long)bytes,
             (unsigned long)bytes + PAGE);
    const char *line = find_line("/proc/self/maps", bytes);
    check("maps has a line for it, to the letter", line && !strncmp(line, wanted, strlen(wanted)));
    mprotect(bytes, PAGE, PROT_READ);
    line = find_line("/proc/self/maps", bytes);
    check("and shows new rights", line && strstr(line, " r--p ") == line + strcspn(line, " "));
    munmap(bytes, PAGE);
    check("and not what was unmapped", !find_line("/proc/self/maps", bytes));
    const char *stack = strstr(slurp("/proc/self/maps"), "[stack]\n");
    check("the stack is called so", stack);
    while (stack > text && stack[-1] != '\n')
        stack--;
    unsigned long start = strtoul(stack, NULL, 16), end = strtoul(strchr(stack, '-') + 1, NULL, 16);
    check("and is where we are", start <= (unsigned long)&start && (unsigned long)&start < end);
    check("its name has Linux's column",
          strstr(stack, "[stack]") == stack + 25 + 6 * sizeof(void *));
    check("/proc/<pid> is the same as self", access("/proc/self/maps", R_OK) == 0);
}

static void test_smaps(void)
{
    char *bytes = map(PAGES + 2, PROT_NONE) + PAGE;
    volatile char sum = 0;
    mprotect(bytes, PAGES * PAGE, PROT_READ | PROT_WRITE);
    for (int i = 0; i < PAGES; i++)
        sum += bytes[i * PAGE];
    const char *entry = find_line("/proc/self/smaps", bytes);
    check("smaps knows its size", value(entry, "\nSize:") == PAGES * 4);
    int lacks = may_lack_zero_page() && value(entry, "\nRss:") == PAGES * 4;
    check("zero pages add nothing (Z49)",
          lacks || (value(entry, "\nRss:") == 0 && value(entry, "\nPss:") == 0 &&
                    value(entry, "\nReferenced:") == 0));
    long before = lacks ? PAGES * 4 - 20 : 0;
    for (int i = 0; i < 5; i++)
        bytes[i * PAGE] = 1;
    entry = find_line("/proc/self/smaps", bytes);
    check("written ones do",
          value(entry, "\nRss:") - before == 20 && value(entry, "\nPss:") - before == 20);
    check("they are private, dirty and anonymous",
          value(entry, "\nPrivate_Dirty:") - before == 20 && value(entry, "\nShared_Dirty:") == 0 &&
              value(entry, "\nAnonymous:") - before == 20);
    check("in pages of 4 KiB", value(entry, "\nKernelPageSize:") == 4 &&
                                   value(entry, "\nMMUPageSize:") == 4 &&
                                   value(entry, "\nAnonHugePages:") == 0);
    const char *flags = entry ? strstr(entry, "\nVmFlags: ") : NULL;
    check("its flags begin with its rights", flags && !strncmp(flags + 10, "rd wr mr mw me ", 15));
    munmap(bytes, PAGES * PAGE);
    check("smaps_rollup has a sum", value(slurp("/proc/self/smaps_rollup"), "\nRss:") > 20);
}

static uint64_t pagemap(int fd, const void *address)
{
    uint64_t entry = 0;
    return pread(fd, &entry, 8, (off_t)((uintptr_t)address / PAGE * 8)) == 8 ? entry : 0;
}

static void test_pagemap(void)
{
    int fd = open("/proc/self/pagemap", O_RDONLY);
    char *bytes = map(PAGES, PROT_READ | PROT_WRITE);
    uint64_t entries[PAGES];
    bytes[PAGE] = 1;
    check("a page that was written is there", pagemap(fd, bytes + PAGE) >> 63 == 1);
    check("it is ours alone, and no file's", (pagemap(fd, bytes + PAGE) >> 56 & 0x21) == 1);
    check("one that was not touched is not", pagemap(fd, bytes) == 0);
    volatile char zero = bytes[2 * PAGE];
    check("a zero page is there, but nobody's (Z51)",
          !zero && (pagemap(fd, bytes + 2 * PAGE) >> 56 == 0x80 || may_lack_zero_page()));
    off_t at = (off_t)((uintptr_t)bytes / PAGE * 8);
    check("many at once", pread(fd, entries, sizeof(entries), at) == sizeof(entries) &&
                              entries[0] == 0 && entries[1] >> 63 && entries[3] == 0);
    check_errno(pread(fd, entries, 7, at), EINVAL);
    check_errno(pread(fd, entries, 8, at + 1), EINVAL);
    check_errno(pread(fd, (void *)8, 8, at), EFAULT);
    check("nothing is read of nothing", pread(fd, entries, 0, at) == 0);
    munmap(bytes, PAGES * PAGE);
    check("unmapped, it is gone", pagemap(fd, bytes + PAGE) == 0);
    close(fd);
}

static void test_status(void)
{
    char *bytes = map(256, PROT_READ | PROT_WRITE);
    long size = status("\nVmSize:"), rss = status("\nVmRSS:"), anon = status("\nRssAnon:");
    memset(bytes, 1, 256 * PAGE);
    check("VmRSS grows by what was touched", status("\nVmRSS:") - rss >= 256 * 4 - 64);
    check("RssAnon too", status("\nRssAnon:") - anon >= 256 * 4 - 64);
    check("VmSize does not", status("\nVmSize:") == size);
    munmap(bytes, 256 * PAGE);
    check("VmSize shrinks by what is unmapped", size - status("\nVmSize:") == 256 * 4);
    long tables = status("\nVmPTE:");
    volatile char *far = map(4096, PROT_READ);
    madvise((char *)far, 4096 * PAGE, MADV_NOHUGEPAGE);
    for (size_t at = 0; at < 4096 * PAGE; at += 1024 * PAGE)
        (void)far[at];
    check("VmPTE grows by the tables that lead to nothing", status("\nVmPTE:") - tables >= 4 * 4);
    munmap((char *)far, 4096 * PAGE);
    check("and shrinks", status("\nVmPTE:") - tables < 4 * 4);
    check("VmHWM remembers", status("\nVmHWM:") >= rss + 256 * 4 - 512);
    check("the pid is ours", status("\nPid:") == getpid() && status("\nTgid:") == getpid());
    check("statm says the same in pages",
          labs(strtol(slurp("/proc/self/statm"), NULL, 10) * 4 - status("\nVmSize:")) == 0);
    double load[3] = { -1, -1, -1 };
    int running = 0, all = 0, last = 0;
    check("loadavg has three averages, of tasks",
          sscanf(slurp("/proc/loadavg"), "%lf %lf %lf %d/%d %d", &load[0], &load[1], &load[2],
                 &running, &all, &last) == 6 &&
              load[0] >= 0 && running > 0 && running <= all);
    check("comm is our name", !strcmp(slurp("/proc/self/comm"), "proc\n"));
    check("stat begins with pid and name", strstr(slurp("/proc/self/stat"), " (proc) R "));
}

static void test_rights(void)
{
    unsigned long long effective = 0;
    const char *at = strstr(slurp("/proc/self/status"), "\nCapEff:\t");
    check("status has what we may do", at && sscanf(at, "\nCapEff:\t%llx\n", &effective) == 1);
    check("and where we may run",
          strstr(text, "\nCpus_allowed:\t") && strstr(text, "\nCpus_allowed_list:\t0"));
    check("no new privileges: no", value(text, "\nNoNewPrivs:\t") == 0);
    const char *limits = slurp("/proc/self/limits");
    check("limits has its heading",
          !strncmp(limits, "Limit                     Soft Limit           Hard Limit   ", 60));
    check("and a line each", strstr(limits, "\nMax cpu time              unlimited            "
                                            "unlimited            seconds   \n") &&
                                 strstr(limits, "\nMax open files "));
}

static void test_names(void)
{
    char own[32], target[32] = "";
    snprintf(own, sizeof(own), "/proc/%d/status", getpid());
    check("we are among the numbers", slurp(own) && value(text, "\nPid:") == getpid());
    check("self is a link to ours",
          readlink("/proc/self", target, sizeof(target) - 1) > 0 && atoi(target) == getpid());
    check_errno(open("/proc/0", O_RDONLY), ENOENT);
    check_errno(open("/proc/4194305", O_RDONLY), ENOENT);
    check_errno(open("/proc/self/nothing", O_RDONLY), ENOENT);
    check_errno(open("/proc/self/maps/x", O_RDONLY), ENOTDIR);
    check("meminfo begins with MemTotal", !strncmp(slurp("/proc/meminfo"), "MemTotal: ", 10));
    check("and has its columns", strstr(text, " kB\nMemFree:  ") && value(text, "\nSlab:") > 0);
    check("buddyinfo names a zone", strstr(slurp("/proc/buddyinfo"), "Node 0, zone   Normal "));
    int fd = open("/proc/self/status", O_RDONLY);
    char first[64], again[64];
    check("a text starts anew at its start",
          read(fd, first, 10) == 10 && pread(fd, again, 10, 0) == 10 && !memcmp(first, again, 10));
    close(fd);
}

/* Write @text to @path.  Returns: 0, or the errno. */
static int store(const char *path, const char *what)
{
    int fd = open(path, O_WRONLY);
    ssize_t done = write(fd, what, strlen(what));
    int error = done < 0 ? errno : 0;
    close(fd);
    return error;
}

static void test_oom(void)
{
    const char *path = "/proc/self/oom_score_adj";
    long before = atol(slurp("/proc/self/oom_score"));
    check("who ends first can be said", store(path, "500\n") == 0 && atol(slurp(path)) == 500);
    check("and shows", atol(slurp("/proc/self/oom_score")) >= before + 200);
    check("not all can", store(path, "1001") == EINVAL && store(path, "-1001") == EINVAL &&
                             store(path, "x") == EINVAL && atol(slurp(path)) == 500);
    pid_t pid = fork();
    if (!pid)
        _exit(atol(slurp(path)) != 500);
    int status;
    check("a child inherits it", waitpid(pid, &status, 0) == pid && status == 0);
    check("more is always allowed", store(path, "1000") == 0 && atol(slurp(path)) == 1000);
}

/* The mode of the link that names @fd. */
static unsigned link_mode(int fd)
{
    char path[64];
    struct stat stat = { 0 };
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    lstat(path, &stat);
    return stat.st_mode;
}

static void test_fd_rights(void)
{
    int ends[2], both = open("/dev/null", O_RDWR);
    (void)!pipe(ends);
    check("the link to a file that is read says so", link_mode(ends[0]) == (S_IFLNK | 0500));
    check("and to one that is written", link_mode(ends[1]) == (S_IFLNK | 0300));
    check("and to one for both", link_mode(both) == (S_IFLNK | 0700));
    char path[64];
    snprintf(path, sizeof(path), "/proc/self/fd/%d", both);
    int held = open(path, O_PATH | O_NOFOLLOW);
    dup2(ends[0], both);
    check("also when it is another one", link_mode(both) == (S_IFLNK | 0500));
    close(ends[0]);
    close(ends[1]);
    close(both);
    close(held);
}

static void test_fdinfo(void)
{
    char path[64];
    int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
    check("a file is read", read(fd, path, 5) == 5);
    snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
    check("fdinfo knows where it stands", slurp(path) && !strncmp(text, "pos:\t5\nflags:\t02", 16));
    check("and where it is", strstr(text, "\nmnt_id:\t"));
    close(fd);
    check("closed, it is not there", !slurp(path));
}

static void test_sys(void)
{
    struct utsname name;
    uname(&name);
    check("sysctl knows the system", !strcmp(slurp("/proc/sys/kernel/ostype"), "Linux\n"));
    const char *release = slurp("/proc/sys/kernel/osrelease");
    check("its release", !strncmp(release, name.release, strlen(name.release)));
    check("limits", atol(slurp("/proc/sys/kernel/pid_max")) >= 32768 &&
                        atol(slurp("/proc/sys/vm/max_map_count")) >= 65530 &&
                        atol(slurp("/proc/sys/kernel/shmmni")) == 4096);
    check("a new number each time",
          strlen(slurp("/proc/sys/kernel/random/uuid")) == 37 && text[8] == '-' && text[14] == '4');
    check_errno(open("/proc/sys/kernel/nothing", O_RDONLY), ENOENT);
}

static void test_stat(void)
{
    int group, session, terminal, foreground;
    const char *rest = strrchr(slurp("/proc/self/stat"), ')');
    sscanf(rest, ") R %*d %d %d %d %d", &group, &session, &terminal, &foreground);
    check("stat knows group and session", group == getpgrp() && session == getsid(0));
    check("and the terminal, if there is one", (terminal == 0) == (foreground == -1));
}

/* What procps, htop and lscpu want to find, or say nothing at all. */
static void test_machine(void)
{
    const char *stat = slurp("/proc/stat");
    check("stat begins with the CPUs", stat && !strncmp(stat, "cpu  ", 5));
    check("counts interrupts and switches",
          value(stat, "\nintr ") > 0 && value(stat, "\nctxt ") > 0);
    check("and says when it all began", value(stat, "\nbtime ") > 0);
    long cpus = sysconf(_SC_NPROCESSORS_ONLN), told = 0;
    const char *at = slurp("/proc/cpuinfo");
    check("cpuinfo names the CPU", at && strstr(at, "\nmodel name\t: ") && strstr(at, " fpu "));
    for (; at && (at = strstr(at, "processor\t: ")); at++)
        told++;
    check("each of them", told == cpus);
    const char *disks = slurp("/proc/partitions");
    check("no disk's partitions", disks && (!*disks || !strncmp(disks, "major minor", 11)));
    check("swaps has its heading", !strncmp(slurp("/proc/swaps"), "Filename\t\t\t\tType", 16));
}

/* What is written to /dev/kmsg can be read there.  Who may not is let off. */
static void test_kmsg(void)
{
    int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK), found = fd < 0;
    ssize_t got = 0;
    check("the kernel's messages take one more",
          fd < 0 || store("/dev/kmsg", "<6>proc was here\n") == 0);
    while (!found && ((got = read(fd, text, 8192)) > 0 || errno == EPIPE)) {
        text[got > 0 ? got : 0] = 0;
        const char *message = strstr(text, ",-;proc was here\n");
        found = message && strchr("16", text[0]) != NULL;
    }
    check("and give it back", found);
    close(fd);
}

/* The trace is ours; Linux has none. */
static void test_trace(void)
{
    int fd = open("/proc/trace", O_RDWR);
    int here = fd >= 0;
    check("the trace starts", !here || write(fd, "1\n", 2) == 2);
    char *bytes = map(PAGES, PROT_READ | PROT_WRITE);
    char wanted[64];
    bytes[3 * PAGE] = 1;
    check("and stops", !here || write(fd, "0", 1) == 1);
    snprintf(wanted, sizeof(wanted), "\"how\":\"fresh\",\"access\":\"write\",\"va\":\"%#lx\"",
             (unsigned long)bytes + 3 * PAGE);
    check("it has seen the fault", !here || strstr(slurp("/proc/trace"), wanted));
    errno = 0;
    check("nonsense is refused", !here || (write(fd, "2", 1) == -1 && errno == EINVAL));
    check("so is too much", !here || (write(fd, text, 1000) == -1 && errno == EINVAL));
    check("it forgets", !here || (write(fd, "clear", 5) == 5 && !*slurp("/proc/trace")));
    close(fd);
}

/* What is not there is counted, Linux knows nothing of that. */
static void test_unimplemented(void)
{
    int here = access("/proc/unimplemented", R_OK) == 0;
    check_errno(syscall(511), ENOSYS);
    check_errno(syscall(-5), ENOSYS);
    check_errno(syscall(-5), ENOSYS);
    if (here)
        syscall(SYS_ptrace, 0, 0, 0, 0);
    const char *all = slurp("/proc/unimplemented");
    const char *name = here ? strstr(all, " ptrace ") : NULL;
    check("a call that is not there is counted, with the program's name",
          !here || strstr(all, "\n   511  ?                        proc             1\n"));
    check("each time",
          !here || strstr(all, "\n    -5  ?                        proc             2\n"));
    check("and Linux's name for it", !here || (name && strstr(name, " proc             1\n")));
    check("one that is refused on purpose is not", !here || !strstr(all, "rseq"));
}

int main(void)
{
    test_unimplemented();
    test_maps();
    test_smaps();
    test_pagemap();
    test_status();
    test_rights();
    test_names();
    test_oom();
    test_fd_rights();
    test_fdinfo();
    test_sys();
    test_stat();
    test_machine();
    test_kmsg();
    test_trace();
    return finish();
}
