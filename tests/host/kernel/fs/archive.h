/*
 * Making cpio archives to take apart.
 */
#ifndef TESTS_HOST_KERNEL_FS_ARCHIVE_H
#define TESTS_HOST_KERNEL_FS_ARCHIVE_H

#include "lib/types.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An archive under construction, in a block of hardly more than its size. */
struct archive {
    u8 *bytes;
    size_t size;
};

/* One member; inode 0: a number of its own, with one name. */
struct entry {
    const char *name;
    u32 mode;
    const char *data;
    u32 inode;
};

static inline void archive_append(struct archive *archive, const void *bytes, size_t size)
{
    archive->bytes = realloc(archive->bytes, archive->size + size + 1);
    memcpy(archive->bytes + archive->size, bytes, size);
    archive->size += size;
}

static inline void archive_pad(struct archive *archive)
{
    archive_append(archive, "\0\0\0", -archive->size & 3);
}

static inline void archive_add(struct archive *archive, const struct entry *entry)
{
    char header[128];
    u32 inode = entry->inode ? entry->inode : 1000 + (u32)archive->size;
    sprintf(header, "070701%08x%08x%08x%08x%08x%08x%08zx%08x%08x%08x%08x%08zx%08x", inode,
            entry->mode, 0, 0, entry->inode ? 2 : 1, 1234, strlen(entry->data), 8, 1, 5, 3,
            strlen(entry->name) + 1, 0);
    archive_append(archive, header, 110);
    archive_append(archive, entry->name, strlen(entry->name) + 1);
    archive_pad(archive);
    archive_append(archive, entry->data, strlen(entry->data));
    archive_pad(archive);
}

static inline void archive_end(struct archive *archive)
{
    archive_add(archive, &(struct entry){ "TRAILER!!!", 0, "" });
}

#endif
