/*
 * Where a task's paths begin: its root and working directory; and the rights it does not give.
 *
 * Tasks made with CLONE_FS share it.  It stands apart from the table of open files, which
 * CLONE_FILES shares.
 */
#ifndef KERNEL_FS_FS_CONTEXT_H
#define KERNEL_FS_FS_CONTEXT_H

#include "kernel/fs/path.h"
#include "kernel/mutex.h"
#include "lib/annotate.h"
#include "lib/types.h"

struct task;

/* (l) under lock; (a) atomic */
struct fs_context {
    struct mutex lock;
    struct walk_start start; /* (l) */
    u32 umask;               /* (l) written; read without */
    u32 refs;                /* (a) tasks that share it, and who looks at it */
};

/* One that starts at the root.  NULL: no memory. */
struct fs_context *fs_create(void) MUST_CHECK;
void fs_get(struct fs_context *fs);

/* A copy for a new process.  NULL: no memory.  Sleeps. */
struct fs_context *fs_copy(struct fs_context *from) MUST_CHECK;

/* Drop a reference.  Sleeps. */
void fs_put(struct fs_context *fs);

/* Where paths start, with references: give them back with walk_start_put().  Sleeps. */
struct walk_start fs_start(struct fs_context *fs);
void walk_start_put(struct walk_start *start);

/* Paths that are not absolute, or those that are, start at @dir from now on.  Sleeps. */
void fs_set_cwd(struct fs_context *fs, struct dentry *dir);
void fs_set_root(struct fs_context *fs, struct dentry *dir);

/* The rights of @mode that a new file gets. */
u32 fs_masked(const struct fs_context *fs, u32 mode);

/*
 * Make @fs (NULL: nothing) @task's, which is the current one or does not run yet; the reference it
 * had is dropped.  And another task's, with a reference; NULL: it has none (any more).
 */
void task_set_fs(struct task *task, struct fs_context *fs);
struct fs_context *task_fs_get(struct task *task) MUST_CHECK;

#endif
