/*
 * What a process has open: its file descriptors, its root and working directory, its umask.
 */
#ifndef KERNEL_FS_FILES_H
#define KERNEL_FS_FILES_H

#include "kernel/fs/path.h"
#include "kernel/mutex.h"
#include "lib/annotate.h"
#include "lib/types.h"

enum { FILES_MAX = 256 };

/* (l) under lock; (a) atomic */
struct files {
    struct mutex lock;
    struct file *open[FILES_MAX]; /* (l) */
    unsigned end;                 /* (l) descriptors from here on were never used */
    u32 cloexec[FILES_MAX / 32];  /* (l) a bit each: closed at exec */
    struct walk_start start;      /* (l) root and working directory */
    u32 umask;                    /* (l) */
    u32 refs;                     /* (a) tasks that share it */
};

/* An empty table that starts at the root.  NULL: no memory. */
struct files *files_create(void);
void files_get(struct files *files);

/* A table of its own with the same files open, for a new process.  NULL: no memory.  Sleeps. */
struct files *files_copy(struct files *from) MUST_CHECK;

/* Drop a reference; the last closes everything.  Sleeps. */
void files_put(struct files *files);

/*
 * Open @file under the lowest free descriptor >= @from; it takes over the reference.
 *
 * Returns: the descriptor; -EMFILE: there is none, and the reference stays the caller's.
 */
int files_install(struct files *files, struct file *file, unsigned from, bool cloexec) MUST_CHECK;

/* The file open as @fd, with a reference; NULL: none. */
struct file *files_find(struct files *files, int fd);

/* Close @fd: 0 or -EBADF. */
int files_close(struct files *files, int fd);

/*
 * Open @file as @fd, closing what was open there; it takes over the reference.
 *
 * Returns: @fd; -EBADF: no such descriptor can be, and the reference stays the caller's.
 */
int files_replace(struct files *files, struct file *file, int fd, bool cloexec) MUST_CHECK;

/* Is @fd closed at exec?  -EBADF: it is not open. */
int files_get_cloexec(struct files *files, int fd) MUST_CHECK;
int files_set_cloexec(struct files *files, int fd, bool cloexec) MUST_CHECK;

/* Close what is marked to be closed at exec. */
void files_close_on_exec(struct files *files);

/* Where this process's paths start, with references: give them back with walk_start_put(). */
struct walk_start files_start(struct files *files);
void walk_start_put(struct walk_start *start);

#endif
