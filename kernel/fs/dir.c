/*
 * Listing a directory whose names are its dentries.
 *
 * Each name has a place, a number that grows with every name the directory gets and is never given
 * to another.  A position is the lowest place still to come: so a removal takes nothing from a
 * reader but the name removed, and a new name is seen by those who have not come to the end.
 */
#include "kernel/fs/dentry.h"
#include "lib/errno.h"

bool dir_list_dots(const struct file *file, struct dir_reader *reader, u64 *position)
{
    const struct dentry *dir = file->dentry;
    spin_lock(&tree_lock);
    u32 number_above = dir->parent->inode->number;
    spin_unlock(&tree_lock);
    const struct dir_entry dots[DIR_FIRST] = {
        { { ".", 1 }, dir->inode->number, S_IFDIR, 1 },
        { { "..", 2 }, number_above, S_IFDIR, 2 },
    };
    while (*position < DIR_FIRST) {
        if (!reader->take(reader, &dots[*position]))
            return false;
        ++*position;
    }
    return true;
}

/* The first of @dir's names at @position or behind it, or NULL. */
static struct dentry *find_place(const struct dentry *dir, u64 position)
{
    struct dentry *found = NULL;
    struct rb_node *node = dir->places.node;
    while (node) {
        struct dentry *dentry = rb_entry(node, struct dentry, order);
        if (dentry->place >= position)
            found = dentry;
        node = node->child[dentry->place >= position ? RB_LEFT : RB_RIGHT];
    }
    return found;
}

/* List the names behind the two dots; the directory's lock is held. */
static void list_names(const struct dentry *dir, struct dir_reader *reader, u64 *position)
{
    struct dentry *dentry = find_place(dir, *position);
    while (dentry) {
        const struct dir_entry entry = {
            .name = { dentry->name, dentry->length },
            .number = dentry->inode->number,
            .mode = dentry->inode->mode,
            .next = dentry->place + 1,
        };
        if (!reader->take(reader, &entry))
            return;
        *position = entry.next;
        struct rb_node *next = rb_next(&dentry->order);
        dentry = next ? rb_entry(next, struct dentry, order) : NULL;
    }
}

int dentry_list(struct file *file, struct dir_reader *reader, u64 *position)
{
    struct inode *inode = file->dentry->inode;
    mutex_lock(&inode->lock);
    bool is_gone = !inode->links; /* removed: it has not even dots */
    if (!is_gone && dir_list_dots(file, reader, position))
        list_names(file->dentry, reader, position);
    mutex_unlock(&inode->lock);
    return is_gone ? -ENOENT : 0;
}

int file_list(struct file *file, struct dir_reader *reader)
{
    if (file->flags & O_PATH)
        return -EBADF;
    if (!mode_is_dir(file->dentry->inode->mode) || !file->fops->list)
        return -ENOTDIR;
    mutex_lock(&file->lock);
    int error = file->fops->list(file, reader, &file->position);
    mutex_unlock(&file->lock);
    return error;
}
