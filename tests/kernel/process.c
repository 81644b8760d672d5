/*
 * Processes seen from the kernel: a test's thread becomes a process, and makes children and
 * threads that run a few instructions of user_code.asm.  When they are gone nothing is left.
 */
#include "kernel/process.h"

#include "arch/x86/context.h"
#include "arch/x86/user_copy.h"
#include "kernel/clone.h"
#include "kernel/fs/files.h"
#include "kernel/fs/fs_context.h"
#include "kernel/ktest.h"
#include "kernel/sched.h"
#include "kernel/time.h"
#include "kernel/wait_child.h"
#include "lib/errno.h"
#include "machine/trapframe.h"
#include "mm/mm.h"
#include "mm/mmap.h"
#include "mm/zone.h"
#include "tests/kernel/user_mode.h"
#include "tests/kernel/user_space.h"

#define CODE_AT  ((vaddr_t)0x400000)
#define STACK_AT ((vaddr_t)0x600000)

enum { MANY = 1000, AT_ONCE = 20, THREADS = 10, CACHED_PAGES = 600 };

PROGRAM(exit);
PROGRAM(pause);
PROGRAM(spin);

/* Make the current thread a process whose children begin @program. */
static void become_process(const struct program *program)
{
    user_space_ensure_root();
    current->files = files_create();
    current->fs = fs_create();
    ktest_assert(current->files && current->fs);
    user_space_enter(NULL);
    ktest_equal(process_create(), 0);
    user_space_map(CODE_AT, PAGE_BYTES, PROT_READ | PROT_WRITE | PROT_EXEC);
    user_space_map(STACK_AT, PAGE_BYTES, PROT_READ | PROT_WRITE);
    size_t bytes = (size_t)(program->end - program->code);
    ktest_equal(copy_to_user((void __user *)CODE_AT, program->code, bytes), 0);
    machine_reset();
    *task_frame(current) = trapframe_new_program(CODE_AT, STACK_AT + PAGE_BYTES);
}

static void end_process(void)
{
    process_abandon();
    user_space_leave();
    task_set_files(current, NULL);
    task_set_fs(current, NULL);
}

static int make_child(u32 flags)
{
    int pid = (int)process_clone(&(struct clone_args){ .flags = flags | SIGCHLD });
    ktest_assert(pid > 0);
    return pid;
}

static void kill_child(int pid, int signal)
{
    struct process *child = process_find(pid);
    ktest_assert(child);
    process_kill(child, signal);
    process_put(child);
}

/* Wait for child @pid, -1: any.  Returns: wait(2)'s status. */
static int status_of(int pid)
{
    struct wait_result result;
    struct wait_request request = { pid == -1 ? P_ALL : P_PID, pid, WEXITED };
    long found = process_wait(&request, &result);
    ktest_assert(pid == -1 ? found > 0 : found == pid);
    return result.status;
}

static void wait_for_tasks(unsigned tasks)
{
    u64 deadline_ns = time_now_ns() + 20 * NS_PER_S;
    while (task_count() != tasks && time_now_ns() < deadline_ns)
        time_sleep_ns(NS_PER_TICK);
    ktest_equal(task_count(), tasks);
}

KTEST(children_end_and_are_collected)
{
    unsigned tasks = task_count();
    become_process(&exit);
    for (unsigned i = 0; i < AT_ONCE; i++)
        ktest_equal(status_of(make_child(0)), 7 << 8);
    struct wait_request request = { P_ALL, 0, WEXITED };
    struct wait_result result;
    ktest_equal(process_wait(&request, &result), -ECHILD);
    end_process();
    wait_for_tasks(tasks);
}

KTEST(zombies_wait_until_they_are_asked_for)
{
    unsigned tasks = task_count();
    become_process(&exit);
    for (unsigned i = 0; i < AT_ONCE; i++)
        make_child(0);
    time_sleep_ns(20 * NS_PER_TICK);
    ktest_equal(task_count(), tasks + AT_ONCE);
    for (unsigned i = 0; i < AT_ONCE; i++)
        ktest_equal(status_of(-1), 7 << 8);
    end_process();
    wait_for_tasks(tasks);
}

