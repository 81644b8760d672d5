/*
 * System calls about the memory of another process: process_vm_readv(2), move_pages(2).
 */
#include "kernel/fs/iov.h"
#include "kernel/sys.h"
#include "kernel/task.h"
#include "lib/errno.h"
#include "lib/minmax.h"
#include "mm/gup.h"
#include "mm/kmalloc.h"
#include "mm/kmap.h"
#include "mm/mm.h"
#include "mm/move_pages.h"
#include "mm/page.h"

/* Source: move_pages(2), Linux uapi mempolicy.h. */
enum { MPOL_MF_MOVE = 2, MPOL_MF_MOVE_ALL = 4 };

/* The address space of process @pid with a reference; NULL: it has none.  *@error: no such task. */
static struct mm *mm_of(int pid, int *error)
{
    struct task *task = pid > 0 ? task_find(pid) : NULL;
    *error = task ? 0 : -ESRCH;
    if (!task)
        return NULL;
    struct mm *mm = task_mm_get(task);
    task_put(task);
    return mm;
}

/* A transfer between the caller and another process. */
struct transfer {
    struct iov local;
    const struct iov_range *remote;
    size_t remotes;
    bool writes; /* to the other one */
};

/* One page's worth of up to *@bytes; *@bytes is what was copied.  Returns 0 or an errno. */
static int copy_part(struct mm *mm, struct transfer *transfer, vaddr_t va, size_t *bytes)
{
    const size_t offset = va % PAGE_BYTES;
    const size_t asked = min(*bytes, transfer->local.left);
    const size_t wanted = min(asked, PAGE_BYTES - offset);
    const struct user_pages user = { va - offset, 1, transfer->writes ? FOLL_WRITE : 0 };
    struct page *page;

    *bytes = 0;
    ssize_t error = get_user_pages(mm, &user, &page);
    if (error < 0)
        return (int)error;
    char *kernel = kmap_local_page(page);
    if (transfer->writes)
        *bytes = iov_take(&transfer->local, kernel + offset, wanted);
    else
        *bytes = iov_put(&transfer->local, kernel + offset, wanted);
    kunmap_local(kernel);
    page_put(page);
    return *bytes < wanted ? -EFAULT : 0;
}

/* All of it, or up to what cannot be had.  Returns: bytes, or an errno if there are none. */
static long copy_all(struct mm *mm, struct transfer *transfer)
{
    long total = 0;
    int error = 0;

    for (size_t i = 0; i < transfer->remotes; i++) {
        const struct iov_range *range = &transfer->remote[i];
        for (size_t done = 0; done < range->bytes && transfer->local.left && !error;) {
            size_t part = range->bytes - done;
            error = copy_part(mm, transfer, range->address + done, &part);
            done += part;
            total += (long)part;
        }
    }
    return total ? total : error;
}

/*
 * Fetch @count ranges.  @is_local: they must be addresses of user memory.
 * Returns: the sum of their bytes, as far as one call goes, or an errno.
 */
static long fetch_ranges(struct iov_range *range, const void __user *user, size_t count,
                         bool is_local)
{
    size_t total = 0;

    if (copy_from_user(range, user, count * sizeof(*range)))
        return -EFAULT;
    for (size_t i = 0; i < count; i++)
        if ((ssize_t)range[i].bytes < 0)
            return -EINVAL;
    for (size_t i = 0; i < count; i++) {
        if (is_local && !user_range_ok((void __user *)range[i].address, range[i].bytes))
            return -EFAULT;
        total += min(range[i].bytes, TRANSFER_MAX - total);
    }
    return (long)total;
}

/* What the user says of the two sides. */
struct sides {
    const void __user *local, *remote;
    size_t locals, remotes;
};

/* Fetch both sides into @range and fill in @transfer.  Returns: 0: nothing to do; or an errno. */
static long prepare(struct transfer *transfer, const struct sides *sides, struct iov_range *range)
{
    long bytes = fetch_ranges(range, sides->local, sides->locals, true);
    if (bytes <= 0)
        return bytes;
    transfer->local = iov_user_ranges(range, (size_t)bytes);
    transfer->remote = range + sides->locals;
    transfer->remotes = sides->remotes;
    return fetch_ranges(range + sides->locals, sides->remote, sides->remotes, false);
}

static long process_vm(int pid, const struct sides *sides, bool writes)
{
    struct transfer transfer = { .writes = writes };
    if (sides->locals > VECTOR_MAX || sides->remotes > VECTOR_MAX)
        return -EINVAL;
    size_t count = sides->locals + sides->remotes;
    struct iov_range *range = kmalloc((count + 1) * sizeof(*range), GFP_KERNEL);
    if (!range)
        return -ENOMEM;
    long result = prepare(&transfer, sides, range);
    if (result > 0) {
        int error;
        struct mm *mm = mm_of(pid, &error);
        result = mm ? copy_all(mm, &transfer) : -ESRCH;
        if (mm)
            mm_put(mm);
    }
    kfree(range);
    return result;
}

long sys_process_vm_readv(int pid, const void __user *local, size_t locals,
                          const void __user *remote, size_t remotes, unsigned long flags)
{
    const struct sides sides = { local, remote, locals, remotes };
    return flags ? -EINVAL : process_vm(pid, &sides, false);
}

long sys_process_vm_writev(int pid, const void __user *local, size_t locals,
                           const void __user *remote, size_t remotes, unsigned long flags)
{
    const struct sides sides = { local, remote, locals, remotes };
    return flags ? -EINVAL : process_vm(pid, &sides, true);
}

/* Page number @i: where it is, which is where it stays.  0 or an errno. */
static int move_page(struct mm *mm, vaddr_t __user *page, int __user *node, int __user *status)
{
    vaddr_t va;
    int wanted = 0;
    if (get_user(va, page) || (node && get_user(wanted, node)))
        return -EFAULT;
    if (wanted)
        return -ENODEV;
    int there = mm_page_node(mm, va);
    return put_user(there, status);
}

long sys_move_pages(int pid, unsigned long count, vaddr_t __user *pages, int __user *nodes,
                    int __user *status, int flags)
{
    int error;
    if (flags & ~(MPOL_MF_MOVE | MPOL_MF_MOVE_ALL))
        return -EINVAL;
    struct mm *mm = mm_of(pid ? pid : current->pid, &error);
    if (!mm)
        return error ? error : -EINVAL;
    for (unsigned long i = 0; i < count && !error; i++)
        error = move_page(mm, pages + i, nodes ? nodes + i : NULL, status + i);
    mm_put(mm);
    return error;
}
