/*
 * /proc/<pid>/maps and smaps: the vmas of an address space, and what is behind each.
 *
 * The columns are Linux's: proc(5).  mmap_lock is held shared while all lines are written, so the
 * list is of one moment; page-table entries go on changing under their own locks.
 *
 * A page counts as shared if more than one entry maps it, and then only in part to each who maps
 * it (Pss).  The zero page is nobody's: it adds to nothing (Z49).
 */
#include "arch/x86/vdso.h"
#include "kernel/fs/proc_entry.h"
#include "kernel/preempt.h"
#include "kernel/task.h"
#include "lib/errno.h"
#include "mm/huge.h"
#include "mm/kmalloc.h"
#include "mm/mm.h"
#include "mm/pagetable.h"
#include "mm/rmap.h"
#include "mm/walk.h"

enum {
    PATH_COLUMN = 25 + 6 * sizeof(void *), /* where a path begins */
    PSS_SHIFT = 12,                        /* parts of a byte that Pss is summed in */
};

/* --- the line of a vma ----------------------------------------------------------------------- */

static const char *special_name(const struct vma *vma)
{
    const struct mm *mm = vma->mm;
    if (vma->start < mm->brk && vma->end > mm->brk_start)
        return "[heap]";
    if (vma->start < mm->stack_top && vma->end >= mm->stack_top)
        return "[stack]";
    return NULL;
}

/* The file's path; @buffer has PATH_BYTES_MAX bytes. */
static const char *file_name(const struct file *file, char *buffer)
{
    const char *path = dentry_path(file->dentry, buffer, PATH_BYTES_MAX);
    return path ? path : "(too long)";
}

static void add_line(struct text *text, const struct vma *vma, char *buffer)
{
    const size_t start = text->length;
    const struct inode *inode = vma->file ? vma->file->dentry->inode : NULL;
    const char *name = inode ? file_name(vma->file, buffer) : special_name(vma);
    text_add(text, "%08lx-%08lx %c%c%c%c %08llx %02x:%02x %u ", (unsigned long)vma->start,
             (unsigned long)vma->end, vma->flags & VM_READ ? 'r' : '-',
             vma->flags & VM_WRITE ? 'w' : '-', vma->flags & VM_EXEC ? 'x' : '-',
             vma_is_private(vma) ? 'p' : 's', (unsigned long long)(inode ? vma->offset : 0), 0,
             inode ? inode->super->device : 0, inode ? inode->number : 0);
    if (name) {
        text_pad(text, start, PATH_COLUMN);
        text_add(text, "%s", name);
    }
    text_add(text, "\n");
}

/* The page at @va, which is in no vma: all address spaces have it. */
static void add_fixed_line(struct text *text, vaddr_t va, const char *rights, const char *name)
{
    const size_t start = text->length;
    text_add(text, "%08lx-%08lx %s 00000000 00:00 0 ", (unsigned long)va,
             (unsigned long)va + PAGE_BYTES, rights);
    text_pad(text, start, PATH_COLUMN);
    text_add(text, "%s\n", name);
}

/* --- what is behind it ----------------------------------------------------------------------- */

/* All in bytes, but pss, in parts of them. */
struct rss {
    u64 all, pss, pss_dirty;
    u64 shared_clean, shared_dirty, private_clean, private_dirty;
    u64 referenced, anonymous, huge;
    u64 shared_pool, private_pool; /* pages of VM_HUGETLB, which are in none of the above */
    vaddr_t start, end;            /* smaps_rollup: of the first vma, of the last */
};

/* Add the page behind @entry, of @bytes, that @maps entries map. */
static void add_entry(struct rss *rss, pte_t entry, u64 bytes, unsigned maps)
{
    const bool is_dirty = pte_dirty(entry);
    const u64 part = (bytes << PSS_SHIFT) / (maps ? maps : 1);
    rss->all += bytes;
    rss->pss += part;
    rss->pss_dirty += is_dirty ? part : 0;
    if (maps > 1)
        *(is_dirty ? &rss->shared_dirty : &rss->shared_clean) += bytes;
    else
        *(is_dirty ? &rss->private_dirty : &rss->private_clean) += bytes;
    rss->referenced += pte_accessed(entry) ? bytes : 0;
}

