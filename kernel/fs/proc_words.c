/*
 * /proc/<pid>/cmdline and environ: what a program was started with, out of its own memory.
 *
 * The program may have written over it, unmapped it or ended: what cannot be had is left out.
 */
#include "kernel/fs/proc_entry.h"
#include "kernel/task.h"
#include "lib/align.h"
#include "lib/minmax.h"
#include "mm/gup.h"
#include "mm/kmap.h"
#include "mm/mm.h"
#include "mm/page.h"

/* Add the bytes [@start, @end) of @mm, which lie in one page.  False: they are not there. */
static bool add_piece(struct text *text, struct mm *mm, vaddr_t start, vaddr_t end)
{
    struct page *page;
    struct user_pages wanted = { .start = align_down(start, PAGE_BYTES), .count = 1 };
    if (get_user_pages(mm, &wanted, &page) != 1)
        return false;
    const char *bytes = kmap_local_page(page);
    text_add_bytes(text, bytes + start % PAGE_BYTES, end - start);
    kunmap_local(bytes);
    page_put(page);
    return true;
}

/* Add the bytes between two addresses that @mm keeps. */
static int add_memory(struct text *text, struct task *task, bool is_environment)
{
    struct mm *mm = task_mm_get(task);
    if (!mm)
        return 0;
    down_read(&mm->mmap_lock);
    vaddr_t at = is_environment ? mm->env_start : mm->arg_start;
    vaddr_t end = is_environment ? mm->env_end : mm->arg_end;
    up_read(&mm->mmap_lock);
    while (at < end) {
        vaddr_t next = min_of(vaddr_t, end, align_down(at, PAGE_BYTES) + PAGE_BYTES);
        if (!add_piece(text, mm, at, next))
            break;
        at = next;
    }
    mm_put(mm);
    return 0;
}

int proc_show_task_cmdline(struct text *text, struct task *task)
{
    return add_memory(text, task, false);
}

int proc_show_task_environ(struct text *text, struct task *task)
{
    return add_memory(text, task, true);
}
