/*
 * Files in address spaces.
 *
 * A vma of a file keeps the open file, and with it the inode and its pages.  Its last reference
 * may be dropped under mmap_lock: that takes no lock of a directory, as what can be mapped either
 * has a name, which keeps the dentry, or is in no directory any more.
 */
#include "kernel/fs/map.h"

#include "kernel/fs/ramfs.h"
#include "kernel/fs/ramfs_file.h"
#include "kernel/fs/vfs.h"
#include "lib/errno.h"
#include "mm/fault_file.h"
#include "mm/mapping.h"
#include "mm/region.h"
#include "mm/vma.h"

void map_open_pages(struct vma *vma)
{
    file_get(vma->file);
    mapping_add(vma);
}

void map_close_pages(struct vma *vma)
{
    mapping_remove(vma);
    file_put(vma->file);
}

static const struct vma_ops page_ops = {
    .name = "file",
    .fault = file_fault,
    .open = map_open_pages,
    .close = map_close_pages,
};

void map_file_pages(struct vma *vma, struct file *file, struct mapping *mapping)
{
    vma->file = file;
    vma->mapping = mapping;
    vma->ops = &page_ops;
    map_open_pages(vma);
}

static void open_frames(struct vma *vma) { file_get(vma->file); }
static void close_frames(struct vma *vma) { file_put(vma->file); }

static const struct vma_ops frame_ops = {
    .name = "frames",
    .fault = frame_fault,
    .open = open_frames,
    .close = close_frames,
};

int map_frames(struct file *file, struct vma *vma)
{
    const u64 limit = region_physical_limit();
    if (vma->offset > limit || vma->end - vma->start > limit - vma->offset)
        return -EINVAL;
    vma->file = file;
    vma->flags |= VM_PFNMAP | VM_DONTDUMP;
    vma->ops = &frame_ops;
    open_frames(vma);
    return 0;
}

int map_attach_shared(struct vma *vma, struct file *file)
{
    struct dentry *dentry = ramfs_create_anonymous(0777, "/dev/zero (deleted)");
    if (!dentry)
        return -ENOMEM;
    int error = file_open(dentry, O_RDWR, &file);
    if (!error)
        ram_file_start_size(dentry->inode, vma->end - vma->start);
    dentry_put(dentry);
    if (error)
        return error;
    vma->offset = 0;
    error = file->fops->mmap(file, vma);
    file_put(file); /* the vma has its own reference */
    return error;
}

int map_zeroes(struct file *file, struct vma *vma)
{
    if (vma->flags & VM_SHARED)
        return map_attach_shared(vma, NULL);
    vma->offset = vma->start; /* as all anonymous memory */
    return 0;
}

/* Was @file opened for what @vma may do, now and by mprotect() later?  mmap(2), EACCES. */
static int check_access(struct vma *vma, const struct file *file)
{
    unsigned mode = file->flags & O_ACCMODE;
    if (mode == O_WRONLY)
        return -EACCES;
    if (inode_is_noexec(file->dentry->inode)) {
        if (vma->flags & VM_EXEC)
            return -EPERM;
        vma->flags &= ~(unsigned)VM_MAYEXEC;
    }
    if (!(vma->flags & VM_SHARED) || mode == O_RDWR)
        return 0;
    if (vma->flags & VM_WRITE)
        return -EACCES;
    vma->flags &= ~(unsigned)(VM_MAYWRITE | VM_SHARED); /* VM_MAYSHARE still tells */
    return 0;
}

int map_attach_file(struct vma *vma, struct file *file)
{
    int error = check_access(vma, file);
    if (error)
        return error;
    if (!file->fops->mmap)
        return -ENODEV;
    return file->fops->mmap(file, vma);
}
