/*
 * Processes: made, shared, ended.
 */
#include "kernel/process.h"

#include "arch/x86/power.h"
#include "kernel/fs/files.h"
#include "kernel/printk.h"
#include "kernel/task.h"
#include "lib/assert.h"
#include "mm/kmalloc.h"

enum { PID_FIRST = 1, SIGNAL_STATUS = 128 };

struct process *process_create(void)
{
    struct process *process = kzalloc(sizeof(*process), GFP_KERNEL);
    if (process)
        process->refs = 1;
    return process;
}

void process_get(struct process *process)
{
    u32 before = __atomic_fetch_add(&process->refs, 1, __ATOMIC_RELAXED);
    assert(before);
}

void process_put(struct process *process)
{
    if (__atomic_sub_fetch(&process->refs, 1, __ATOMIC_ACQ_REL))
        return;
    if (process->program)
        dentry_put(process->program);
    kfree(process);
}

void process_set_program(struct process *process, struct dentry *program)
{
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    struct dentry *old = process->program;
    process->program = dentry_get(program);
    spin_unlock_irqrestore(&tasks_lock, flags);
    if (old)
        dentry_put(old);
}

struct dentry *process_program_get(struct process *process)
{
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    struct dentry *program = process->program ? dentry_get(process->program) : NULL;
    spin_unlock_irqrestore(&tasks_lock, flags);
    return program;
}

/* The end of the first program is the end of the machine. */
static _Noreturn void end_machine(int status)
{
    int signal = status & 0x7f;
    int code = signal ? SIGNAL_STATUS + signal : status >> 8 & 0xff;
    pr_info("PID 1 (%s) ended with status %d: power off", current->name, code);
    machine_exit(code);
}

_Noreturn void process_exit(int status)
{
    struct task *task = current;
    if (task->pid == PID_FIRST)
        end_machine(status);
    if (task->files) /* a test's program may have none */
        files_put(task->files);
    task->files = NULL;
    process_put(task_set_process(task, NULL));
    task_exit(status);
}
