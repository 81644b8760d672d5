/*
 * File descriptors: small numbers for open files.
 *
 * The table has a few places in itself; when they do not do it gets a larger array.  No file is
 * closed with the table's lock held.
 */
#include "kernel/fs/files.h"

#include "kernel/fs/file_lock.h"
#include "kernel/process.h"
#include "kernel/task.h"
#include "lib/annotate.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/minmax.h"
#include "lib/string.h"
#include "mm/kmalloc.h"
#include "mm/vmalloc.h"

enum { KMALLOC_MOST = 8192 }; /* larger arrays come from vmalloc() */

static struct files_place *allocate(size_t count)
{
    size_t bytes = count * sizeof(struct files_place);
    struct files_place *place = bytes > KMALLOC_MOST ? vmalloc(bytes) : kmalloc(bytes, GFP_KERNEL);
    return place ? memset(place, 0, bytes) : NULL;
}

static void give_back(struct files *files)
{
    if (files->place == files->first)
        return;
    if (files->room * sizeof(struct files_place) > KMALLOC_MOST)
        vfree(files->place);
    else
        kfree(files->place);
}

/* Make sure that there is a place for @fd in @files, locked or not known yet.  False: no memory. */
static bool make_room(struct files *files, unsigned fd)
{
    unsigned room = files->room;
    while (room <= fd)
        room *= 2;
    if (room == files->room)
        return true;
    struct files_place *place = allocate(room);
    if (!place)
        return false;
    memcpy(place, files->place, files->end * sizeof(*place));
    give_back(files);
    files->place = place;
    files->room = room;
    return true;
}

struct files *files_create(void)
{
    struct files *files = kzalloc(sizeof(*files), GFP_KERNEL);
    if (!files)
        return NULL;
    mutex_init(&files->lock, RANK_FILES, "files");
    files->place = files->first;
    files->room = FILES_FIRST;
    files->refs = 1;
    return files;
}

struct files *files_copy(struct files *from)
{
    struct files *files = files_create();
    if (!files)
        return NULL;
    mutex_lock(&from->lock);
    bool has_room = !from->end || make_room(files, from->end - 1); /* nobody else knows it yet */
    if (has_room) {
        files->end = from->end;
        files->lowest = from->lowest;
        memcpy(files->place, from->place, from->end * sizeof(*files->place));
        for (unsigned fd = 0; fd < files->end; fd++)
            if (files->place[fd].file)
                file_get(files->place[fd].file);
    }
    mutex_unlock(&from->lock);
    if (has_room)
        return files;
    files_put(files);
    return NULL;
}

void files_get(struct files *files)
{
    u32 before = __atomic_fetch_add(&files->refs, 1, __ATOMIC_RELAXED);
    assert(before);
}

/* A descriptor of @file is closed. */
static void leave(struct files *files, struct file *file)
{
    file_lock_leave(file, files);
    file_put(file);
}

void files_put(struct files *files)
{
    if (__atomic_sub_fetch(&files->refs, 1, __ATOMIC_ACQ_REL))
        return;
    for (unsigned fd = 0; fd < files->end; fd++)
        if (files->place[fd].file)
            leave(files, files->place[fd].file);
    give_back(files);
    kfree(files);
}

/* The place of @fd, NULL: it is not open. */
static struct files_place *find(struct files *files, int fd)
{
    if (fd < 0 || (unsigned)fd >= files->end || !files->place[fd].file)
        return NULL;
    return &files->place[fd];
}

static void set(struct files *files, unsigned fd, struct files_place place) MUST_HOLD(files->lock)
{
    files->place[fd] = place;
    files->end = max(files->end, fd + 1);
}

/* How many descriptors the current process may have. */
static unsigned limit(void)
{
    const struct process *process = current->process;
    if (!process)
        return FILES_MAX;
    return (unsigned)min_of(u64, READ_ONCE(process->limit[RLIMIT_NOFILE].now), FILES_MAX);
}

int files_install(struct files *files, struct file *file, unsigned from, bool cloexec)
{
    int result = -EMFILE;
    mutex_lock(&files->lock);
    unsigned fd = max(from, files->lowest);
    while (fd < files->end && files->place[fd].file)
        fd++;
    if (fd < limit())
        result = make_room(files, fd) ? (int)fd : -ENOMEM;
    if (result >= 0) {
        set(files, fd, (struct files_place){ file, cloexec });
        if (from <= files->lowest)
            files->lowest = fd + 1;
    }
    mutex_unlock(&files->lock);
    return result;
}

