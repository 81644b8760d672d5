/*
 * Operations on memory, each with its first allocation failing, then its second, and so on: they
 * fail cleanly or get by, and nothing is lost.
 */
#include "mm/fail.h"

#include "kernel/ktest.h"
#include "kernel/ktest_leak.h"
#include "kernel/task.h"
#include "lib/errno.h"
#include "mm/fault.h"
#include "mm/fork.h"
#include "mm/madvise.h"
#include "mm/mlock.h"
#include "mm/mm.h"
#include "mm/mmap.h"
#include "mm/mremap.h"
#include "tests/kernel/user_space.h"

enum {
    NTH_MAX = 1000,  /* no operation here asks so often */
    AREA_PAGES = 16, /* touched before the operation: pages 0, 2, 4 ... */
};

#define AREA  ((vaddr_t)0x10000000)
#define LONG  (AREA_PAGES * PAGE_BYTES)
#define HUGE  ((size_t)PAGE_BYTES << PT_INDEX_BITS)
#define APART ((vaddr_t)0x60000000) /* where nothing is mapped, not even a table */

static int touch(vaddr_t va, unsigned access)
{
    const struct fault fault = { .va = va, .access = { (u8)(access | PROT_USER) } };
    enum fault_result result = mm_fault(current->mm, &fault);
    ktest_assert(result == FAULT_FIXED || result == FAULT_NO_MEMORY);
    return result == FAULT_FIXED ? 0 : -ENOMEM;
}

/* --- the operations, on a space with an area of AREA_PAGES, every other one touched ---------- */

static int map_at(vaddr_t address, unsigned prot)
{
    struct map_request request = { .address = address,
                                   .bytes = 4 * PAGE_BYTES,
                                   .prot = prot,
                                   .flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED };
    vaddr_t place;
    return mm_map(current->mm, &request, &place);
}

static int map_apart(void) { return map_at(APART, PROT_READ | PROT_WRITE); }
static int map_over(void) { return map_at(AREA + 4 * PAGE_BYTES, PROT_READ); }
static int unmap_all(void) { return mm_unmap(current->mm, AREA, LONG); }
static int unmap_middle(void)
{
    return mm_unmap(current->mm, AREA + 4 * PAGE_BYTES, 4 * PAGE_BYTES);
}
static int protect_middle(void)
{
    return mm_protect(current->mm, AREA + 4 * PAGE_BYTES, 4 * PAGE_BYTES, PROT_READ);
}

static int grow_heap(void)
{
    const vaddr_t wish = APART + 8 * PAGE_BYTES;
    mm_set_brk(current->mm, APART);
    return mm_brk(current->mm, wish) == wish ? 0 : -ENOMEM;
}

static int touch_fresh(void) { return touch(AREA + PAGE_BYTES, PROT_WRITE); }
static int touch_for_reading(void) { return touch(AREA + PAGE_BYTES, PROT_READ); }

/* Where the tables are missing, too. */
static int touch_apart(void)
{
    int error = map_apart();
    return error ? error : touch(APART, PROT_WRITE);
}

static int fork_it(void)
{
    struct mm *child = mm_fork(current->mm);
    if (!child)
        return -ENOMEM;
    mm_put(child);
    return 0;
}

static int fork_and_write(void)
{
    struct mm *child = mm_fork(current->mm);
    if (!child)
        return -ENOMEM;
    int error = touch(AREA, PROT_WRITE); /* shared with the child: a copy is made */
    mm_put(child);
    return error;
}

static int advise_middle(void)
{
    return mm_advise(current->mm, AREA + 4 * PAGE_BYTES, 4 * PAGE_BYTES, MADV_NOHUGEPAGE);
}

static int lock_all(void) { return mm_lock(current->mm, AREA, LONG, 0); }

