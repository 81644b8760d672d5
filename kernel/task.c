/*
 * Tasks: made, found, referred to, ended, freed.
 *
 * References keep a task's memory: one is its own, from creation until it has been switched away
 * from for the last time; one is its creator's; the rest come from task_get().  Who puts the last
 * one may be anywhere, even in the midst of a switch, and freeing a stack sleeps: so a kernel
 * thread, the reaper, does that.
 */
#include "kernel/task.h"

#include "arch/x86/context.h"
#include "arch/x86/entry.h"
#include "kernel/lock_held.h"
#include "kernel/panic.h"
#include "kernel/pid.h"
#include "kernel/preempt.h"
#include "kernel/process.h"
#include "kernel/sched.h"
#include "kernel/time.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/kmalloc.h"
#include "mm/kmap_local.h"
#include "mm/mm.h"
#include "mm/slab.h"
#include "mm/vmalloc.h"

SPINLOCK(tasks_lock, RANK_TASKS);
LIST(all_tasks);

struct task boot_task = {
    .stack_base = boot_stack,
    .state = TASK_RUNNING,
    .queued = true,
    .slice_ticks = SLICE_TICKS,
    .affinity = ~0u,
    .name = "boot",
    .refs = 1,
    .held = { &lock_none },
    .held_top = boot_task.held,
    .children = LIST_INIT(boot_task.children),
    .child_exit = WAIT_QUEUE_INIT(boot_task.child_exit),
};

DEFINE_PER_CPU(struct task *, current_task) = &boot_task;

static struct kmem_cache *task_cache;    /* constant after task_init() */
static struct task *idle_tasks[NR_CPUS]; /* constant once the CPU runs */
static unsigned tasks;                   /* under tasks_lock */
static struct task *graveyard;           /* atomic: tasks whose last reference is gone */
static WAIT_QUEUE(reaper_queue);

void task_init(void)
{
    task_cache = kmem_cache_create("task", sizeof(struct task), _Alignof(struct task), NULL);
    if (!task_cache)
        panic("no memory for the cache of tasks");
}

/* --- making ---------------------------------------------------------------------------------- */

/* A task with a stack and nothing else, or NULL. */
static struct task *allocate(const char *name)
{
    struct task *task = kmem_cache_alloc(task_cache, GFP_KERNEL | GFP_ZERO);
    if (!task)
        return NULL;
    task->stack_base = kernel_stack_alloc();
    if (!task->stack_base) {
        kmem_cache_free(task_cache, task);
        return NULL;
    }
    lock_init_held(task);
    task->state = TASK_NEW;
    task->slice_ticks = SLICE_TICKS;
    task->affinity = ~0u;
    task->refs = 1;
    list_init(&task->children);
    list_init(&task->sibling);
    list_init(&task->thread_node);
    list_init(&task->pending.entries);
    wait_queue_init(&task->child_exit);
    task_set_name(task, name);
    return task;
}

static void free_task(struct task *task)
{
    if (task->process)
        process_put(task->process);
    kernel_stack_free(task->stack_base);
    kmem_cache_free(task_cache, task);
}

void task_destroy(struct task *task) { free_task(task); }

/* Put @task, which has a number, on the list of all. */
static void add(struct task *task) MUST_HOLD(tasks_lock)
{
    list_add_tail(&task->all_node, &all_tasks);
    tasks++;
}

int task_enter(struct task *task)
{
    int error = pid_assign(task, 0);
    if (!error)
        add(task);
    return error;
}

/* Give @task a number and a place among its parent's children. */
static int enter_as_child(struct task *task, int wanted_pid)
{
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    int error = pid_assign(task, wanted_pid);
    if (!error) {
        task->parent = current;
        list_add_tail(&task->sibling, &current->children);
        add(task);
    }
    spin_unlock_irqrestore(&tasks_lock, flags);
    return error;
}

static struct task *create(void (*function)(void *data), void *data, const char *name,
                           int wanted_pid)
{
    struct task *task = allocate(name);
    if (!task)
        return NULL;
    task->refs++; /* its own; the first is the caller's */
    task->cpu = (u8)cpu_id();
    task->start_ns = time_now_ns();
    task->saved_sp = context_prepare(task_stack_top(task), function, data);
    if (enter_as_child(task, wanted_pid) < 0) {
        free_task(task);
        return NULL;
    }
    return task;
}

struct task *task_create_kernel(void (*function)(void *data), void *data, const char *name)
{
    return create(function, data, name, 0);
}

struct task *task_create_first(void (*function)(void *data), void *data, const char *name)
{
    return create(function, data, name, PID_INIT);
}

struct task *task_create_fork(const struct trapframe *frame)
{
    struct task *parent = current;
    struct task *task = allocate(parent->name);
    if (!task)
        return NULL;
    task->refs++;
    task->cpu = (u8)cpu_id();
    task->start_ns = time_now_ns();
    task->affinity = parent->affinity;
    task->wish = sched_wish_of_child(&parent->wish);
    task->blocked = parent->blocked;
    task->capabilities = parent->capabilities;
    task->no_new_privileges = parent->no_new_privileges;
    task->keeps_capabilities = parent->keeps_capabilities;
    task->saved_sp = context_prepare_fork(task_stack_top(task), frame);
    task->machine = parent->machine;
    kmap_local_fork(task);
    fpu_fork(task);
    return task;
}

struct task *task_create_idle(unsigned cpu)
{
    struct task *task = allocate("idle");
    if (!task)
        return NULL;
    task->is_idle = true;
    task->state = TASK_RUNNING;
    task->slice_ticks = 0;
    task->affinity = 1u << cpu;
    task->cpu = (u8)cpu;
    task->saved_sp = context_prepare(task_stack_top(task), sched_idle_function, NULL);
    idle_tasks[cpu] = task;
    if (cpu != 0)
        *per_cpu_ptr(current_task, cpu) = task; /* it starts as this one */
    return task;
}

