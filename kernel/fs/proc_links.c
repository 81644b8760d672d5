/*
 * The links in /proc/<pid>: the program, the directories it is in, its open files.
 *
 * Their text is a path, for people; whoever follows one gets to the very dentry, though it may
 * have no name any more, or never had one.
 */
#include "kernel/fs/files.h"
#include "kernel/fs/fs_context.h"
#include "kernel/fs/proc_entry.h"
#include "kernel/process.h"
#include "kernel/task.h"
#include "lib/errno.h"

int proc_jump_task_exe(struct task *task, int number, struct dentry **target)
{
    struct process *process = task_process_get(task);
    *target = process ? process_program_get(process) : NULL;
    if (process)
        process_put(process);
    return *target ? 0 : -ENOENT;
}

/* One of the two directories where @task's paths start. */
static int jump_start(struct task *task, bool to_root, struct dentry **target)
{
    struct fs_context *fs = task_fs_get(task);
    if (!fs)
        return -ENOENT;
    struct walk_start start = fs_start(fs);
    *target = dentry_get(to_root ? start.root : start.cwd);
    walk_start_put(&start);
    fs_put(fs);
    return 0;
}

int proc_jump_task_cwd(struct task *task, int number, struct dentry **target)
{
    return jump_start(task, false, target);
}

int proc_jump_task_root(struct task *task, int number, struct dentry **target)
{
    return jump_start(task, true, target);
}

/* What @task has open as @number, with a reference, or NULL. */
static struct file *file_of(struct task *task, int number)
{
    struct files *files = task_files_get(task);
    struct file *file = files ? files_find(files, number) : NULL;
    if (files)
        files_put(files);
    return file;
}

int proc_jump_task_fd(struct task *task, int number, struct dentry **target)
{
    struct file *file = file_of(task, number);
    if (!file)
        return -ENOENT;
    *target = dentry_get(file->dentry);
    file_put(file);
    return 0;
}

/* What may be done with the open file may be done with the link: lsof(8) shows it so. */
u32 proc_rights_of_fd(struct task *task, int number)
{
    struct file *file = file_of(task, number);
    if (!file)
        return 0;
    const u32 flags = file->flags, access = flags & O_ACCMODE;
    file_put(file);
    if (flags & O_PATH)
        return 0;
    return access == O_RDONLY ? 0500 : access == O_WRONLY ? 0300 : 0700;
}

int proc_show_task_fdinfo(struct text *text, struct task *task, int number)
{
    struct files *files = task_files_get(task);
    struct file *file = files ? files_find(files, number) : NULL;
    if (file) {
        const bool cloexec = files_get_cloexec(files, number) > 0;
        const struct inode *inode = file->dentry->inode;
        text_add(text, "pos:\t%llu\nflags:\t0%o\nmnt_id:\t%d\nino:\t%u\n",
                 (unsigned long long)READ_ONCE(file->position),
                 READ_ONCE(file->flags) | (cloexec ? (u32)O_CLOEXEC : 0u), inode->super->id,
                 inode->number);
        file_put(file);
    }
    if (files)
        files_put(files);
    return file ? 0 : -ENOENT;
}

int proc_next_fd(struct task *task, int from)
{
    struct files *files = task_files_get(task);
    int fd = files ? files_next(files, from) : -1;
    if (files)
        files_put(files);
    return fd;
}

bool proc_has_fd(struct task *task, int number) { return proc_next_fd(task, number) == number; }
