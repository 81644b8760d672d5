/*
 * Inside the tree of names: what dentry.c, rename.c and mount.c know of each other.
 *
 *     a directory's inode->lock   which names are in it; taken one at a time
 *     names_lock                  one removal or renaming at a time; its holder takes two of those
 *     tree_lock                   each dentry's parent, name and what is mounted on it
 *
 * A dentry moves with all of them held.  So its parent and name may be read with any one of
 * them: its directory's lock, names_lock, or tree_lock, which a walk up the tree takes.
 */
#ifndef KERNEL_FS_DENTRY_H
#define KERNEL_FS_DENTRY_H

#include "kernel/fs/vfs.h"
#include "kernel/spinlock.h"
#include "lib/annotate.h"

extern struct spinlock tree_lock;
extern struct mutex names_lock;

/*
 * @name among those listed in @dir, whose lock is held, with a reference, or NULL; and where it
 * would be inserted.
 */
struct dentry *dentry_find(struct dentry *dir, const struct name *name, struct rb_node **parent,
                           struct rb_node ***link) MUST_CHECK;

/* Put @dentry into @dir, whose lock is held, where dentry_find() said; or take it out. */
void dentry_enlist(struct dentry *dir, struct dentry *dentry, struct rb_node *parent,
                   struct rb_node **link);
void dentry_unlist(struct dentry *dir, struct dentry *dentry);

/* Take @dentry out of @dir if it is still there, and no directory with names.  Sleeps. */
void dentry_remove_found(struct dentry *dir, struct dentry *dentry);

/* The directory that @dentry is in, or itself, with a reference. */
struct dentry *dentry_parent_get(const struct dentry *dentry);

#endif
