/*
 * /proc/<pid>/mounts and mountinfo: what is mounted where, as proc(5) and fstab(5) say it.
 */
#include "kernel/fs/fs_type.h"
#include "kernel/fs/mount.h"
#include "kernel/fs/proc_entry.h"
#include "lib/errno.h"
#include "mm/kmalloc.h"

/* A text that is written, and memory for a path. */
struct listing {
    struct text *text;
    char *path;
};

/* Add @word, in which blanks and the like are written in octal. */
static void add_word(struct text *text, const char *word)
{
    for (; *word; word++)
        if (*word == ' ' || *word == '\t' || *word == '\n' || *word == '\\')
            text_add(text, "\\%03o", (unsigned)*word);
        else
            text_add_bytes(text, word, 1);
}

static void add_flags(struct text *text, const struct super *super)
{
    u32 flags = READ_ONCE(super->flags);
    text_add(text, "%s%s%s%s%s", flags & MS_RDONLY ? "ro" : "rw",
             flags & MS_NOSUID ? ",nosuid" : "", flags & MS_NODEV ? ",nodev" : "",
             flags & MS_NOEXEC ? ",noexec" : "", flags & MS_NOATIME ? ",noatime" : ",relatime");
}

static void add_path(const struct listing *listing, const struct super *super)
{
    const char *path = dentry_path(super->root, listing->path, PATH_BYTES_MAX);
    add_word(listing->text, path ? path : "?");
}

static void add_mount(const struct super *super, void *data)
{
    const struct listing *listing = data;
    struct text *text = listing->text;
    add_word(text, super->source ? super->source : super->name);
    text_add(text, " ");
    add_path(listing, super);
    text_add(text, " %s ", super->name);
    add_flags(text, super);
    fs_type_show_options(text, super);
    text_add(text, " 0 0\n");
}

static void add_mountinfo(const struct super *super, void *data)
{
    const struct listing *listing = data;
    struct text *text = listing->text;
    int above = super->mount_point ? super->mount_point->inode->super->id : super->id;
    text_add(text, "%d %d 0:%u / ", super->id, above, super->device);
    add_path(listing, super);
    text_add(text, " ");
    add_flags(text, super);
    text_add(text, " - %s ", super->name);
    add_word(text, super->source ? super->source : super->name);
    text_add(text, " %s", super->flags & MS_RDONLY ? "ro" : "rw");
    fs_type_show_options(text, super);
    text_add(text, "\n");
}

static int show(struct text *text, void (*each)(const struct super *super, void *data))
{
    struct listing listing = { text, kmalloc(PATH_BYTES_MAX, GFP_KERNEL) };
    if (!listing.path)
        return -ENOMEM;
    mount_for_each(each, &listing);
    kfree(listing.path);
    return 0;
}

int proc_show_mounts(struct text *text, struct task *task) { return show(text, add_mount); }
int proc_show_mountinfo(struct text *text, struct task *task) { return show(text, add_mountinfo); }
