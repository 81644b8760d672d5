/*
 * Dentries: the tree of names.
 *
 * A directory's names stand in a tree sorted by name, under its inode's lock.  A dentry's last
 * reference is dropped under that lock, too: so whoever finds a name there finds it alive.
 */
#include "kernel/fs/dentry.h"

#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/minmax.h"
#include "lib/string.h"
#include "mm/kmalloc.h"

SPINLOCK(tree_lock, RANK_FS);

/* Less than 0, 0 or more: is @name before, at or behind @dentry's? */
static int compare(const struct name *name, const struct dentry *dentry)
{
    int order = memcmp(name->text, dentry->name, min(name->length, (size_t)dentry->length));
    return order ? order : (int)name->length - (int)dentry->length;
}

static struct dentry *dentry_create(struct dentry *parent, const struct name *name)
{
    struct dentry *dentry = kzalloc(sizeof(*dentry), GFP_KERNEL);
    char *text = dentry ? kmalloc(name->length + 1, GFP_KERNEL) : NULL;
    if (!text) {
        kfree(dentry);
        return NULL;
    }
    memcpy(text, name->text, name->length);
    text[name->length] = 0;
    dentry->name = text;
    dentry->length = (u8)name->length;
    dentry->refs = 1;
    dentry->parent = parent ? dentry_get(parent) : dentry;
    return dentry;
}

static void free_dentry(struct dentry *dentry)
{
    kfree(dentry->name);
    kfree(dentry);
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

struct dentry *dentry_parent_get(const struct dentry *dentry)
{
    spin_lock(&tree_lock);
    struct dentry *parent = dentry_get(dentry->parent);
    spin_unlock(&tree_lock);
    return parent;
}

void dentry_unlist(struct dentry *dir, struct dentry *dentry)
{
    rb_erase(&dir->names, &dentry->node);
    rb_erase(&dir->places, &dentry->order);
    dentry->is_listed = false;
}

/* Drop a reference in the directory @parent, if @dentry is there still: false, it has moved. */
static bool put_in_parent(struct dentry *dentry, struct dentry *parent, bool *is_last)
{
    mutex_lock(&parent->inode->lock);
    bool is_there = dentry->parent == parent;
    *is_last = is_there && __atomic_sub_fetch(&dentry->refs, 1, __ATOMIC_ACQ_REL) == 0;
    if (*is_last && dentry->is_listed)
        dentry_unlist(parent, dentry);
    mutex_unlock(&parent->inode->lock);
    return is_there;
}

/*
 * Drop a reference under the parent's lock; the last takes the name out of its directory.  What
 * is in no directory (a root, or unlinked) nobody can find by name: it needs no lock.
 */
static bool put_last(struct dentry *dentry)
{
    bool is_last, is_done = false;
    while (!is_done) {
        if (!__atomic_load_n(&dentry->is_listed, __ATOMIC_ACQUIRE))
            return __atomic_sub_fetch(&dentry->refs, 1, __ATOMIC_ACQ_REL) == 0;
        struct dentry *parent = dentry_parent_get(dentry);
        is_done = put_in_parent(dentry, parent, &is_last);
        dentry_put(parent); /* never the last: its child has one */
    }
    return is_last;
}

void dentry_put(struct dentry *dentry)
{
    while (!put_unless_last(dentry)) {
        if (!put_last(dentry))
            return;
        struct dentry *parent = dentry->parent;
        if (dentry->inode)
            inode_put(dentry->inode);
        bool is_root = parent == dentry;
        free_dentry(dentry);
        if (is_root)
            return;
        dentry = parent; /* the child's reference to its directory goes with it */
    }
}

struct dentry *dentry_find(struct dentry *dir, const struct name *name, struct rb_node **parent,
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

void dentry_enlist(struct dentry *dir, struct dentry *dentry, struct rb_node *parent,
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
    dentry_unlist(dir, dentry);
    if (put_unless_last(dentry))
        return;
    inode_put(dentry->inode);
    free_dentry(dentry);
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
    struct dentry *dentry = dentry_find(dir, name, &parent, &link);
    if (dentry && is_stale(dentry)) {
        forget(dir, dentry);
        dentry = dentry_find(dir, name, &parent, &link); /* for the place: the tree has changed */
    }
    *result = dentry;
    if (dentry)
        return is_new ? -EEXIST : 0;
    if (is_new && !dir->inode->links)
        return -ENOENT; /* the directory itself has been removed */
    if (is_new && inode_is_read_only(dir->inode))
        return -EROFS;

    dentry = dentry_create(dir, name);
    if (!dentry)
        return -ENOMEM;
    int error = fill(dir->inode, dentry, maker);
    if (error) {
        free_dentry(dentry);
        dentry_put(dir); /* never the last: the caller has one */
        return error;
    }
    dentry_enlist(dir, dentry, parent, link);
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
