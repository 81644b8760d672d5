/*
 * Inside /proc: what the files that make it up know of each other.
 *
 *     proc.c          the tree: which names there are, and the tasks behind the numbers
 *     proc_file.c     the files whose contents are text: written when read, read as any file
 *     proc_memory.c, proc_kmap.c, proc_kernel.c   what is said about the machine
 *     proc_task.c, proc_maps.c, proc_smaps.c, proc_pagemap.c   and about one task
 *     proc_trace.c    the ring of memory events
 *
 * A name is a row of a table.  What a row's functions are given is the task whose directory the
 * name is in, with a reference, or NULL at the top.
 */
#ifndef KERNEL_FS_PROC_ENTRY_H
#define KERNEL_FS_PROC_ENTRY_H

#include "kernel/fs/text.h"
#include "kernel/fs/vfs.h"

struct task;

/* One name.  A directory has no function; its names are the tasks' (task_entries). */
struct proc_entry {
    const char *name;
    u32 mode; /* type and rights */
    /* Write the file's text.  0 or an errno.  Sleeps. */
    int (*show)(struct text *text, struct task *task);
    /* Take what was written, without the newline at its end.  0 or an errno.  Sleeps. */
    int (*store)(struct task *task, const char *line);
    /* Copy the link's text, without a zero.  Returns: its length or an errno. */
    ssize_t (*link)(struct task *task, char *buffer, size_t size);
    const struct file_ops *fops; /* of a file that is not text; else NULL */
};

/* What an inode of /proc stands for: its data.  (c) all. */
struct proc_node {
    const struct proc_entry *entry; /* NULL: the top directory */
    int pid;                        /* of whose directory it is, or is in; 0: nobody's */
    u64 start_ns;                   /* of that task: a later one may have its number */
};

/*
 * The task that @inode is about, with a reference; NULL if it is about none.
 *
 * Returns: 0; -ESRCH: it has ended, and its parent knows.
 */
int proc_task_get(const struct inode *inode, struct task **task) MUST_CHECK;

/* What text files do.  Their inodes' data is a struct proc_node. */
extern const struct file_ops proc_text_ops;

/* The files, by who writes them. */
int proc_show_meminfo(struct text *text, struct task *task);
int proc_show_vmstat(struct text *text, struct task *task);
int proc_show_buddyinfo(struct text *text, struct task *task);
int proc_show_zoneinfo(struct text *text, struct task *task);
int proc_show_kmap(struct text *text, struct task *task);
int proc_show_slabinfo(struct text *text, struct task *task);

int proc_show_trace(struct text *text, struct task *task);
int proc_store_trace(struct task *task, const char *line);

int proc_show_version(struct text *text, struct task *task);
int proc_show_uptime(struct text *text, struct task *task);
int proc_show_loadavg(struct text *text, struct task *task);
int proc_show_stat(struct text *text, struct task *task);
int proc_show_filesystems(struct text *text, struct task *task);
int proc_show_mounts(struct text *text, struct task *task);
int proc_show_cmdline(struct text *text, struct task *task);

int proc_show_task_status(struct text *text, struct task *task);
int proc_show_task_stat(struct text *text, struct task *task);
int proc_show_task_statm(struct text *text, struct task *task);
int proc_show_task_comm(struct text *text, struct task *task);
int proc_store_task_comm(struct task *task, const char *line);
int proc_show_task_maps(struct text *text, struct task *task);
int proc_show_task_smaps(struct text *text, struct task *task);
int proc_show_task_smaps_rollup(struct text *text, struct task *task);
int proc_show_task_cmdline(struct text *text, struct task *task);
int proc_show_task_environ(struct text *text, struct task *task);
extern const struct file_ops proc_pagemap_ops;
ssize_t proc_link_task_exe(struct task *task, char *buffer, size_t size);

#endif
