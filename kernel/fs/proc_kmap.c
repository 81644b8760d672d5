/*
 * /proc/kmap: which of the kernel's short windows onto memory are open.
 *
 *     pool 512 used 1 idle 3 empty 508 users 2       kmap(): slots that all CPUs share
 *     cpu 0 slots 16                                 kmap_local(): each CPU's own
 *       0xffbfd000 pfn 31024
 *     task 12 slots 1                                who holds some, running or not
 *
 * A moment that may never have been: nobody stops meanwhile.
 */
#include "arch/x86/percpu.h"
#include "kernel/fs/proc_entry.h"
#include "kernel/task.h"
#include "mm/fixmap.h"
#include "mm/kmap.h"

static void add_cpu(struct text *text, unsigned cpu)
{
    text_add(text, "cpu %u slots %d\n", cpu, KMAP_LOCAL_DEPTH);
    for (unsigned n = 0; n < KMAP_LOCAL_DEPTH; n++) {
        unsigned index = FIX_KMAP + cpu * KMAP_LOCAL_DEPTH + n;
        pte_t entry = pte_get(fixmap_slot(index));
        if (pte_present(entry))
            text_add(text, "  %#lx pfn %lu\n", (unsigned long)fixmap_address(index),
                     pte_pfn(entry).number);
    }
}

enum { HOLDERS_MAX = 16 }; /* more are not shown */

/* A task that holds slots. */
struct holder {
    int pid;
    unsigned depth;
};

static void add_holders(struct text *text)
{
    struct holder holders[HOLDERS_MAX];
    unsigned count = 0;
    const struct task *task;
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    for_each_task (task) {
        unsigned depth = READ_ONCE(task->kmap.depth);
        if (depth && count < HOLDERS_MAX)
            holders[count++] = (struct holder){ task->pid, depth };
    }
    spin_unlock_irqrestore(&tasks_lock, flags);
    for (unsigned i = 0; i < count; i++)
        text_add(text, "task %d slots %u\n", holders[i].pid, holders[i].depth);
}

int proc_show_kmap(struct text *text, struct task *task)
{
    struct kmap_usage usage = kmap_usage();
    text_add(text, "pool %u used %u idle %u empty %u users %lu\n",
             usage.used + usage.idle + usage.empty, usage.used, usage.idle, usage.empty,
             usage.users);
    for_each_online_cpu (cpu)
        add_cpu(text, cpu);
    add_holders(text);
    return 0;
}