/*
 * Add the entries at @spot, the first of which serves @va; their lock keeps the pages.
 *
 * Returns: where to go on: @va itself, if the huge page there has been split just now.
 */
static vaddr_t count_table(struct rss *rss, const struct vma *vma, const struct pt_spot *spot,
                           vaddr_t va)
{
    const size_t bytes = LEVEL_BYTES(spot->level);
    struct spinlock *lock = pt_lock(spot->slot);
    spin_lock(lock);
    for (pte_t *slot = spot->slot; va < spot->end; va += bytes, slot++) {
        pte_t entry = pte_get(slot);
        if (spot->level && pte_is_table(entry))
            break;
        struct page *page = pte_mapped(entry) ? vm_normal_page(vma, va, entry) : NULL;
        if (!page)
            continue;
        if (vma->flags & VM_HUGETLB) {
            *(page_head(page)->private > 1 ? &rss->shared_pool : &rss->private_pool) += bytes;
            continue;
        }
        add_entry(rss, entry, bytes, page_map_count(page));
        rss->anonymous += page_is_anon(page_head(page)) ? bytes : 0;
        rss->huge += spot->level && page_is_anon(page) ? bytes : 0;
    }
    spin_unlock(lock);
    return va;
}

/* Count what @vma maps. */
static void count_pages(struct rss *rss, const struct vma *vma)
{
    for (vaddr_t va = vma->start; va < vma->end;) {
        struct pt_spot spot = pt_spot(vma->mm->root, va, vma->end);
        bool is_empty = spot.level && !pte_mapped(pte_get(spot.slot));
        va = is_empty ? spot.end : count_table(rss, vma, &spot, va);
        pt_unmap(spot.slot);
        cond_resched();
    }
}

static void add_kib(struct text *text, const char *name, u64 bytes)
{
    text_add(text, "%-15s %8llu kB\n", name, (unsigned long long)(bytes / 1024));
}

static void add_rss(struct text *text, const struct rss *rss)
{
    add_kib(text, "Rss:", rss->all);
    add_kib(text, "Pss:", rss->pss >> PSS_SHIFT);
    add_kib(text, "Pss_Dirty:", rss->pss_dirty >> PSS_SHIFT);
    add_kib(text, "Shared_Clean:", rss->shared_clean);
    add_kib(text, "Shared_Dirty:", rss->shared_dirty);
    add_kib(text, "Private_Clean:", rss->private_clean);
    add_kib(text, "Private_Dirty:", rss->private_dirty);
    add_kib(text, "Referenced:", rss->referenced);
    add_kib(text, "Anonymous:", rss->anonymous);
    add_kib(text, "LazyFree:", 0);
    add_kib(text, "AnonHugePages:", rss->huge);
    add_kib(text, "ShmemPmdMapped:", 0);
    add_kib(text, "FilePmdMapped:", 0);
    add_kib(text, "Shared_Hugetlb:", rss->shared_pool);
    add_kib(text, "Private_Hugetlb:", rss->private_pool);
    add_kib(text, "Swap:", 0);
    add_kib(text, "SwapPss:", 0);
}

