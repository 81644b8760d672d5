/*
 * Dentries: the tree of names.
 *
 * A directory's names stand in a tree sorted by name, under its inode's lock.  A dentry's last
 * reference is dropped under that lock, too: so whoever finds a name there finds it alive.
 */
#include "kernel/fs/vfs.h"

#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/minmax.h"
#include "lib/string.h"
#include "mm/kmalloc.h"

/* Less than 0, 0 or more: is @name before, at or behind @dentry's? */
static int compare(const struct name *name, const struct dentry *dentry)
{
    int order = memcmp(name->text, dentry->name, min(name->length, (size_t)dentry->length));
    return order ? order : (int)name->length - (int)dentry->length;
}

static struct dentry *dentry_create(struct dentry *parent, const struct name *name)
{
    struct dentry *dentry = kzalloc(sizeof(*dentry) + name->length + 1, GFP_KERNEL);
    if (!dentry)
        return NULL;
    dentry->refs = 1;
    dentry->length = (u8)name->length;
    memcpy(dentry->name, name->text, name->length);
    dentry->parent = parent ? dentry_get(parent) : dentry;
    return dentry;
}

struct dentry *dentry_create_root(struct inode *inode)
{
    struct dentry *dentry = dentry_create(NULL, &(struct name){ "", 0 });
    if (dentry)
        dentry->inode = inode;
    return dentry;
}

struct dentry *dentry_create_alone(struct inode *inode, const char *name)
{
    struct dentry *dentry = dentry_create(NULL, &(struct name){ name, strlen(name) });
    if (dentry)
        dentry->inode = inode;
    return dentry;
}

void dentry_fill(struct dentry *dentry, struct inode *inode)
{
    assert(!dentry->inode);
    dentry->inode = inode;
}

struct dentry *dentry_get(struct dentry *dentry)
{
    u32 before = __atomic_fetch_add(&dentry->refs, 1, __ATOMIC_RELAXED);
    assert(before);
    return dentry;
}

/* Drop a reference that is not the last one: no lock needed.  False: it is the last. */
static bool put_unless_last(struct dentry *dentry)
{
    u32 refs = __atomic_load_n(&dentry->refs, __ATOMIC_RELAXED);
    while (refs > 1)
        if (__atomic_compare_exchange_n(&dentry->refs, &refs, refs - 1, true, __ATOMIC_RELEASE,
                                        __ATOMIC_RELAXED))
            return true;
    return false;
}

/* Take @dentry out of its directory @dir, whose lock is held. */
static void unlist(struct dentry *dir, struct dentry *dentry)
{
    rb_erase(&dir->names, &dentry->node);
    rb_erase(&dir->places, &dentry->order);
    dentry->is_listed = false;
}

/*
 * Drop a reference under the parent's lock; the last takes the name out of its directory.  What
 * is in no directory (a root, or unlinked) nobody can find by name: it needs no lock.
 */
static bool put_last(struct dentry *dentry, struct dentry *parent)
{
    if (parent == dentry || !__atomic_load_n(&dentry->is_listed, __ATOMIC_ACQUIRE))
        return __atomic_sub_fetch(&dentry->refs, 1, __ATOMIC_ACQ_REL) == 0;

    mutex_lock(&parent->inode->lock);
    bool is_last = __atomic_sub_fetch(&dentry->refs, 1, __ATOMIC_ACQ_REL) == 0;
    if (is_last && dentry->is_listed)
        unlist(parent, dentry);
    mutex_unlock(&parent->inode->lock);
    return is_last;
}

void dentry_put(struct dentry *dentry)
{
    while (!put_unless_last(dentry)) {
        struct dentry *parent = dentry->parent;
        if (!put_last(dentry, parent))
            return;
        if (dentry->inode)
            inode_put(dentry->inode);
        kfree(dentry);
        if (parent == dentry)
            return;
        dentry = parent; /* the child's reference to its directory goes with it */
    }
}

/* @name among the listed ones, with a reference, or NULL; and where it would be inserted. */
static struct dentry *find(struct dentry *dir, const struct name *name, struct rb_node **parent,
                           struct rb_node ***link)
{
    *parent = NULL;
    *link = &dir->names.node;
    while (**link) {
        struct dentry *dentry = rb_entry(**link, struct dentry, node);
        int order = compare(name, dentry);
        if (!order)
            return dentry_get(dentry);
        *parent = **link;
        *link = &(**link)->child[order < 0 ? RB_LEFT : RB_RIGHT];
    }
    return NULL;
}

