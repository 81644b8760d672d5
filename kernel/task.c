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
    pid_init();
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
    task->state = TASK_NEW;
    task->slice_ticks = SLICE_TICKS;
    task->affinity = ~0u;
    task->refs = 1;
    list_init(&task->children);
    wait_queue_init(&task->child_exit);
    task_set_name(task, name);
    return task;
}

static void free_task(struct task *task)
{
    kernel_stack_free(task->stack_base);
    kmem_cache_free(task_cache, task);
}

/* Give @task a number and a place among its parent's children. */
static int enter(struct task *task, int wanted_pid)
{
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    int error = pid_assign(task, wanted_pid);
    if (!error) {
        task->parent = current;
        list_add_tail(&task->sibling, &current->children);
        list_add_tail(&task->all_node, &all_tasks);
        tasks++;
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
    if (enter(task, wanted_pid) < 0) {
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

struct process *task_set_process(struct task *task, struct process *process)
{
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    struct process *old = task->process;
    task->process = process;
    spin_unlock_irqrestore(&tasks_lock, flags);
    return old;
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

/* Forget a task that has ended and whose exit code nobody needs any more. */
static void leave(struct task *task) MUST_HOLD(tasks_lock)
{
    list_del(&task->sibling);
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
        leave(task);
    spin_unlock_irqrestore(&tasks_lock, flags);
    task_put(task);
}

/* Give the children of @parent, which ends, to the first user task; without one, to nobody. */
static void pass_on_children(struct task *parent) MUST_HOLD(tasks_lock)
{
    struct task *heir = pid_lookup(PID_INIT);
    bool nobody = !heir || heir == parent || !heir->mm;
    struct task *child, *after;
    list_for_each_entry_safe (child, after, &parent->children, sibling) {
        child->parent = nobody ? &boot_task : heir;
        list_move_tail(&child->sibling, &child->parent->children);
        if (child->state == TASK_ZOMBIE)
            wake_up(&child->parent->child_exit);
    }
}

_Noreturn void task_exit(int exit_code)
{
    struct task *task = current;
    assert(!task->is_idle);
    assert(task->held_count == 0);
    assert(task->migrate_disabled == 0);
    might_sleep();
    struct mm *mm = task_set_mm(task, NULL);
    if (mm)
        mm_put(mm);
    task->exit_code = exit_code;

    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    pass_on_children(task);
    WRITE_ONCE(task->state, TASK_ZOMBIE);
    if (task->detached)
        leave(task);
    else if (task->parent)
        wake_up(&task->parent->child_exit);
    spin_unlock_irqrestore(&tasks_lock, flags);

    schedule();
    panic("task %d (%s) ran on after its end", task->pid, task->name);
}

int task_wait(struct task *task)
{
    assert(task->parent == current);
    wait_event(&current->child_exit, READ_ONCE(task->state) == TASK_ZOMBIE);
    int exit_code = task->exit_code;
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    leave(task);
    spin_unlock_irqrestore(&tasks_lock, flags);
    task_put(task);
    return exit_code;
}

/*
 * Look for a child of the current task: @pid, or any if that is -1.  If one has ended, let it go.
 *
 * Returns: its pid; 0: there is one, but it has not ended; -ECHILD: there is none.
 */
static int collect_child(int pid, int *exit_code)
{
    struct task *child, *found = NULL;
    int result = -ECHILD;
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    list_for_each_entry (child, &current->children, sibling) {
        if ((pid != -1 && child->pid != pid) || child->detached)
            continue;
        result = 0;
        if (child->state == TASK_ZOMBIE) {
            found = child;
            break;
        }
    }
    if (found) {
        result = found->pid;
        *exit_code = found->exit_code;
        leave(found);
    }
    spin_unlock_irqrestore(&tasks_lock, flags);
    if (found)
        task_put(found);
    return result;
}

int task_wait_pid(int pid, int *exit_code)
{
    int result = 0;
    int error = wait_event_interruptible(&current->child_exit,
                                         (result = collect_child(pid, exit_code)) != 0);
    return error ? error : result;
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
