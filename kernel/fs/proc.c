/*
 * /proc: a tree that is made up while somebody looks at it.
 *
 * Its names are the tables below, and the numbers of the tasks there are.  An inode is made when
 * a name is asked for, and goes when nobody has it open any more.  It remembers the number of its
 * task and when that one started, not the task: so it keeps no dead task's memory, and a later
 * task with the same number is somebody else (is_stale()).
 */
#include "kernel/fs/proc.h"

#include "kernel/fs/path.h"
#include "kernel/fs/proc_entry.h"
#include "kernel/pid.h"
#include "kernel/task.h"
#include "lib/errno.h"
#include "lib/format.h"
#include "lib/string.h"
#include "mm/kmalloc.h"

#define TEXT(file, function)                                                  \
    {                                                                         \
        .name = (file), .mode = S_IFREG | 0444, .show = proc_show_##function, \
    }

/* The calling process's own directory is a link to its number. */
static ssize_t link_self(struct task *task, char *buffer, size_t size)
{
    return scnprintf(buffer, size, "%d", current->tgid);
}

static ssize_t link_mounts(struct task *task, char *buffer, size_t size)
{
    return scnprintf(buffer, size, "self/mounts");
}

static const struct proc_entry top_entries[] = {
    { .name = "self", .mode = S_IFLNK | 0777, .link = link_self },
    { .name = "mounts", .mode = S_IFLNK | 0777, .link = link_mounts },
    TEXT("buddyinfo", buddyinfo),
    TEXT("cmdline", cmdline),
    TEXT("filesystems", filesystems),
    TEXT("kmap", kmap),
    TEXT("loadavg", loadavg),
    TEXT("meminfo", meminfo),
    TEXT("slabinfo", slabinfo),
    TEXT("stat", stat),
    { .name = "trace", .mode = S_IFREG | 0644, .show = proc_show_trace, .store = proc_store_trace },
    TEXT("uptime", uptime),
    TEXT("version", version),
    TEXT("vmstat", vmstat),
    TEXT("zoneinfo", zoneinfo),
    { 0 },
};

static const struct proc_entry task_entries[] = {
    { .name = "exe", .mode = S_IFLNK | 0777, .link = proc_link_task_exe },
    { .name = "comm",
      .mode = S_IFREG | 0644,
      .show = proc_show_task_comm,
      .store = proc_store_task_comm },
    TEXT("cmdline", task_cmdline),
    TEXT("environ", task_environ),
    TEXT("maps", task_maps),
    TEXT("mounts", mounts),
    { .name = "pagemap", .mode = S_IFREG | 0400, .fops = &proc_pagemap_ops },
    TEXT("smaps", task_smaps),
    TEXT("smaps_rollup", task_smaps_rollup),
    TEXT("stat", task_stat),
    TEXT("statm", task_statm),
    TEXT("status", task_status),
    { 0 },
};

/* The directory of one task; its name is the number. */
static const struct proc_entry task_directory = { .mode = S_IFDIR | 0555 };

static const struct inode_ops directory_ops, file_inode_ops, link_inode_ops;
static const struct file_ops no_ops = { 0 };

int proc_task_get(const struct inode *inode, struct task **task)
{
    const struct proc_node *node = inode->data;
    *task = NULL;
    if (!node->pid)
        return 0;
    *task = task_find(node->pid);
    if (*task && (*task)->start_ns == node->start_ns)
        return 0;
    if (*task)
        task_put(*task);
    *task = NULL;
    return -ESRCH;
}

static bool is_stale(const struct inode *inode)
{
    struct task *task;
    if (proc_task_get(inode, &task))
        return true;
    if (task)
        task_put(task);
    return false;
}

/* An inode of @super that stands for @node; or NULL. */
static struct inode *create_inode(struct super *super, const struct proc_node *node)
{
    const struct proc_entry *entry = node->entry;
    struct proc_node *copy = kmalloc(sizeof(*copy), GFP_KERNEL);
    struct inode *inode = copy ? inode_create(super, entry ? entry->mode : S_IFDIR | 0555) : NULL;
    if (!inode) {
        kfree(copy);
        return NULL;
    }
    *copy = *node;
    inode->data = copy;
    inode->ops = mode_is_dir(inode->mode)    ? &directory_ops
                 : mode_is_link(inode->mode) ? &link_inode_ops
                                             : &file_inode_ops;
    inode->fops = !mode_is_file(inode->mode) ? &no_ops : entry->fops ? entry->fops : &proc_text_ops;
    return inode;
}

