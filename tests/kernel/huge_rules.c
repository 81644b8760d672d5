/*
 * Who gets a huge page, by thp=, advice, place and size; and what splits one again.
 */
#include "arch/x86/user_copy.h"
#include "kernel/ktest.h"
#include "kernel/task.h"
#include "mm/count.h"
#include "mm/huge.h"
#include "mm/madvise.h"
#include "mm/mm.h"
#include "mm/mmap.h"
#include "mm/mremap.h"
#include "mm/page.h"
#include "mm/pagetable.h"
#include "mm/vma.h"
#include "mm/walk.h"
#include "mm/zone.h"
#include "tests/kernel/user_space.h"

enum { RIGHTS = PROT_READ | PROT_WRITE };

#define PLACE ((vaddr_t)0x40000000) /* where a huge page begins, on every build */

static bool is_huge_at(vaddr_t va)
{
    struct pt_spot spot = pt_spot(current->mm->root, va, va + PAGE_BYTES);
    const bool huge = spot.level == LEVEL_HUGE && pte_is_huge(pte_get(spot.slot));
    pt_unmap(spot.slot);
    return huge;
}

static void write_at(vaddr_t va) { ktest_equal(put_user(1, (u32 *)va), 0); }

struct rule {
    enum thp_mode mode;
    int advice; /* MADV_NORMAL: none that matters */
    size_t start, bytes, touch;
    bool huge;
};

#define PAGE PAGE_BYTES
#define HUGE HUGE_BYTES

static const struct rule rules[] = {
    { THP_NEVER, MADV_HUGEPAGE, 0, HUGE, 0, false },
    { THP_MADVISE, MADV_NORMAL, 0, HUGE, 0, false },
    { THP_MADVISE, MADV_HUGEPAGE, 0, HUGE, 0, true },
    { THP_MADVISE, MADV_NOHUGEPAGE, 0, HUGE, 0, false },
    { THP_ALWAYS, MADV_NORMAL, 0, HUGE, HUGE - PAGE, true },
    { THP_ALWAYS, MADV_NOHUGEPAGE, 0, HUGE, 0, false },
    { THP_ALWAYS, MADV_NORMAL, 0, HUGE - PAGE, 0, false },          /* too small */
    { THP_ALWAYS, MADV_NORMAL, PAGE, HUGE, PAGE, false },           /* in two places */
    { THP_ALWAYS, MADV_NORMAL, PAGE, 2 * HUGE, PAGE, false },       /* before the first whole one */
    { THP_ALWAYS, MADV_NORMAL, PAGE, 2 * HUGE, HUGE + PAGE, true }, /* in it */
    { THP_ALWAYS, MADV_NORMAL, PAGE, 2 * HUGE, 2 * HUGE, false },   /* behind it */
};

KTEST(a_huge_page_needs_leave_and_room)
{
    const enum thp_mode before = thp_mode;
    ktest_may_keep(0, HUGE / PAGE); /* the huge zero page, if it is made here */
    for (unsigned i = 0; i < ARRAY_COUNT(rules); i++) {
        const struct rule *rule = &rules[i];
        user_space_enter(NULL);
        user_space_map(PLACE + rule->start, rule->bytes, RIGHTS);
        ktest_equal(mm_advise(current->mm, PLACE + rule->start, rule->bytes, rule->advice), 0);
        thp_mode = rule->mode;
        write_at(PLACE + rule->touch);
        bool huge = is_huge_at(PLACE + rule->touch);
        unsigned long pages = current->mm->anon_pages;
        user_space_leave();
        thp_mode = before;
        if (huge != rule->huge)
            ktest_fail(__FILE__, __LINE__, "rule %u", i);
        ktest_equal(pages, rule->huge ? HUGE / PAGE : 1);
    }
}

static int forget_a_part(void) { return mm_advise(current->mm, PLACE + PAGE, PAGE, MADV_DONTNEED); }

static int move_a_part(void)
{
    struct remap_request move = { PLACE + PAGE, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
                                  PLACE + 4 * HUGE };
    vaddr_t moved;
    return mm_remap(current->mm, &move, &moved);
}

