/*
 * Tables of system calls with bad arguments: the frame around tests/user/bad_*.c.
 *
 * A row is a call, its arguments, and what the manual says about them.  Every address is a
 * constant of the arena below, so a row is one too, and prints as it is written.  After each row
 * the arena, the break, the list of mappings and of files must be what they were: a call that
 * fails changes nothing.  The few that Linux lets work up to a hole say so with UP_TO_HOLE.
 */
#ifndef TESTS_USER_BAD_H
#define TESTS_USER_BAD_H

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "check.h"

/* The arena: where neither a program, its heap nor the kernel's own choice of a place comes. */
#define PAGE      0x1000L
#define ARENA     0x60000000L
#define RW        ARENA              /* eight pages, written; a hole follows */
#define RO        (ARENA + 0x10000L) /* four pages, written, then made read-only; a hole follows */
#define NONE      (ARENA + 0x20000L) /* four pages, written, then forbidden; a hole follows */
#define HOLE      (ARENA + 0x30000L) /* nothing, sixteen pages of it */
#define FRESH     (ARENA + 0x40000L) /* four pages, read and write, never touched */
#define DATA      (ARENA + 0x50000L) /* one page: what arguments point to */
#define END       (ARENA + 0x60000L)
#define HALF      (RW + 7 * PAGE)     /* its first page is there, the next is not */
#define RW_END    (RW + 8 * PAGE - 4) /* four bytes, then the hole */
#define ACROSS    (ARENA + 0xf000L)   /* the last page of the hole, and then RO */
#define WHOLE     (END - ARENA)       /* with all its holes */
#define TOP       (sizeof(long) == 8 ? 0x7ffffffff000L : (long)0xffffe000)
#define KERNEL    (sizeof(long) == 8 ? (long)0xffffffff80000000 : (long)0xffffe000)
#define LAST      (-PAGE) /* the last page of all addresses */
#define HUGE      (sizeof(long) == 8 ? 0x7fffffffffffffffL : 0x7fffffffL)
#define LOWEST    (-HUGE - 1)
#define CANONICAL (sizeof(long) == 8 ? 0x0000800000000000L : (long)0xffffe000)

/* Files, at numbers of their own. */
enum {
    PIPE_R = 50,
    PIPE_W,
    ZERO_FD,
    PROGRAM, /* a regular file, for reading */
    DIRECTORY,
    CLOSED_FD = 77,
    HIGHEST_FD = 0x7fffffff,
};

/* A process that is not there, and the one that asks: known only when it runs. */
#define NOBODY 0x3fffffff
#define SELF   (-0x5e1f)

struct row {
    long number;
    long wanted; /* the result, or a negative errno */
    const char *label;
    const char *name;
    int up_to_hole;
    long argument[6];
};

#define BAD(error, name, ...)                                                        \
    {                                                                                \
        SYS_##name, -(error), #error, #name "(" #__VA_ARGS__ ")", 0, { __VA_ARGS__ } \
    }
#define UP_TO_HOLE(error, name, ...)                                                 \
    {                                                                                \
        SYS_##name, -(error), #error, #name "(" #__VA_ARGS__ ")", 1, { __VA_ARGS__ } \
    }
/* Cut off, or odd but no error: the result tells how much was done. */
#define GIVES(count, name, ...)                                                   \
    {                                                                             \
        SYS_##name, count, #count, #name "(" #__VA_ARGS__ ")", 1, { __VA_ARGS__ } \
    }
#define FINE(name, ...)                                                       \
    {                                                                         \
        SYS_##name, 0, "fine", #name "(" #__VA_ARGS__ ")", 0, { __VA_ARGS__ } \
    }

/* One mmap for both machines: the last argument counts pages. */
#ifdef SYS_mmap2
#define SYS_map   SYS_mmap2
#define OFFSET(n) (n)
#else
#define SYS_map   SYS_mmap
#define OFFSET(n) ((n)*PAGE)
#endif

