/*
 * /proc/<pid>/pagemap: for each page of an address space 8 bytes, at 8 times its number.
 *
 *     bit 63   a page is there                        bits 0-54   its number (pfn)
 *     bit 61   it is a file's
 *     bit 56   nothing else maps it
 *
 * The zero page is there, with its number, but is no file's and not exclusive (Z51).  Reads are of
 * whole entries, else -EINVAL.  A task that has no address space any more has no entries either.
 *
 * Source: Linux, Documentation/admin-guide/mm/pagemap.rst.
 */
#include "kernel/fs/iov.h"
#include "kernel/fs/proc_entry.h"
#include "kernel/task.h"
#include "lib/errno.h"
#include "lib/minmax.h"
#include "mm/mm.h"
#include "mm/pagetable.h"
#include "mm/rmap.h"
#include "mm/walk.h"

#define ENTRY_PRESENT   ((u64)1 << 63)
#define ENTRY_FILE      ((u64)1 << 61)
#define ENTRY_EXCLUSIVE ((u64)1 << 56)

enum { CHUNK = 32 }; /* entries that are found before they are copied out, without the lock */

static u64 entry_of(const struct vma *vma, vaddr_t va, pte_t entry)
{
    if (!pte_mapped(entry))
        return 0;
    u64 value = ENTRY_PRESENT | pte_pfn(entry).number;
    struct page *page = vm_normal_page(vma, va, entry);
    if (!page)
        return value;
    if (!page_is_anon(page_head(page)))
        value |= ENTRY_FILE;
    if (page_map_count(page) == 1)
        value |= ENTRY_EXCLUSIVE;
    return value;
}

/* The entry of one page. */
static u64 look_at(struct mm *mm, vaddr_t va) MUST_HOLD_SHARED(mm->mmap_lock)
{
    const struct vma *vma = vma_lookup(mm, va);
    if (!vma)
        return 0;
    struct pt_spot spot = pt_spot(mm->root, va, va + PAGE_BYTES);
    u64 value = 0;
    if (pte_mapped(pte_get(spot.slot))) {
        struct spinlock *lock = pt_lock(spot.slot);
        spin_lock(lock); /* its page cannot go */
        pte_t entry = pte_get(spot.slot);
        if (spot.level == 0 || pte_is_huge(entry)) /* else it was split just now */
            value = entry_of(vma, va, entry);
        spin_unlock(lock);
    }
    if (value) /* of a huge page, the part that lies at va */
        value += (va & (LEVEL_BYTES(spot.level) - 1)) >> PAGE_SHIFT;
    pt_unmap(spot.slot);
    return value;
}

/* Fill @entries with those of the @count pages from number @first on. */
static void look_at_chunk(struct mm *mm, u64 first, u64 *entries, size_t count)
{
    down_read(&mm->mmap_lock);
    for (size_t i = 0; i < count; i++)
        entries[i] = look_at(mm, (vaddr_t)((first + i) << PAGE_SHIFT));
    up_read(&mm->mmap_lock);
}

static ssize_t read_pages(struct mm *mm, struct iov *to, u64 *position)
{
    const u64 pages = USER_TOP >> PAGE_SHIFT;
    u64 entries[CHUNK], first = *position / sizeof(u64);
    ssize_t total = 0;
    while (to->left && first < pages) {
        size_t most = min_of(size_t, CHUNK, to->left / sizeof(u64));
        size_t count = (size_t)min_of(u64, most, pages - first);
        look_at_chunk(mm, first, entries, count);
        size_t done = iov_put(to, entries, count * sizeof(u64));
        total += (ssize_t)done;
        *position += done;
        if (done < count * sizeof(u64))
            return total ? total : -EFAULT;
        first += count;
    }
    return total;
}

static ssize_t read(struct file *file, struct iov *to, u64 *position)
{
    struct task *task;
    if (*position % sizeof(u64) || to->left % sizeof(u64))
        return -EINVAL;
    int error = proc_task_get(file->dentry->inode, &task);
    if (error)
        return error;
    struct mm *mm = task_mm_get(task);
    ssize_t result = mm ? read_pages(mm, to, position) : 0;
    if (mm)
        mm_put(mm);
    task_put(task);
    return result;
}

const struct file_ops proc_pagemap_ops = { .read = read };
