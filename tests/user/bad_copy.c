/*
 * Bad pointers: what read, write, pipe and their kin, process_vm_readv, process_vm_writev and
 * move_pages do with memory that is not there, may not be written, or is the kernel's.
 */
#define _GNU_SOURCE
#include <limits.h>

#include "bad.h"

/* Structures at DATA, one each 64 bytes: two iovecs, or an array for move_pages. */
#define AT(n) (DATA + 64 * (n))

enum {
    GOOD, /* sixteen bytes at RW */
    TO,   /* sixteen bytes at FRESH */
    TO_HOLE,
    TO_RO,
    TO_NONE,
    TO_KERNEL,
    TO_LAST,
    TO_EDGE,  /* eight bytes, four of them there */
    TWO,      /* eight bytes at RW, then eight of the hole */
    NEGATIVE, /* a length below zero */
    TOO_MUCH, /* two lengths that add up to less than zero */
    EMPTY,    /* two, of no bytes */
    PAGES,    /* two addresses for move_pages: both there */
    NODES,    /* node 0, twice */
    NO_NODES, /* a node that is not there */
    MINUS_NODES,
    STATUS,
};

static void vector(int slot, int index, long base, size_t bytes)
{
    ((struct iovec *)AT(slot))[index] = (struct iovec){ (void *)base, bytes };
}

static void fill_data(void)
{
    memset((void *)DATA, 0, PAGE);
    vector(GOOD, 0, RW, 16);
    vector(TO, 0, FRESH, 16);
    vector(TO_HOLE, 0, HOLE, 16);
    vector(TO_RO, 0, RO, 16);
    vector(TO_NONE, 0, NONE, 16);
    vector(TO_KERNEL, 0, KERNEL, 16);
    vector(TO_LAST, 0, -8, 16);
    vector(TO_EDGE, 0, RW_END, 8);
    vector(TWO, 0, RW, 8);
    vector(TWO, 1, HOLE, 8);
    vector(NEGATIVE, 0, RW, -1);
    vector(TOO_MUCH, 0, RW, LONG_MAX);
    vector(TOO_MUCH, 1, RW, LONG_MIN);
    vector(EMPTY, 0, HOLE, 0);
    vector(EMPTY, 1, NONE, 0);
    ((long *)AT(PAGES))[0] = RW;
    ((long *)AT(PAGES))[1] = RO;
    ((int *)AT(NO_NODES))[0] = 4000;
    ((int *)AT(MINUS_NODES))[0] = -1;
}

