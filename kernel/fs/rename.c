/*
 * Removing names and giving them to others.
 *
 * One at a time, under names_lock: so what was looked up stays where it was, and parents stay who
 * they were.  Names may be made meanwhile; where that matters, it is looked again with the
 * directory's lock held.
 */
#include "kernel/fs/dentry.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/kmalloc.h"

MUTEX(names_lock, RANK_NAMES);

/* Take the locks of two directories, of which one may be the other; names_lock is held. */
static void lock_two(struct dentry *a, struct dentry *b) UNCHECKED_LOCKS
{
    mutex_lock(&a->inode->lock);
    if (b->inode != a->inode)
        mutex_lock_nested(&b->inode->lock);
}

static void unlock_two(struct dentry *a, struct dentry *b) UNCHECKED_LOCKS
{
    if (b->inode != a->inode)
        mutex_unlock(&b->inode->lock);
    mutex_unlock(&a->inode->lock);
}

/* Nothing can be made in directory @dentry from now on, if it is empty.  Returns: 0, -ENOTEMPTY. */
static int close_dir(const struct dentry *dentry)
{
    struct inode *inode = dentry->inode;
    mutex_lock(&inode->lock);
    bool is_empty = rb_empty(&dentry->names);
    if (is_empty)
        inode->links = 0;
    mutex_unlock(&inode->lock);
    return is_empty ? 0 : -ENOTEMPTY;
}

/* Take @dentry out of @dir, whose lock is held; the name's reference is left to the caller. */
static void unlink(struct dentry *dir, struct dentry *dentry)
{
    dentry_unlist(dir, dentry);
    dir->inode->ops->unlink(dir->inode, dentry);
}

/* May @dentry's name go?  A directory is closed. */
static int prepare_removal(const struct dentry *dir, const struct dentry *dentry, bool directory)
    MUST_HOLD(names_lock)
{
    if (READ_ONCE(dentry->mounted))
        return -EBUSY;
    if (mode_is_dir(dentry->inode->mode) != directory)
        return directory ? -ENOTDIR : -EISDIR;
    if (inode_is_read_only(dir->inode) && !READ_ONCE(dir->inode->super->is_detached))
        return -EROFS;
    if (!dir->inode->ops->unlink)
        return -EPERM;
    return directory ? close_dir(dentry) : 0;
}

static int remove_found(struct dentry *dir, struct dentry *dentry, bool directory)
    MUST_HOLD(names_lock)
{
    int error = prepare_removal(dir, dentry, directory);
    if (!error) {
        mutex_lock(&dir->inode->lock);
        unlink(dir, dentry);
        mutex_unlock(&dir->inode->lock);
        dentry_put(dentry); /* the name's */
    }
    return error;
}

static int remove_name(struct dentry *dir, const struct name *name, bool directory)
    MUST_HOLD(names_lock)
{
    struct dentry *dentry;
    int error = dentry_lookup(dir, name, &dentry);
    if (!error) {
        error = remove_found(dir, dentry, directory);
        dentry_put(dentry);
    }
    return error;
}

void dentry_remove_found(struct dentry *dir, struct dentry *dentry)
{
    mutex_lock(&names_lock);
    if (dentry->parent == dir && dentry->is_listed)
        (void)remove_found(dir, dentry, mode_is_dir(dentry->inode->mode));
    mutex_unlock(&names_lock);
}

int dentry_remove(struct dentry *dir, const struct name *name, bool directory)
{
    mutex_lock(&names_lock);
    int error = remove_name(dir, name, directory);
    mutex_unlock(&names_lock);
    return error;
}

/* --- renaming --------------------------------------------------------------------------------- */

/* What is to happen: @dentry, in @from, is called what @to says, where @old is now, or nothing. */
struct renaming {
    struct dentry *from;
    struct dentry *dentry;
    const struct dentry_place *to;
    struct dentry *old;
    bool exchange; /* and @old what @dentry was called */
};

/* Is @dentry @dir, or somewhere above it? */
static bool is_above(const struct dentry *dentry, const struct dentry *dir) MUST_HOLD(names_lock)
{
    while (dir != dentry && dir->parent != dir)
        dir = dir->parent;
    return dir == dentry;
}

/* A directory must not come to be below itself, nor take the place of one it is in. */
static int check_loops(const struct renaming *renaming) MUST_HOLD(names_lock)
{
    if (is_above(renaming->dentry, renaming->to->dir))
        return -EINVAL;
    if (renaming->old && is_above(renaming->old, renaming->from))
        return renaming->exchange ? -EINVAL : -ENOTEMPTY;
    return 0;
}

static int check_kinds(const struct renaming *renaming)
{
    bool is_dir = mode_is_dir(renaming->dentry->inode->mode);
    bool old_is_dir = renaming->old && mode_is_dir(renaming->old->inode->mode);
    if (!renaming->old || renaming->exchange || is_dir == old_is_dir)
        return 0;
    return is_dir ? -ENOTDIR : -EISDIR;
}

/* May it happen?  Then @old, a directory to be replaced, is closed. */
static int check(const struct renaming *renaming) MUST_HOLD(names_lock)
{
    const struct inode_ops *ops = renaming->from->inode->ops;
    const struct dentry *old = renaming->old;
    int error = check_loops(renaming);
    if (!error)
        error = check_kinds(renaming);
    if (error)
        return error;
    if (READ_ONCE(renaming->dentry->mounted) || (old && READ_ONCE(old->mounted)))
        return -EBUSY;
    if (inode_is_read_only(renaming->from->inode))
        return -EROFS;
    if (!ops->move)
        return -EPERM;
    if (!old || renaming->exchange || !mode_is_dir(old->inode->mode))
        return 0;
    return close_dir(old);
}