struct task *task_idle(unsigned cpu) { return idle_tasks[cpu]; }

void task_set_name(struct task *task, const char *name)
{
    strlcpy(task->name, name, sizeof(task->name));
}

/* --- references ------------------------------------------------------------------------------ */

void task_get(struct task *task)
{
    u32 before = __atomic_fetch_add(&task->refs, 1, __ATOMIC_RELAXED);
    assert(before > 0);
}

/* Leave @task to the reaper. */
static void bury(struct task *task)
{
    task->next_dead = __atomic_load_n(&graveyard, __ATOMIC_RELAXED);
    while (!__atomic_compare_exchange_n(&graveyard, &task->next_dead, task, false, __ATOMIC_RELEASE,
                                        __ATOMIC_RELAXED))
        ;
    wake_up(&reaper_queue);
}

void task_put(struct task *task)
{
    u32 before = __atomic_fetch_sub(&task->refs, 1, __ATOMIC_ACQ_REL);
    assert(before > 0);
    if (before == 1)
        bury(task);
}

void task_put_now(struct task *task)
{
    u32 before = __atomic_fetch_sub(&task->refs, 1, __ATOMIC_ACQ_REL);
    assert(before > 0);
    if (before == 1)
        free_task(task);
}

static void reaper(void *data)
{
    for (;;) {
        wait_event(&reaper_queue, READ_ONCE(graveyard));
        struct task *task = __atomic_exchange_n(&graveyard, NULL, __ATOMIC_ACQUIRE);
        while (task) {
            struct task *next = task->next_dead;
            free_task(task);
            task = next;
        }
    }
}

void task_start_reaper(void)
{
    struct task *task = task_create_kernel(reaper, NULL, "reaper");
    if (!task)
        panic("no memory for the reaper");
    task_wake(task);
    task_detach(task);
}

struct task *task_find(int pid)
{
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    struct task *task = pid_lookup(pid);
    if (task)
        task_get(task);
    spin_unlock_irqrestore(&tasks_lock, flags);
    return task;
}

struct task *task_find_or_current(int pid)
{
    if (pid)
        return task_find(pid);
    task_get(current);
    return current;
}

struct mm *task_set_mm(struct task *task, struct mm *mm)
{
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    struct mm *old = task->mm;
    task->mm = mm;
    spin_unlock_irqrestore(&tasks_lock, flags);
    return old;
}

struct mm *task_mm_get(struct task *task)
{
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    struct mm *mm = task->mm;
    if (mm)
        mm_get(mm); /* the task's own reference outlives the lock */
    spin_unlock_irqrestore(&tasks_lock, flags);
    return mm;
}

struct process *task_process_get(struct task *task)
{
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    struct process *process = task->process;
    if (process)
        process_get(process);
    spin_unlock_irqrestore(&tasks_lock, flags);
    return process;
}

unsigned task_count(void) { return READ_ONCE(tasks); }

/* --- ending ---------------------------------------------------------------------------------- */

void task_leave(struct task *task)
{
    list_del_init(&task->sibling);
    list_del(&task->all_node);
    pid_release(task);
    tasks--;
    WRITE_ONCE(task->state, TASK_DEAD);
}

void task_detach(struct task *task)
{
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    task->detached = true;
    if (task->state == TASK_ZOMBIE)
        task_leave(task);
    spin_unlock_irqrestore(&tasks_lock, flags);
    task_put(task);
}

/* Nobody will ask for the exit codes of @parent's children. */
static void leave_children(struct task *parent) MUST_HOLD(tasks_lock)
{
    struct task *child, *after;
    list_for_each_entry_safe (child, after, &parent->children, sibling) {
        child->parent = NULL;
        list_del_init(&child->sibling);
        if (child->detached)
            continue;
        child->detached = true;
        if (child->state == TASK_ZOMBIE)
            task_leave(child);
        task_put(child); /* the reference of its creator, who ends */
    }
}

_Noreturn void task_exit_locked(int exit_code, irqflags_t flags) UNCHECKED_LOCKS
{
    struct task *task = current;
    assert(!task->mm);
    task->exit_code = exit_code;
    leave_children(task);
    WRITE_ONCE(task->state, TASK_ZOMBIE);
    if (task->detached)
        task_leave(task);
    else if (task->parent)
        wake_up(&task->parent->child_exit);
    spin_unlock_irqrestore(&tasks_lock, flags);

    schedule();
    panic("task %d (%s) ran on after its end", task->pid, task->name);
}

_Noreturn void task_exit(int exit_code)
{
    struct task *task = current;
    assert(!task->is_idle);
    assert(lock_count_held(task) == 0);
    assert(task->migrate_disabled == 0);
    might_sleep();
    if (task->process)
        thread_exit(exit_code);
    struct mm *mm = task_set_mm(task, NULL);
    if (mm)
        mm_put(mm);
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    task_exit_locked(exit_code, flags);
}

const struct task *task_of_guard_page(vaddr_t va)
{
    const struct task *task;
    list_for_each_entry (task, &all_tasks, all_node) {
        if ((vaddr_t)task->stack_base - va - 1 < 4096)
            return task;
    }
    for (unsigned cpu = 0; cpu < NR_CPUS; cpu++) {
        if (idle_tasks[cpu] && (vaddr_t)idle_tasks[cpu]->stack_base - va - 1 < 4096)
            return idle_tasks[cpu];
    }
    return NULL;
}