static const struct row read_rows[] = {
    BAD(EBADF, read, -1, RW, 1),
    BAD(EBADF, read, CLOSED_FD, RW, 1),
    BAD(EBADF, read, HIGHEST_FD, RW, 1),
    BAD(EBADF, read, PIPE_W, RW, 1),
    BAD(EBADF, read, CLOSED_FD, KERNEL, 1),
    BAD(EISDIR, read, DIRECTORY, RW, 1),
    BAD(EFAULT, read, ZERO_FD, 0, 1),
    BAD(EFAULT, read, ZERO_FD, HOLE, 1),
    BAD(EFAULT, read, ZERO_FD, RO, 1),
    BAD(EFAULT, read, ZERO_FD, NONE, PAGE),
    BAD(EFAULT, read, ZERO_FD, KERNEL, 1),
    BAD(EFAULT, read, ZERO_FD, LAST, PAGE),
    BAD(EFAULT, read, ZERO_FD, -1, 1),
    BAD(EFAULT, read, ZERO_FD, CANONICAL, 8),
    BAD(EFAULT, read, ZERO_FD, RW, -1),
    BAD(EFAULT, read, PROGRAM, HOLE, 1),
    BAD(EFAULT, read, PROGRAM, RO, 16),
    BAD(EFAULT, read, PROGRAM, KERNEL, 16),
    BAD(EFAULT, read, PROGRAM, RW, LOWEST),
    GIVES(4, read, ZERO_FD, RW_END, 8),
    GIVES(4, read, PROGRAM, RW_END, 8),
    FINE(read, ZERO_FD, HOLE, 0),
    BAD(EBADF, write, -1, RW, 1),
    BAD(EBADF, write, CLOSED_FD, RW, 1),
    BAD(EBADF, write, PIPE_R, RW, 1),
    BAD(EBADF, write, PROGRAM, RW, 1),
    BAD(EBADF, write, DIRECTORY, RW, 1),
    BAD(EBADF, write, CLOSED_FD, HOLE, 1),
    BAD(EFAULT, write, PIPE_W, 0, 1),
    BAD(EFAULT, write, PIPE_W, HOLE, 1),
    BAD(EFAULT, write, PIPE_W, NONE, 100),
    BAD(EFAULT, write, PIPE_W, KERNEL, 1),
    BAD(EFAULT, write, PIPE_W, LAST, PAGE),
    BAD(EFAULT, write, PIPE_W, -1, 1),
    BAD(EFAULT, write, PIPE_W, CANONICAL, 1),
    BAD(EFAULT, write, PIPE_W, RW, -1),
    BAD(EFAULT, write, PIPE_W, RW_END, 8),
    FINE(write, PIPE_W, HOLE, 0),
    BAD(EBADF, readv, CLOSED_FD, AT(GOOD), 1),
    BAD(EFAULT, readv, ZERO_FD, HOLE, 1),
    BAD(EFAULT, readv, ZERO_FD, KERNEL, 1),
    BAD(EFAULT, readv, ZERO_FD, RW_END, 1),
    BAD(EFAULT, readv, ZERO_FD, AT(TO_HOLE), 1),
    BAD(EFAULT, readv, ZERO_FD, AT(TO_RO), 1),
    BAD(EFAULT, readv, ZERO_FD, AT(TO_KERNEL), 1),
    BAD(EFAULT, readv, ZERO_FD, AT(TO_LAST), 1),
    BAD(EINVAL, readv, ZERO_FD, AT(NEGATIVE), 1),
    BAD(EINVAL, readv, ZERO_FD, AT(TOO_MUCH), 2),
    BAD(EINVAL, readv, ZERO_FD, AT(GOOD), -1),
    BAD(EINVAL, readv, ZERO_FD, AT(GOOD), 1025),
    GIVES(8, readv, ZERO_FD, AT(TWO), 2),
    FINE(readv, ZERO_FD, AT(EMPTY), 2),
    FINE(readv, ZERO_FD, HOLE, 0),
    BAD(EBADF, writev, CLOSED_FD, AT(GOOD), 1),
    BAD(EFAULT, writev, PIPE_W, HOLE, 1),
    BAD(EFAULT, writev, PIPE_W, AT(TO_HOLE), 1),
    BAD(EFAULT, writev, PIPE_W, AT(TO_NONE), 1),
    BAD(EFAULT, writev, PIPE_W, AT(TO_KERNEL), 1),
    BAD(EINVAL, writev, PIPE_W, AT(NEGATIVE), 1),
    BAD(EINVAL, writev, PIPE_W, AT(GOOD), 1025),
    FINE(writev, PIPE_W, AT(EMPTY), 2),
};

static const struct row pointer_rows[] = {
#ifdef SYS_pipe
    BAD(EFAULT, pipe, 0),
    BAD(EFAULT, pipe, HOLE),
    BAD(EFAULT, pipe, RO),
    BAD(EFAULT, pipe, NONE),
    BAD(EFAULT, pipe, KERNEL),
    BAD(EFAULT, pipe, LAST),
    BAD(EFAULT, pipe, -4),
    BAD(EFAULT, pipe, CANONICAL),
    BAD(EFAULT, pipe, RW_END),
#endif
    BAD(EFAULT, pipe2, HOLE, 0),
    BAD(EFAULT, pipe2, RW_END, 0),
    BAD(EFAULT, pipe2, KERNEL, 0),
    BAD(EINVAL, pipe2, DATA + 1024, 1),
    BAD(EINVAL, pipe2, HOLE, -1),
    BAD(EFAULT, open, 0, O_RDONLY),
    BAD(EFAULT, open, HOLE, O_RDONLY),
    BAD(EFAULT, open, NONE, O_RDONLY),
    BAD(EFAULT, open, KERNEL, O_RDONLY),
    BAD(EFAULT, open, LAST, O_RDONLY),
    BAD(EFAULT, getcwd, HOLE, PAGE),
    BAD(EFAULT, getcwd, KERNEL, PAGE),
    BAD(ERANGE, getcwd, RW, 1),
    BAD(EFAULT, uname, HOLE),
    BAD(EFAULT, uname, RO),
    BAD(EFAULT, uname, RW_END),
    BAD(EFAULT, uname, KERNEL),
    BAD(EFAULT, sysinfo, HOLE),
    BAD(EFAULT, sysinfo, RO),
    BAD(EFAULT, sysinfo, KERNEL),
    BAD(EFAULT, getrandom, HOLE, 8, 0),
    BAD(EFAULT, getrandom, RO, 8, 0),
    BAD(EFAULT, getrandom, KERNEL, 8, 0),
    BAD(EFAULT, getrusage, 0, HOLE),
    BAD(EFAULT, getrusage, 0, RO),
    BAD(EFAULT, getrusage, 0, KERNEL),
    BAD(EFAULT, rt_sigprocmask, 0, HOLE, 0, 8),
    BAD(EFAULT, rt_sigprocmask, 0, 0, RO, 8),
    BAD(EFAULT, rt_sigprocmask, 0, 0, KERNEL, 8),
    BAD(EINVAL, rt_sigprocmask, 0, 0, 0, 7),
};