KTEST(a_kill_ends_threads_that_sleep)
{
    unsigned tasks = task_count();
    become_process(&pause);
    int pid = make_child(0);
    time_sleep_ns(3 * NS_PER_TICK);
    kill_child(pid, SIGKILL);
    ktest_equal(status_of(pid), SIGKILL);
    end_process();
    wait_for_tasks(tasks);
}

KTEST(a_kill_ends_threads_that_run)
{
    unsigned tasks = task_count();
    become_process(&spin);
    int children[4];
    for (unsigned i = 0; i < 4; i++)
        children[i] = make_child(0);
    for (unsigned i = 0; i < 4; i++)
        kill_child(children[i], SIGKILL);
    for (unsigned i = 0; i < 4; i++)
        ktest_equal(status_of(children[i]), SIGKILL);
    end_process();
    wait_for_tasks(tasks);
}

/* In a child of the test: threads, asleep in pause(); its own end is theirs. */
static void be_many_threads(void *unused)
{
    become_process(&pause);
    for (unsigned i = 0; i < THREADS; i++)
        make_child(CLONE_VM | CLONE_FILES | CLONE_FS | CLONE_SIGHAND | CLONE_THREAD);
    time_sleep_ns(3 * NS_PER_TICK);
    ktest_equal(current->process->thread_count, THREADS + 1);
    process_exit(5 << 8);
}

KTEST(exit_group_ends_threads_that_sleep)
{
    unsigned tasks = task_count();
    ktest_equal(task_wait(ktest_thread(be_many_threads, NULL, -1)), 5 << 8);
    wait_for_tasks(tasks);
}

/* Of @count living children none is lost, and nothing remains of them. */
static void make_and_kill(unsigned count)
{
    static int children[MANY];
    for (unsigned i = 0; i < count; i++)
        children[i] = make_child(0);
    unsigned seen = 0;
    for (struct process *each = process_next(NULL); each; each = process_next(each))
        seen++;
    ktest_assert(seen >= count);
    for (unsigned i = 0; i < count; i++)
        kill_child(children[i], SIGTERM);
    for (unsigned i = 0; i < count; i++)
        ktest_equal(status_of(children[i]), SIGTERM);
}

KTEST_LIMITED(a_thousand_processes_live_at_once, 120)
{
    ktest_may_keep(0, KTEST_STACK_TABLES);
    unsigned tasks = task_count();
    become_process(&pause);
    make_and_kill(MANY); /* caches fill */
    wait_for_tasks(tasks);
    time_sleep_ns(10 * NS_PER_TICK);
    unsigned long before = pages_free();
    make_and_kill(MANY);
    wait_for_tasks(tasks);
    time_sleep_ns(10 * NS_PER_TICK);
    unsigned long after = pages_free();
    ktest_note("%lu free pages before, %lu after", before, after);
    ktest_assert(after + CACHED_PAGES > before);
    end_process();
}

KTEST(vfork_waits_for_its_child)
{
    become_process(&exit);
    struct mm *mm = current->mm;
    u32 users = mm->users;
    int pid = make_child(CLONE_VM | CLONE_VFORK);
    ktest_equal(mm->users, users); /* the child has let go of it already */
    ktest_equal(status_of(pid), 7 << 8);
    end_process();
}

KTEST(flags_that_make_no_sense_are_refused)
{
    become_process(&exit);
    static const u32 bad[] = { CLONE_THREAD, CLONE_SIGHAND, CLONE_THREAD | CLONE_VM, CLONE_NEWNS };
    unsigned tasks = task_count();
    for (unsigned i = 0; i < ARRAY_COUNT(bad); i++)
        ktest_equal(process_clone(&(struct clone_args){ .flags = bad[i] | SIGCHLD }), -EINVAL);
    ktest_equal(task_count(), tasks);
    end_process();
}
