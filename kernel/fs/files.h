/*
 * What a process has open: its file descriptors.
 */
#ifndef KERNEL_FS_FILES_H
#define KERNEL_FS_FILES_H

#include "kernel/fs/vfs.h"
#include "kernel/mutex.h"
#include "lib/annotate.h"
#include "lib/types.h"

struct task;

enum {
    FILES_MAX = 1 << 16, /* descriptors are below, whatever RLIMIT_NOFILE says */
    FILES_LIMIT = 1024,  /* what RLIMIT_NOFILE says at first */
    FILES_LIMIT_MOST = 4096,
    FILES_FIRST = 32, /* places a new table has; it grows */
};

/* One descriptor. */
struct files_place {
    struct file *file; /* NULL: not open */
    bool cloexec;      /* closed at exec */
};

/* (l) changed under lock, read under it or by the only user; (a) atomic */
struct files {
    struct mutex lock;
    struct files_place *place;             /* (l) first, or a larger one */
    unsigned room;                         /* (l) places there are */
    unsigned end;                          /* (l) from here on they were never used */
    unsigned lowest;                       /* (l) below, all are open */
    u32 refs;                              /* (a) tasks that share it, and who looks at it */
    struct files_place first[FILES_FIRST]; /* (l) */
};

/* An empty table.  NULL: no memory. */
struct files *files_create(void);
void files_get(struct files *files);

/* A table of its own with the same files open, for a new process.  NULL: no memory.  Sleeps. */
struct files *files_copy(struct files *from) MUST_CHECK;

/* Drop a reference; the last closes everything.  Sleeps. */
void files_put(struct files *files);

/*
 * Open @file under the lowest free descriptor >= @from; it takes over the reference.
 *
 * Returns: the descriptor; -EMFILE: the limit of the process allows none; -ENOMEM.  Then the
 * reference stays the caller's.
 */
int files_install(struct files *files, struct file *file, unsigned from, bool cloexec) MUST_CHECK;

/* The same, but without a place for it the reference is dropped.  Sleeps. */
int files_install_or_put(struct files *files, struct file *file, unsigned from, bool cloexec)
    MUST_CHECK;

/* The file open as @fd, with a reference; NULL: none.  The caller's reference is its task's. */
struct file *files_find(struct files *files, int fd);

/* Close @fd: 0 or -EBADF. */
int files_close(struct files *files, int fd);

/*
 * Open @file as @fd, closing what was open there; it takes over the reference.
 *
 * Returns: @fd; -EBADF: no such descriptor can be; -ENOMEM.  Then the reference stays the caller's.
 */
int files_replace(struct files *files, struct file *file, int fd, bool cloexec) MUST_CHECK;

/* Is @fd closed at exec?  -EBADF: it is not open. */
int files_get_cloexec(struct files *files, int fd) MUST_CHECK;
int files_set_cloexec(struct files *files, int fd, bool cloexec) MUST_CHECK;

/* Close the descriptors from @first to @last, or mark them to be closed at exec.  Sleeps. */
void files_close_range(struct files *files, unsigned first, unsigned last);
void files_mark_range(struct files *files, unsigned first, unsigned last);

/* Close what is marked to be closed at exec. */
void files_close_on_exec(struct files *files);

/* The lowest descriptor >= @from that is open; -1: none. */
int files_next(struct files *files, int from);

/*
 * Make @files (NULL: nothing) @task's, which is the current one or does not run yet; the reference
 * it had is dropped.  And another task's, with a reference; NULL: it has none (any more).
 */
void task_set_files(struct task *task, struct files *files);
struct files *task_files_get(struct task *task) MUST_CHECK;

#endif