static void add_flags(struct text *text, const struct vma *vma)
{
    static const struct {
        unsigned flag;
        char name[3];
    } names[] = {
        { VM_READ, "rd" },       { VM_WRITE, "wr" },    { VM_EXEC, "ex" },
        { VM_SHARED, "sh" },     { VM_MAYREAD, "mr" },  { VM_MAYWRITE, "mw" },
        { VM_MAYEXEC, "me" },    { VM_MAYSHARE, "ms" }, { VM_GROWSDOWN, "gd" },
        { VM_PFNMAP, "pf" },     { VM_LOCKED, "lo" },   { VM_DONTCOPY, "dc" },
        { VM_NORESERVE, "nr" },  { VM_HUGETLB, "ht" },  { VM_WIPEONFORK, "wf" },
        { VM_DONTDUMP, "dd" },   { VM_MIXEDMAP, "mm" }, { VM_HUGEPAGE, "hg" },
        { VM_NOHUGEPAGE, "nh" },
    };
    text_add(text, "VmFlags: ");
    for (size_t i = 0; i < ARRAY_COUNT(names); i++)
        if (vma->flags & names[i].flag)
            text_add(text, "%s ", names[i].name);
    text_add(text, "\n");
}

static void add_vma_size(struct text *text, const struct vma *vma)
{
    u64 page_bytes = vma->flags & VM_HUGETLB ? LEVEL_BYTES(vma->level) : PAGE_BYTES;
    add_kib(text, "Size:", vma->end - vma->start);
    add_kib(text, "KernelPageSize:", page_bytes);
    add_kib(text, "MMUPageSize:", page_bytes);
}

/* --- the files ------------------------------------------------------------------------------- */

static void add_maps(struct text *text, const struct vma *vma, char *buffer, struct rss *sum)
{
    add_line(text, vma, buffer);
}

static void add_smaps(struct text *text, const struct vma *vma, char *buffer, struct rss *sum)
{
    struct rss rss = { 0 };
    count_pages(&rss, vma);
    add_line(text, vma, buffer);
    add_vma_size(text, vma);
    add_rss(text, &rss);
    add_kib(text, "Locked:", vma->flags & VM_LOCKED ? rss.pss >> PSS_SHIFT : 0);
    bool huge = vma->end - vma->start >= HUGE_BYTES && huge_wanted(vma, vma->end - HUGE_BYTES);
    text_add(text, "THPeligible:    %8d\n", huge);
    add_flags(text, vma);
}

static void add_rollup(struct text *text, const struct vma *vma, char *buffer, struct rss *sum)
{
    if (!sum->end)
        sum->start = vma->start;
    sum->end = vma->end;
    count_pages(sum, vma);
}

typedef void add_function(struct text *text, const struct vma *vma, char *buffer, struct rss *sum);

/* Let @add write about each vma of @task.  A task without an address space has none. */
static int for_each_vma(struct text *text, struct task *task, add_function *add, struct rss *sum)
{
    char *buffer = kmalloc(PATH_BYTES_MAX, GFP_KERNEL);
    struct mm *mm = buffer ? task_mm_get(task) : NULL;
    if (mm) {
        down_read(&mm->mmap_lock);
        for (const struct vma *vma = vma_find(mm, 0); vma; vma = vma_next(vma))
            add(text, vma, buffer, sum);
        up_read(&mm->mmap_lock);
        mm_put(mm);
    }
    kfree(buffer);
    return buffer ? 0 : -ENOMEM;
}

int proc_show_task_maps(struct text *text, struct task *task)
{
    int error = for_each_vma(text, task, add_maps, NULL);
    if (!error && text->length) {
        add_fixed_line(text, VDSO_ADDRESS - PAGE_BYTES, "r--p", "[vvar]");
        add_fixed_line(text, VDSO_ADDRESS, "r-xp", "[vdso]");
    }
    return error;
}

int proc_show_task_smaps(struct text *text, struct task *task)
{
    return for_each_vma(text, task, add_smaps, NULL);
}

int proc_show_task_smaps_rollup(struct text *text, struct task *task)
{
    struct rss sum = { 0 };
    int error = for_each_vma(text, task, add_rollup, &sum);
    if (error || !sum.end)
        return error;
    text_add(text, "%08lx-%08lx ---p 00000000 00:00 0 ", (unsigned long)sum.start,
             (unsigned long)sum.end);
    text_pad(text, 0, PATH_COLUMN);
    text_add(text, "[rollup]\n");
    add_rss(text, &sum);
    add_kib(text, "Locked:", 0);
    return error;
}
