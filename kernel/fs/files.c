/*
 * File descriptors: small numbers for open files.
 */
#include "kernel/fs/files.h"

#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/minmax.h"
#include "lib/string.h"
#include "mm/kmalloc.h"

struct files *files_create(void)
{
    struct files *files = kzalloc(sizeof(*files), GFP_KERNEL);
    if (!files)
        return NULL;
    mutex_init(&files->lock, RANK_FILES, "files");
    files->start = path_root();
    dentry_get(files->start.root);
    dentry_get(files->start.cwd);
    files->umask = 022;
    files->refs = 1;
    return files;
}

struct files *files_copy(struct files *from)
{
    struct files *files = kzalloc(sizeof(*files), GFP_KERNEL);
    if (!files)
        return NULL;
    mutex_init(&files->lock, RANK_FILES, "files");
    files->refs = 1;
    mutex_lock(&from->lock);
    files->end = from->end;
    for (unsigned fd = 0; fd < from->end; fd++) {
        files->open[fd] = from->open[fd];
        if (files->open[fd])
            file_get(files->open[fd]);
    }
    memcpy(files->cloexec, from->cloexec, sizeof(files->cloexec));
    files->start = from->start;
    dentry_get(files->start.root);
    dentry_get(files->start.cwd);
    files->umask = from->umask;
    mutex_unlock(&from->lock);
    return files;
}

void files_get(struct files *files)
{
    u32 before = __atomic_fetch_add(&files->refs, 1, __ATOMIC_RELAXED);
    assert(before);
}

void files_put(struct files *files)
{
    if (__atomic_sub_fetch(&files->refs, 1, __ATOMIC_ACQ_REL))
        return;
    for (unsigned fd = 0; fd < files->end; fd++)
        if (files->open[fd])
            file_put(files->open[fd]);
    walk_start_put(&files->start);
    kfree(files);
}

static bool is_cloexec(const struct files *files, unsigned fd)
{
    return files->cloexec[fd / 32] >> fd % 32 & 1;
}

static void set_cloexec(struct files *files, unsigned fd, bool cloexec)
{
    u32 bit = 1u << fd % 32;
    files->cloexec[fd / 32] = (files->cloexec[fd / 32] & ~bit) | (cloexec ? bit : 0);
}

static void set_open(struct files *files, unsigned fd, struct file *file) MUST_HOLD(files->lock)
{
    files->open[fd] = file;
    files->end = max(files->end, fd + 1);
}

int files_install(struct files *files, struct file *file, unsigned from, bool cloexec)
{
    mutex_lock(&files->lock);
    unsigned fd = from;
    while (fd < FILES_MAX && files->open[fd])
        fd++;
    if (fd < FILES_MAX) {
        set_open(files, fd, file);
        set_cloexec(files, fd, cloexec);
    }
    mutex_unlock(&files->lock);
    return fd < FILES_MAX ? (int)fd : -EMFILE;
}

struct file *files_find(struct files *files, int fd)
{
    struct file *file = NULL;
    mutex_lock(&files->lock);
    if (fd >= 0 && fd < FILES_MAX)
        file = files->open[fd];
    if (file)
        file_get(file);
    mutex_unlock(&files->lock);
    return file;
}

int files_close(struct files *files, int fd)
{
    struct file *file = NULL;
    mutex_lock(&files->lock);
    if (fd >= 0 && fd < FILES_MAX) {
        file = files->open[fd];
        files->open[fd] = NULL;
    }
    mutex_unlock(&files->lock);
    if (!file)
        return -EBADF;
    file_put(file);
    return 0;
}

int files_replace(struct files *files, struct file *file, int fd, bool cloexec)
{
    if (fd < 0 || fd >= FILES_MAX)
        return -EBADF;
    mutex_lock(&files->lock);
    struct file *old = files->open[fd];
    set_open(files, (unsigned)fd, file);
    set_cloexec(files, (unsigned)fd, cloexec);
    mutex_unlock(&files->lock);
    if (old)
        file_put(old);
    return fd;
}

static bool is_open(const struct files *files, int fd)
{
    return fd >= 0 && fd < FILES_MAX && files->open[fd];
}

int files_get_cloexec(struct files *files, int fd)
{
    mutex_lock(&files->lock);
    int result = is_open(files, fd) ? is_cloexec(files, (unsigned)fd) : -EBADF;
    mutex_unlock(&files->lock);
    return result;
}

int files_set_cloexec(struct files *files, int fd, bool cloexec)
{
    mutex_lock(&files->lock);
    int result = is_open(files, fd) ? 0 : -EBADF;
    if (!result)
        set_cloexec(files, (unsigned)fd, cloexec);
    mutex_unlock(&files->lock);
    return result;
}

void files_close_on_exec(struct files *files)
{
    for (unsigned fd = 0; fd < files->end; fd++)
        if (files->open[fd] && is_cloexec(files, fd)) {
            int error = files_close(files, (int)fd);
            assert(!error);
        }
}

struct walk_start files_start(struct files *files)
{
    mutex_lock(&files->lock);
    struct walk_start start = files->start;
    dentry_get(start.root);
    dentry_get(start.cwd);
    mutex_unlock(&files->lock);
    return start;
}

void walk_start_put(struct walk_start *start)
{
    dentry_put(start->root);
    dentry_put(start->cwd);
}
