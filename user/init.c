/*
 * The first program: says where it is, looks at its memory, and counts page faults.
 *
 * It maps 16 MiB, of which no page is there yet, and touches one byte in every 64 KiB.  Each touch
 * must cost exactly one page fault.  The kernel is asked twice how many there were: for this
 * program (getrusage) and for the machine (/proc/vmstat).  An ordinary Linux program: it runs on
 * Linux as well, where the machine's counters show everybody's faults.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>

enum {
    MAPPED_BYTES = 16 << 20,
    STEP_BYTES = 64 << 10,
    TOUCHES = MAPPED_BYTES / STEP_BYTES,
    TEXT_BYTES = 16384,
    COUNTERS_MAX = 256,
    NAME_BYTES = 40,
};

/* The machine's counters at one moment. */
struct counters {
    unsigned count;
    struct counter {
        char name[NAME_BYTES];
        unsigned long value;
    } counter[COUNTERS_MAX];
};

static void print_banner(bool *is_quire)
{
    struct utsname name;
    uname(&name);
    *is_quire = strncmp(name.version, "Quire", 5) == 0;
    printf("\n%s on %s, with the interface of %s %s\n", *is_quire ? name.version : "Not Quire",
           name.machine, name.sysname, name.release);
}

static void print_memory(void)
{
    struct sysinfo info;
    sysinfo(&info);
    unsigned long long unit = info.mem_unit;
    printf("memory: %llu KiB, %llu KiB of them free, %llu KiB beyond the direct map\n",
           info.totalram * unit / 1024, info.freeram * unit / 1024, info.totalhigh * unit / 1024);
}

/* Take down /proc/vmstat: lines of a name and a number. */
static void read_counters(struct counters *counters)
{
    static char text[TEXT_BYTES];
    int fd = open("/proc/vmstat", O_RDONLY);
    ssize_t length = 0, got = 0;
    while (fd >= 0 && (got = read(fd, text + length, sizeof(text) - 1 - (size_t)length)) > 0)
        length += got;
    close(fd);
    text[length] = 0;

    counters->count = 0;
    for (char *line = text; *line && counters->count < COUNTERS_MAX;) {
        struct counter *counter = &counters->counter[counters->count++];
        size_t name = strcspn(line, " "), rest = strcspn(line, "\n");
        snprintf(counter->name, NAME_BYTES, "%.*s", (int)name, line);
        counter->value = strtoul(line + name, NULL, 10);
        line += rest + (line[rest] == '\n');
    }
}

static long own_faults(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_minflt;
}

/* How many page faults it took to touch @bytes, as getrusage() counts them. */
static long touch(volatile char *bytes)
{
    long before = own_faults();
    for (size_t at = 0; at < MAPPED_BYTES; at += STEP_BYTES)
        bytes[at] = 1;
    return own_faults() - before;
}

/* Print what has changed; the machine's own count of page faults. */
static unsigned long print_changes(const struct counters *before, const struct counters *after)
{
    unsigned long faults = 0;
    for (unsigned i = 0; i < after->count && i < before->count; i++) {
        const char *name = after->counter[i].name;
        long change = (long)(after->counter[i].value - before->counter[i].value);
        if (change && strncmp(name, "pg", 2) == 0)
            printf("    %-22s %+6ld\n", name, change);
        if (strcmp(name, "pgfault") == 0)
            faults = (unsigned long)change;
    }
    return faults;
}

int main(void)
{
    static struct counters before, after;
    bool is_quire;
    print_banner(&is_quire);
    print_memory();

    char *bytes = mmap(NULL, MAPPED_BYTES, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (bytes == MAP_FAILED) {
        perror("init: mmap");
        return 1;
    }
    madvise(bytes, MAPPED_BYTES, MADV_NOHUGEPAGE);

    read_counters(&after); /* once before it counts: our own pages are there from now on */
    read_counters(&before);
    read_counters(&before);
    long own = touch(bytes);
    read_counters(&after);

    printf("touched %d bytes, 64 KiB apart, in 16 MiB that were only promised: %ld page faults\n",
           TOUCHES, own);
    printf("the machine's counters meanwhile:\n");
    unsigned long all = print_changes(&before, &after);
    if (own != TOUCHES || (is_quire && all != TOUCHES)) {
        printf("init: it should have been %d\n", TOUCHES);
        return 1;
    }
    printf("as many as pages touched: all is well\n");
    return 0;
}
