/*
 * What memory costs: instructions for each operation, from user mode through the kernel and back.
 *
 *     mmbench [--list] [--scale N] [ROW...]
 *
 * An ordinary Linux program, so that the same file runs on Quire and on Linux.  It counts with the
 * TSC, which under QEMU's -icount shift=0 counts instructions, whatever the kernel makes of it; the
 * first line says whether it does.  Elsewhere the numbers are ticks and good for nothing.
 *
 * A fault is measured in batches: touch each page of a region, once when the pages are missing and
 * once more when nothing is left to do; the difference is the faults'.  The median of several
 * batches is the figure, so that a tick of the clock in one of them does not matter, and what comes
 * every few pages (refilled lists, page tables) is shared by them all.  Where a fresh page is
 * cleared or copied, what the same "rep stos" or "rep movs" takes in user mode is subtracted.
 *
 * --scale measures again what must not depend on it, with 10 and with N mappings, processes and
 * touched pages.
 */
#include "measure.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static void read_pages(volatile char *bytes, size_t pages)
{
    for (size_t i = 0; i < pages; i++)
        (void)bytes[i * PAGE];
}

/* A page fault's ticks when @touch meets a batch of pages; each of them must be one fault. */
static long fault_cost(touch_fn *touch, char *bytes)
{
    long faults = own_faults();
    uint64_t start = ticks();
    touch(bytes, BATCH);
    uint64_t missing = ticks();
    touch(bytes, BATCH);
    uint64_t present = ticks();
    faults = own_faults() - faults;
    return faults == BATCH ? (long)((missing - start) - (present - missing)) / BATCH
                           : NOT_AVAILABLE;
}

/* The same for a new region in each round, prepared by @before (or not at all). */
static long fault_figure(touch_fn *before, touch_fn *touch)
{
    long cost[ROUNDS];
    for (unsigned i = 0; i < ROUNDS; i++) {
        char *bytes = region(BATCH_BYTES);
        if (!bytes)
            return NOT_AVAILABLE;
        if (before)
            before(bytes, BATCH);
        cost[i] = fault_cost(touch, bytes);
        munmap(bytes, BATCH_BYTES);
    }
    return median(cost);
}

/* --- what the kernel's work on a page's bytes takes ------------------------------------------ */

static char page[2][PAGE] __attribute__((aligned(PAGE)));

static long clear_page(void)
{
    clear(page[0], PAGE);
    return clear(page[0], PAGE);
}

static long copy_page(void)
{
    copy(page[0], page[1], PAGE);
    return copy(page[0], page[1], PAGE);
}

static long without(long work, long cost) { return cost == NOT_AVAILABLE ? cost : cost - work; }

/* --- faults ---------------------------------------------------------------------------------- */

static long read_fault(void) { return fault_figure(NULL, read_pages); }

static long write_fault(void) { return without(clear_page(), fault_figure(NULL, write_pages)); }

static long zero_page_fault(void)
{
    return without(clear_page(), fault_figure(read_pages, write_pages));
}

static long cow_fault(void)
{
    long cost[ROUNDS];
    for (unsigned i = 0; i < ROUNDS; i++) {
        char *bytes = region(BATCH_BYTES);
        if (!bytes)
            return NOT_AVAILABLE;
        write_pages(bytes, BATCH);
        pid_t child = sleeper();
        cost[i] = child < 0 ? NOT_AVAILABLE : fault_cost(write_pages, bytes);
        if (child > 0)
            end_sleeper(child);
        munmap(bytes, BATCH_BYTES);
    }
    return without(copy_page(), median(cost));
}

/* The size of a huge page is seen from the number of faults that HUGE_MAX bytes take. */
static long huge_fault_net(bool with_clearing)
{
    long cost[ROUNDS];
    for (unsigned i = 0; i < ROUNDS; i++) {
        char *bytes = region(2 * HUGE_MAX);
        if (!bytes)
            return NOT_AVAILABLE;
        char *huge = (char *)(((uintptr_t)bytes + HUGE_MAX - 1) & -(uintptr_t)HUGE_MAX);
        madvise(huge, HUGE_MAX, MADV_HUGEPAGE);
        long faults = own_faults();
        uint64_t start = ticks();
        write_pages(huge, 1);
        cost[i] = (long)(ticks() - start);
        write_pages(huge, HUGE_MAX / PAGE);
        faults = own_faults() - faults;
        if (faults < 1 || faults > 2)
            cost[i] = NOT_AVAILABLE;
        else if (!with_clearing)
            cost[i] -= clear(huge, HUGE_MAX / (size_t)faults);
        munmap(bytes, 2 * HUGE_MAX);
    }
    return median(cost);
}