/* Put @dentry into @dir, whose lock is held, where find() said. */
static void enlist(struct dentry *dir, struct dentry *dentry, struct rb_node *parent,
                   struct rb_node **link)
{
    rb_insert_at(&dir->names, &dentry->node, parent, link);
    dentry->place = dir->last_place = max_of(u64, dir->last_place + 1, DIR_FIRST);
    struct rb_node *last = rb_last(&dir->places);
    rb_insert_at(&dir->places, &dentry->order, last,
                 last ? &last->child[RB_RIGHT] : &dir->places.node);
    dentry->is_listed = true;
}

/* How a name that is not listed gets its inode: asked for, made, or linked. */
struct maker {
    const struct inode_spec *spec; /* make one like this */
    struct inode *inode;           /* or one more name of this; both NULL: ask the file system */
};

static int fill(struct inode *dir, struct dentry *dentry, const struct maker *maker)
{
    const struct inode_ops *ops = dir->ops;
    if (maker->spec)
        return ops->create ? ops->create(dir, dentry, maker->spec) : -EPERM;
    if (maker->inode)
        return ops->link ? ops->link(dir, dentry, maker->inode) : -EPERM;
    return ops->lookup ? ops->lookup(dir, dentry) : -ENOENT;
}

/*
 * Take @dentry, found in @dir, whose lock is held, out of it, and drop our reference: who has it
 * open keeps it, but nobody finds it any more.
 */
static void forget(struct dentry *dir, struct dentry *dentry)
{
    unlist(dir, dentry);
    if (put_unless_last(dentry))
        return;
    inode_put(dentry->inode);
    kfree(dentry);
    dentry_put(dir); /* never the last: the caller has one */
}

static bool is_stale(const struct dentry *dentry)
{
    const struct inode_ops *ops = dentry->inode->ops;
    return ops && ops->is_stale && ops->is_stale(dentry->inode);
}

/* Find or make @name in @dir, whose lock is held. */
static int find_or_fill(struct dentry *dir, const struct name *name, const struct maker *maker,
                        struct dentry **result)
{
    struct rb_node *parent, **link;
    bool is_new = maker->spec || maker->inode;
    struct dentry *dentry = find(dir, name, &parent, &link);
    if (dentry && is_stale(dentry)) {
        forget(dir, dentry);
        dentry = find(dir, name, &parent, &link); /* for the place: the tree has changed */
    }
    *result = dentry;
    if (dentry)
        return is_new ? -EEXIST : 0;
    if (is_new && !dir->inode->links)
        return -ENOENT; /* the directory itself has been removed */

    dentry = dentry_create(dir, name);
    if (!dentry)
        return -ENOMEM;
    int error = fill(dir->inode, dentry, maker);
    if (error) {
        kfree(dentry);
        dentry_put(dir); /* never the last: the caller has one */
        return error;
    }
    enlist(dir, dentry, parent, link);
    *result = dentry;
    return 0;
}

static int dentry_get_or_make(struct dentry *dir, const struct name *name,
                              const struct maker *maker, struct dentry **result)
{
    if (!mode_is_dir(dir->inode->mode))
        return -ENOTDIR;
    if (name->length > NAME_BYTES_MAX)
        return -ENAMETOOLONG;
    mutex_lock(&dir->inode->lock);
    int error = find_or_fill(dir, name, maker, result);
    mutex_unlock(&dir->inode->lock);
    if (error == -EEXIST)
        dentry_put(*result);
    return error;
}

int dentry_lookup(struct dentry *dir, const struct name *name, struct dentry **result)
{
    return dentry_get_or_make(dir, name, &(struct maker){ 0 }, result);
}

int dentry_make(struct dentry *dir, const struct name *name, const struct inode_spec *spec,
                struct dentry **result)
{
    return dentry_get_or_make(dir, name, &(struct maker){ .spec = spec }, result);
}

int dentry_link(struct dentry *dir, const struct name *name, struct inode *inode)
{
    struct dentry *dentry;
    if (mode_is_dir(inode->mode))
        return -EPERM;
    int error = dentry_get_or_make(dir, name, &(struct maker){ .inode = inode }, &dentry);
    if (!error)
        dentry_put(dentry);
    return error;
}