static const struct row process_rows[] = {
    BAD(EINVAL, process_vm_readv, SELF, AT(TO), 1, AT(GOOD), 1, 1),
    BAD(EINVAL, process_vm_readv, SELF, AT(TO), 1, AT(GOOD), 1, -1),
    BAD(EINVAL, process_vm_readv, SELF, AT(TO), -1, AT(GOOD), 1, 0),
    BAD(EINVAL, process_vm_readv, SELF, AT(TO), 1025, AT(GOOD), 1, 0),
    BAD(EINVAL, process_vm_readv, SELF, AT(TO), 1, AT(GOOD), -1, 0),
    BAD(EINVAL, process_vm_readv, SELF, AT(TO), 1, AT(GOOD), 1025, 0),
    BAD(EINVAL, process_vm_readv, SELF, AT(TO), 1, AT(NEGATIVE), 1, 0),
    BAD(EINVAL, process_vm_readv, SELF, AT(NEGATIVE), 1, AT(GOOD), 1, 0),
    BAD(ESRCH, process_vm_readv, NOBODY, AT(TO), 1, AT(GOOD), 1, 0),
    BAD(ESRCH, process_vm_readv, 0, AT(TO), 1, AT(GOOD), 1, 0),
    BAD(ESRCH, process_vm_readv, -1, AT(TO), 1, AT(GOOD), 1, 0),
    BAD(EFAULT, process_vm_readv, SELF, HOLE, 1, AT(GOOD), 1, 0),
    BAD(EFAULT, process_vm_readv, SELF, KERNEL, 1, AT(GOOD), 1, 0),
    BAD(EFAULT, process_vm_readv, SELF, RW_END, 1, AT(GOOD), 1, 0),
    BAD(EFAULT, process_vm_readv, SELF, AT(TO), 1, HOLE, 1, 0),
    BAD(EFAULT, process_vm_readv, SELF, AT(TO), 1, KERNEL, 1, 0),
    BAD(EFAULT, process_vm_readv, SELF, AT(TO), 1, LAST, 1, 0),
    BAD(EFAULT, process_vm_readv, SELF, AT(TO), 1, AT(TO_HOLE), 1, 0),
    BAD(EFAULT, process_vm_readv, SELF, AT(TO), 1, AT(TO_NONE), 1, 0),
    BAD(EFAULT, process_vm_readv, SELF, AT(TO), 1, AT(TO_KERNEL), 1, 0),
    BAD(EFAULT, process_vm_readv, SELF, AT(TO), 1, AT(TO_LAST), 1, 0),
    BAD(EFAULT, process_vm_readv, SELF, AT(TO_HOLE), 1, AT(GOOD), 1, 0),
    BAD(EFAULT, process_vm_readv, SELF, AT(TO_RO), 1, AT(GOOD), 1, 0),
    BAD(EFAULT, process_vm_readv, SELF, AT(TO_KERNEL), 1, AT(GOOD), 1, 0),
    BAD(EFAULT, process_vm_readv, SELF, AT(TO_LAST), 1, AT(GOOD), 1, 0),
    GIVES(4, process_vm_readv, SELF, AT(TO), 1, AT(TO_EDGE), 1, 0),
    GIVES(8, process_vm_readv, SELF, AT(TO), 1, AT(TWO), 2, 0),
    GIVES(8, process_vm_readv, SELF, AT(TWO), 2, AT(GOOD), 1, 0),
    GIVES(16, process_vm_readv, SELF, AT(TO), 1, AT(TO_RO), 1, 0),
    FINE(process_vm_readv, SELF, AT(TO), 1, AT(EMPTY), 2, 0),
    FINE(process_vm_readv, SELF, AT(EMPTY), 2, AT(GOOD), 1, 0),
    FINE(process_vm_readv, SELF, AT(TO), 0, AT(GOOD), 1, 0),
    FINE(process_vm_readv, SELF, AT(TO), 1, AT(GOOD), 0, 0),
    FINE(process_vm_readv, NOBODY, AT(EMPTY), 2, AT(GOOD), 1, 0),
    BAD(EINVAL, process_vm_writev, SELF, AT(GOOD), 1, AT(TO), 1, 1),
    BAD(EINVAL, process_vm_writev, SELF, AT(GOOD), 1025, AT(TO), 1, 0),
    BAD(EINVAL, process_vm_writev, SELF, AT(GOOD), 1, AT(TO), 1025, 0),
    BAD(ESRCH, process_vm_writev, NOBODY, AT(GOOD), 1, AT(TO), 1, 0),
    BAD(EFAULT, process_vm_writev, SELF, HOLE, 1, AT(TO), 1, 0),
    BAD(EFAULT, process_vm_writev, SELF, AT(GOOD), 1, HOLE, 1, 0),
    BAD(EFAULT, process_vm_writev, SELF, AT(GOOD), 1, AT(TO_RO), 1, 0),
    BAD(EFAULT, process_vm_writev, SELF, AT(GOOD), 1, AT(TO_NONE), 1, 0),
    BAD(EFAULT, process_vm_writev, SELF, AT(GOOD), 1, AT(TO_HOLE), 1, 0),
    BAD(EFAULT, process_vm_writev, SELF, AT(GOOD), 1, AT(TO_KERNEL), 1, 0),
    BAD(EFAULT, process_vm_writev, SELF, AT(TO_HOLE), 1, AT(TO), 1, 0),
    BAD(EFAULT, process_vm_writev, SELF, AT(TO_KERNEL), 1, AT(TO), 1, 0),
    GIVES(4, process_vm_writev, SELF, AT(GOOD), 1, AT(TO_EDGE), 1, 0),
    GIVES(8, process_vm_writev, SELF, AT(TO), 1, AT(TWO), 2, 0),
};

