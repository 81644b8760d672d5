/*
 * System calls about memory: mmap(2), brk(2) and their kin.
 */
#include "kernel/fs/files.h"
#include "kernel/fs/map.h"
#include "kernel/fs/vfs.h"
#include "kernel/sys.h"
#include "kernel/task.h"
#include "lib/align.h"
#include "lib/errno.h"
#include "mm/file_range.h"
#include "mm/mm.h"
#include "mm/mmap.h"

/* Source: madvise(2), Linux uapi asm-generic/mman-common.h. */
enum advice {
    MADV_NORMAL = 0,
    MADV_RANDOM = 1,
    MADV_SEQUENTIAL = 2,
    MADV_WILLNEED = 3,
    MADV_DONTNEED = 4,
    MADV_FREE = 8,
    MADV_REMOVE = 9,
    MADV_HUGEPAGE = 14,
    MADV_NOHUGEPAGE = 15,
    MADV_DONTDUMP = 16,
    MADV_DODUMP = 17,
};

long sys_brk(unsigned long end) { return (long)mm_brk(current->mm, end); }

static long map(struct map_request *request, int fd)
{
    vaddr_t address;
    struct file *file = NULL;
    if (!(request->flags & MAP_ANONYMOUS)) {
        file = files_find(current->files, fd);
        if (!file || file->flags & O_PATH) {
            if (file)
                file_put(file);
            return -EBADF;
        }
        request->file = file;
        request->attach = map_attach_file;
    } else if ((request->flags & MAP_TYPE) != MAP_PRIVATE) {
        request->attach = map_attach_shared;
    }
    int error = mm_map(current->mm, request, &address);
    if (file)
        file_put(file);
    return error ? error : (long)address;
}

long sys_mmap(unsigned long address, size_t bytes, unsigned prot, unsigned flags, int fd,
              unsigned long offset)
{
    if (offset % PAGE_BYTES)
        return -EINVAL;
    return map(&(struct map_request){ address, bytes, prot, flags, NULL, offset, NULL }, fd);
}

long sys_mmap2(unsigned long address, size_t bytes, unsigned prot, unsigned flags, int fd,
               unsigned long offset_pages)
{
    u64 offset = (u64)offset_pages << PAGE_SHIFT;
    return map(&(struct map_request){ address, bytes, prot, flags, NULL, offset, NULL }, fd);
}

long sys_mmap_block(const unsigned long __user *arguments)
{
    unsigned long a[6];
    if (copy_from_user(a, arguments, sizeof(a)))
        return -EFAULT;
    return sys_mmap(a[0], a[1], (unsigned)a[2], (unsigned)a[3], (int)a[4], a[5]);
}

long sys_munmap(unsigned long address, size_t bytes)
{
    return mm_unmap(current->mm, address, bytes);
}

long sys_mprotect(unsigned long address, size_t bytes, unsigned prot)
{
    return mm_protect(current->mm, address, bytes, prot);
}

long sys_msync(unsigned long address, size_t bytes, unsigned flags)
{
    return mm_sync(current->mm, address, bytes, flags);
}

/* Forgetting is done, everything else is advice that may be ignored. */
long sys_madvise(unsigned long address, size_t bytes, int advice)
{
    switch (advice) {
    case MADV_DONTNEED:
    case MADV_FREE:
        return mm_discard(current->mm, address, bytes);
    case MADV_REMOVE:
        return mm_punch(current->mm, address, bytes);
    case MADV_NORMAL:
    case MADV_RANDOM:
    case MADV_SEQUENTIAL:
    case MADV_WILLNEED:
    case MADV_HUGEPAGE:
    case MADV_NOHUGEPAGE:
    case MADV_DONTDUMP:
    case MADV_DODUMP:
        return is_aligned(address, PAGE_BYTES) ? 0 : -EINVAL;
    default:
        return -EINVAL;
    }
}
