/*
 * Processes: made, found, shared.  How they end is in exit.c.
 */
#include "kernel/process.h"

#include "kernel/fs/files.h"
#include "kernel/pid.h"
#include "kernel/sched.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/minmax.h"
#include "lib/string.h"
#include "mm/kmalloc.h"
#include "mm/mm.h"

LIST(all_processes);

/* What a process has that nobody gave it. */
static void set_default_limits(struct process *process)
{
    for (unsigned i = 0; i < RLIMITS; i++)
        process->limit[i] = (struct process_limit){ RLIMIT_NONE, RLIMIT_NONE };
    process->limit[RLIMIT_STACK].now = MM_STACK_LIMIT;
    process->limit[RLIMIT_CORE].now = 0;
    process->limit[RLIMIT_MEMLOCK] = (struct process_limit){ MM_LOCKED_LIMIT, MM_LOCKED_LIMIT };
    process->limit[RLIMIT_NOFILE] = (struct process_limit){ FILES_LIMIT, FILES_LIMIT_MOST };
}

/* A process with nothing in it, or NULL. */
static struct process *allocate(void)
{
    struct process *process = kzalloc(sizeof(*process), GFP_KERNEL);
    if (!process)
        return NULL;
    process->refs = 1;
    list_init(&process->threads);
    list_init(&process->children);
    list_init(&process->sibling);
    list_init(&process->all_node);
    list_init(&process->pending.entries);
    list_init(&process->discarded);
    itimers_init(&process->itimers);
    wait_queue_init(&process->last_one);
    wait_queue_init(&process->child_event);
    wait_queue_init(&process->stopped);
    return process;
}

void process_add_thread(struct process *process, struct task *task)
{
    list_add_tail(&task->thread_node, &process->threads);
    process->thread_count++;
    process->live_count++;
}

void process_set_parent(struct process *process, struct process *parent)
{
    process->parent = parent;
    WRITE_ONCE(process->parent_pid, parent ? parent->pid : 0);
    if (parent)
        list_add_tail(&process->sibling, &parent->children);
}

void process_enter(struct process *process, struct process *parent)
{
    process_set_parent(process, parent);
    list_add_tail(&process->all_node, &all_processes);
    pid_hold(process->group);
    pid_hold(process->session);
}

void process_leave(struct process *process)
{
    list_del_init(&process->sibling);
    process->is_gone = true;
    pid_drop(process->group);
    pid_drop(process->session);
}

void process_set_group(struct process *process, int group, int session)
{
    pid_hold(group);
    pid_hold(session);
    pid_drop(process->group);
    pid_drop(process->session);
    process->group = group;
    process->session = session;
}

int process_create(void)
{
    struct task *task = current;
    struct process *process = allocate();
    if (!process)
        return -ENOMEM;
    set_default_limits(process);
    process->leader = task;
    process->pid = process->group = process->session = task->pid;
    process->mm = task->mm;
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    process_add_thread(process, task);
    process_enter(process, NULL);
    task->process = process;
    spin_unlock_irqrestore(&tasks_lock, flags);
    return 0;
}

void process_abandon(void)
{
    struct task *task = current;
    struct process *process = task->process;
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    assert(process->thread_count == 1);
    list_del_init(&task->thread_node);
    process->live_count = process->thread_count = 0;
    process->mm = NULL;
    process_leave(process);
    task->process = NULL;
    spin_unlock_irqrestore(&tasks_lock, flags);
    process_put(process);
}

/* Let @process, which is new or changes its program, run @program; @program has a reference. */
static void take_program(struct process *process, struct dentry *program)
{
    int error = inode_deny_write(program->inode);
    assert(!error); /* somebody does so already */
    process->program = program;
    process->denies_write = true;
}

struct process *process_copy(struct task *leader)
{
    struct process *from = current->process;
    struct process *process = allocate();
    if (!process)
        return NULL;
    process->leader = leader;
    struct dentry *program = process_program_get(from);
    if (program)
        take_program(process, program);
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    memcpy(process->actions, from->actions, sizeof(process->actions));
    memcpy(process->limit, from->limit, sizeof(process->limit));
    process->oom_adjustment = from->oom_adjustment;
    process->personality = from->personality;
    spin_unlock_irqrestore(&tasks_lock, flags);
    return process;
}

