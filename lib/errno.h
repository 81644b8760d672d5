/*
 * The ways a service can fail, with Linux's names and numbers, because they travel to user
 * programs unchanged.  A function that can fail returns 0 (or a count) or one of these negated.
 *
 * Source: Linux asm-generic/errno-base.h and errno.h, as errno(3) documents them.
 */
#ifndef LIB_ERRNO_H
#define LIB_ERRNO_H

enum {
    EPERM = 1,
    ENOENT = 2,
    ESRCH = 3,
    EINTR = 4,
    EIO = 5,
    ENXIO = 6,
    E2BIG = 7,
    ENOEXEC = 8,
    EBADF = 9,
    ECHILD = 10,
    EAGAIN = 11,
    ENOMEM = 12,
    EACCES = 13,
    EFAULT = 14,
    EBUSY = 16,
    EEXIST = 17,
    EXDEV = 18,
    ENODEV = 19,
    ENOTDIR = 20,
    EISDIR = 21,
    EINVAL = 22,
    ENFILE = 23,
    EMFILE = 24,
    ENOTTY = 25,
    ETXTBSY = 26,
    EFBIG = 27,
    ENOSPC = 28,
    ESPIPE = 29,
    EROFS = 30,
    EMLINK = 31,
    EPIPE = 32,
    ERANGE = 34,
    EDEADLK = 35,
    ENAMETOOLONG = 36,
    ENOSYS = 38,
    ENOTEMPTY = 39,
    ELOOP = 40,
    ENODATA = 61,
    EOVERFLOW = 75,
    ELIBBAD = 80,
    EOPNOTSUPP = 95,
    ETIMEDOUT = 110,
    ECANCELED = 125,

    /*
     * What an interrupted system call returns to kernel/signal_deliver.c: never to a program, which
     * sees EINTR if a handler runs and else nothing at all.
     */
    ERESTART = 512,            /* again, if there is no handler, or it has SA_RESTART */
    ERESTART_NO_HANDLER = 514, /* again, if there is no handler */
    ERESTART_BLOCK = 516,      /* the same, but go on by task->restart: time has passed */
};

#endif
