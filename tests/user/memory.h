/*
 * For tests of memory calls: places nobody else uses, what is resident, what /proc says.
 */
#ifndef TESTS_USER_MEMORY_H
#define TESTS_USER_MEMORY_H

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "check.h"

enum { PAGE = 4096, READ_WRITE = PROT_READ | PROT_WRITE };

/* Far from the program, its heap, and where the kernel puts things by itself. */
#define ARENA ((char *)0x60000000)

static inline char *map_at(char *start, size_t pages, int prot, int flags)
{
    int kind = flags & MAP_SHARED ? MAP_ANONYMOUS : MAP_ANONYMOUS | MAP_PRIVATE;
    int fixed = start ? MAP_FIXED : 0;
    char *got = mmap(start, pages * PAGE, prot, kind | fixed | flags, -1, 0);
    if (got == MAP_FAILED || (start && got != start)) {
        printf("FAILED: there is no memory for the test\n");
        exit(2);
    }
    return got;
}

static inline char *map(size_t pages) { return map_at(NULL, pages, READ_WRITE, 0); }

/* Page i holds first + i, in its first and its last byte. */
static inline void write_pages(char *start, size_t pages, int first)
{
    for (size_t i = 0; i < pages; i++)
        start[i * PAGE] = start[i * PAGE + PAGE - 1] = (char)(first + (int)i);
}

static inline int holds(const char *start, size_t pages, int first)
{
    for (size_t i = 0; i < pages; i++)
        if (start[i * PAGE] != (char)(first + (int)i) ||
            start[i * PAGE + PAGE - 1] != (char)(first + (int)i))
            return 0;
    return 1;
}

static inline int is_zero(const char *start, size_t pages)
{
    for (size_t i = 0; i < pages * PAGE; i++)
        if (start[i])
            return 0;
    return 1;
}

/* Touch each page, and see whether it is zero: by a look at its ends. */
static inline int reads_zero(const char *start, size_t pages)
{
    int zero = 1;
    for (size_t i = 0; i < pages; i++)
        zero &= !((const volatile char *)start)[i * PAGE] && !start[i * PAGE + PAGE - 1];
    return zero;
}

/* May it be read?  The kernel is asked: it answers with EFAULT where the program would die. */
static inline int is_mapped(const char *at)
{
    return !(syscall(SYS_access, at, F_OK) && errno == EFAULT);
}

/* How many pages of up to 1024 are in memory.  -1: part of them is not even mapped. */
static inline int resident(char *start, size_t pages)
{
    unsigned char vector[1024];
    int count = 0;
    if (mincore(start, pages * PAGE, vector))
        return -1;
    for (size_t i = 0; i < pages; i++)
        count += vector[i] & 1;
    return count;
}

/* A line of /proc/self/status, for example "VmLck", in KiB.  -1: there is none. */
static inline long status(const char *name)
{
    static char text[8192];
    int fd = open("/proc/self/status", O_RDONLY);
    if (fd < 0)
        return -1;
    ssize_t size = read(fd, text, sizeof(text) - 1);
    close(fd);
    text[size > 0 ? size : 0] = 0;
    const char *line = strstr(text, name);
    return line ? atol(line + strlen(name) + 1) : -1;
}

#endif