static long huge_fault(void) { return huge_fault_net(false); }

static long huge_fault_whole(void) { return huge_fault_net(true); }

/* --- system calls ---------------------------------------------------------------------------- */

static long munmap_page(void)
{
    long cost[ROUNDS];
    for (unsigned i = 0; i < ROUNDS; i++) {
        char *bytes = region(BATCH_BYTES);
        if (!bytes)
            return NOT_AVAILABLE;
        write_pages(bytes, BATCH);
        uint64_t start = ticks();
        munmap(bytes, BATCH_BYTES);
        cost[i] = (long)(ticks() - start) / BATCH;
    }
    return median(cost);
}

/* What @call takes, @calls times in a round; it answers false where there is no such call. */
static long calls_figure(bool (*call)(void), unsigned calls)
{
    long cost[ROUNDS];
    if (!call())
        return NOT_AVAILABLE;
    for (unsigned i = 0; i < ROUNDS; i++) {
        uint64_t start = ticks();
        for (unsigned n = 0; n < calls; n++)
            call();
        cost[i] = (long)(ticks() - start) / calls;
    }
    return median(cost);
}

static long call_figure(bool (*call)(void)) { return calls_figure(call, CALLS); }

/* Executable, so that it is not joined to a neighbour that has been touched. */
static bool map_and_unmap(void)
{
    char *bytes = mmap(NULL, BATCH_BYTES, PROT_READ | PROT_WRITE | PROT_EXEC,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return bytes != MAP_FAILED && munmap(bytes, BATCH_BYTES) == 0;
}

static bool fork_and_wait(void)
{
    pid_t child = fork_bare();
    if (child == 0)
        _exit(0);
    return child > 0 && waitpid(child, NULL, 0) == child;
}

/* Whether the child could do it is in its status. */
static bool exec_and_wait(void)
{
    static char *const arguments[] = { "true", NULL };
    int status = -1;
    pid_t child = fork_bare();
    if (child == 0) {
        execve("/bin/busybox", arguments, arguments + 1);
        _exit(1);
    }
    return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

static bool null_call(void) { return syscall(SYS_getppid) >= 0; }

static long mmap_munmap(void) { return call_figure(map_and_unmap); }

static long fork_exit_wait(void) { return call_figure(fork_and_wait); }

static long fork_exec_wait(void) { return calls_figure(exec_and_wait, CALLS / 8); }

static long null_system_call(void) { return call_figure(null_call); }

static long pipe_round_trip(void)
{
    int to[2], from[2];
    char byte = 0;
    long cost[ROUNDS];
    if (pipe(to) < 0 || pipe(from) < 0)
        return NOT_AVAILABLE;
    pid_t child = fork_bare();
    while (child == 0)
        if (read(to[0], &byte, 1) != 1 || write(from[1], &byte, 1) != 1)
            _exit(0);
    for (unsigned i = 0; child > 0 && i < ROUNDS; i++) {
        uint64_t start = ticks();
        for (unsigned n = 0; n < CALLS; n++)
            cost[i] = write(to[1], &byte, 1) == 1 && read(from[0], &byte, 1) == 1;
        cost[i] = (long)(ticks() - start) / CALLS;
    }
    if (child > 0)
        end_sleeper(child);
    for (unsigned i = 0; i < 2; i++) {
        close(to[i]);
        close(from[i]);
    }
    return child > 0 ? median(cost) : NOT_AVAILABLE;
}

/* --- the table ------------------------------------------------------------------------------- */

static const struct row {
    const char *name;
    long (*measure)(void);
    const char *what;
} rows[] = {
    { "read_fault", read_fault, "read fault on untouched memory (zero page)" },
    { "write_fault", write_fault, "write fault on untouched memory, without clearing the page" },
    { "zero_page_fault", zero_page_fault, "write fault on a zero-page entry, likewise" },
    { "cow_fault", cow_fault, "write to a page shared after fork, without the copy" },
    { "munmap_page", munmap_page, "munmap, for each touched page" },
    { "mmap_munmap", mmap_munmap, "mmap and munmap of an untouched region" },
    { "fork_exit_wait", fork_exit_wait, "fork, exit and wait of a small process" },
    { "fork_exec_wait", fork_exec_wait, "fork, exec of busybox's true, exit and wait" },
    { "huge_fault", huge_fault, "huge fault, without the clearing" },
    { "huge_fault_whole", huge_fault_whole, "huge fault, with the clearing" },
    { "pipe_round_trip", pipe_round_trip, "a byte through a pipe to a process and back" },
    { "null_system_call", null_system_call, "system call that does nothing" },
    { "clear_page", clear_page, "clearing a page (what is left out above)" },
    { "copy_page", copy_page, "copying a page (likewise)" },
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]), SLEEPERS_MAX = 10000 };

