/*
 * Who has to end when memory has run out.
 */
#include "kernel/oom.h"

#include "kernel/ktest.h"
#include "kernel/process.h"
#include "kernel/task.h"
#include "kernel/time.h"
#include "mm/mm.h"
#include "tests/kernel/user_space.h"

/* Make the current thread a process that seems to have @pages. */
static void become_process(unsigned long pages)
{
    user_space_enter(NULL);
    ktest_equal(process_create(), 0);
    mm_add_anon(current->mm, (long)pages);
}

static void end_process(unsigned long pages)
{
    mm_add_anon(current->mm, -(long)pages);
    process_abandon();
    user_space_leave();
}

/* A thread of the test that is a process, until it is told to end. */
struct other {
    unsigned long pages;
    struct process *process;
    bool stop;
};

static void be_process(void *data)
{
    struct other *other = data;
    become_process(other->pages);
    __atomic_store_n(&other->process, current->process, __ATOMIC_RELEASE);
    while (!READ_ONCE(other->stop))
        time_sleep_ns(NS_PER_TICK);
    end_process(other->pages);
}

static struct process *chosen(void)
{
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    struct process *process = oom_choose();
    spin_unlock_irqrestore(&tasks_lock, flags);
    return process;
}

/* More than any real process has, should there be one. */
#define MANY 100000000ul

KTEST(the_process_with_most_memory_is_chosen_unless_it_ends_or_is_the_first)
{
    struct other others[] = { { .pages = MANY }, { .pages = 3 * MANY }, { .pages = 2 * MANY } };
    struct task *threads[ARRAY_COUNT(others)];
    struct process *order[3];
    for (unsigned i = 0; i < ARRAY_COUNT(others); i++)
        threads[i] = ktest_thread(be_process, &others[i], -1);
    for (unsigned i = 0; i < ARRAY_COUNT(others); i++)
        while (!__atomic_load_n(&others[i].process, __ATOMIC_ACQUIRE))
            time_sleep_ns(NS_PER_TICK);

    order[0] = chosen();
    others[1].process->ending = true; /* it is on its way out */
    order[1] = chosen();
    const int pid = others[2].process->pid;
    others[2].process->pid = 1;
    order[2] = chosen();
    others[2].process->pid = pid;
    others[1].process->ending = false;

    for (unsigned i = 0; i < ARRAY_COUNT(others); i++)
        WRITE_ONCE(others[i].stop, true);
    for (unsigned i = 0; i < ARRAY_COUNT(others); i++)
        ktest_join(threads[i]);
    ktest_assert(order[0] == others[1].process);
    ktest_assert(order[1] == others[2].process);
    ktest_assert(order[2] == others[0].process);
    ktest_assert(!chosen());
}
