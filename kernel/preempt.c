/*
 * Preemption models, and the places that only one or two of them switch at.
 */
#include "kernel/preempt.h"

#include "kernel/lock_held.h"
#include "kernel/param.h"
#include "kernel/report.h"
#include "kernel/sched.h"
#include "kernel/task.h"
#include "kernel/time.h"
#include "lib/assert.h"
#include "lib/string.h"

DEFINE_PER_CPU(u32, preempt_count) = PREEMPT_NO_RESCHED;
DEFINE_PER_CPU(u32, need_resched_flag);

static u8 model = PREEMPT_FULL; /* atomic */

static const char *const model_names[] = {
    [PREEMPT_NONE] = "none",
    [PREEMPT_VOLUNTARY] = "voluntary",
    [PREEMPT_FULL] = "full",
};

static bool set_model_by_name(const char *value)
{
    for (unsigned i = 0; i < ARRAY_COUNT(model_names); i++) {
        if (strcmp(value, model_names[i]) == 0) {
            model = (u8)i;
            return true;
        }
    }
    return false;
}
KERNEL_PARAM("preempt", set_model_by_name);

enum preempt_model preempt_model(void) { return READ_ONCE(model); }

void preempt_set_model(enum preempt_model which) { WRITE_ONCE(model, (u8)which); }

void preempt_fold(void)
{
    if (need_resched() && preempt_model() == PREEMPT_FULL)
        this_cpu_and(preempt_count, ~PREEMPT_NO_RESCHED);
}

bool cond_resched(void)
{
    if (likely(!need_resched()) || preempt_model() == PREEMPT_FULL)
        return false;
    if (in_atomic() || irqs_disabled()) /* not here, or not yet: the machine is still booting */
        return false;
    schedule();
    return true;
}

void might_sleep_at(const char *file, int line)
{
    if (unlikely(in_atomic() || (irqs_disabled() && sched_is_running())))
        report("sleeping function called in atomic context at %s:%d (preempt_count %x, "
               "interrupts %s)",
               file, line, this_cpu_read(preempt_count), irqs_disabled() ? "off" : "on");
    else if (preempt_model() == PREEMPT_VOLUNTARY)
        cond_resched();
}

void migrate_disable(void)
{
    preempt_disable();
    struct task *task = current;
    assert(task->migrate_disabled < UINT16_MAX);
    if (task->migrate_disabled++ == 0)
        this_cpu_inc(sched_pinned_tasks);
    preempt_enable();
}

void migrate_enable(void)
{
    preempt_disable();
    struct task *task = current;
    if (task->migrate_disabled == 0)
        report("migrate_enable() without migrate_disable() in task %d (%s)", task->pid, task->name);
    else if (--task->migrate_disabled == 0) {
        this_cpu_dec(sched_pinned_tasks);
        sched_unpinned();
    }
    preempt_enable();
}

void pagefault_disable(void)
{
    current->pagefault_disabled++;
    barrier();
}

void pagefault_enable(void)
{
    struct task *task = current;
    barrier();
    assert(task->pagefault_disabled > 0);
    task->pagefault_disabled--;
}

bool pagefault_disabled(void) { return current->pagefault_disabled > 0 || in_atomic(); }