static int advise_a_part(void)
{
    return mm_advise(current->mm, PLACE, HUGE - PAGE, MADV_NOHUGEPAGE);
}

static int shrink_by_a_part(void)
{
    struct remap_request shrink = { PLACE, HUGE, HUGE - PAGE, 0, 0 };
    vaddr_t there;
    return mm_remap(current->mm, &shrink, &there);
}

KTEST(what_concerns_a_part_of_a_huge_page_splits_it)
{
    static int (*const splitters[])(void) = { forget_a_part, move_a_part, shrink_by_a_part,
                                              advise_a_part };
    const enum thp_mode before = thp_mode;
    for (unsigned i = 0; i < ARRAY_COUNT(splitters); i++) {
        u32 value = 0;
        user_space_enter(NULL);
        user_space_map(PLACE, HUGE, RIGHTS);
        thp_mode = THP_ALWAYS;
        write_at(PLACE + 2 * PAGE);
        thp_mode = before;
        ktest_assert(is_huge_at(PLACE));
        unsigned long split = count_read(COUNT_HUGE_SPLIT);
        ktest_equal(splitters[i](), 0);
        ktest_assert(!is_huge_at(PLACE));
        ktest_equal(count_read(COUNT_HUGE_SPLIT) - split, 1);
        ktest_equal(get_user(value, (u32 *)(PLACE + 2 * PAGE)), 0);
        ktest_equal(value, 1);
        user_space_leave();
    }
}

/* --- no block is free ------------------------------------------------------------------------- */

/* All free blocks that a huge page could be, taken away; linked through their first words. */
static struct page *take_all_blocks(void)
{
    struct page *list = NULL, *block;
    while ((block = page_alloc(GFP_HIGHUSER | GFP_NOWARN, PT_INDEX_BITS))) {
        block->private = list ? (u32)page_pfn(list).number : 0;
        list = block;
    }
    return list;
}

static void give_all_blocks(struct page *list)
{
    while (list) {
        struct page *block = list;
        list = block->private ? page_of((pfn_t){ block->private }) : NULL;
        block->private = 0;
        page_free(block, PT_INDEX_BITS);
    }
}

enum { FEW = 3 }; /* an order: pages enough for one entry and its tables */

/* All but one: they must not become the rest of a block that is free. */
static void free_most(struct page *few)
{
    page_split(few, FEW);
    for (unsigned i = 1; i < 1u << FEW; i++)
        page_free(&few[i], 0);
}

/*
 * A zone keeps some pages back, so there may be a block that just cannot be had, until a few pages
 * more are free.  Then that one is taken, too, and what it leaves is the least there may be.
 */
KTEST(without_a_free_block_small_pages_do)
{
    const enum thp_mode before = thp_mode;
    thp_mode = THP_ALWAYS;
    user_space_enter(NULL);
    user_space_map(PLACE, HUGE, RIGHTS);
    struct page *few = page_alloc(GFP_KERNEL, FEW), *others = page_alloc(GFP_KERNEL, FEW);
    ktest_assert(few && others);
    struct page *list = take_all_blocks();
    free_most(few);
    struct page *last = take_all_blocks();
    if (last)
        free_most(others);
    unsigned long fallback = count_read(COUNT_HUGE_FALLBACK);
    unsigned long fresh = count_read(COUNT_FAULT_FRESH);
    int error = put_user(1, (u32 *)PLACE);
    bool huge = is_huge_at(PLACE);
    unsigned long fallbacks = count_read(COUNT_HUGE_FALLBACK) - fallback;
    unsigned long smalls = count_read(COUNT_FAULT_FRESH) - fresh;
    page_free(few, 0);
    page_free(others, last ? 0 : FEW);
    give_all_blocks(last);
    give_all_blocks(list);
    ktest_equal(error, 0);
    ktest_assert(!huge);
    ktest_equal(fallbacks, 1);
    ktest_equal(smalls, 1);
    user_space_leave();
    thp_mode = before;
}
