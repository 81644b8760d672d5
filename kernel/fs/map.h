/*
 * Files in address spaces: what mmap(2) asks of a file, and which vma comes of it.
 */
#ifndef KERNEL_FS_MAP_H
#define KERNEL_FS_MAP_H

#include "lib/annotate.h"

struct file;
struct mapping;
struct vma;

/*
 * For struct map_request: make @vma one of @file.
 *
 * Locks:   the mmap_lock that @vma will be under is held exclusive.  Sleeps.
 * Returns: 0, -EACCES (the file was not opened for that), -ENODEV, -EOVERFLOW, -ENOMEM.
 */
int map_attach_file(struct vma *vma, struct file *file) MUST_CHECK;

/* The same for memory that is shared but no file's; @file is ignored. */
int map_attach_shared(struct vma *vma, struct file *file) MUST_CHECK;

/* For file_ops' mmap(): @vma maps pages of @mapping, which @file keeps alive. */
void map_file_pages(struct vma *vma, struct file *file, struct mapping *mapping);

/* The open() and close() of such a vma, for those that do more. */
void map_open_pages(struct vma *vma);
void map_close_pages(struct vma *vma);

/* For file_ops' mmap(): @vma maps the frames of physical memory that its offset says. */
int map_frames(struct file *file, struct vma *vma) MUST_CHECK;

/* For file_ops' mmap(): zeroes, which are private memory or shared but no file's. */
int map_zeroes(struct file *file, struct vma *vma) MUST_CHECK;

#endif
