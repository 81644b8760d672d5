/*
 * Choosing who has to end for want of memory, and waiting for it.
 *
 * One victim at a time: while a process is ending, whoever comes waits for it, a tick and a tick
 * again, but not longer than PATIENCE_NS after the last kill.  It may be stuck, in a sleep that
 * nothing ends, behind a lock that the one who waits here holds.  Then the next one has to go.  So
 * every wait has an end: at last nobody is left to be killed.
 *
 * All that is decided here is decided under tasks_lock.
 */
#include "kernel/oom.h"

#include "kernel/lock_held.h"
#include "kernel/printk.h"
#include "kernel/process.h"
#include "kernel/signal.h"
#include "kernel/task.h"
#include "kernel/time.h"
#include "lib/minmax.h"
#include "lib/string.h"
#include "mm/count.h"
#include "mm/mm.h"
#include "mm/zone.h"

#define PATIENCE_NS (2 * NS_PER_S)

enum {
    ROWS = 8,      /* of the table that is printed */
    HOPEFUL = 100, /* so often a fault is tried again only because there are free pages */
};

static u64 patient_until_ns; /* under tasks_lock: until then those who end are waited for */

/* One process in the table of who has how much. */
struct oom_row {
    int pid;
    char name[TASK_NAME_BYTES];
    unsigned long pages;
};

struct oom_table {
    unsigned count;
    struct oom_row rows[ROWS]; /* most memory first */
};

unsigned long oom_pages(const struct process *process)
{
    const struct mm *mm = process->mm;
    return mm ? mm_resident_pages(mm) + READ_ONCE(mm->tables) : 0;
}

/* The memory of @process and what was said about it, in pages: oom_adjustment is in thousandths. */
static long points_of(const struct process *process)
{
    return (long)oom_pages(process) +
           process->oom_adjustment * ((long)pages_total() / OOM_ADJUSTMENT_MAX);
}

unsigned oom_score(const struct process *process)
{
    const long total = (long)pages_total();
    if (process->oom_adjustment == -OOM_ADJUSTMENT_MAX)
        return 0;
    const s64 score = 1000 + (s64)points_of(process) * 1000 / total;
    return (unsigned)max_of(s64, score * 2 / 3, 0);
}

struct process *oom_choose(void)
{
    struct process *process, *most = NULL;
    long most_points = -(long)(~0ul >> 1);
    for_each_process (process) {
        const long points = points_of(process);
        if (process->ending || process->pid == 1 || !oom_pages(process) ||
            process->oom_adjustment == -OOM_ADJUSTMENT_MAX || points <= most_points)
            continue;
        most = process;
        most_points = points;
    }
    return most;
}

static bool is_any_ending(void)
{
    const struct process *process;
    for_each_process (process)
        if (process->ending && !process->is_zombie)
            return true;
    return false;
}

static void add_row(struct oom_table *table, const struct process *process)
{
    const unsigned long pages = oom_pages(process);
    unsigned place = table->count < ROWS ? table->count++ : ROWS - 1;
    if (place == ROWS - 1 && table->rows[place].pages >= pages)
        return;
    for (; place > 0 && table->rows[place - 1].pages < pages; place--)
        table->rows[place] = table->rows[place - 1];
    struct oom_row *row = &table->rows[place];
    row->pid = process->pid;
    row->pages = pages;
    memcpy(row->name, process->leader->name, sizeof(row->name));
}

static void print_table(const struct oom_table *table, const struct oom_row *victim)
{
    pr_warn("oom: %lu of %lu pages are free; most memory have\n", pages_free(), pages_total());
    pr_warn("oom:      pid      memory  name\n");
    for (unsigned i = 0; i < table->count; i++)
        pr_warn("oom: %8d %7lu KiB  %s\n", table->rows[i].pid,
                table->rows[i].pages * (PAGE_BYTES / 1024), table->rows[i].name);
    pr_warn("oom: process %d (%s) is killed, for %lu KiB\n", victim->pid, victim->name,
            victim->pages * (PAGE_BYTES / 1024));
}

enum decision { DECIDED_KILL, DECIDED_WAIT, DECIDED_NOTHING };

/* Kill somebody unless somebody ends already.  Fills *@table, and *@victim if it does. */
static enum decision decide(struct oom_table *table, struct oom_row *victim) MUST_HOLD(tasks_lock)
{
    const struct process *process;
    const bool patient = time_now_ns() < patient_until_ns;
    if (is_any_ending()) {
        if (patient)
            return DECIDED_WAIT;
        if (lock_count_held(current))
            return DECIDED_NOTHING; /* perhaps for one of these the victim waits */
    }
    struct process *chosen = oom_choose();
    if (!chosen)
        return DECIDED_NOTHING;

    for_each_process (process)
        if (process->mm)
            add_row(table, process);
    *victim = (struct oom_row){ .pid = chosen->pid, .pages = oom_pages(chosen) };
    memcpy(victim->name, chosen->leader->name, sizeof(victim->name));
    patient_until_ns = time_now_ns() + PATIENCE_NS;
    process_end(chosen, SIGKILL);
    count_event(COUNT_OOM_KILL);
    return DECIDED_KILL;
}

/* Has memory come free since the fault found none? */
static bool is_room(void)
{
    for (unsigned id = 0; id < ZONES; id++)
        if (zones[id].pages && zone_free_pages(id) > zones[id].low)
            return true;
    return false;
}

bool oom_make_room(unsigned tries)
{
    struct oom_table table = { 0 };
    struct oom_row victim;
    if (task_is_killed(current))
        return false;
    if (tries < HOPEFUL && is_room()) {
        time_sleep_ns(NS_PER_TICK);
        return true;
    }

    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    enum decision decision = decide(&table, &victim);
    spin_unlock_irqrestore(&tasks_lock, flags);
    if (decision == DECIDED_KILL)
        print_table(&table, &victim);
    if (decision == DECIDED_NOTHING || task_is_killed(current))
        return false;
    time_sleep_ns(NS_PER_TICK);
    return true;
}
