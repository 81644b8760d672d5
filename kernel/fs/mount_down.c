/*
 * The end of a file system: nobody finds it any more, and nobody uses it.
 *
 * The last who leaves may do so with locks held that come after a directory's, so the work is a
 * kernel thread's, which is made when it is first needed.
 */
#include "kernel/fs/dentry.h"
#include "kernel/fs/mount.h"
#include "kernel/mutex.h"
#include "kernel/preempt.h"
#include "kernel/printk.h"
#include "kernel/sched.h"
#include "kernel/task.h"
#include "kernel/wait.h"

static MUTEX(waiting_lock, RANK_MOUNTS);
static LIST(waiting);   /* under waiting_lock: file systems detached and in use */
static bool has_thread; /* likewise */
static u32 left_count;  /* (a) how often a last user has left */
static WAIT_QUEUE(left_queue);

/* A dentry listed in @dir, with a reference, or NULL. */
static struct dentry *first_name(struct dentry *dir)
{
    mutex_lock(&dir->inode->lock);
    struct rb_node *node = rb_first(&dir->names);
    struct dentry *dentry = node ? dentry_get(rb_entry(node, struct dentry, node)) : NULL;
    mutex_unlock(&dir->inode->lock);
    return dentry;
}

/* Remove all names below @root: into each directory, and out again when it is empty. */
static void remove_names(struct dentry *root)
{
    struct dentry *dir = dentry_get(root);
    for (;;) {
        struct dentry *dentry = first_name(dir);
        if (dentry && mode_is_dir(dentry->inode->mode) && !rb_empty(&dentry->names)) {
            dentry_put(dir);
            dir = dentry;
        } else if (dentry) {
            dentry_remove_found(dir, dentry);
            dentry_put(dentry);
        } else if (dir != root) {
            struct dentry *parent = dentry_parent_get(dir);
            dentry_put(dir);
            dir = parent;
        } else {
            break;
        }
        cond_resched();
    }
    dentry_put(dir);
}

void mount_take_down(struct super *super)
{
    struct dentry *root = super->root;
    if (root->inode->ops->unlink) { /* its names keep their dentries */
        mutex_lock(&root->inode->lock);
        root->inode->links = 0; /* nothing can be made in it from now on */
        mutex_unlock(&root->inode->lock);
        remove_names(root);
    }
    dentry_put(root);
    super_put(super);
}

/* One of those that wait and are in use no more, or NULL. */
static struct super *take_one(void)
{
    struct super *each, *found = NULL;
    mutex_lock(&waiting_lock);
    list_for_each_entry (each, &waiting, node)
        if (!__atomic_load_n(&each->users, __ATOMIC_SEQ_CST)) {
            found = each;
            break;
        }
    if (found)
        list_del_init(&found->node);
    mutex_unlock(&waiting_lock);
    return found;
}

static void take_down_those_left(void *data)
{
    for (;;) {
        u32 seen = __atomic_load_n(&left_count, __ATOMIC_SEQ_CST);
        struct super *super;
        while ((super = take_one()))
            mount_take_down(super);
        wait_event(&left_queue, __atomic_load_n(&left_count, __ATOMIC_SEQ_CST) != seen);
    }
}

void mount_left(void)
{
    __atomic_add_fetch(&left_count, 1, __ATOMIC_SEQ_CST);
    wake_up(&left_queue);
}

void mount_take_down_when_left(struct super *super)
{
    struct task *thread = NULL;
    if (!__atomic_load_n(&super->users, __ATOMIC_SEQ_CST)) {
        mount_take_down(super);
        return;
    }
    mutex_lock(&waiting_lock);
    list_add_tail(&super->node, &waiting);
    bool needs_thread = !has_thread;
    has_thread = true;
    mutex_unlock(&waiting_lock);
    if (needs_thread) {
        thread = task_create_kernel(take_down_those_left, NULL, "umount");
        if (thread)
            task_detach(thread);
        else
            pr_warn("umount: no memory for a thread: what was unmounted stays in memory");
    }
    if (thread)
        task_wake(thread);
    else
        mount_left();
}
