/*
 * The text files of /proc.
 *
 * A read at the start writes the text, all of it, and reads from it; reads further on go on with
 * the same text, so that a reader in small pieces sees one moment.  Going back to the start shows
 * the next moment.  When the task is gone there is nothing to write any more: -ESRCH.
 */
#include "kernel/fs/iov.h"
#include "kernel/fs/proc_entry.h"
#include "kernel/task.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/kmalloc.h"

enum { LINE_MAX = 128 }; /* more is not written to a file of /proc */

/* What an open file has.  (l) under lock */
struct reading {
    struct mutex lock; /* pread() comes without the file's */
    struct text text;  /* (l) */
    bool written;      /* (l) */
};

static const struct proc_node *node_of(const struct file *file)
{
    return file->dentry->inode->data;
}

static int text_open(struct file *file)
{
    struct reading *reading = kzalloc(sizeof(*reading), GFP_KERNEL);
    if (!reading)
        return -ENOMEM;
    mutex_init(&reading->lock, RANK_TEXT, "text of /proc");
    file->data = reading;
    return 0;
}

static void text_release(struct file *file)
{
    struct reading *reading = file->data;
    text_free(&reading->text);
    kfree(reading);
}

static int show(const struct proc_node *node, struct text *text, struct task *task)
{
    const struct proc_entry *entry = node->entry;
    if (entry->fixed) {
        text_add(text, "%s", entry->fixed);
        return 0;
    }
    if (entry->show_numbered)
        return entry->show_numbered(text, task, node->number);
    return entry->show ? entry->show(text, task) : -EINVAL;
}

/* Write the text anew. */
static int write_text(struct file *file, struct reading *reading) MUST_HOLD(reading->lock)
{
    struct task *task;
    reading->written = false;
    int error = proc_task_get(file->dentry->inode, &task);
    if (error)
        return error;
    text_clear(&reading->text);
    error = show(node_of(file), &reading->text, task);
    if (task)
        task_put(task);
    if (!error)
        error = text_error(&reading->text);
    reading->written = !error;
    return error;
}

static ssize_t read(struct file *file, struct iov *to, u64 *position)
{
    struct reading *reading = file->data;
    mutex_lock(&reading->lock);
    ssize_t result = *position && reading->written ? 0 : write_text(file, reading);
    if (!result)
        result = text_read(&reading->text, to, position);
    mutex_unlock(&reading->lock);
    return result;
}

/* One write is one value: a line, the newline or zero at its end not counted. */
static ssize_t write(struct file *file, struct iov *from, u64 *position)
{
    const struct proc_entry *entry = node_of(file)->entry;
    char line[LINE_MAX];
    size_t size = from->left;
    struct task *task;
    if (!entry->store || size >= sizeof(line))
        return -EINVAL;
    if (iov_take(from, line, size) < size)
        return -EFAULT;
    line[size] = 0;
    if (size && line[size - 1] == '\n')
        line[size - 1] = 0;
    if (strlen(line) + 1 < size)
        return -EINVAL; /* something stands behind a zero */
    int error = proc_task_get(file->dentry->inode, &task);
    if (!error)
        error = entry->store(task, line);
    if (task)
        task_put(task);
    return error ? error : (ssize_t)size;
}

const struct file_ops proc_text_ops = {
    .open = text_open,
    .release = text_release,
    .read = read,
    .write = write,
};