/* Measure, once more than needed so that our own pages are there, and print. */
static void run(const struct row *row, const char *suffix)
{
    row->measure();
    long cost = row->measure();
    if (cost == NOT_AVAILABLE)
        printf("%-24s %8s  %s\n", row->name, "-", "not available here");
    else
        printf("figure %s%s %ld\n%-24s %8ld  %s\n", row->name, suffix, cost, row->name, cost,
               row->what);
}

static void run_named(const char *name, const char *suffix)
{
    for (unsigned i = 0; i < ROWS; i++)
        if (strcmp(rows[i].name, name) == 0)
            return run(&rows[i], suffix);
    fprintf(stderr, "mmbench: no row %s\n", name);
    exit(1);
}

/* A loop of 2000 instructions. */
static void print_counter(void)
{
    unsigned long loops = 1000;
    uint64_t start = ticks();
    __asm__ volatile("1: dec %0\n jnz 1b" : "+r"(loops));
    uint64_t spent = ticks() - start;
    bool counts = spent >= 2000 && spent < 2010;
    printf("mmbench: the TSC counts %s\n", counts ? "instructions" : "time: these are no figures");
}

/* --- scaling --------------------------------------------------------------------------------- */

static char *prepared; /* memory */
static unsigned prepared_count;
static pid_t sleepers[SLEEPERS_MAX];

/* @count mappings, none of which can be merged with its neighbour. */
static bool many_mappings(unsigned count)
{
    prepared = region((size_t)count * PAGE);
    for (unsigned i = 0; prepared && i < count; i += 2)
        if (mprotect(prepared + (size_t)i * PAGE, PAGE, PROT_READ) < 0)
            return false;
    return prepared;
}

static bool many_pages(unsigned count)
{
    prepared = region((size_t)count * PAGE);
    if (prepared)
        write_pages(prepared, count);
    return prepared;
}

static void unmap_prepared(unsigned count)
{
    if (prepared)
        munmap(prepared, (size_t)count * PAGE);
}

static bool many_processes(unsigned count)
{
    for (prepared_count = 0; prepared_count < count; prepared_count++)
        if ((sleepers[prepared_count] = sleeper()) < 0)
            break;
    if (prepared_count < count)
        printf("mmbench: only %u processes can be had\n", prepared_count);
    return prepared_count == count;
}

static void end_processes(unsigned count __attribute__((unused)))
{
    while (prepared_count > 0)
        end_sleeper(sleepers[--prepared_count]);
}

static const struct scale {
    const char *name;
    bool (*prepare)(unsigned count);
    void (*release)(unsigned count);
    const char *rows[5];
} scales[] = {
    { "mappings",
      many_mappings,
      unmap_prepared,
      { "read_fault", "write_fault", "mmap_munmap", "munmap_page" } },
    { "pages",
      many_pages,
      unmap_prepared,
      { "read_fault", "write_fault", "mmap_munmap", "munmap_page" } },
    { "processes", many_processes, end_processes, { "read_fault", "cow_fault", "fork_exit_wait" } },
};

static void run_scale(const struct scale *scale, unsigned count)
{
    char suffix[40];
    snprintf(suffix, sizeof(suffix), ".%s.%u", scale->name, count);
    printf("-- with %u %s\n", count, scale->name);
    if (!scale->prepare(count))
        printf("not available here\n");
    else
        for (const char *const *name = scale->rows; *name; name++)
            run_named(*name, suffix);
    scale->release(count);
}

static void run_scales(unsigned most)
{
    const unsigned counts[] = { 10, most < SLEEPERS_MAX ? most : SLEEPERS_MAX };
    for (unsigned s = 0; s < sizeof(scales) / sizeof(scales[0]); s++)
        for (unsigned c = 0; c < 2; c++)
            run_scale(&scales[s], counts[c]);
}

int main(int argc, char **argv)
{
    setvbuf(stdout, NULL, _IONBF, 0);
    if (argc > 1 && strcmp(argv[1], "--list") == 0) {
        for (unsigned i = 0; i < ROWS; i++)
            printf("%-24s %s\n", rows[i].name, rows[i].what);
        return 0;
    }
    print_counter();
    if (argc > 2 && strcmp(argv[1], "--scale") == 0)
        run_scales((unsigned)strtoul(argv[2], NULL, 10));
    else if (argc > 1)
        for (int i = 1; i < argc; i++)
            run_named(argv[i], "");
    else
        for (unsigned i = 0; i < ROWS; i++)
            run(&rows[i], "");
    return 0;
}
