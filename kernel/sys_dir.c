/*
 * System calls that list directories: getdents64(2) and the older getdents(2).
 *
 * The entries are gathered in the kernel's memory, under the directory's lock, and copied to the
 * program's when it is no longer held.
 */
#include "kernel/fs/files.h"
#include "kernel/fs/vfs.h"
#include "kernel/sys.h"
#include "kernel/task.h"
#include "lib/align.h"
#include "lib/errno.h"
#include "lib/minmax.h"
#include "lib/string.h"
#include "mm/kmalloc.h"

enum { GATHER_BYTES = 8192 }; /* at most at once: a program asks until there are none */

/* Source: getdents(2). */
struct abi_dirent64 {
    u64 inode;
    s64 next;
    u16 bytes; /* of all of it, to the next one */
    u8 type;
    char name[]; /* zero at the end */
} PACKED;

struct abi_dirent {
    unsigned long inode;
    unsigned long next;
    u16 bytes;
    char name[]; /* zero at the end; the type is the last byte */
} PACKED;

/* A reader that makes programs' entries of what it is given. */
struct gatherer {
    struct dir_reader reader;
    char *bytes;
    size_t room, used;
    bool is_full; /* something did not fit */
};

static struct gatherer *gatherer_of(struct dir_reader *reader)
{
    return container_of(reader, struct gatherer, reader);
}

/* DT_...: the type's four bits of a mode. */
static u8 type_of(u32 mode) { return (u8)(mode >> 12 & 15); }

/* Room for an entry of @size bytes, cleared; NULL: there is none. */
static void *reserve(struct gatherer *gatherer, size_t size)
{
    if (size > gatherer->room - gatherer->used) {
        gatherer->is_full = true;
        return NULL;
    }
    void *place = gatherer->bytes + gatherer->used;
    gatherer->used += size;
    return memset(place, 0, size);
}

static bool take_dirent64(struct dir_reader *reader, const struct dir_entry *entry)
{
    size_t size = align_up(sizeof(struct abi_dirent64) + entry->name.length + 1, sizeof(u64));
    struct abi_dirent64 *dirent = reserve(gatherer_of(reader), size);
    if (!dirent)
        return false;
    dirent->inode = entry->number;
    dirent->next = (s64)entry->next;
    dirent->bytes = (u16)size;
    dirent->type = type_of(entry->mode);
    memcpy(dirent->name, entry->name.text, entry->name.length);
    return true;
}

static bool take_dirent(struct dir_reader *reader, const struct dir_entry *entry)
{
    size_t size = align_up(sizeof(struct abi_dirent) + entry->name.length + 2, sizeof(long));
    struct abi_dirent *dirent = reserve(gatherer_of(reader), size);
    if (!dirent)
        return false;
    dirent->inode = entry->number;
    dirent->next = (unsigned long)entry->next;
    dirent->bytes = (u16)size;
    memcpy(dirent->name, entry->name.text, entry->name.length);
    ((char *)dirent)[size - 1] = (char)type_of(entry->mode);
    return true;
}

/* Gather what there is room for and copy it to @user. */
static long list(struct file *file, void __user *user, struct gatherer *gatherer)
{
    u64 before = file->position;
    int error = file_list(file, &gatherer->reader);
    if (error)
        return error;
    if (!gatherer->used)
        return gatherer->is_full ? -EINVAL : 0;
    if (!copy_to_user(user, gatherer->bytes, gatherer->used))
        return (long)gatherer->used;
    file->position = before; /* nothing was read */
    return -EFAULT;
}

static long get_entries(int fd, void __user *user, size_t size,
                        bool (*take)(struct dir_reader *reader, const struct dir_entry *entry))
{
    struct file *file = files_find(current->files, fd);
    if (!file)
        return -EBADF;
    struct gatherer gatherer = { .reader = { take }, .room = min_of(size_t, size, GATHER_BYTES) };
    gatherer.bytes = kmalloc(GATHER_BYTES, GFP_KERNEL);
    long result = gatherer.bytes ? list(file, user, &gatherer) : -ENOMEM;
    kfree(gatherer.bytes);
    file_put(file);
    return result;
}

long sys_getdents64(int fd, void __user *buffer, unsigned size)
{
    return get_entries(fd, buffer, size, take_dirent64);
}

long sys_getdents(int fd, void __user *buffer, unsigned size)
{
    return get_entries(fd, buffer, size, take_dirent);
}
