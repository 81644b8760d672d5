/*
 * /proc: a tree that is made up while somebody looks at it.
 *
 * Its names are the tables of proc_table.c, and the numbers of the tasks there are.  An inode is
 * made when a name is asked for, and goes when nobody has it open any more.  It remembers the
 * number of its task and when that one started, not the task: so it keeps no dead task's memory,
 * and a later task with the same number is somebody else (is_stale()).
 */
#include "kernel/fs/proc.h"

#include "kernel/fs/proc_entry.h"
#include "kernel/task.h"
#include "lib/errno.h"
#include "lib/format.h"
#include "lib/string.h"
#include "mm/kmalloc.h"

enum {
    NUMBER_MAX = 100000000, /* larger names are no numbers */
    PROC_MAGIC = 0x9fa0,    /* Source: statfs(2) */
};

static const struct inode_ops directory_ops, file_inode_ops, link_inode_ops, jump_inode_ops;
static const struct file_ops link_ops = { 0 };
static const struct file_ops directory_file_ops = { .list = proc_list };

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

bool proc_is_stale(const struct inode *inode)
{
    const struct proc_node *node = inode->data;
    struct task *task;
    if (proc_task_get(inode, &task))
        return true;
    bool is_gone = node->has && !node->has(task, node->number);
    if (!is_gone && node->entry->rights)
        is_gone = (inode->mode & S_RIGHTS) != node->entry->rights(task, node->number);
    if (task)
        task_put(task);
    return is_gone;
}

static void set_operations(struct inode *inode, const struct proc_entry *entry)
{
    if (mode_is_dir(entry->mode)) {
        inode->ops = &directory_ops;
        inode->fops = &directory_file_ops;
        inode->links = 2;
    } else if (mode_is_link(entry->mode)) {
        inode->ops = entry->jump ? &jump_inode_ops : &link_inode_ops;
        inode->fops = &link_ops;
    } else {
        inode->ops = &file_inode_ops;
        inode->fops = entry->fops ? entry->fops : &proc_text_ops;
    }
}

/* An inode of @super that stands for @node; or NULL. */
static struct inode *create_inode(struct super *super, const struct proc_node *node)
{
    const struct proc_entry *entry = node->entry;
    struct proc_node *copy = kmalloc(sizeof(*copy), GFP_KERNEL);
    u32 mode = entry->rights ? (entry->mode & S_IFMT) | node->rights : entry->mode;
    struct inode *inode = copy ? inode_create(super, mode) : NULL;
    if (!inode) {
        kfree(copy);
        return NULL;
    }
    *copy = *node;
    inode->data = copy;
    set_operations(inode, entry);
    return inode;
}

static void destroy(struct inode *inode) { kfree(inode->data); }

/* The number that @name is, as it is written; -1: it is none. */
static int number_of(const char *name)
{
    int number = 0;
    if (!*name || (*name == '0' && name[1]))
        return -1;
    for (; *name; name++) {
        if (*name < '0' || *name > '9' || number > NUMBER_MAX)
            return -1;
        number = number * 10 + (*name - '0');
    }
    return number;
}

/* Is @number in @dir, whose task is @task?  Then make @node, that of the directory, its own. */
static bool find_number(const struct proc_dir *dir, struct task *task, int number,
                        struct proc_node *node)
{
    if (!dir->numbered || number < 0 || !dir->has(task, number))
        return false;
    node->entry = dir->numbered;
    node->number = number;
    node->has = dir->numbers_are_tasks ? NULL : dir->has;
    if (node->entry->rights)
        node->rights = node->entry->rights(task, number);
    if (!dir->numbers_are_tasks)
        return true;
    struct task *named = task_find(number);
    if (!named)
        return false;
    node->pid = number;
    node->start_ns = named->start_ns;
    task_put(named);
    return true;
}

/* What @name in directory @inode stands for. */
static int find_node(const struct inode *inode, const char *name, struct proc_node *node)
{
    struct task *task;
    *node = *(const struct proc_node *)inode->data;
    const struct proc_dir *dir = node->entry->dir;
    int error = proc_task_get(inode, &task);
    if (error)
        return -ENOENT;
    const struct proc_entry *entry = dir->entries;
    while (entry && entry->name && strcmp(entry->name, name))
        entry++;
    bool is_found = entry && entry->name;
    if (is_found)
        node->entry = entry;
    else
        is_found = find_number(dir, task, number_of(name), node);
    if (task)
        task_put(task);
    return is_found ? 0 : -ENOENT;
}

static int lookup(struct inode *dir, struct dentry *dentry)
{
    struct proc_node node;
    int error = find_node(dir, dentry->name, &node);
    if (error)
        return error;
    struct inode *inode = create_inode(dir->super, &node);
    if (!inode)
        return -ENOMEM;
    inode->number = proc_inode_number(dir->number, dentry->name);
    dentry_fill(dentry, inode);
    return 0;
}

static int jump(struct inode *inode, struct dentry **target)
{
    const struct proc_node *node = inode->data;
    struct task *task;
    int error = proc_task_get(inode, &task);
    if (!error)
        error = node->entry->jump(task, node->number, target);
    if (task)
        task_put(task);
    return error;
}

/* Copy the path of @dentry to the beginning of @buffer.  Returns: its length. */
static ssize_t copy_path(const struct dentry *dentry, char *buffer, size_t size)
{
    if (mode_is_fifo(dentry->inode->mode) && dentry->parent == dentry)
        return scnprintf(buffer, size, "pipe:[%u]", dentry->inode->number);
    const char *path = dentry_path(dentry, buffer, size);
    if (!path)
        return -ENAMETOOLONG;
    size_t length = strlen(path);
    memmove(buffer, path, length);
    if (dentry_is_gone(dentry))
        length += (size_t)scnprintf(buffer + length, size - length, " (deleted)");
    return (ssize_t)length;
}

static ssize_t readlink(struct inode *inode, char *buffer, size_t size)
{
    const struct proc_node *node = inode->data;
    struct dentry *target;
    if (node->entry->link)
        return node->entry->link(buffer, size);
    int error = jump(inode, &target);
    if (error)
        return error;
    ssize_t length = copy_path(target, buffer, size);
    dentry_put(target);
    return length;
}

/* O_TRUNC: there is nothing to cut, and what is written next replaces what was. */
static int truncate(struct inode *inode, u64 size) { return 0; }

static const struct inode_ops directory_ops = {
    .lookup = lookup,
    .is_stale = proc_is_stale,
    .destroy = destroy,
};
static const struct inode_ops file_inode_ops = {
    .truncate = truncate,
    .is_stale = proc_is_stale,
    .destroy = destroy,
};
static const struct inode_ops link_inode_ops = {
    .readlink = readlink,
    .is_stale = proc_is_stale,
    .destroy = destroy,
};
static const struct inode_ops jump_inode_ops = {
    .readlink = readlink,
    .jump = jump,
    .is_stale = proc_is_stale,
    .destroy = destroy,
};

struct super *proc_tree_create(const char *name, u32 magic, const struct proc_entry *top)
{
    struct super *super = super_create(name, magic);
    struct inode *inode = super ? create_inode(super, &(struct proc_node){ .entry = top }) : NULL;
    if (inode) {
        super->root = dentry_create_root(inode);
        if (super->root)
            return super;
        inode_put(inode);
    }
    if (super)
        super_put(super);
    return NULL;
}

struct super *proc_create(void) { return proc_tree_create("proc", PROC_MAGIC, &proc_top); }