static void destroy(struct inode *inode) { kfree(inode->data); }

static const struct proc_entry *find_entry(const struct proc_entry *entry, const char *name)
{
    for (; entry->name; entry++)
        if (!strcmp(entry->name, name))
            return entry;
    return NULL;
}

/* The number that @name is, as it is written; 0: it is none. */
static int pid_of_name(const char *name)
{
    int pid = 0;
    for (const char *at = name; *at; at++) {
        if (*at < '0' || *at > '9' || (*at == '0' && at == name) || pid > PID_MAX)
            return 0;
        pid = pid * 10 + (*at - '0');
    }
    return pid <= PID_MAX ? pid : 0;
}

/* Find the row for @name at the top. */
static int find_at_top(const char *name, struct proc_node *node)
{
    node->entry = find_entry(top_entries, name);
    if (node->entry)
        return 0;
    int pid = pid_of_name(name);
    struct task *task = pid ? task_find(pid) : NULL;
    if (!task)
        return -ENOENT;
    *node = (struct proc_node){ &task_directory, pid, task->start_ns };
    task_put(task);
    return 0;
}

static int find_in_task(const struct inode *dir, const char *name, struct proc_node *node)
{
    *node = *(const struct proc_node *)dir->data;
    node->entry = find_entry(task_entries, name);
    return node->entry && !is_stale(dir) ? 0 : -ENOENT;
}

static int lookup(struct inode *dir, struct dentry *dentry)
{
    const struct proc_node *above = dir->data;
    struct proc_node node = { 0 };
    int error =
        above->entry ? find_in_task(dir, dentry->name, &node) : find_at_top(dentry->name, &node);
    if (error)
        return error;
    struct inode *inode = create_inode(dir->super, &node);
    if (!inode)
        return -ENOMEM;
    dentry_fill(dentry, inode);
    return 0;
}

static ssize_t readlink(struct inode *inode, char *buffer, size_t size)
{
    const struct proc_node *node = inode->data;
    struct task *task;
    ssize_t result = proc_task_get(inode, &task);
    if (!result)
        result = node->entry->link(task, buffer, size);
    if (task)
        task_put(task);
    return result;
}

/* O_TRUNC: there is nothing to cut, and what is written next replaces what was. */
static int truncate(struct inode *inode, u64 size) { return 0; }

static const struct inode_ops directory_ops = {
    .lookup = lookup,
    .is_stale = is_stale,
    .destroy = destroy,
};
static const struct inode_ops file_inode_ops = {
    .truncate = truncate,
    .is_stale = is_stale,
    .destroy = destroy,
};
static const struct inode_ops link_inode_ops = {
    .readlink = readlink,
    .is_stale = is_stale,
    .destroy = destroy,
};

struct super *proc_create(void)
{
    struct super *super = kzalloc(sizeof(*super), GFP_KERNEL);
    struct inode *inode = super ? create_inode(super, &(struct proc_node){ 0 }) : NULL;
    if (inode) {
        super->name = "proc";
        super->root = dentry_create_root(inode);
        if (super->root)
            return super;
        inode_put(inode);
    }
    kfree(super);
    return NULL;
}

int proc_mount(void)
{
    struct walk_start start = path_root();
    struct dentry *at;
    struct super *super = proc_create();
    if (!super)
        return -ENOMEM;
    int error = path_walk(&start, "/proc", WALK_DIRECTORY, &at);
    if (error == -ENOENT)
        error = dentry_make(start.root, &(struct name){ "proc", 4 },
                            &(struct inode_spec){ .mode = S_IFDIR | 0555 }, &at);
    if (error)
        return error;
    error = super_mount(super, at);
    dentry_put(at);
    return error;
}
