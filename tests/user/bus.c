/* Touch a mapped page behind the end of its file: the signal is SIGBUS. */
#define _GNU_SOURCE
#include <sys/mman.h>

#include "check.h"

int main(void)
{
    int fd = memfd_create("short", 0);
    check("a file of one page", ftruncate(fd, 100) == 0);
    volatile char *bytes = mmap(NULL, 8192, PROT_READ, MAP_SHARED, fd, 0);
    check("mapped as two", bytes != MAP_FAILED);
    check("the first is there", bytes[0] == 0 && bytes[4095] == 0);
    fflush(stdout);
    return bytes[4096];
}