#define MOVE     2 /* MPOL_MF_MOVE */
#define MOVE_ALL 4

static const struct row move_rows[] = {
    BAD(EINVAL, move_pages, SELF, 1, AT(PAGES), 0, AT(STATUS), 1),
    BAD(EINVAL, move_pages, SELF, 1, AT(PAGES), 0, AT(STATUS), 8),
    BAD(EINVAL, move_pages, SELF, 1, AT(PAGES), 0, AT(STATUS), -1),
    BAD(ESRCH, move_pages, NOBODY, 1, AT(PAGES), 0, AT(STATUS), MOVE),
    BAD(ESRCH, move_pages, -1, 1, AT(PAGES), AT(NODES), AT(STATUS), MOVE),
    BAD(EFAULT, move_pages, SELF, 1, 0, 0, AT(STATUS), MOVE),
    BAD(EFAULT, move_pages, SELF, 1, HOLE, 0, AT(STATUS), MOVE),
    BAD(EFAULT, move_pages, SELF, 1, NONE, 0, AT(STATUS), 0),
    BAD(EFAULT, move_pages, SELF, 1, KERNEL, 0, AT(STATUS), MOVE),
    BAD(EFAULT, move_pages, SELF, 1, LAST, 0, AT(STATUS), MOVE),
    BAD(EFAULT, move_pages, SELF, 1, AT(PAGES), 0, 0, MOVE),
    BAD(EFAULT, move_pages, SELF, 1, AT(PAGES), 0, HOLE, MOVE),
    BAD(EFAULT, move_pages, SELF, 1, AT(PAGES), 0, RO, MOVE),
    BAD(EFAULT, move_pages, SELF, 1, AT(PAGES), 0, KERNEL, MOVE),
    BAD(EFAULT, move_pages, SELF, 1, HOLE, AT(NODES), AT(STATUS), MOVE),
    BAD(EFAULT, move_pages, SELF, 1, AT(PAGES), HOLE, AT(STATUS), MOVE),
    BAD(EFAULT, move_pages, SELF, 1, AT(PAGES), KERNEL, AT(STATUS), MOVE),
    BAD(EFAULT, move_pages, SELF, 1, AT(PAGES), AT(NODES), HOLE, MOVE),
    BAD(EFAULT, move_pages, SELF, 1, AT(PAGES), AT(NODES), RO, MOVE),
    BAD(ENODEV, move_pages, SELF, 1, AT(PAGES), AT(NO_NODES), AT(STATUS), MOVE),
    BAD(ENODEV, move_pages, SELF, 1, AT(PAGES), AT(MINUS_NODES), AT(STATUS), MOVE),
    FINE(move_pages, SELF, 0, 0, 0, 0, MOVE),
    FINE(move_pages, SELF, 0, HOLE, HOLE, HOLE, MOVE),
    GIVES(0, move_pages, SELF, 2, AT(PAGES), 0, AT(STATUS), 0),
    GIVES(0, move_pages, SELF, 2, AT(PAGES), AT(NODES), AT(STATUS), MOVE_ALL),
    GIVES(0, move_pages, 0, 2, AT(PAGES), AT(NODES), AT(STATUS), MOVE),
};

int main(void)
{
    try_rows(read_rows, sizeof(read_rows) / sizeof(read_rows[0]));
    try_rows(pointer_rows, sizeof(pointer_rows) / sizeof(pointer_rows[0]));
    try_rows(process_rows, sizeof(process_rows) / sizeof(process_rows[0]));
    try_rows(move_rows, sizeof(move_rows) / sizeof(move_rows[0]));
    return finish();
}
