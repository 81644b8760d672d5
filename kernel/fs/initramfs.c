/*
 * Unpacking an initramfs: each member of the archive becomes a directory, file, link or device.
 *
 * Directories that a name needs but the archive has not brought (yet) are made.  Members with the
 * same inode number are names of one file; the archive has its bytes once, usually with the last.
 */
#include "kernel/fs/initramfs.h"

#include "kernel/fs/cpio.h"
#include "kernel/fs/iov.h"
#include "kernel/fs/path.h"
#include "lib/errno.h"
#include "lib/format.h"
#include "lib/list.h"
#include "lib/string.h"
#include "mm/kmalloc.h"

/* A file that more names will come for. */
struct hard_link {
    struct list_node node;
    u64 device;
    u32 inode_number;
    struct inode *inode;
};

struct unpacker {
    struct walk_start start;
    struct list_node hard_links;
};

/* Make directory @path's missing parents and leave the last name: "a/b/c" makes a and a/b. */
static int open_parent(const struct walk_start *start, const char *path, struct dentry **parent,
                       struct name *name)
{
    const struct inode_spec directory = { .mode = S_IFDIR | 0755 };
    struct dentry *dir = dentry_get(start->root);
    int error = 0;
    while (!error) {
        path += strspn(path, "/");
        *name = (struct name){ path, strcspn(path, "/") };
        path += name->length;
        if (name->length == 1 && name->text[0] == '.')
            continue;
        if (name->length == 2 && !memcmp(name->text, "..", 2))
            error = -EINVAL;
        if (error || !path[strspn(path, "/")])
            break;
        struct dentry *next;
        error = dentry_lookup(dir, name, &next);
        if (error == -ENOENT)
            error = dentry_make(dir, name, &directory, &next);
        if (!error) {
            dentry_put(dir);
            dir = next;
        }
    }
    if (error)
        dentry_put(dir);
    else
        *parent = dir;
    return error;
}

static struct hard_link *find_link(struct unpacker *unpacker, const struct cpio_member *member)
{
    struct hard_link *link;
    list_for_each_entry (link, &unpacker->hard_links, node)
        if (link->device == member->device && link->inode_number == member->inode)
            return link;
    return NULL;
}

static int remember_link(struct unpacker *unpacker, const struct cpio_member *member,
                         struct inode *inode)
{
    struct hard_link *link = kmalloc(sizeof(*link), GFP_KERNEL);
    if (!link)
        return -ENOMEM;
    link->device = member->device;
    link->inode_number = member->inode;
    link->inode = inode;
    inode_get(inode);
    list_add_tail(&link->node, &unpacker->hard_links);
    return 0;
}

static void forget_links(struct unpacker *unpacker)
{
    struct hard_link *link, *after;
    list_for_each_entry_safe (link, after, &unpacker->hard_links, node) {
        inode_put(link->inode);
        kfree(link);
    }
}

static int write_data(struct dentry *dentry, const struct cpio_member *member)
{
    struct file *file;
    struct iov from = iov_kernel((void *)member->data, member->data_bytes);
    int error = file_open(dentry, O_WRONLY, &file);
    if (error)
        return error;
    ssize_t written = file_write(file, &from, NULL);
    file_put(file);
    if (written < 0)
        return (int)written;
    return (size_t)written < member->data_bytes ? -ENOMEM : 0;
}

/* The name is there already: fine for a directory; a file gets the later member's bytes. */
static int reuse(struct dentry *parent, const struct name *name, const struct cpio_member *member,
                 struct dentry **found)
{
    int error = dentry_lookup(parent, name, found);
    if (error)
        return error;
    struct inode *inode = (*found)->inode;
    if ((inode->mode ^ member->mode) & S_IFMT)
        error = -EEXIST;
    else if (mode_is_file(inode->mode)) {
        mutex_lock(&inode->lock);
        error = inode->ops->truncate(inode, 0);
        mutex_unlock(&inode->lock);
    }
    if (error)
        dentry_put(*found);
    return error;
}

/* Make the inode for @member: 0, or -EEXIST if the name is there already. */
static int make_member(struct dentry *parent, const struct name *name,
                       const struct cpio_member *member, struct dentry **made)
{
    struct inode_spec spec = { .mode = member->mode, .device = member->node_device };
    char *target = NULL;
    if (mode_is_link(member->mode)) {
        target = kzalloc(member->data_bytes + 1, GFP_KERNEL);
        if (!target)
            return -ENOMEM;
        memcpy(target, member->data, member->data_bytes);
        spec.target = target;
    }
    int error = dentry_make(parent, name, &spec, made);
    kfree(target);
    return error;
}

static int unpack_member(struct unpacker *unpacker, struct dentry *parent, const struct name *name,
                         const struct cpio_member *member)
{
    bool has_links = mode_is_file(member->mode) && member->links > 1;
    struct hard_link *link = has_links ? find_link(unpacker, member) : NULL;
    struct dentry *dentry;
    int error =
        link ? dentry_link(parent, name, link->inode) : make_member(parent, name, member, &dentry);
    if (error == -EEXIST || (link && !error))
        error = reuse(parent, name, member, &dentry);
    if (error)
        return error;
    if (has_links && !link)
        error = remember_link(unpacker, member, dentry->inode);
    if (!error && mode_is_file(member->mode) && member->data_bytes)
        error = write_data(dentry, member);
    dentry->inode->mtime =
        (struct inode_time){ .s = member->mtime }; /* after the write: nobody else is here yet */
    dentry_put(dentry);
    return error;
}

static const char *explain(int error)
{
    switch (error) {
    case -ENOMEM:
        return "there is no memory for it";
    case -EEXIST:
        return "there is something else of that name";
    case -ENOTDIR:
        return "a part of its path is not a directory";
    case -ENAMETOOLONG:
        return "a part of its path is too long";
    case -EPERM:
        return "it is a kind of file that ramfs does not have";
    default:
        return "it lies outside of the root";
    }
}

/* Unpack one member below the root; the root itself is there already. */
static int unpack_at_path(struct unpacker *unpacker, const struct cpio_member *member)
{
    struct dentry *parent;
    struct name name;
    int error = open_parent(&unpacker->start, member->name, &parent, &name);
    if (error)
        return error;
    if (name.length && strncmp(name.text, ".", name.length))
        error = unpack_member(unpacker, parent, &name, member);
    dentry_put(parent);
    return error;
}

int initramfs_unpack(const void *bytes, size_t size, char *why, size_t why_bytes)
{
    struct cpio cpio = cpio_open(bytes, size);
    struct unpacker unpacker = { .start = path_root() };
    struct cpio_member member;
    int result, error = 0;

    list_init(&unpacker.hard_links);
    while (!error && (result = cpio_next(&cpio, &member)) > 0)
        error = unpack_at_path(&unpacker, &member);
    forget_links(&unpacker);
    if (error)
        snprintf(why, why_bytes, "member '%s': %s", member.name, explain(error));
    else if (result < 0)
        snprintf(why, why_bytes, "%s%s%s at byte %zu: %s", cpio.name ? "member '" : "",
                 cpio.name ? cpio.name : "a member", cpio.name ? "'" : "", cpio.position, cpio.why);
    return error ? error : result;
}
