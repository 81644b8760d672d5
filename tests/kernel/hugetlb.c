/*
 * Huge pages of the reserved pool: promised, mapped, shared, given back.
 */
#include "mm/hugetlb.h"

#include "arch/x86/cpu.h"
#include "arch/x86/user_copy.h"
#include "kernel/ktest.h"
#include "kernel/task.h"
#include "lib/errno.h"
#include "mm/count.h"
#include "mm/fork.h"
#include "mm/gigantic.h"
#include "mm/huge.h"
#include "mm/mm.h"
#include "mm/mmap.h"
#include "mm/walk.h"
#include "tests/kernel/user_space.h"

enum { PAGES = 4, PRIVATE = MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB };

static vaddr_t area; /* where the last mapping went */

static int map(size_t bytes, unsigned flags)
{
    struct map_request request = { .bytes = bytes, .prot = PROT_READ | PROT_WRITE, .flags = flags };
    return mm_map(current->mm, &request, &area);
}

static void start(void)
{
    ktest_equal(hugetlb_resize(LEVEL_HUGE, PAGES), PAGES);
    user_space_enter(NULL);
}

/* Everything is back, and goes back to where it came from. */
static void end(void)
{
    user_space_leave();
    struct hugetlb_stat stat = hugetlb_stat(LEVEL_HUGE);
    ktest_equal(stat.free, PAGES);
    ktest_equal(stat.reserved, 0);
    ktest_equal(hugetlb_resize(LEVEL_HUGE, 0), 0);
}

static void write_words(unsigned first, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        ktest_equal(put_user(first + i, (u32 *)(area + i * HUGE_BYTES + i * PAGE_BYTES)), 0);
}

static void check_words(unsigned first, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        u32 value = 0;
        ktest_equal(get_user(value, (u32 *)(area + i * HUGE_BYTES + i * PAGE_BYTES)), 0);
        ktest_equal(value, first + i);
    }
}

KTEST(a_mapping_has_its_pages_for_sure)
{
    start();
    ktest_equal(map((PAGES + 1) * HUGE_BYTES, PRIVATE), -ENOMEM);
    ktest_equal(hugetlb_stat(LEVEL_HUGE).reserved, 0);
    ktest_equal(map(PAGES * HUGE_BYTES - 1, PRIVATE), 0); /* rounded up */
    ktest_equal(area % HUGE_BYTES, 0);
    ktest_equal(hugetlb_stat(LEVEL_HUGE).reserved, PAGES);
    const vaddr_t first = area;
    ktest_equal(map(HUGE_BYTES, PRIVATE), -ENOMEM); /* all are promised */
    area = first;
    unsigned long faults = count_read(COUNT_FAULT_HUGETLB);
    write_words(1, PAGES);
    check_words(1, PAGES);
    ktest_equal(count_read(COUNT_FAULT_HUGETLB) - faults, PAGES);
    struct hugetlb_stat stat = hugetlb_stat(LEVEL_HUGE);
    ktest_equal(stat.free, 0);
    ktest_equal(stat.reserved, 0);
    ktest_equal(mm_resident_pages(current->mm), 0); /* counted by the pool alone */
    end();
}

KTEST(only_whole_pages_go)
{
    start();
    ktest_equal(map(3 * HUGE_BYTES, PRIVATE), 0);
    write_words(5, 3);
    ktest_equal(mm_unmap(current->mm, area, PAGE_BYTES), -EINVAL);
    ktest_equal(mm_protect(current->mm, area + PAGE_BYTES, PAGE_BYTES, PROT_READ), -EINVAL);
    ktest_equal(mm_unmap(current->mm, area + 2 * HUGE_BYTES, HUGE_BYTES), 0);
    check_words(5, 2);
    ktest_equal(mm_protect(current->mm, area, HUGE_BYTES, PROT_READ), 0);
    ktest_assert(put_user(1, (u32 *)area) != 0);
    check_words(5, 2);
    end();
}

KTEST(what_is_not_touched_goes_back_too)
{
    start();
    ktest_equal(map(PAGES * HUGE_BYTES, PRIVATE), 0);
    write_words(1, 1);
    ktest_equal(mm_unmap(current->mm, area, PAGES * HUGE_BYTES), 0);
    ktest_equal(hugetlb_stat(LEVEL_HUGE).free, PAGES);
    ktest_equal(hugetlb_stat(LEVEL_HUGE).reserved, 0);
    end();
}

static void child_writes(void *child)
{
    user_space_enter(child);
    check_words(7, 2);
    write_words(70, 2);
    check_words(70, 2);
    user_space_leave();
}

KTEST(a_private_page_is_copied_a_shared_one_is_not)
{
    start();
    ktest_equal(map(2 * HUGE_BYTES, PRIVATE), 0);
    write_words(7, 2);
    unsigned long cow = count_read(COUNT_FAULT_COW);
    struct mm *child = mm_fork(current->mm);
    ktest_assert(child);
    ktest_join(ktest_thread(child_writes, child, -1));
    ktest_equal(count_read(COUNT_FAULT_COW) - cow, 2);
    check_words(7, 2);
    mm_put(child);
    ktest_equal(mm_unmap(current->mm, area, 2 * HUGE_BYTES), 0);

    ktest_equal(map(2 * HUGE_BYTES, MAP_SHARED | MAP_ANONYMOUS | MAP_HUGETLB), 0);
    write_words(7, 2);
    child = mm_fork(current->mm);
    ktest_assert(child);
    ktest_join(ktest_thread(child_writes, child, -1));
    check_words(70, 2);
    mm_put(child);
    end();
}

KTEST(sizes_are_named_by_their_logarithm)
{
    ktest_equal(hugetlb_level(0), LEVEL_HUGE);
    ktest_equal(hugetlb_level((unsigned)LEVEL_SHIFT(LEVEL_HUGE) << MAP_HUGE_SHIFT), LEVEL_HUGE);
    ktest_equal(hugetlb_level(16u << MAP_HUGE_SHIFT), -EINVAL);
    const bool has_gib = PT_LEVELS > 3 && cpu_has(CPU_GIB_PAGES);
    ktest_equal(hugetlb_level(30u << MAP_HUGE_SHIFT), has_gib ? 2 : -EINVAL);
}

/* With hugepages_1g=1, on an x86-64 CPU that has such entries. */
KTEST(a_gib_is_one_entry)
{
    const unsigned flags = PRIVATE | 30u << MAP_HUGE_SHIFT;
    if (hugetlb_level(flags) < 0 || !(gigantic_reserved() || hugetlb_stat(2).free))
        ktest_skip("no GiB is set aside for a program");
    ktest_may_keep(0, 1u << GIGANTIC_ORDER); /* the pool keeps what was set aside at boot */
    start();
    ktest_equal(map(1ul << 30, flags), 0);
    ktest_equal(put_user(3, (u32 *)(area + (1ul << 29))), 0);
    struct pt_spot spot = pt_spot(current->mm->root, area, area + PAGE_BYTES);
    ktest_equal(spot.level, 2);
    u32 value = 1;
    ktest_equal(get_user(value, (u32 *)(area + (1ul << 30) - 4)), 0);
    ktest_equal(value, 0);
    end();
    ktest_equal(hugetlb_stat(2).free, hugetlb_stat(2).total);
}