/* --- references and finding ------------------------------------------------------------------ */

void process_get(struct process *process)
{
    u32 before = __atomic_fetch_add(&process->refs, 1, __ATOMIC_RELAXED);
    assert(before);
}

void process_put(struct process *process)
{
    if (__atomic_sub_fetch(&process->refs, 1, __ATOMIC_ACQ_REL))
        return;
    assert(list_empty(&process->threads));
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    list_del(&process->all_node);
    process_allow_write(process);
    spin_unlock_irqrestore(&tasks_lock, flags);
    signal_free_list(&process->discarded);
    signal_free_list(&process->pending.entries);
    if (process->program)
        dentry_put(process->program);
    kfree(process);
}

struct process *process_lookup(int pid)
{
    struct task *task = pid_lookup(pid);
    return task && task->process && task->process->leader == task ? task->process : NULL;
}

struct process *process_find(int pid)
{
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    struct process *process = process_lookup(pid);
    if (process)
        process_get(process);
    spin_unlock_irqrestore(&tasks_lock, flags);
    return process;
}

struct process *process_next(struct process *process)
{
    struct process *next = NULL;
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    struct list_node *node = process ? &process->all_node : &all_processes;
    while (!next && (node = node->next) != &all_processes) {
        struct process *each = list_entry(node, struct process, all_node);
        if (!each->is_gone) {
            process_get(each);
            next = each;
        }
    }
    spin_unlock_irqrestore(&tasks_lock, flags);
    if (process)
        process_put(process);
    return next;
}

struct mm *process_get_mm(struct process *process)
{
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    struct mm *mm = process->live_count ? process->mm : NULL;
    if (mm)
        mm_get(mm);
    spin_unlock_irqrestore(&tasks_lock, flags);
    return mm;
}

static size_t in_bytes(const struct process_limit *limit)
{
    return limit->now < SIZE_MAX ? (size_t)limit->now : SIZE_MAX;
}

void process_limit_mm(const struct process *process, struct mm *mm)
{
    const struct process_limit *limit = process->limit;
    down_write(&mm->mmap_lock);
    mm->limits = (struct mm_limits){
        .address_space = in_bytes(&limit[RLIMIT_AS]),
        .data = in_bytes(&limit[RLIMIT_DATA]),
        .stack = in_bytes(&limit[RLIMIT_STACK]),
        .locked = in_bytes(&limit[RLIMIT_MEMLOCK]),
    };
    up_write(&mm->mmap_lock);
}

void process_set_mm(struct process *process, struct mm *mm)
{
    process_limit_mm(process, mm);
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    process->mm = mm;
    process->has_execed = true;
    process->membarriers = 0;
    process->exit_signal = SIGCHLD; /* execve(2) */
    spin_unlock_irqrestore(&tasks_lock, flags);
}

void process_set_program(struct process *process, struct dentry *program)
{
    dentry_get(program);
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    struct dentry *old = process->program;
    process_allow_write(process);
    take_program(process, program);
    spin_unlock_irqrestore(&tasks_lock, flags);
    if (old)
        dentry_put(old);
}

void process_allow_write(struct process *process)
{
    if (process->denies_write)
        inode_allow_write(process->program->inode);
    process->denies_write = false;
}

struct dentry *process_program_get(struct process *process)
{
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    struct dentry *program = process->program ? dentry_get(process->program) : NULL;
    spin_unlock_irqrestore(&tasks_lock, flags);
    return program;
}

/* --- usage ----------------------------------------------------------------------------------- */

void usage_add(struct usage *usage, const struct usage *more)
{
    for (unsigned mode = 0; mode < RUN_MODES; mode++)
        usage->run.count[mode] += more->run.count[mode];
    usage->faults += more->faults;
    usage->switches += more->switches;
    usage->peak_pages = max(usage->peak_pages, more->peak_pages);
}

void usage_add_task(struct usage *usage, const struct task *task)
{
    usage_add(usage, &(struct usage){ sched_run_time(task), task->faults, task->switches, 0 });
}

struct usage usage_of_process(const struct process *process)
{
    struct usage usage = process->usage;
    const struct task *task;
    list_for_each_entry (task, &process->threads, thread_node)
        usage_add_task(&usage, task);
    return usage;
}
