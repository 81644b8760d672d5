/*
 * /proc/<pid>/limits: what getrlimit(2) says, for people: proc(5).
 */
#include "kernel/fs/proc_entry.h"
#include "kernel/process.h"
#include "kernel/task.h"
#include "lib/format.h"

/* The limits by number, as Linux calls them, and their units. */
static const struct {
    const char *name, *unit;
} kinds[RLIMITS] = {
    { "Max cpu time", "seconds" },     { "Max file size", "bytes" },
    { "Max data size", "bytes" },      { "Max stack size", "bytes" },
    { "Max core file size", "bytes" }, { "Max resident set", "bytes" },
    { "Max processes", "processes" },  { "Max open files", "files" },
    { "Max locked memory", "bytes" },  { "Max address space", "bytes" },
    { "Max file locks", "locks" },     { "Max pending signals", "signals" },
    { "Max msgqueue size", "bytes" },  { "Max nice priority", "" },
    { "Max realtime priority", "" },   { "Max realtime timeout", "us" },
};

static void add_limit(struct text *text, u64 limit)
{
    char number[24] = "unlimited";
    if (limit != RLIMIT_NONE)
        (void)scnprintf(number, sizeof(number), "%llu", (unsigned long long)limit);
    text_add(text, "%-20s ", number);
}

int proc_show_task_limits(struct text *text, struct task *task)
{
    struct process *process = task_process_get(task);
    if (!process)
        return 0;
    text_add(text, "%-25s %-20s %-20s %-10s\n", "Limit", "Soft Limit", "Hard Limit", "Units");
    for (unsigned i = 0; i < RLIMITS; i++) {
        irqflags_t flags = spin_lock_irqsave(&tasks_lock);
        const struct process_limit limit = process->limit[i];
        spin_unlock_irqrestore(&tasks_lock, flags);
        text_add(text, "%-25s ", kinds[i].name);
        add_limit(text, limit.now);
        add_limit(text, limit.most);
        text_add(text, "%-10s\n", kinds[i].unit);
    }
    process_put(process);
    return 0;
}
