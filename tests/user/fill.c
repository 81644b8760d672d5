/*
 * Many processes that together fill most of memory: no page may be anybody else's.
 *
 *     fill MIB PROCESSES
 *
 * Each maps its share, writes its own number into every page, waits until all have done so, and
 * looks whether it is still there.  On i386pae with 8 GiB that is more than one address space, or
 * the kernel's direct map, could ever hold.
 */
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "check.h"

enum { PAGE = 4096, MIB_PAGES = 256 };

/* Shared by all. */
struct meeting {
    atomic_uint filled;
};

/* What page @page of process @process holds, and where in the page: another place in each. */
static uint32_t mark(unsigned process, size_t page)
{
    return (uint32_t)page * 2654435761u + process;
}
static size_t place(size_t page) { return page * PAGE + page * 4 % PAGE; }

static int fill_and_verify(struct meeting *meeting, unsigned process, unsigned processes,
                           size_t pages)
{
    char *bytes = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (bytes == MAP_FAILED)
        return 1;
    for (size_t page = 0; page < pages; page++)
        *(uint32_t *)(bytes + place(page)) = mark(process, page);
    atomic_fetch_add(&meeting->filled, 1);
    while (atomic_load(&meeting->filled) < processes)
        usleep(10000);
    for (size_t page = 0; page < pages; page++)
        if (*(uint32_t *)(bytes + place(page)) != mark(process, page))
            return 2;
    return 0;
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 1;
    size_t mib = strtoul(argv[1], NULL, 0);
    unsigned processes = (unsigned)strtoul(argv[2], NULL, 0), right = 0;
    size_t pages = mib * MIB_PAGES / processes;
    struct meeting *meeting =
        mmap(NULL, sizeof(*meeting), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (meeting == MAP_FAILED)
        return 1;
    for (unsigned process = 1; process <= processes; process++) {
        pid_t child = fork();
        if (child < 0)
            return 1;
        if (child == 0)
            _exit(fill_and_verify(meeting, process, processes, pages));
    }
    for (unsigned process = 1; process <= processes; process++) {
        int status;
        if (wait(&status) > 0 && status == 0)
            right++;
    }
    printf("%u of %u processes found %zu MiB as they had filled them\n", right, processes, mib);
    return right == processes ? 0 : 1;
}
