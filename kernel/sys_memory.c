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
#include "lib/minmax.h"
#include "mm/file_range.h"
#include "mm/kmalloc.h"
#include "mm/madvise.h"
#include "mm/mincore.h"
#include "mm/mlock.h"
#include "mm/mm.h"
#include "mm/mmap.h"
#include "mm/mremap.h"

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

long sys_mprotect(unsigned long address, size_t bytes, unsigned long prot)
{
    const unsigned unknown = 0x80000000; /* stands for all flags that are too high to be known */
    return mm_protect(current->mm, address, bytes, prot > UINT32_MAX ? unknown : (unsigned)prot);
}

long sys_msync(unsigned long address, size_t bytes, unsigned flags)
{
    return mm_sync(current->mm, address, bytes, flags);
}

long sys_mremap(unsigned long address, size_t bytes, size_t wanted, unsigned long flags,
                unsigned long place)
{
    const struct remap_request request = { address, bytes, wanted, flags, place };
    vaddr_t moved;
    int error = mm_remap(current->mm, &request, &moved);
    return error ? error : (long)moved;
}

long sys_madvise(unsigned long address, size_t bytes, int advice)
{
    if (advice == MADV_REMOVE)
        return mm_punch(current->mm, address, bytes);
    return mm_advise(current->mm, address, bytes, advice);
}

long sys_mlock(unsigned long address, size_t bytes)
{
    return mm_lock(current->mm, address, bytes, 0);
}

long sys_mlock2(unsigned long address, size_t bytes, unsigned flags)
{
    if (flags & ~(unsigned)MLOCK_ONFAULT)
        return -EINVAL;
    return mm_lock(current->mm, address, bytes, flags);
}

long sys_munlock(unsigned long address, size_t bytes)
{
    return mm_unlock(current->mm, address, bytes);
}

long sys_mlockall(unsigned flags) { return flags ? mm_lock_all(current->mm, flags) : -EINVAL; }

long sys_munlockall(void)
{
    mm_unlock_all(current->mm);
    return 0;
}

long sys_mincore(unsigned long address, size_t bytes, u8 __user *vector)
{
    size_t pages = bytes / PAGE_BYTES + (bytes % PAGE_BYTES != 0);

    if (!is_aligned(address, PAGE_BYTES))
        return -EINVAL;
    if (!user_range_ok((void __user *)address, bytes))
        return -ENOMEM;
    if (!user_range_ok(vector, pages))
        return -EFAULT;
    u8 *resident = kmalloc(PAGE_BYTES, GFP_KERNEL);
    if (!resident)
        return -EAGAIN;
    long result = 0;
    while (pages && !result) {
        long count = mm_resident(current->mm, address, min(pages, PAGE_BYTES), resident);
        if (count < 0)
            result = count;
        else if (copy_to_user(vector, resident, (size_t)count))
            result = -EFAULT;
        vector += count;
        address += (unsigned long)count << PAGE_SHIFT;
        pages -= (size_t)count;
    }
    kfree(resident);
    return result;
}
