/*
 * The tree of /proc, as tables.
 */
#include "kernel/fs/proc_entry.h"
#include "kernel/task.h"
#include "lib/format.h"

#define TEXT(file, function)                                                  \
    {                                                                         \
        .name = (file), .mode = S_IFREG | 0444, .show = proc_show_##function, \
    }

/* There are no disks and no modules: what lists them is empty. */
#define FIXED(file, text)                                       \
    {                                                           \
        .name = (file), .mode = S_IFREG | 0444, .fixed = (text) \
    }

/* The calling process's own directory is a link to its number. */
static ssize_t link_self(char *buffer, size_t size)
{
    return scnprintf(buffer, size, "%d", current->tgid);
}

static ssize_t link_thread_self(char *buffer, size_t size)
{
    return scnprintf(buffer, size, "%d/task/%d", current->tgid, current->pid);
}

static ssize_t link_mounts(char *buffer, size_t size)
{
    return scnprintf(buffer, size, "self/mounts");
}

#define TASK_LINK(file)                                                       \
    {                                                                         \
        .name = #file, .mode = S_IFLNK | 0777, .jump = proc_jump_task_##file, \
    }

#define DIRECTORY(file, contents)                                   \
    {                                                               \
        .name = (file), .mode = S_IFDIR | 0555, .dir = &(contents), \
    }

static const struct proc_entry fd_link = {
    .mode = S_IFLNK | 0700,
    .jump = proc_jump_task_fd,
    .rights = proc_rights_of_fd,
};
static const struct proc_dir fd_dir = {
    .numbered = &fd_link,
    .next = proc_next_fd,
    .has = proc_has_fd,
};

static const struct proc_entry fd_info = {
    .mode = S_IFREG | 0400,
    .show_numbered = proc_show_task_fdinfo,
};
static const struct proc_dir fdinfo_dir = {
    .numbered = &fd_info,
    .next = proc_next_fd,
    .has = proc_has_fd,
};

/* What a process has, and each of its threads; the threads themselves are below the process. */
#define TASK_FILES                                                                            \
    DIRECTORY("fd", fd_dir), DIRECTORY("fdinfo", fdinfo_dir), TASK_LINK(cwd), TASK_LINK(exe), \
        TASK_LINK(root),                                                                      \
        { .name = "comm",                                                                     \
          .mode = S_IFREG | 0644,                                                             \
          .show = proc_show_task_comm,                                                        \
          .store = proc_store_task_comm },                                                    \
        { .name = "oom_score_adj",                                                            \
          .mode = S_IFREG | 0644,                                                             \
          .show = proc_show_task_oom_score_adj,                                               \
          .store = proc_store_task_oom_score_adj },                                           \
        TEXT("oom_score", task_oom_score), TEXT("cmdline", task_cmdline),                     \
        TEXT("environ", task_environ), TEXT("limits", task_limits), TEXT("maps", task_maps),  \
        TEXT("mounts", mounts), TEXT("mountinfo", mountinfo),                                 \
        { .name = "pagemap", .mode = S_IFREG | 0400, .fops = &proc_pagemap_ops },             \
        TEXT("smaps", task_smaps), TEXT("smaps_rollup", task_smaps_rollup),                   \
        TEXT("stat", task_stat), TEXT("statm", task_statm), TEXT("status", task_status)

static const struct proc_entry thread_entries[] = { TASK_FILES, { 0 } };
static const struct proc_dir thread_dir = { .entries = thread_entries };
static const struct proc_entry thread_directory = { .mode = S_IFDIR | 0555, .dir = &thread_dir };
static const struct proc_dir threads_dir = {
    .numbered = &thread_directory,
    .numbers_are_tasks = true,
    .next = proc_next_thread,
    .has = proc_has_thread,
};

static const struct proc_entry process_entries[] = {
    TASK_FILES,
    DIRECTORY("task", threads_dir),
    { 0 },
};
static const struct proc_dir process_dir = { .entries = process_entries };
static const struct proc_entry process_directory = { .mode = S_IFDIR | 0555, .dir = &process_dir };

static const struct proc_entry sysvipc_entries[] = { TEXT("shm", shm), { 0 } };
static const struct proc_dir sysvipc_dir = { .entries = sysvipc_entries };

static const struct proc_entry top_entries[] = {
    { .name = "self", .mode = S_IFLNK | 0777, .link = link_self },
    { .name = "thread-self", .mode = S_IFLNK | 0777, .link = link_thread_self },
    { .name = "mounts", .mode = S_IFLNK | 0777, .link = link_mounts },
    { .name = "audit", .mode = S_IFREG | 0400, .show = proc_show_audit },
    TEXT("buddyinfo", buddyinfo),
    TEXT("cmdline", cmdline),
    TEXT("cpuinfo", cpuinfo),
    FIXED("diskstats", ""),
    TEXT("filesystems", filesystems),
    TEXT("kmap", kmap),
    TEXT("loadavg", loadavg),
    TEXT("meminfo", meminfo),
    FIXED("modules", ""),
    FIXED("partitions", "major minor  #blocks  name\n\n"),
    TEXT("slabinfo", slabinfo),
    TEXT("stat", stat),
    FIXED("swaps", "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"),
    DIRECTORY("sys", proc_sys_dir),
    DIRECTORY("sysvipc", sysvipc_dir),
    { .name = "trace", .mode = S_IFREG | 0644, .show = proc_show_trace, .store = proc_store_trace },
    TEXT("unimplemented", unimplemented),
    TEXT("uptime", uptime),
    TEXT("version", version),
    TEXT("vmstat", vmstat),
    TEXT("zoneinfo", zoneinfo),
    { 0 },
};

static const struct proc_dir top_dir = {
    .entries = top_entries,
    .numbered = &process_directory,
    .numbers_are_tasks = true,
    .next = proc_next_process,
    .has = proc_has_task,
};

const struct proc_entry proc_top = { .mode = S_IFDIR | 0555, .dir = &top_dir };
