/*
 * Tasks: their ends, their exit codes, their stacks; and nothing is left of them.
 */
#include "kernel/task.h"

#include "kernel/ktest.h"
#include "kernel/sched.h"
#include "kernel/time.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/pagetable.h"
#include "mm/vmalloc.h"
#include "mm/zone.h"

enum {
    THREADS = 2000,
    AT_ONCE = 50,
};

static void exit_with(void *data) { task_exit((int)(intptr_t)data); }

KTEST(waiting_gives_the_exit_code)
{
    for (int code = 0; code < 5; code++) {
        struct task *child = ktest_thread(exit_with, (void *)(intptr_t)code, -1);
        ktest_equal(task_wait(child), code);
    }
}

KTEST(waiting_for_any_child_finds_each_once)
{
    unsigned seen = 0;
    for (intptr_t i = 0; i < 4; i++) {
        ktest_assert(ktest_thread(exit_with, (void *)i, -1));
    }
    for (unsigned i = 0; i < 4; i++) {
        int code = -1;
        ktest_assert(task_wait_pid(-1, &code) > 0);
        seen |= 1u << code;
    }
    int code;
    ktest_equal(seen, 0xf);
    ktest_equal(task_wait_pid(-1, &code), -ECHILD);
}

static void sleep_a_while(void *data) { time_sleep_ns(NS_PER_TICK); }

KTEST(a_task_is_found_by_its_number_until_it_is_waited_for)
{
    struct task *child = ktest_thread(sleep_a_while, NULL, -1);
    int pid = child->pid;
    struct task *found = task_find(pid);
    ktest_assert(found == child);
    task_put(found);
    ktest_join(child);
    ktest_assert(!task_find(pid));
    ktest_assert(!task_find(0x7fffffff));
}

static void nothing(void *data) {}

/* Make and reap @count threads, AT_ONCE at a time, half of them detached. */
static void make_and_reap(unsigned count)
{
    struct task *threads[AT_ONCE];
    for (unsigned made = 0; made < count; made += AT_ONCE) {
        for (unsigned i = 0; i < AT_ONCE; i++) {
            threads[i] = ktest_thread(nothing, NULL, -1);
            ktest_assert(threads[i]);
        }
        for (unsigned i = 0; i < AT_ONCE; i++) {
            if (i % 2)
                task_detach(threads[i]);
            else
                ktest_join(threads[i]);
        }
    }
}

/* Wait for the reaper, until there are @tasks tasks and @pages free pages again. */
static bool settles_at(unsigned tasks, unsigned long pages)
{
    u64 deadline_ns = time_now_ns() + 20 * NS_PER_S;
    while (task_count() != tasks || pages_free() < pages) {
        if (time_now_ns() > deadline_ns)
            return false;
        time_sleep_ns(NS_PER_TICK);
    }
    return true;
}

KTEST(thousands_of_threads_leave_nothing_behind)
{
    ktest_may_keep(0, KTEST_STACK_TABLES);
    unsigned tasks = task_count();
    make_and_reap(2 * AT_ONCE); /* caches of stacks and slabs fill */
    time_sleep_ns(5 * NS_PER_TICK);
    unsigned long pages = pages_free();
    make_and_reap(THREADS);
    bool settled = settles_at(tasks, pages - 2 * AT_ONCE);
    ktest_note("%lu free pages before, %lu after", pages, pages_free());
    ktest_assert(settled);
}

KTEST(below_each_stack_is_a_page_that_is_not_mapped)
{
    vaddr_t base = (vaddr_t)current->stack_base;
    const pte_t *last = pt_find(kernel_root, base, 0);
    const pte_t *guard = pt_find(kernel_root, base - 1, 0);
    ktest_assert(last && pte_present(pte_get(last)));
    ktest_assert(!guard || !pte_present(pte_get(guard)));
    ktest_assert(task_of_guard_page(base - 1) == current);
    ktest_assert(!task_of_guard_page(base));
    vaddr_t here = (vaddr_t)__builtin_frame_address(0);
    ktest_assert(here > base && here < (vaddr_t)task_stack_top(current));
}

KTEST(a_name_too_long_is_cut)
{
    char before[TASK_NAME_BYTES];
    memcpy(before, current->name, sizeof(before));
    task_set_name(current, "a name that is much too long");
    ktest_equal(strlen(current->name), TASK_NAME_BYTES - 1);
    task_set_name(current, before);
}