static void place(long start, long pages, int prot)
{
    char *at = mmap((void *)start, pages * PAGE, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    if ((long)at != start)
        abort();
    if (start != FRESH)
        for (long i = 0; i < pages * PAGE; i += 16)
            at[i] = (char)(start / PAGE + i / 16);
    if (prot != (PROT_READ | PROT_WRITE) && mprotect(at, pages * PAGE, prot))
        abort();
}

static void fill_data(void); /* the program's own: what lies at DATA */

static void make_arena(void)
{
    syscall(SYS_munlockall);
    munmap((void *)ARENA, WHOLE);
    place(RW, 8, PROT_READ | PROT_WRITE);
    place(RO, 4, PROT_READ);
    place(NONE, 4, PROT_NONE);
    place(FRESH, 4, PROT_READ | PROT_WRITE);
    place(DATA, 1, PROT_READ | PROT_WRITE);
    fill_data();
}

static void make_files(void)
{
    int pipes[2];
    if (pipe(pipes) || dup2(pipes[0], PIPE_R) < 0 || dup2(pipes[1], PIPE_W) < 0)
        abort();
    close(pipes[0]);
    close(pipes[1]);
    const struct {
        const char *name;
        int flags, fd;
    } file[] = { { "/dev/zero", O_RDWR, ZERO_FD },
                 { "/proc/self/exe", O_RDONLY, PROGRAM },
                 { "/", O_RDONLY | O_DIRECTORY, DIRECTORY } };
    for (int i = 0; i < 3; i++) {
        int fd = open(file[i].name, file[i].flags);
        if (fd < 0 || dup2(fd, file[i].fd) < 0)
            abort();
        close(fd);
    }
}

static unsigned long mixed(unsigned long sum, long value) { return sum * 31 + value + 1; }

/* The words of a file of /proc that tell of memory: where there is one. */
static unsigned long file_sum(const char *name, const char *line)
{
    static char text[32768];
    int fd = open(name, O_RDONLY);
    if (fd < 0)
        return 0;
    size_t length = 0;
    for (ssize_t got; (got = read(fd, text + length, sizeof(text) - 1 - length)) > 0;)
        length += got;
    close(fd);
    text[length] = 0;
    unsigned long sum = 0;
    for (char *at = line ? strstr(text, line) : text; at && *at && !(line && *at == '\n'); at++)
        sum = mixed(sum, *at);
    return sum;
}

/*
 * Can the page be read, can it be written, and what is in it?  The kernel is asked, since it
 * answers with EFAULT where the program would die.  Each page's last eight bytes are zero, and
 * zeroes (no signal is blocked) are what is written there.
 */
static unsigned long page_sum(long page)
{
    if (syscall(SYS_access, page, F_OK) && errno == EFAULT)
        return 1;
    unsigned long sum = 2;
    const long *word = (const long *)page;
    for (size_t i = 0; i < PAGE / sizeof(long); i += 4)
        sum = mixed(sum, word[i]);
    int read_only = syscall(SYS_rt_sigprocmask, 0, 0, page + PAGE - 8, 8) != 0;
    return mixed(sum, read_only);
}

static unsigned long state(void)
{
    unsigned long sum = 0;
    for (long page = ARENA; page < END; page += PAGE)
        if (page < FRESH || page >= FRESH + 4 * PAGE)
            sum = mixed(sum, page_sum(page));
    sum = mixed(sum, syscall(SYS_brk, 0));
    int lowest = dup(1);
    close(lowest);
    sum = mixed(sum, lowest);
    sum = mixed(sum, file_sum("/proc/self/maps", NULL));
    return mixed(sum, file_sum("/proc/self/status", "VmLck"));
}

static long call(const struct row *row)
{
    long a[6];
    for (int i = 0; i < 6; i++)
        a[i] = row->argument[i] == SELF ? getpid() : row->argument[i];
    errno = 0;
    long result = syscall(row->number, a[0], a[1], a[2], a[3], a[4], a[5]);
    return result == -1 && errno ? -errno : result;
}

static void try_rows(const struct row *row, size_t count)
{
    volatile char deep[65536]; /* The stack grows now, not between two looks at it. */
    for (size_t i = 0; i < sizeof(deep); i += PAGE)
        deep[i] = 1;
    make_files();
    make_arena();
    unsigned long before = state();
    before = state();
    for (; count--; row++) {
        long result = call(row);
        int right = result == row->wanted;
        int kept = row->up_to_hole || state() == before;
        printf("%s: %s is %s\n", right && kept ? "ok" : "FAILED", row->name, row->label);
        if (!right)
            printf("    but it is %ld\n", result);
        if (!kept)
            printf("    but it changed something\n");
        failures += !right || !kept;
        if (row->up_to_hole || !kept) {
            make_arena();
            before = state();
        }
    }
}

#endif