int files_install_or_put(struct files *files, struct file *file, unsigned from, bool cloexec)
{
    int fd = files_install(files, file, from, cloexec);
    if (fd < 0)
        file_put(file);
    return fd;
}

static ALWAYS_INLINE struct file *find_and_get(struct files *files, int fd)
{
    const struct files_place *place = find(files, fd);
    struct file *file = place ? place->file : NULL;
    if (file)
        file_get(file);
    return file;
}

static NOINLINE struct file *find_locked(struct files *files, int fd)
{
    mutex_lock(&files->lock);
    struct file *file = find_and_get(files, fd);
    mutex_unlock(&files->lock);
    return file;
}

/*
 * A table with one reference has one user, its task: nobody else can change it.  Whoever takes
 * another reference meanwhile only looks at it (/proc), or is the task itself (a new thread).
 */
struct file *files_find(struct files *files, int fd)
{
    if (__atomic_load_n(&files->refs, __ATOMIC_ACQUIRE) == 1)
        return find_and_get(files, fd);
    return find_locked(files, fd);
}

/* Take what is open as @fd out of the table; NULL: nothing is. */
static struct file *take_out(struct files *files, int fd)
{
    mutex_lock(&files->lock);
    struct files_place *place = find(files, fd);
    struct file *file = place ? place->file : NULL;
    if (file) {
        *place = (struct files_place){ 0 };
        files->lowest = min(files->lowest, (unsigned)fd);
    }
    mutex_unlock(&files->lock);
    return file;
}

int files_close(struct files *files, int fd)
{
    struct file *file = take_out(files, fd);
    if (!file)
        return -EBADF;
    leave(files, file);
    return 0;
}

int files_replace(struct files *files, struct file *file, int fd, bool cloexec)
{
    if (fd < 0 || (unsigned)fd >= limit())
        return -EBADF;
    mutex_lock(&files->lock);
    bool has_room = make_room(files, (unsigned)fd);
    struct file *old = has_room ? files->place[fd].file : NULL;
    if (has_room)
        set(files, (unsigned)fd, (struct files_place){ file, cloexec });
    mutex_unlock(&files->lock);
    if (old)
        leave(files, old);
    return has_room ? fd : -ENOMEM;
}

int files_get_cloexec(struct files *files, int fd)
{
    mutex_lock(&files->lock);
    const struct files_place *place = find(files, fd);
    int result = place ? place->cloexec : -EBADF;
    mutex_unlock(&files->lock);
    return result;
}

int files_set_cloexec(struct files *files, int fd, bool cloexec)
{
    mutex_lock(&files->lock);
    struct files_place *place = find(files, fd);
    if (place)
        place->cloexec = cloexec;
    mutex_unlock(&files->lock);
    return place ? 0 : -EBADF;
}

int files_next(struct files *files, int from)
{
    mutex_lock(&files->lock);
    int fd = max(from, 0);
    while ((unsigned)fd < files->end && !files->place[fd].file)
        fd++;
    if ((unsigned)fd >= files->end)
        fd = -1;
    mutex_unlock(&files->lock);
    return fd;
}

void files_close_range(struct files *files, unsigned first, unsigned last)
{
    int fd = first < FILES_MAX ? files_next(files, (int)first) : -1;
    for (; fd >= 0 && (unsigned)fd <= last; fd = files_next(files, fd + 1)) {
        int error = files_close(files, fd);
        assert(!error || error == -EBADF); /* another thread has closed it */
    }
}

void files_mark_range(struct files *files, unsigned first, unsigned last)
{
    mutex_lock(&files->lock);
    for (unsigned fd = first; fd < files->end && fd <= last; fd++)
        files->place[fd].cloexec = true;
    mutex_unlock(&files->lock);
}

void files_close_on_exec(struct files *files)
{
    for (int fd = files_next(files, 0); fd >= 0; fd = files_next(files, fd + 1))
        if (files_get_cloexec(files, fd) > 0) {
            int error = files_close(files, fd);
            assert(!error);
        }
}

void task_set_files(struct task *task, struct files *files)
{
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    struct files *old = task->files;
    task->files = files;
    spin_unlock_irqrestore(&tasks_lock, flags);
    if (old)
        files_put(old);
}

struct files *task_files_get(struct task *task)
{
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    struct files *files = task->files;
    if (files)
        files_get(files);
    spin_unlock_irqrestore(&tasks_lock, flags);
    return files;
}
