/*
 * Inside /proc: what the files that make it up know of each other.
 *
 *     proc_table.c    the tree: which names there are
 *     proc.c          inodes for them, found by name;  proc_list.c   the same, listed
 *     proc_file.c     the files whose contents are text: written when read, read as any file
 *     proc_memory.c, proc_kmap.c, proc_kernel.c, proc_cpuinfo.c   what is said about the machine
 *     proc_task.c, proc_maps.c, proc_smaps.c, proc_pagemap.c, proc_limits.c   and about one task
 *     proc_links.c    where a task is and what it has open
 *     proc_trace.c    the ring of memory events;  proc_audit.c   do the books balance?
 *
 * A name is a row of a table.  What a row's functions are given is the task whose directory the
 * name is in, with a reference, or NULL at the top.
 */
#ifndef KERNEL_FS_PROC_ENTRY_H
#define KERNEL_FS_PROC_ENTRY_H

#include "kernel/fs/text.h"
#include "kernel/fs/vfs.h"

struct task;

/* One name. */
struct proc_entry {
    const char *name;
    u32 mode;                   /* type and rights */
    const struct proc_dir *dir; /* of a directory: what is in it */
    /* Write the file's text.  0 or an errno.  Sleeps. */
    int (*show)(struct text *text, struct task *task);
    const char *fixed; /* or: the text, which never changes */
    /* Or, of what is numbered: with its number. */
    int (*show_numbered)(struct text *text, struct task *task, int number);
    /* Take what was written, without the newline at its end.  0 or an errno.  Sleeps. */
    int (*store)(struct task *task, const char *line);
    /* Copy the link's text, without a zero.  Returns: its length or an errno. */
    ssize_t (*link)(char *buffer, size_t size);
    /* Or: a reference to where the link leads; its text is the path of that.  0 or an errno. */
    int (*jump)(struct task *task, int number, struct dentry **target);
    /* The rights of what is numbered; NULL: those of mode. */
    u32 (*rights)(struct task *task, int number);
    const struct file_ops *fops; /* of a file that is not text; else NULL */
};

/* What a directory has in it: names from a table, then numbers. */
struct proc_dir {
    const struct proc_entry *entries;  /* up to one without a name; NULL: none */
    const struct proc_entry *numbered; /* what each number names; NULL: there are none */
    bool numbers_are_tasks;            /* and what is below is about that task */
    /* The lowest number >= @from that there is, -1: none.  @task: the directory's. */
    int (*next)(struct task *task, int from);
    /* Is @number there, though it need not be listed? */
    bool (*has)(struct task *task, int number);
};

/* What an inode of /proc stands for: its data.  (c) all. */
struct proc_node {
    const struct proc_entry *entry;
    u32 rights;   /* if entry has some for each number */
    int pid;      /* of whose directory it is, or is in; 0: nobody's */
    u64 start_ns; /* of that task: a later one may have its number */
    bool (*has)(struct task *task, int number); /* is the number still there?  NULL: need not */
    int number; /* that it is called, or the directory that it is in; or 0 */
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
int proc_show_audit(struct text *text, struct task *task);

int proc_show_trace(struct text *text, struct task *task);
int proc_store_trace(struct task *task, const char *line);

int proc_show_version(struct text *text, struct task *task);
int proc_show_uptime(struct text *text, struct task *task);
int proc_show_loadavg(struct text *text, struct task *task);
int proc_show_cpuinfo(struct text *text, struct task *task);
int proc_show_stat(struct text *text, struct task *task);
int proc_show_filesystems(struct text *text, struct task *task);
int proc_show_mounts(struct text *text, struct task *task);
int proc_show_mountinfo(struct text *text, struct task *task);
int proc_show_unimplemented(struct text *text, struct task *task);
int proc_show_shm(struct text *text, struct task *task);
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
int proc_show_task_oom_score(struct text *text, struct task *task);
int proc_show_task_oom_score_adj(struct text *text, struct task *task);
int proc_store_task_oom_score_adj(struct task *task, const char *line);
int proc_show_task_limits(struct text *text, struct task *task);
int proc_show_task_fdinfo(struct text *text, struct task *task, int number);
int proc_show_task_environ(struct text *text, struct task *task);
extern const struct file_ops proc_pagemap_ops;
int proc_jump_task_exe(struct task *task, int number, struct dentry **target);
int proc_jump_task_cwd(struct task *task, int number, struct dentry **target);
int proc_jump_task_root(struct task *task, int number, struct dentry **target);
int proc_jump_task_fd(struct task *task, int number, struct dentry **target);
u32 proc_rights_of_fd(struct task *task, int number);

/* Numbers that name something: processes, a process's threads, a task's open files. */
int proc_next_process(struct task *task, int from);
bool proc_has_task(struct task *task, int number);
int proc_next_thread(struct task *task, int from);
bool proc_has_thread(struct task *task, int number);
int proc_next_fd(struct task *task, int from);
bool proc_has_fd(struct task *task, int number);

/* The tree's tables: proc_table.c, proc_sys.c. */
extern const struct proc_dir proc_sys_dir;
extern const struct proc_entry proc_top;

/* A file system with the directory @top, whose contents are made up.  NULL: no memory. */
struct super *proc_tree_create(const char *name, u32 magic, const struct proc_entry *top)
    MUST_CHECK;

/* The list() of directories. */
int proc_list(struct file *file, struct dir_reader *reader, u64 *position);

/* What an inode below inode number @above is numbered that is called @name. */
u32 proc_inode_number(u32 above, const char *name);

/* Is the task that @inode is about, or the number that it is called, no more? */
bool proc_is_stale(const struct inode *inode);

#endif
