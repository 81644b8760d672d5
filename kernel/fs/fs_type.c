/*
 * Kinds of file systems, and the options that tmpfs has: tmpfs(5).
 */
#include "kernel/fs/fs_type.h"

#include "kernel/fs/dev.h"
#include "kernel/fs/devpts.h"
#include "kernel/fs/mount.h"
#include "kernel/fs/path.h"
#include "kernel/fs/proc.h"
#include "kernel/fs/proc_entry.h"
#include "kernel/fs/ramfs.h"
#include "kernel/fs/sysfs.h"
#include "lib/errno.h"
#include "lib/minmax.h"
#include "lib/parse.h"
#include "lib/string.h"
#include "mm/page.h"
#include "mm/zone.h"

static struct super *create_tmpfs(void)
{
    struct super *super = ramfs_create("tmpfs");
    if (super) {
        super->pages.limit = pages_total() / 2;
        super->inodes.limit = pages_total() / 2;
        super->root->inode->mode = S_IFDIR | 01777;
    }
    return super;
}

static struct super *create_ramfs(void) { return ramfs_create("ramfs"); }

static struct super *create_devtmpfs(void)
{
    struct super *super = ramfs_create("devtmpfs");
    if (super && dev_populate(super->root)) {
        mount_take_down(super);
        return NULL;
    }
    return super;
}

static const struct fs_type {
    const char *name;
    struct super *(*create)(void);
    bool has_options;
} types[] = {
    { "devpts", devpts_create, false }, { "devtmpfs", create_devtmpfs, true },
    { "proc", proc_create, false },     { "ramfs", create_ramfs, true },
    { "sysfs", sysfs_create, false },   { "tmpfs", create_tmpfs, true },
};

static const struct fs_type *find(const char *name)
{
    for (size_t i = 0; i < ARRAY_COUNT(types); i++)
        if (!strcmp(types[i].name, name))
            return &types[i];
    return NULL;
}

/* --- options ---------------------------------------------------------------------------------- */

/* What options say.  (u64)-1: nothing. */
struct options {
    u64 pages, inodes, mode, uid, gid;
};

/* A size in bytes, or in hundredths of all memory with a '%', as pages. */
static bool parse_pages(const char *text, u64 *pages)
{
    size_t length = strlen(text);
    u64 bytes;
    if (length > 1 && length < 5 && text[length - 1] == '%') {
        char number[5];
        memcpy(number, text, length - 1);
        number[length - 1] = 0;
        if (parse_u64(number, &bytes))
            return false;
        *pages = bytes * pages_total() / 100;
        return true;
    }
    if (parse_size(text, &bytes))
        return false;
    *pages = bytes / PAGE_BYTES + (bytes % PAGE_BYTES != 0);
    return true;
}

static bool parse_octal(const char *text, u64 *number)
{
    *number = 0;
    do {
        if (*text < '0' || *text > '7')
            return false;
        *number = *number * 8 + (u64)(*text++ - '0');
    } while (*text && *number <= S_RIGHTS);
    return *number <= S_RIGHTS;
}

/* Note one option, "name=value". */
static bool parse_option(char *word, struct options *options)
{
    char *value = strchr(word, '=');
    if (!value)
        return !strcmp(word, "rw") || !strcmp(word, "ro") || !strcmp(word, "defaults");
    *value++ = 0;
    if (!strcmp(word, "size"))
        return parse_pages(value, &options->pages);
    if (!strcmp(word, "nr_blocks"))
        return !parse_size(value, &options->pages);
    if (!strcmp(word, "nr_inodes"))
        return !parse_size(value, &options->inodes);
    if (!strcmp(word, "mode"))
        return parse_octal(value, &options->mode);
    if (!strcmp(word, "uid"))
        return !parse_u64(value, &options->uid);
    return !strcmp(word, "gid") && !parse_u64(value, &options->gid);
}

static bool parse_options(char *text, struct options *options)
{
    const u64 none = ~(u64)0;
    *options = (struct options){ none, none, none, none, none };
    while (*text) {
        size_t length = strcspn(text, ",");
        char *next = text + length + (text[length] != 0);
        text[length] = 0;
        if (length && !parse_option(text, options))
            return false;
        text = next;
    }
    return true;
}

/* Set what options say.  -EINVAL: more is in use than would be allowed. */
static int apply(struct super *super, const struct options *options, bool is_new)
{
    const u64 none = ~(u64)0;
    struct inode *root = super->root->inode;
    if (options->pages != none && options->pages && options->pages < super->pages.used)
        return -EINVAL;
    if (options->pages != none)
        WRITE_ONCE(super->pages.limit, (unsigned long)min_of(u64, options->pages, ~0ul));
    if (options->inodes != none)
        WRITE_ONCE(super->inodes.limit, (unsigned long)min_of(u64, options->inodes, ~0ul));
    if (!is_new)
        return 0;
    if (options->mode != none)
        root->mode = S_IFDIR | (u32)options->mode;
    if (options->uid != none)
        root->uid = (u32)options->uid;
    if (options->gid != none)
        root->gid = (u32)options->gid;
    return 0;
}

int fs_type_create(const char *name, char *text, struct super **super)
{
    struct options options;
    const struct fs_type *type = find(name);
    if (!type)
        return -ENODEV;
    if (type->has_options && !parse_options(text, &options))
        return -EINVAL;
    *super = type->create();
    if (!*super)
        return -ENOMEM;
    return type->has_options ? apply(*super, &options, true) : 0; /* new: nothing is in use */
}

int fs_type_change(struct super *super, char *text)
{
    struct options options;
    const struct fs_type *type = find(super->name);
    if (!type || !type->has_options)
        return 0;
    return parse_options(text, &options) ? apply(super, &options, false) : -EINVAL;
}

int fs_type_mount(const char *type, const char *path)
{
    struct walk_start start = path_root();
    struct dentry *at, *parent;
    struct super *super;
    struct name name;
    char none[] = "";
    int error = path_walk(&start, path, WALK_FOLLOW | WALK_DIRECTORY, &at);
    if (error == -ENOENT) {
        error = path_walk_parent(&start, path, &parent, &name);
        if (error)
            return error;
        error = dentry_make(parent, &name, &(struct inode_spec){ .mode = S_IFDIR | 0755 }, &at);
        dentry_put(parent);
    }
    if (error)
        return error;
    error = fs_type_create(type, none, &super);
    if (!error) {
        error = mount_add(super, at, type);
        if (error)
            mount_take_down(super);
    }
    dentry_put(at);
    return error;
}

void fs_type_show_options(struct text *text, const struct super *super)
{
    if (!strcmp(super->name, "tmpfs"))
        text_add(text, ",size=%luk", super->pages.limit << (PAGE_SHIFT - 10));
}

int proc_show_filesystems(struct text *text, struct task *task)
{
    for (size_t i = 0; i < ARRAY_COUNT(types); i++)
        text_add(text, "nodev\t%s\n", types[i].name);
    return 0;
}
