/*
 * /proc: a fixed tree of files whose text a function writes.
 *
 * The tree is the table below, looked up in when a name is first asked for.
 */
#include "kernel/fs/proc.h"

#include "gen/config.h"
#include "kernel/fs/iov.h"
#include "kernel/fs/path.h"
#include "kernel/fs/vfs.h"
#include "kernel/process.h"
#include "kernel/task.h"
#include "kernel/uname.h"
#include "lib/errno.h"
#include "lib/format.h"
#include "lib/minmax.h"
#include "lib/string.h"
#include "mm/count.h"
#include "mm/kmalloc.h"
#include "mm/zone.h"

enum { TEXT_BYTES = 4096 };

/* A text that grows; what does not fit is left out. */
struct text {
    size_t length;
    char bytes[TEXT_BYTES];
};

static PRINTF(2, 3) void add(struct text *text, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    text->length +=
        (size_t)vscnprintf(text->bytes + text->length, TEXT_BYTES - text->length, format, args);
    va_end(args);
}

static void add_kib(struct text *text, const char *name, unsigned long pages)
{
    add(text, "%-15s %8lu kB\n", name, pages << (PAGE_SHIFT - 10));
}

static void write_meminfo(struct text *text)
{
    struct zone_stat normal, high;
    zone_stat(ZONE_NORMAL, &normal);
    zone_stat(ZONE_HIGHMEM, &high);
    add_kib(text, "MemTotal:", pages_total());
    add_kib(text, "MemFree:", pages_free());
    add_kib(text, "MemAvailable:", pages_free());
    add_kib(text, "HighTotal:", high.pages);
    add_kib(text, "HighFree:", high.free_pages + high.cached_pages);
    add_kib(text, "LowTotal:", normal.pages);
    add_kib(text, "LowFree:", normal.free_pages + normal.cached_pages);
}

static void write_vmstat(struct text *text)
{
    add(text, "nr_free_pages %lu\n", pages_free());
    for (unsigned id = 0; id < COUNT_IDS; id++)
        add(text, "%s %lu\n", count_name(id), count_read(id));
}

static void write_version(struct text *text)
{
    add(text, "%s version %s (%s)\n", UNAME_SYSTEM, UNAME_RELEASE, CONFIG_BUILD);
}

/* One name.  A directory has neither function nor link. */
struct entry {
    const char *directory; /* NULL: at the top */
    const char *name;
    void (*write)(struct text *text);
    ssize_t (*link)(char *buffer, size_t size);
};

static ssize_t link_exe(char *buffer, size_t size)
{
    const struct dentry *program = current->process ? current->process->program : NULL;
    char *path = program ? dentry_path(program, buffer, size) : NULL;
    if (!path)
        return -ENOENT;
    size_t length = strlen(path);
    memmove(buffer, path, length);
    return (ssize_t)length;
}

static const struct entry entries[] = {
    { NULL, "meminfo", write_meminfo, NULL }, { NULL, "vmstat", write_vmstat, NULL },
    { NULL, "version", write_version, NULL }, { NULL, "self", NULL, NULL },
    { "self", "exe", NULL, link_exe },
};

static const struct inode_ops directory_ops, file_inode_ops, link_inode_ops;
static const struct file_ops text_ops, no_ops;

static bool same(const char *a, const char *b) { return a && b ? !strcmp(a, b) : a == b; }

static int lookup(struct inode *dir, struct dentry *dentry)
{
    for (size_t i = 0; i < ARRAY_COUNT(entries); i++) {
        const struct entry *entry = &entries[i];
        const struct entry *above = dir->data;
        if (strcmp(entry->name, dentry->name) ||
            !same(entry->directory, above ? above->name : NULL))
            continue;
        u32 mode = entry->write ? S_IFREG | 0444 : entry->link ? S_IFLNK | 0777 : S_IFDIR | 0555;
        struct inode *inode = inode_create(dir->super, mode);
        if (!inode)
            return -ENOMEM;
        inode->ops = entry->write  ? &file_inode_ops
                     : entry->link ? &link_inode_ops
                                   : &directory_ops;
        inode->fops = entry->write ? &text_ops : &no_ops;
        inode->data = (void *)entry;
        dentry_fill(dentry, inode);
        return 0;
    }
    return -ENOENT;
}

static ssize_t readlink(struct inode *inode, char *buffer, size_t size)
{
    return ((const struct entry *)inode->data)->link(buffer, size);
}

static int text_open(struct file *file)
{
    const struct entry *entry = file->dentry->inode->data;
    struct text *text = kmalloc(sizeof(*text), GFP_KERNEL);
    if (!text)
        return -ENOMEM;
    text->length = 0;
    entry->write(text);
    file->data = text;
    return 0;
}

static void text_release(struct file *file) { kfree(file->data); }

static ssize_t text_read(struct file *file, struct iov *to, u64 *position)
{
    const struct text *text = file->data;
    if (*position >= text->length)
        return 0;
    size_t size = min(to->left, (size_t)(text->length - *position));
    size_t done = iov_put(to, text->bytes + *position, size);
    *position += done;
    return done || !size ? (ssize_t)done : -EFAULT;
}

static const struct inode_ops directory_ops = { .lookup = lookup };
static const struct inode_ops file_inode_ops = { 0 };
static const struct inode_ops link_inode_ops = { .readlink = readlink };
static const struct file_ops text_ops = {
    .open = text_open,
    .release = text_release,
    .read = text_read,
};
static const struct file_ops no_ops = { 0 };

static struct super *create(void)
{
    struct super *super = kzalloc(sizeof(*super), GFP_KERNEL);
    struct inode *inode = super ? inode_create(super, S_IFDIR | 0555) : NULL;
    if (inode) {
        super->name = "proc";
        inode->ops = &directory_ops;
        inode->fops = &no_ops;
        super->root = dentry_create_root(inode);
        if (super->root)
            return super;
        inode_put(inode);
    }
    kfree(super);
    return NULL;
}

int proc_mount(void)
{
    struct walk_start start = path_root();
    struct dentry *at;
    struct super *super = create();
    if (!super)
        return -ENOMEM;
    int error = path_walk(&start, "/proc", WALK_DIRECTORY, &at);
    if (error == -ENOENT)
        error = dentry_make(start.root, &(struct name){ "proc", 4 },
                            &(struct inode_spec){ .mode = S_IFDIR | 0555 }, &at);
    if (error)
        return error;
    error = super_mount(super, at);
    dentry_put(at);
    return error;
}