/* Is the goal what it was when it was looked up?  Both directories' locks are held. */
static int look_again(const struct renaming *renaming)
{
    struct rb_node *parent, **link;
    const struct dentry_place *to = renaming->to;
    if (!to->dir->inode->links)
        return -ENOENT; /* the directory itself has been removed */
    struct dentry *there = dentry_find(to->dir, &to->name, &parent, &link);
    if (there)
        dentry_put(there); /* never the last: it has a name */
    return there == renaming->old ? 0 : -EAGAIN;
}

/* Set @dentry's name and directory; tree_lock is held. */
static void set_place(struct dentry *dentry, struct dentry *dir, char *text, size_t length)
{
    dentry->parent = dir;
    dentry->name = text;
    dentry->length = (u8)length;
}

/* Put @dentry into @dir, where it is not yet; its name is set. */
static void enter(struct dentry *dir, struct dentry *dentry)
{
    struct rb_node *parent, **link;
    struct dentry *there =
        dentry_find(dir, &(struct name){ dentry->name, dentry->length }, &parent, &link);
    assert(!there);
    dentry_enlist(dir, dentry, parent, link);
}

/* Move @dentry and call it @text, memory that it takes over.  Returns: its old name, likewise. */
static char *move(const struct renaming *renaming, char *text)
{
    struct dentry *dentry = renaming->dentry, *from = renaming->from, *to = renaming->to->dir;
    char *before = dentry->name;
    if (renaming->old)
        unlink(to, renaming->old);
    dentry_unlist(from, dentry);
    dentry_get(to);
    spin_lock(&tree_lock);
    set_place(dentry, to, text, renaming->to->name.length);
    spin_unlock(&tree_lock);
    enter(to, dentry);
    from->inode->ops->move(from->inode, to->inode, dentry);
    return before;
}

/* Let @dentry and @old, in their directories, change places, names and all. */
static void exchange(const struct renaming *renaming)
{
    struct dentry *a = renaming->dentry, *b = renaming->old;
    struct dentry *a_dir = renaming->from, *b_dir = renaming->to->dir;
    dentry_unlist(a_dir, a);
    dentry_unlist(b_dir, b);
    spin_lock(&tree_lock);
    char *text = a->name;
    size_t length = a->length;
    set_place(a, b_dir, b->name, b->length);
    set_place(b, a_dir, text, length);
    spin_unlock(&tree_lock);
    enter(b_dir, a);
    enter(a_dir, b);
    a_dir->inode->ops->move(a_dir->inode, b_dir->inode, a);
    a_dir->inode->ops->move(b_dir->inode, a_dir->inode, b);
}

static char *copy_name(const struct name *name)
{
    char *text = kmalloc(name->length + 1, GFP_KERNEL);
    if (text) {
        memcpy(text, name->text, name->length);
        text[name->length] = 0;
    }
    return text;
}

/* What was looked up and checked is done, unless the goal has changed: -EAGAIN. */
static int commit(const struct renaming *renaming) MUST_HOLD(names_lock)
{
    struct dentry *from = renaming->from, *to = renaming->to->dir, *old = renaming->old;
    char *text = renaming->exchange ? NULL : copy_name(&renaming->to->name);
    if (!text && !renaming->exchange)
        return -ENOMEM;
    lock_two(from, to);
    int error = look_again(renaming);
    if (!error && renaming->exchange)
        exchange(renaming);
    else if (!error)
        text = move(renaming, text);
    unlock_two(from, to);
    kfree(text);
    if (error || renaming->exchange)
        return error;
    if (old)
        dentry_put(old); /* the name's */
    dentry_put(from);    /* its child's */
    return 0;
}

/* Rename what has been looked up. */
static int rename_found(struct renaming *renaming, unsigned flags) MUST_HOLD(names_lock)
{
    struct dentry *old = renaming->old;
    if (old && flags & RENAME_NOREPLACE)
        return -EEXIST;
    if (!old && flags & RENAME_EXCHANGE)
        return -ENOENT;
    if (old && old->inode == renaming->dentry->inode)
        return 0; /* two names of one file: both stay.  rename(2) */
    int error = check(renaming);
    if (error)
        return error;
    error = commit(renaming);
    if (error && old && !renaming->exchange && mode_is_dir(old->inode->mode))
        old->inode->links = 2; /* it stays, and is open again: nobody looked meanwhile */
    return error;
}

static int try_rename(const struct dentry_place *from, const struct dentry_place *to,
                      unsigned flags) MUST_HOLD(names_lock)
{
    struct renaming renaming = { from->dir, NULL, to, NULL, flags & RENAME_EXCHANGE };
    if (from->dir->inode->super != to->dir->inode->super)
        return -EXDEV;
    int error = dentry_lookup(from->dir, &from->name, &renaming.dentry);
    if (error)
        return error;
    error = dentry_lookup(to->dir, &to->name, &renaming.old);
    if (error == -ENOENT) {
        renaming.old = NULL;
        error = 0;
    }
    if (!error) {
        error = rename_found(&renaming, flags);
        if (renaming.old)
            dentry_put(renaming.old);
    }
    dentry_put(renaming.dentry);
    return error;
}

int dentry_rename(const struct dentry_place *from, const struct dentry_place *to, unsigned flags)
{
    int error;
    mutex_lock(&names_lock);
    do
        error = try_rename(from, to, flags);
    while (error == -EAGAIN);
    mutex_unlock(&names_lock);
    return error;
}