static int move_middle(void)
{
    struct remap_request request = { .start = AREA + 4 * PAGE_BYTES,
                                     .bytes = 4 * PAGE_BYTES,
                                     .wanted = 8 * PAGE_BYTES,
                                     .flags = MREMAP_MAYMOVE };
    vaddr_t place;
    return mm_remap(current->mm, &request, &place);
}

/* A huge page, if there is a block, where one is welcome. */
static int touch_huge(void)
{
    struct map_request request = { .address = APART,
                                   .bytes = 2 * HUGE,
                                   .prot = PROT_READ | PROT_WRITE,
                                   .flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED };
    vaddr_t place;
    int error = mm_map(current->mm, &request, &place);
    if (!error)
        error = mm_advise(current->mm, APART, 2 * HUGE, MADV_HUGEPAGE);
    return error ? error : touch(APART + PAGE_BYTES, PROT_WRITE);
}

static int fork_and_write_huge(void)
{
    int error = touch_huge();
    struct mm *child = error ? NULL : mm_fork(current->mm);
    if (!child)
        return -ENOMEM;
    error = touch(APART + PAGE_BYTES, PROT_WRITE);
    mm_put(child);
    return error;
}

static int unmap_part_of_huge(void)
{
    int error = touch_huge();
    return error ? error : mm_unmap(current->mm, APART + PAGE_BYTES, PAGE_BYTES);
}

static const struct operation {
    const char *name;
    int (*run)(void);
    bool asks; /* for memory, at least once */
} operations[] = {
    { "mmap", map_apart, true },
    { "mmap over pages", map_over, true },
    { "munmap", unmap_all, false },
    { "munmap of the middle", unmap_middle, true },
    { "mprotect of the middle", protect_middle, true },
    { "brk", grow_heap, true },
    { "a write to a fresh page", touch_fresh, true },
    { "a read of a fresh page", touch_for_reading, false },
    { "a write where tables are missing", touch_apart, true },
    { "madvise of the middle", advise_middle, true },
    { "mlock", lock_all, true },
    { "mremap of the middle", move_middle, true },
    { "a write to a fresh huge page", touch_huge, true },
    { "fork and a write to a huge page", fork_and_write_huge, true },
    { "munmap of a part of a huge page", unmap_part_of_huge, true },
    { "fork", fork_it, true },
    { "fork and a write", fork_and_write, true },
};

/* Run @operation with the @nth allocation failing.  Returns: did it come so far? */
static bool run_failing(const struct operation *operation, unsigned nth)
{
    user_space_enter(NULL);
    user_space_map(AREA, LONG, PROT_READ | PROT_WRITE);
    for (unsigned i = 0; i < AREA_PAGES; i += 2)
        ktest_equal(touch(AREA + i * PAGE_BYTES, PROT_WRITE), 0);

    fail_arm(nth);
    int error = operation->run();
    bool failed = fail_disarm();
    if (error != 0 && !failed)
        ktest_note("%s: errno %d", operation->name, -error);
    ktest_assert(error == 0 || failed);
    ktest_assert(error == 0 || error == -ENOMEM || error == -EAGAIN);

    /* whatever became of it, the space still works */
    if (operation->run != unmap_all)
        ktest_equal(touch(AREA, PROT_WRITE), 0);
    user_space_leave();
    return failed;
}

KTEST(operations_on_memory_fail_cleanly_whichever_allocation_fails)
{
    for (unsigned i = 0; i < ARRAY_COUNT(operations); i++) {
        const struct operation *operation = &operations[i];
        run_failing(operation, NTH_MAX); /* caches fill */
        const struct in_use before = in_use_now();
        unsigned nth = 1;
        for (; nth < NTH_MAX && run_failing(operation, nth); nth++)
            ktest_assert(in_use_as_before(&before));
        ktest_note("%s: %u allocations failed, one at a time", operation->name, nth - 1);
        ktest_assert(nth < NTH_MAX);
        ktest_assert(!operation->asks || nth > 1);
    }
}
