/*
 * Numbers of the file interface that programs and the kernel share.
 *
 * Source: POSIX, and Linux's values as open(2), inode(7), fcntl(2) document them.
 */
#ifndef KERNEL_FS_STAT_H
#define KERNEL_FS_STAT_H

#include "lib/types.h"

enum {
    S_IFMT = 0170000,
    S_IFSOCK = 0140000,
    S_IFLNK = 0120000,
    S_IFREG = 0100000,
    S_IFBLK = 0060000,
    S_IFDIR = 0040000,
    S_IFCHR = 0020000,
    S_IFIFO = 0010000,
    S_RIGHTS = 07777,
    S_ISUID = 04000,
    S_ISGID = 02000,
    S_ISVTX = 01000,
    S_ISGID_X = 0010, /* without it, S_ISGID means something else */
};

static inline bool mode_is_dir(u32 mode) { return (mode & S_IFMT) == S_IFDIR; }
static inline bool mode_is_file(u32 mode) { return (mode & S_IFMT) == S_IFREG; }
static inline bool mode_is_link(u32 mode) { return (mode & S_IFMT) == S_IFLNK; }
static inline bool mode_is_fifo(u32 mode) { return (mode & S_IFMT) == S_IFIFO; }
static inline bool mode_is_char(u32 mode) { return (mode & S_IFMT) == S_IFCHR; }

enum {
    O_RDONLY = 0,
    O_WRONLY = 1,
    O_RDWR = 2,
    O_ACCMODE = 3,
    O_CREAT = 0100,
    O_EXCL = 0200,
    O_NOCTTY = 0400,
    O_TRUNC = 01000,
    O_APPEND = 02000,
    O_NONBLOCK = 04000,
    O_DIRECT = 040000,
    O_LARGEFILE = 0100000,
    O_DIRECTORY = 0200000,
    O_NOFOLLOW = 0400000,
    O_NOATIME = 01000000,
    O_CLOEXEC = 02000000,
    O_PATH = 010000000,
    O_TMPFILE = 020000000, /* with O_DIRECTORY, by programs */
};

enum {
    AT_FDCWD = -100,
    AT_SYMLINK_NOFOLLOW = 0x100,
    AT_EACCESS = 0x200,   /* of faccessat */
    AT_REMOVEDIR = 0x200, /* of unlinkat */
    AT_SYMLINK_FOLLOW = 0x400,
    AT_NO_AUTOMOUNT = 0x800,
    AT_EMPTY_PATH = 0x1000,
    AT_STATX_SYNC_TYPE = 0x6000,
};

enum { SEEK_SET, SEEK_CUR, SEEK_END, SEEK_DATA, SEEK_HOLE };

#endif