/* Removals and renamings, one at a time: what they have looked up stays as it was. */
static MUTEX(names_lock, RANK_NAMES);

/* May @dentry's name go?  A directory is closed: nothing can be made in it from now on. */
static int prepare_removal(const struct dentry *dir, const struct dentry *dentry, bool directory)
{
    struct inode *inode = dentry->inode;
    if (dentry->mounted)
        return -EBUSY;
    if (mode_is_dir(inode->mode) != directory)
        return directory ? -ENOTDIR : -EISDIR;
    if (!dir->inode->ops->unlink)
        return -EPERM;
    if (!directory)
        return 0;
    mutex_lock(&inode->lock);
    bool empty = !dentry->names.node;
    if (empty)
        inode->links = 0;
    mutex_unlock(&inode->lock);
    return empty ? 0 : -ENOTEMPTY;
}

/* The same, and tell the file system that the name is gone. */
static void unlink(struct dentry *dir, struct dentry *dentry)
{
    unlist(dir, dentry);
    dir->inode->ops->unlink(dir->inode, dentry);
}

static int remove_name(struct dentry *dir, const struct name *name, bool directory)
    MUST_HOLD(names_lock)
{
    struct dentry *dentry;
    int error = dentry_lookup(dir, name, &dentry);
    if (error)
        return error;
    error = prepare_removal(dir, dentry, directory);
    if (!error) {
        mutex_lock(&dir->inode->lock);
        unlink(dir, dentry);
        mutex_unlock(&dir->inode->lock);
        dentry_put(dentry); /* the name's */
    }
    dentry_put(dentry);
    return error;
}

int dentry_remove(struct dentry *dir, const struct name *name, bool directory)
{
    mutex_lock(&names_lock);
    int error = remove_name(dir, name, directory);
    mutex_unlock(&names_lock);
    return error;
}

/* Make @to a name of @inode in one step, instead of @old (NULL: it was free). */
static int replace_name(const struct dentry_place *to, struct inode *inode, struct dentry *old)
    MUST_HOLD(names_lock)
{
    struct dentry *dir = to->dir;
    struct rb_node *parent, **link;
    struct dentry *dentry = dentry_create(dir, &to->name);
    if (!dentry)
        return -ENOMEM;
    mutex_lock(&dir->inode->lock);
    struct dentry *there = find(dir, &to->name, &parent, &link);
    int error = !dir->inode->links ? -ENOENT /* the directory itself has been removed */
                : there != old     ? -EEXIST
                                   : fill(dir->inode, dentry, &(struct maker){ NULL, inode });
    if (!error && old) {
        unlink(dir, old);
        dentry_put(old); /* the name's; find()'s and the caller's are left */
        dentry_put(old); /* find()'s */
        there = find(dir, &to->name, &parent, &link);
    }
    if (!error)
        enlist(dir, dentry, parent, link);
    mutex_unlock(&dir->inode->lock);
    if (error && there)
        dentry_put(there);
    if (error) {
        kfree(dentry);
        dentry_put(dir); /* never the last: the caller has one */
    } else {
        dentry_put(dentry);
    }
    return error;
}

/* May @from's inode get the name @to, which @old has now? */
static int check_rename(const struct dentry *from, const struct dentry_place *to,
                        const struct dentry *old)
{
    if (mode_is_dir(from->inode->mode))
        return -EXDEV;
    if (from->inode->super != to->dir->inode->super)
        return -EXDEV;
    return old ? prepare_removal(to->dir, old, false) : 0;
}

int dentry_rename(const struct dentry_place *from, const struct dentry_place *to, bool keep)
{
    struct dentry *dentry, *old = NULL;
    mutex_lock(&names_lock);
    int error = dentry_lookup(from->dir, &from->name, &dentry);
    if (!error) {
        error = dentry_lookup(to->dir, &to->name, &old);
        if (error == -ENOENT)
            error = 0;
        bool same = !error && old && old->inode == dentry->inode;
        if (!error && old && keep)
            error = -EEXIST;
        if (!error && !same)
            error = check_rename(dentry, to, old);
        if (!error && !same)
            error = replace_name(to, dentry->inode, old);
        if (!error && !same)
            error = remove_name(from->dir, &from->name, false);
        if (old)
            dentry_put(old);
        dentry_put(dentry);
    }
    mutex_unlock(&names_lock);
    return error;
}
