/*
 * Other people's pages: each kind of entry, with each wish.  Z, B and trap numbers are those of
 * docs/statements.md.
 */
#include "mm/gup.h"

#include "arch/x86/user_copy.h"
#include "kernel/ktest.h"
#include "kernel/task.h"
#include "lib/errno.h"
#include "mm/mm.h"
#include "mm/mmap.h"
#include "mm/page.h"
#include "mm/rmap.h"
#include "mm/vma.h"
#include "mm/walk.h"
#include "tests/kernel/user_space.h"
#include "tests/kernel/zero_area.h"

static int follow(unsigned flags, struct page **page)
{
    struct vma *vma = vma_lookup(current->mm, AREA);
    *page = NULL;
    return follow_page(vma, AREA, flags, page);
}

KTEST(follow_page_treats_each_entry_as_its_table_says)
{
    struct page *page;
    zero_area_start(READ_WRITE);
    ktest_equal(follow(0, &page), -ENOENT); /* Z22: none */
    ktest_equal(follow(FOLL_NOZERO, &page), -ENOENT);
    read_word(0);
    ktest_equal(follow(0, &page), 0); /* the zero page */
    ktest_assert(page == page_of(zero_pfn));
    ktest_equal(follow(FOLL_WRITE, &page), -ENOENT);
    ktest_equal(follow(FOLL_NOZERO, &page), -ENOENT); /* B3: nothing, not an error */
    ktest_equal(follow(FOLL_DUMP, &page), -EFAULT);
    ktest_equal(follow(FOLL_GET, &page), 0); /* Z23 */
    ktest_equal(page->refs, 2);
    page_put(page);
    ktest_equal(put_user(7, word(0)), 0);
    ktest_equal(follow(FOLL_WRITE | FOLL_GET | FOLL_TOUCH, &page), 0); /* a page of its own */
    ktest_assert(page_is_anon(page));
    ktest_equal(page->refs, 2);
    page_put(page);
    ktest_equal(follow(FOLL_DUMP, &page), 0);
    user_space_leave();
}

KTEST(get_user_pages_brings_what_is_asked_for)
{
    struct page *pages[4];
    zero_area_start(READ_WRITE);
    struct user_pages wanted = { .start = AREA, .count = 4 };
    ktest_equal(get_user_pages(current->mm, &wanted, pages), 4); /* Z24 */
    for (unsigned i = 0; i < 4; i++) {
        ktest_assert(pages[i] == page_of(zero_pfn));
        page_put(pages[i]);
    }
    wanted.flags = FOLL_NOZERO; /* B4, B6: a NULL a page */
    ktest_equal(get_user_pages(current->mm, &wanted, pages), 4);
    for (unsigned i = 0; i < 4; i++)
        ktest_assert(!pages[i]);
    wanted.flags = FOLL_WRITE;
    ktest_equal(get_user_pages(current->mm, &wanted, pages), 4);
    for (unsigned i = 0; i < 4; i++) {
        ktest_assert(pages[i] != page_of(zero_pfn)); /* trap 43 */
        page_put(pages[i]);
    }
    ktest_equal(current->mm->anon_pages, 4);
    wanted = (struct user_pages){ AREA + 8 * PAGE_BYTES, 1, FOLL_DUMP };
    ktest_equal(get_user_pages(current->mm, &wanted, pages), -EFAULT); /* Z27: a hole in a dump */
    ktest_equal(pte_none(entry_of(current->mm, wanted.start)), 1);
    wanted.start = AREA + PAGES * PAGE_BYTES;
    ktest_equal(get_user_pages(current->mm, &wanted, pages), -EFAULT); /* nothing mapped */
    user_space_leave();
}

KTEST(a_forced_write_copies_and_leaves_the_entry_read_only)
{
    struct page *page;
    zero_area_start(PROT_READ);
    read_word(0);
    struct user_pages wanted = { .start = AREA, .count = 1, .flags = FOLL_WRITE };
    ktest_equal(get_user_pages(current->mm, &wanted, &page), -EFAULT);
    wanted.flags |= FOLL_FORCE;
    ktest_equal(get_user_pages(current->mm, &wanted, &page), 1); /* Z25 */
    ktest_assert(page != page_of(zero_pfn));
    ktest_assert(!pte_writable(entry_of(current->mm, AREA)));
    page_put(page);
    ktest_equal(put_user(1, word(0)), -EFAULT);
    user_space_leave();
}

/* Pages of two vmas, the first with pages of its own, and the other way round. */
static void skip_zeroes_from(unsigned first, bool first_is_zero)
{
    struct page *pages[4];
    struct user_pages wanted = { (vaddr_t)word(first), 4, FOLL_NOZERO };
    ktest_equal(get_user_pages(current->mm, &wanted, pages), 4);
    for (unsigned i = 0; i < 4; i++) {
        ktest_equal(!pages[i], (i < 2) == first_is_zero);
        if (pages[i])
            page_put(pages[i]);
    }
}

/* [B5] */
KTEST(passing_over_zero_pages_goes_on_in_the_next_vma)
{
    zero_area_start(READ_WRITE);
    ktest_equal(mm_protect(current->mm, (vaddr_t)word(10), 2 * PAGE_BYTES, READ_WRITE | PROT_EXEC),
                0);
    ktest_assert(vma_lookup(current->mm, (vaddr_t)word(10))->end == (vaddr_t)word(12));
    ktest_equal(put_user(1, word(10)), 0);
    ktest_equal(put_user(1, word(11)), 0);
    skip_zeroes_from(10, false);
    skip_zeroes_from(8, true);
    user_space_leave();
}

static void look_again_and_again(void *mm)
{
    struct page *page;
    for (unsigned i = 0; i < 200; i++) {
        struct user_pages wanted = { (vaddr_t)word(i % PAGES), 1, 0 };
        ktest_equal(get_user_pages(mm, &wanted, &page), 1);
        ktest_assert(page == page_of(zero_pfn));
        page_put(page);
    }
}

/* [B8, Z23] */
KTEST(many_cpus_may_hold_the_zero_page_and_none_keeps_it)
{
    zero_area_start(READ_WRITE);
    ktest_on_each_cpu(look_again_and_again, current->mm);
    ktest_equal(page_of(zero_pfn)->refs, 1);
    user_space_leave();
}
