/*
 * Who has locked which part of a file.
 *
 * One mutex guards the locks of all files, and one queue has all who wait: locks are few, and
 * seldom in each other's way.  A file's locks are sorted by nothing; those of one owner and kind
 * never overlap, and touch only if they are of different types.
 */
#include "kernel/fs/file_lock.h"

#include "kernel/fs/vfs.h"
#include "kernel/mutex.h"
#include "kernel/wait.h"
#include "lib/errno.h"
#include "lib/minmax.h"
#include "mm/kmalloc.h"

/* Somebody who waits: all under locks_lock. */
struct wish {
    struct list_node node;
    const void *owner, *blocker; /* whose lock is in the way */
};

static MUTEX(locks_lock, RANK_FILE_LOCKS);
static LIST(wishes);
static u32 changes; /* (a) how often a lock was changed */
static WAIT_QUEUE(changed);

static struct list_node *locks_of(const struct file *file) { return &file->dentry->inode->locks; }

static bool is_mine(const struct file_lock *lock, const struct file_lock *other)
{
    return lock->owner == other->owner && lock->kind == other->kind;
}

/* Can the two not be there together? */
static bool conflicts(const struct file_lock *a, const struct file_lock *b)
{
    if ((a->kind == LOCK_WHOLE) != (b->kind == LOCK_WHOLE) || is_mine(a, b))
        return false;
    return a->start <= b->last && b->start <= a->last && (a->type == F_WRLCK || b->type == F_WRLCK);
}

static const struct file_lock *find_conflict(const struct file *file,
                                             const struct file_lock *wanted)
{
    const struct file_lock *lock;
    list_for_each_entry (lock, locks_of(file), node)
        if (conflicts(lock, wanted))
            return lock;
    return NULL;
}

/* Does @blocker wait, over however many others, for @owner? */
static bool would_deadlock(const void *owner, const void *blocker)
{
    const struct wish *wish;
    bool found = true;
    while (found && blocker != owner) {
        found = false;
        list_for_each_entry (wish, &wishes, node)
            if (wish->owner == blocker) {
                blocker = wish->blocker;
                found = true;
                break;
            }
    }
    return blocker == owner;
}

/*
 * Take the range of @wanted out of @lock, which is the owner's.  *@spare is for what is left behind
 * it, if something is left before it, too.
 */
static void cut(struct file_lock *lock, const struct file_lock *wanted, struct file_lock **spare)
{
    bool before = lock->start < wanted->start;
    bool behind = lock->last > wanted->last;
    if (before && behind) {
        struct file_lock *rest = *spare;
        *spare = NULL;
        *rest = *lock;
        rest->start = wanted->last + 1;
        list_add_tail(&rest->node, &lock->node);
    }
    if (before) {
        lock->last = wanted->start - 1;
    } else if (behind) {
        lock->start = wanted->last + 1;
    } else {
        list_del(&lock->node);
        kfree(lock);
    }
}

/* Make @lock as large as it and those of its type that touch it are, and free those. */
static void merge(struct file *file, struct file_lock *lock)
{
    struct file_lock *each, *after;
    list_for_each_entry_safe (each, after, locks_of(file), node) {
        if (each == lock || !is_mine(each, lock) || each->type != lock->type)
            continue;
        if (each->last + 1 != lock->start && lock->last + 1 != each->start)
            continue;
        lock->start = min(lock->start, each->start);
        lock->last = max(lock->last, each->last);
        list_del(&each->node);
        kfree(each);
    }
}

/* Nothing is in the way: do it.  @spare: two locks to be used, NULL what was. */
static void apply(struct file *file, const struct file_lock *wanted, struct file_lock *spare[2])
{
    struct file_lock *each, *after;
    list_for_each_entry_safe (each, after, locks_of(file), node)
        if (is_mine(each, wanted) && each->start <= wanted->last && wanted->start <= each->last)
            cut(each, wanted, &spare[0]);
    if (wanted->type != F_UNLCK) {
        struct file_lock *lock = spare[1];
        spare[1] = NULL;
        *lock = *wanted;
        list_add_tail(&lock->node, locks_of(file));
        merge(file, lock);
    }
    __atomic_add_fetch(&changes, 1, __ATOMIC_RELAXED);
}

/* Try once; -EAGAIN: *@wish says who is in the way. */
static int try(struct file *file, const struct file_lock *wanted, struct file_lock *spare[2],
               struct wish *wish)
{
    const struct file_lock *other = wanted->type == F_UNLCK ? NULL : find_conflict(file, wanted);
    if (!other) {
        apply(file, wanted, spare);
        return 0;
    }
    *wish = (struct wish){ .owner = wanted->owner, .blocker = other->owner };
    return -EAGAIN;
}

/* Sleep until some lock has changed; locks_lock is not held, the wish is on the list. */
static int wait_for_change(struct wish *wish, u32 seen)
{
    int error =
        wait_event_interruptible(&changed, __atomic_load_n(&changes, __ATOMIC_RELAXED) != seen);
    mutex_lock(&locks_lock);
    list_del(&wish->node);
    mutex_unlock(&locks_lock);
    return error;
}

static int set(struct file *file, const struct file_lock *wanted, bool waits,
               struct file_lock *spare[2])
{
    for (;;) {
        struct wish wish;
        mutex_lock(&locks_lock);
        u32 seen = changes;
        int error = try(file, wanted, spare, &wish);
        if (error && waits && wanted->kind == LOCK_RECORD &&
            would_deadlock(wish.owner, wish.blocker))
            error = -EDEADLK;
        bool sleeps = waits && error == -EAGAIN;
        if (sleeps)
            list_add_tail(&wish.node, &wishes);
        mutex_unlock(&locks_lock);
        if (!error)
            wake_up(&changed);
        if (sleeps)
            error = wait_for_change(&wish, seen);
        if (error || !sleeps)
            return error;
    }
}

int file_lock_set(struct file *file, const struct file_lock *wanted, bool waits)
{
    struct file_lock *spare[2];
    for (int i = 0; i < 2; i++)
        spare[i] = kmalloc(sizeof(**spare), GFP_KERNEL);
    int error = spare[0] && spare[1] ? set(file, wanted, waits, spare) : -ENOMEM;
    kfree(spare[0]);
    kfree(spare[1]);
    return error;
}

void file_lock_test(struct file *file, struct file_lock *lock)
{
    mutex_lock(&locks_lock);
    const struct file_lock *other = find_conflict(file, lock);
    if (other)
        *lock = *other;
    else
        lock->type = F_UNLCK;
    mutex_unlock(&locks_lock);
}

/* Free what @owner has on @file. */
static void free_all(struct file *file, const void *owner)
{
    struct file_lock *each, *after;
    unsigned found = 0;
    if (list_empty(locks_of(file))) /* ours would be on it */
        return;
    mutex_lock(&locks_lock);
    list_for_each_entry_safe (each, after, locks_of(file), node)
        if (each->owner == owner) {
            list_del(&each->node);
            kfree(each);
            found++;
        }
    __atomic_add_fetch(&changes, found, __ATOMIC_RELAXED);
    mutex_unlock(&locks_lock);
    if (found)
        wake_up(&changed);
}

void file_lock_leave(struct file *file, const struct files *files) { free_all(file, files); }
void file_lock_close(struct file *file) { free_all(file, file); }
