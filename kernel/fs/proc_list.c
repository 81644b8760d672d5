/*
 * Listing the directories of /proc.
 *
 *     position            | names
 *    ---------------------+---------------------------------------------
 *     0, 1                | . and ..
 *     2 and up            | the rows of the directory's table
 *     NUMBERS_AT + number | numbers: those that are there at that moment
 */
#include "kernel/fs/proc_entry.h"
#include "kernel/pid.h"
#include "kernel/process.h"
#include "kernel/task.h"
#include "lib/errno.h"
#include "lib/format.h"
#include "lib/minmax.h"
#include "lib/string.h"

enum {
    NUMBERS_AT = 256,
    NUMBER_BYTES = 12,
    PIDS_AT_ONCE = 512, /* looked at with tasks_lock held */
};

/* FNV-1a: a number that is the same each time somebody looks. */
u32 proc_inode_number(u32 above, const char *name)
{
    u32 hash = 2166136261u ^ above;
    for (; *name; name++)
        hash = (hash ^ (u8)*name) * 16777619u;
    return hash ? hash : 1;
}

static bool take(struct dir_reader *reader, const struct inode *dir, const char *name,
                 struct dir_entry entry)
{
    entry.name = (struct name){ name, strlen(name) };
    entry.number = proc_inode_number(dir->number, name);
    return reader->take(reader, &entry);
}

/* List the table's rows from *@position on.  False: the reader is full. */
static bool list_entries(const struct inode *inode, const struct proc_dir *dir,
                         struct dir_reader *reader, u64 *position)
{
    const struct proc_entry *entry = dir->entries;
    for (u64 place = DIR_FIRST; entry && entry->name; place++, entry++) {
        if (place < *position)
            continue;
        struct dir_entry listed = { .mode = entry->mode, .next = place + 1 };
        if (!take(reader, inode, entry->name, listed))
            return false;
        *position = place + 1;
    }
    return true;
}

static void list_numbers(const struct inode *inode, struct task *task, struct dir_reader *reader,
                         u64 *position)
{
    const struct proc_node *node = inode->data;
    const struct proc_dir *dir = node->entry->dir;
    u64 from = *position > NUMBERS_AT ? *position - NUMBERS_AT : 0;
    while (from <= INT32_MAX) {
        char name[NUMBER_BYTES];
        int number = dir->next(task, (int)from);
        if (number < 0)
            return;
        from = (u64)number + 1;
        struct dir_entry listed = { .mode = dir->numbered->mode, .next = NUMBERS_AT + from };
        snprintf(name, sizeof(name), "%d", number);
        if (!take(reader, inode, name, listed))
            return;
        *position = listed.next;
    }
}

int proc_list(struct file *file, struct dir_reader *reader, u64 *position)
{
    const struct inode *inode = file->dentry->inode;
    const struct proc_node *node = inode->data;
    const struct proc_dir *dir = node->entry->dir;
    struct task *task;
    int error = proc_task_get(inode, &task);
    if (error)
        return -ENOENT;
    if (dir_list_dots(file, reader, position) && list_entries(inode, dir, reader, position) &&
        dir->numbered)
        list_numbers(inode, task, reader, position);
    if (task)
        task_put(task);
    return 0;
}

/* --- numbers ---------------------------------------------------------------------------------- */

/* Is @task the one whose number its process has?  A kernel thread is alone. */
static bool is_leader(const struct task *task)
{
    return !task->process || task->process->leader == task;
}

/* The first process's number in [@from, @end), or -1. */
static int find_process(int from, int end)
{
    int found = -1;
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    for (int pid = from; pid < end && found < 0; pid++) {
        const struct task *each = pid_lookup(pid);
        if (each && is_leader(each))
            found = pid;
    }
    spin_unlock_irqrestore(&tasks_lock, flags);
    return found;
}

int proc_next_process(struct task *task, int from)
{
    int found = -1;
    for (; from <= PID_MAX && found < 0; from += PIDS_AT_ONCE)
        found = find_process(from, min(from + PIDS_AT_ONCE, PID_MAX + 1));
    return found;
}

bool proc_has_task(struct task *task, int number)
{
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    bool is_there = number > 0 && number <= PID_MAX && pid_lookup(number);
    spin_unlock_irqrestore(&tasks_lock, flags);
    return is_there;
}

int proc_next_thread(struct task *task, int from)
{
    const struct task *each;
    int found = -1;
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    if (!task->process)
        found = task->pid >= from ? task->pid : -1;
    else
        list_for_each_entry (each, &task->process->threads, thread_node)
            if (each->pid >= from && (found < 0 || each->pid < found))
                found = each->pid;
    spin_unlock_irqrestore(&tasks_lock, flags);
    return found;
}

bool proc_has_thread(struct task *task, int number)
{
    return proc_next_thread(task, number) == number;
}
