/*
 * Compare and exchange on a word of user memory, through the kernel's own view of its page.
 */
#include "kernel/user_word.h"

#include "kernel/preempt.h"
#include "kernel/task.h"
#include "lib/errno.h"
#include "mm/gup.h"
#include "mm/kmap_local.h"
#include "mm/mm.h"
#include "mm/page.h"

int user_word_exchange(u32 __user *word, u32 old, u32 new, u32 *found)
{
    const vaddr_t address = (vaddr_t)word;
    const struct user_pages wanted = {
        .start = address & ~(vaddr_t)(PAGE_BYTES - 1),
        .count = 1,
        .flags = FOLL_WRITE,
    };
    struct page *page;
    if (get_user_pages(current->mm, &wanted, &page) != 1)
        return -EFAULT;
    char *view = kmap_local_page(page);
    *found = old;
    __atomic_compare_exchange_n((u32 *)(view + address % PAGE_BYTES), found, new, false,
                                __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
    kunmap_local(view);
    page_put(page);
    return 0;
}
