/*
 * What /proc says about the machine as a whole, but for its memory: proc(5).
 */
#include "arch/x86/irq.h"
#include "boot/boot_info.h"
#include "gen/config.h"
#include "kernel/fs/proc_entry.h"
#include "kernel/load.h"
#include "kernel/sched.h"
#include "kernel/task.h"
#include "kernel/time.h"
#include "kernel/uname.h"
#include "kernel/wall_clock.h"

int proc_show_version(struct text *text, struct task *task)
{
    text_add(text, "%s version %s (%s)\n", UNAME_SYSTEM, UNAME_RELEASE, CONFIG_BUILD);
    return 0;
}

int proc_show_cmdline(struct text *text, struct task *task)
{
    text_add(text, "%s\n", boot_info.command_line);
    return 0;
}

static void add_hundredths(struct text *text, u64 hundredths)
{
    text_add(text, "%llu.%02u", (unsigned long long)(hundredths / 100),
             (unsigned)(hundredths % 100));
}

int proc_show_uptime(struct text *text, struct task *task)
{
    u64 idle = 0;
    for_each_online_cpu (cpu)
        idle += sched_ticks(cpu, TICK_IDLE);
    add_hundredths(text, time_now_ns() / (NS_PER_S / 100));
    text_add(text, " ");
    add_hundredths(text, idle * 100 / HZ);
    text_add(text, "\n");
    return 0;
}

/* How many tasks there are of a kind, and the highest number. */
struct tasks {
    unsigned all, running;
    int last_pid;
};

static struct tasks count_tasks(void)
{
    struct tasks tasks = { 0 };
    const struct task *each;
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    for_each_task (each) {
        tasks.all++;
        tasks.running += READ_ONCE(each->state) == TASK_RUNNING;
        if (each->pid > tasks.last_pid)
            tasks.last_pid = each->pid;
    }
    spin_unlock_irqrestore(&tasks_lock, flags);
    return tasks;
}

int proc_show_loadavg(struct text *text, struct task *task)
{
    u32 loads[LOADS];
    struct tasks tasks = count_tasks();
    load_get(loads);
    for (unsigned i = 0; i < LOADS; i++) {
        add_hundredths(text, ((u64)loads[i] * 100 + LOAD_ONE / 2) >> LOAD_ONE_SHIFT);
        text_add(text, " ");
    }
    text_add(text, "%u/%u %d\n", tasks.running, tasks.all, tasks.last_pid);
    return 0;
}

/* One line of CPU time in ticks. */
static void add_cpu(struct text *text, const char *name, const u64 ticks[TICK_KINDS])
{
    text_add(text, "%s %llu 0 %llu %llu 0 0 0 0 0 0\n", name, (unsigned long long)ticks[TICK_USER],
             (unsigned long long)ticks[TICK_SYSTEM], (unsigned long long)ticks[TICK_IDLE]);
}

int proc_show_stat(struct text *text, struct task *task)
{
    struct tasks tasks = count_tasks();
    u64 all[TICK_KINDS] = { 0 }, ticks[NR_CPUS][TICK_KINDS];
    for_each_online_cpu (cpu) {
        for (unsigned kind = 0; kind < TICK_KINDS; kind++)
            all[kind] += ticks[cpu][kind] = sched_ticks(cpu, kind);
    }
    add_cpu(text, "cpu ", all);
    for_each_online_cpu (cpu) {
        char name[] = { 'c', 'p', 'u', (char)('0' + cpu), 0 };
        add_cpu(text, name, ticks[cpu]);
    }
    u64 switches = 0;
    for_each_online_cpu (cpu)
        switches += sched_switches(cpu);
    text_add(text, "intr %llu\nctxt %llu\n", (unsigned long long)irq_total(),
             (unsigned long long)switches);
    text_add(text, "btime %u\n", (unsigned)(wall_clock_s() - time_now_ns() / NS_PER_S));
    text_add(text, "processes %d\nprocs_running %u\nprocs_blocked 0\n", tasks.last_pid,
             tasks.running);
    return 0;
}
