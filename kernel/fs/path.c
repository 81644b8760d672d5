/*
 * The walk along a path.
 *
 * A walk holds a reference to the dentry where it stands and a text still to go.  A symbolic link
 * replaces the text: its own, a slash, and what came after the link.  So there is no recursion,
 * and the depth of links costs no stack.
 */
#include "kernel/fs/path.h"

#include "kernel/fs/mount.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/kmalloc.h"

struct walk {
    struct dentry *root;
    struct dentry *at; /* where we stand, with a reference */
    const char *text;  /* what is still to go */
    char *buffer;      /* where text is, once a link was met; before, it is the caller's */
    unsigned links;    /* followed so far */
};

static struct dentry *first_root;

struct walk_start path_root(void)
{
    assert(first_root);
    return (struct walk_start){ .root = first_root, .cwd = first_root };
}

void path_set_root(struct dentry *root)
{
    assert(!first_root);
    first_root = root;
}

/* Stand on @next, whose reference the walk takes over, or on what is mounted there. */
static void step_to(struct walk *walk, struct dentry *next)
{
    dentry_put(walk->at);
    walk->at = mount_follow(next);
}

static void step_up(struct walk *walk)
{
    if (walk->at != walk->root)
        step_to(walk, mount_parent_get(walk->at, walk->root));
}

/* The next name of the text, and the text behind it; slashes before it are skipped. */
static struct name next_name(const char *text, const char **rest)
{
    text += strspn(text, "/");
    struct name name = { text, strcspn(text, "/") };
    *rest = text + name.length;
    return name;
}

static bool name_is(const struct name *name, const char *text)
{
    return name->length == strlen(text) && !memcmp(name->text, text, name->length);
}

/* Go where the link @inode leads, which is a place and not a path. */
static int jump(struct walk *walk, struct inode *inode)
{
    struct dentry *target;
    int error = inode->ops->jump(inode, &target);
    if (error)
        return error;
    dentry_put(walk->at);
    walk->at = target;
    return 0;
}

/*
 * Put the target of the link @dentry before the text @rest, in a fresh buffer.  The walk stands in
 * the link's directory, which is where a relative target starts.
 */
static int follow_link(struct walk *walk, struct dentry *link, const char *rest)
{
    const struct inode_ops *ops = link->inode->ops;
    if (++walk->links > SYMLINKS_MAX)
        return -ELOOP;
    if (ops->jump)
        return jump(walk, link->inode);
    if (!ops->readlink)
        return -EINVAL;
    char *buffer = kmalloc(PATH_BYTES_MAX, GFP_KERNEL);
    if (!buffer)
        return -ENOMEM;

    size_t rest_length = strlen(rest);
    ssize_t length = ops->readlink(link->inode, buffer, PATH_BYTES_MAX);
    int error = length < 0 ? (int)length : length == 0 ? -ENOENT : 0;
    if (!error && (size_t)length + rest_length >= PATH_BYTES_MAX)
        error = -ENAMETOOLONG;
    if (error) {
        kfree(buffer);
        return error;
    }
    memcpy(buffer + length, rest, rest_length + 1);
    kfree(walk->buffer);
    walk->buffer = buffer;
    walk->text = buffer;
    if (*buffer == '/')
        step_to(walk, dentry_get(walk->root));
    return 0;
}

/* Walk the text's next name.  @keep_link: a link is stepped on, not followed. */
static int walk_name(struct walk *walk, const struct name *name, const char *rest, bool keep_link)
{
    walk->text = rest;
    if (!mode_is_dir(walk->at->inode->mode))
        return -ENOTDIR;
    if (name_is(name, "."))
        return 0;
    if (name_is(name, "..")) {
        step_up(walk);
        return 0;
    }
    struct dentry *next;
    int error = dentry_lookup(walk->at, name, &next);
    if (error)
        return error;
    if (!mode_is_link(next->inode->mode) || keep_link) {
        step_to(walk, next);
        return 0;
    }
    error = follow_link(walk, next, rest);
    dentry_put(next);
    return error;
}

static int walk_begin(struct walk *walk, const struct walk_start *start, const char *path)
{
    if (!*path)
        return -ENOENT;
    if (strlen(path) >= PATH_BYTES_MAX)
        return -ENAMETOOLONG;
    *walk = (struct walk){
        .root = start->root,
        .at = dentry_get(*path == '/' ? start->root : start->cwd),
        .text = path,
    };
    return 0;
}

static int walk_end(struct walk *walk, int error, struct dentry **result)
{
    kfree(walk->buffer);
    if (error)
        dentry_put(walk->at);
    else
        *result = walk->at;
    return error;
}

int path_walk(const struct walk_start *start, const char *path, unsigned flags,
              struct dentry **result)
{
    struct walk walk;
    int error = walk_begin(&walk, start, path);
    if (error)
        return error;
    bool must_be_dir = flags & WALK_DIRECTORY;
    while (!error) {
        const char *rest;
        struct name name = next_name(walk.text, &rest);
        if (!name.length) {
            must_be_dir |= *walk.text == '/'; /* "file/" */
            break;
        }
        bool is_last = !*rest;
        error = walk_name(&walk, &name, rest, is_last && !(flags & WALK_FOLLOW));
    }
    if (!error && must_be_dir && !mode_is_dir(walk.at->inode->mode))
        error = -ENOTDIR;
    return walk_end(&walk, error, result);
}

int path_walk_parent(const struct walk_start *start, const char *path, struct dentry **parent,
                     struct name *name)
{
    size_t end = strlen(path);
    if (!end)
        return -ENOENT;
    if (end >= PATH_BYTES_MAX)
        return -ENAMETOOLONG;
    while (end && path[end - 1] == '/')
        end--;
    size_t begin = end;
    while (begin && path[begin - 1] != '/')
        begin--;
    *name = (struct name){ path + begin, end - begin };
    if (!name->length || name_is(name, ".") || name_is(name, ".."))
        return -EEXIST;
    if (!begin)
        return path_walk(start, ".", WALK_DIRECTORY, parent);

    char *directory = kmalloc(begin + 1, GFP_KERNEL);
    if (!directory)
        return -ENOMEM;
    memcpy(directory, path, begin);
    directory[begin] = 0;
    int error = path_walk(start, directory, WALK_FOLLOW | WALK_DIRECTORY, parent);
    kfree(directory);
    return error;
}
