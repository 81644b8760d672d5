/*
 * A whole file as text: what /proc says, for tests that look for something in it.
 */
#ifndef TESTS_USER_SLURP_H
#define TESTS_USER_SLURP_H

#include <fcntl.h>
#include <stddef.h>
#include <unistd.h>

enum { TEXT_BYTES = 1 << 18 };

static char text[TEXT_BYTES];

/* The file, in text; it is read in pieces of an odd size.  NULL: it cannot be read. */
static const char *slurp(const char *path)
{
    int fd = open(path, O_RDONLY);
    ssize_t got = 0;
    size_t length = 0;
    while (fd >= 0 && length < TEXT_BYTES - 1000 && (got = read(fd, text + length, 777)) > 0)
        length += (size_t)got;
    close(fd);
    text[length] = 0;
    return fd >= 0 && got == 0 ? text : NULL;
}

#endif
