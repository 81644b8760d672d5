/*
 * Roots, working directories and umasks.
 */
#include "kernel/fs/fs_context.h"

#include "kernel/task.h"
#include "lib/assert.h"
#include "mm/kmalloc.h"

/* Be in directory @dir, which keeps its file system from being unmounted; and no longer. */
static struct dentry *stand_in(struct dentry *dir)
{
    super_enter(dir->inode->super);
    return dentry_get(dir);
}

static void leave(struct dentry *dir)
{
    super_leave(dir->inode->super);
    dentry_put(dir);
}

static struct fs_context *create(struct walk_start start, u32 umask)
{
    struct fs_context *fs = kzalloc(sizeof(*fs), GFP_KERNEL);
    if (!fs)
        return NULL;
    mutex_init(&fs->lock, RANK_FILES, "fs");
    fs->start = (struct walk_start){ stand_in(start.root), stand_in(start.cwd) };
    fs->umask = umask;
    fs->refs = 1;
    return fs;
}

struct fs_context *fs_create(void) { return create(path_root(), 022); }

void fs_get(struct fs_context *fs)
{
    u32 before = __atomic_fetch_add(&fs->refs, 1, __ATOMIC_RELAXED);
    assert(before);
}

struct fs_context *fs_copy(struct fs_context *from)
{
    struct walk_start start = fs_start(from);
    struct fs_context *fs = create(start, READ_ONCE(from->umask));
    walk_start_put(&start);
    return fs;
}

void fs_put(struct fs_context *fs)
{
    if (__atomic_sub_fetch(&fs->refs, 1, __ATOMIC_ACQ_REL))
        return;
    leave(fs->start.root);
    leave(fs->start.cwd);
    kfree(fs);
}

struct walk_start fs_start(struct fs_context *fs)
{
    mutex_lock(&fs->lock);
    struct walk_start start = fs->start;
    dentry_get(start.root);
    dentry_get(start.cwd);
    mutex_unlock(&fs->lock);
    return start;
}

void walk_start_put(struct walk_start *start)
{
    dentry_put(start->root);
    dentry_put(start->cwd);
}

static void set(struct fs_context *fs, struct dentry **place, struct dentry *dir)
{
    stand_in(dir);
    mutex_lock(&fs->lock);
    struct dentry *old = *place;
    *place = dir;
    mutex_unlock(&fs->lock);
    leave(old);
}

void fs_set_cwd(struct fs_context *fs, struct dentry *dir) { set(fs, &fs->start.cwd, dir); }
void fs_set_root(struct fs_context *fs, struct dentry *dir) { set(fs, &fs->start.root, dir); }

u32 fs_masked(const struct fs_context *fs, u32 mode) { return mode & ~READ_ONCE(fs->umask); }

void task_set_fs(struct task *task, struct fs_context *fs)
{
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    struct fs_context *old = task->fs;
    task->fs = fs;
    spin_unlock_irqrestore(&tasks_lock, flags);
    if (old)
        fs_put(old);
}

struct fs_context *task_fs_get(struct task *task)
{
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    struct fs_context *fs = task->fs;
    if (fs)
        fs_get(fs);
    spin_unlock_irqrestore(&tasks_lock, flags);
    return fs;
}
