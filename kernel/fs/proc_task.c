/*
 * What /proc says about one task: proc(5).
 *
 * The task may end meanwhile.  What is its own is read while tasks_lock keeps it, or through a
 * reference of ours; a task without an address space (a kernel thread, a zombie) has files
 * without the lines about memory, or empty ones, as on Linux.
 */
#include "kernel/dev/tty.h"
#include "kernel/fs/files.h"
#include "kernel/fs/proc_entry.h"
#include "kernel/process.h"
#include "kernel/sched.h"
#include "kernel/task.h"
#include "kernel/time.h"
#include "lib/align.h"
#include "lib/errno.h"
#include "lib/minmax.h"
#include "lib/string.h"
#include "mm/mm.h"

/* What is known of a task at one moment. */
struct facts {
    char name[TASK_NAME_BYTES];
    char state; /* as proc(5) abbreviates it */
    int parent, group, session;
    u32 terminal;   /* device number; 0: none */
    int foreground; /* group of that terminal; -1: none */
    int exit_code;
    unsigned threads;
    struct run_time run;          /* of all of them, for their leader */
    u64 blocked, ignored, caught; /* signals, bit n - 1 for signal n */
};

static char state_letter(const struct task *task)
{
    switch ((enum task_state)READ_ONCE(task->state)) {
    case TASK_NEW:
    case TASK_RUNNING:
        return 'R';
    case TASK_INTERRUPTIBLE:
        return 'S';
    case TASK_KILLABLE:
        return task->process && READ_ONCE(task->process->stop_signal) ? 'T' : 'D';
    case TASK_UNINTERRUPTIBLE:
        return 'D';
    case TASK_ZOMBIE:
        return 'Z';
    case TASK_DEAD:
        return 'X';
    }
    return '?';
}

static const char *state_name(char letter)
{
    return letter == 'R'   ? "running"
           : letter == 'S' ? "sleeping"
           : letter == 'D' ? "disk sleep"
           : letter == 'T' ? "stopped"
           : letter == 'Z' ? "zombie"
                           : "dead";
}

static void gather_signals(struct facts *facts, struct task *task)
{
    struct process *process = task_process_get(task);
    if (!process)
        return;
    facts->blocked = READ_ONCE(task->blocked);
    for (unsigned signal = 1; signal <= SIGNALS; signal++) {
        vaddr_t handler = READ_ONCE(process->actions[signal].handler);
        u64 bit = (u64)1 << (signal - 1);
        facts->ignored |= handler == 1 ? bit : 0;
        facts->caught |= handler > 1 ? bit : 0;
    }
    process_put(process);
}

static void gather(struct facts *facts, struct task *task)
{
    *facts = (struct facts){ .threads = 1, .state = state_letter(task), .foreground = -1 };
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    strlcpy(facts->name, task->name, sizeof(facts->name));
    if (task->process) {
        facts->parent = task->process->parent_pid;
        facts->threads = task->process->thread_count;
        facts->group = task->process->group;
        facts->session = task->process->session;
        tty_describe(task->process, &facts->terminal, &facts->foreground);
    }
    facts->exit_code = task->exit_code;
    bool leads = task->process && task->process->leader == task;
    facts->run = leads ? usage_of_process(task->process).run : sched_run_time(task);
    spin_unlock_irqrestore(&tasks_lock, flags);
    gather_signals(facts, task);
}

/* --- comm ------------------------------------------------------------------------------------ */

int proc_show_task_comm(struct text *text, struct task *task)
{
    struct facts facts;
    gather(&facts, task);
    text_add(text, "%s\n", facts.name);
    return 0;
}

int proc_store_task_comm(struct task *task, const char *line)
{
    if (task->tgid != current->tgid)
        return -EINVAL;
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    task_set_name(task, line);
    spin_unlock_irqrestore(&tasks_lock, flags);
    return 0;
}

/* --- status, stat, statm --------------------------------------------------------------------- */

static void add_kib(struct text *text, const char *name, u64 bytes)
{
    text_add(text, "%s\t%8llu kB\n", name, (unsigned long long)(bytes / 1024));
}

static u64 pages_to_bytes(unsigned long pages) { return (u64)pages << PAGE_SHIFT; }

/* What an address space holds at one moment, in bytes. */
struct memory {
    u64 mapped, peak_mapped, data, stack, code, locked;
    u64 anon, file, shmem, resident, peak, tables;
    vaddr_t code_start, code_end, stack_top, arg_start, arg_end, env_start, env_end;
    vaddr_t data_start, data_end, brk_start;
};

static void gather_places(struct memory *memory, const struct mm *mm)
{
    memory->code_start = mm->code_start;
    memory->code_end = mm->code_end;
    memory->data_start = mm->data_start;
    memory->data_end = mm->data_end;
    memory->brk_start = mm->brk_start;
    memory->stack_top = mm->stack_top;
    memory->arg_start = mm->arg_start;
    memory->arg_end = mm->arg_end;
    memory->env_start = mm->env_start;
    memory->env_end = mm->env_end;
}

static void gather_pages(struct memory *memory, struct mm *mm)
{
    mm_note_peak(mm);
    memory->tables = pages_to_bytes(READ_ONCE(mm->tables));
    memory->anon = pages_to_bytes(READ_ONCE(mm->anon_pages));
    memory->file = pages_to_bytes(READ_ONCE(mm->file_pages));
    memory->shmem = pages_to_bytes(READ_ONCE(mm->shmem_pages));
    memory->resident = memory->anon + memory->file + memory->shmem;
    memory->peak = max(memory->resident, pages_to_bytes(READ_ONCE(mm->peak_pages)));
    memory->mapped = pages_to_bytes(mm->mapped_pages);
    memory->peak_mapped = max(memory->mapped, pages_to_bytes(mm->peak_mapped));
    memory->data = pages_to_bytes(mm->data_pages);
    memory->stack = pages_to_bytes(mm->stack_pages);
    memory->locked = pages_to_bytes(mm->locked_pages);
    memory->code = align_up((u64)mm->code_end, (u64)PAGE_BYTES) -
                   align_down((u64)mm->code_start, (u64)PAGE_BYTES);
}

/* All 0, and false: the task has no address space (any more). */
static bool gather_memory(struct memory *memory, struct task *task)
{
    struct mm *mm = task_mm_get(task);
    *memory = (struct memory){ 0 };
    if (!mm)
        return false;
    down_read(&mm->mmap_lock);
    gather_pages(memory, mm);
    gather_places(memory, mm);
    up_read(&mm->mmap_lock);
    mm_put(mm);
    return true;
}

static void add_memory(struct text *text, const struct memory *memory)
{
    add_kib(text, "VmPeak:", memory->peak_mapped);
    add_kib(text, "VmSize:", memory->mapped);
    add_kib(text, "VmLck:", memory->locked);
    add_kib(text, "VmPin:", 0);
    add_kib(text, "VmHWM:", memory->peak);
    add_kib(text, "VmRSS:", memory->resident);
    add_kib(text, "RssAnon:", memory->anon);
    add_kib(text, "RssFile:", memory->file);
    add_kib(text, "RssShmem:", memory->shmem);
    add_kib(text, "VmData:", memory->data);
    add_kib(text, "VmStk:", memory->stack);
    add_kib(text, "VmExe:", memory->code);
    add_kib(text, "VmLib:", 0);
    add_kib(text, "VmPTE:", memory->tables);
    add_kib(text, "VmSwap:", 0);
}

static void add_signals(struct text *text, const struct facts *facts)
{
    text_add(text, "SigPnd:\t%016llx\nShdPnd:\t%016llx\n", 0ull, 0ull);
    text_add(text, "SigBlk:\t%016llx\nSigIgn:\t%016llx\nSigCgt:\t%016llx\n",
             (unsigned long long)facts->blocked, (unsigned long long)facts->ignored,
             (unsigned long long)facts->caught);
}

/* What it may do, and where it may run. */
static void add_rights(struct text *text, const struct task *task)
{
    const u64 all = ((u64)2 << CAP_LAST) - 1;
    const struct capabilities *caps = &task->capabilities;
    text_add(text, "CapInh:\t%016llx\nCapPrm:\t%016llx\nCapEff:\t%016llx\n",
             (unsigned long long)caps->inheritable,
             (unsigned long long)(all & ~caps->not_permitted),
             (unsigned long long)(all & ~caps->not_effective));
    text_add(text, "CapBnd:\t%016llx\nCapAmb:\t%016llx\nNoNewPrivs:\t%d\nSeccomp:\t0\n",
             (unsigned long long)all, 0ull, task->no_new_privileges);
    u32 cpus = READ_ONCE(task->affinity) & ((2u << (cpus_online - 1)) - 1);
    text_add(text, "Cpus_allowed:\t%x\nCpus_allowed_list:\t", cpus);
    const char *comma = "";
    for (unsigned first = 0, last; first < cpus_online; first = last + 1) {
        for (last = first; cpus >> first & 1 && cpus >> (last + 1) & 1; last++)
            ;
        if (cpus >> first & 1)
            text_add(text, last > first ? "%s%u-%u" : "%s%u", comma, first, last);
        else
            continue;
        comma = ",";
    }
    text_add(text, "\n");
}

int proc_show_task_status(struct text *text, struct task *task)
{
    struct facts facts;
    struct memory memory;
    gather(&facts, task);
    text_add(text, "Name:\t%s\n", facts.name);
    text_add(text, "State:\t%c (%s)\n", facts.state, state_name(facts.state));
    text_add(text, "Tgid:\t%d\nNgid:\t0\nPid:\t%d\nPPid:\t%d\nTracerPid:\t0\n", task->tgid,
             task->pid, facts.parent);
    text_add(text, "Uid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\nFDSize:\t%d\nGroups:\t \n", FILES_FIRST);
    if (gather_memory(&memory, task))
        add_memory(text, &memory);
    text_add(text, "Threads:\t%u\n", facts.threads);
    add_signals(text, &facts);
    add_rights(text, task);
    text_add(text, "voluntary_ctxt_switches:\t%lu\nnonvoluntary_ctxt_switches:\t0\n",
             READ_ONCE(task->switches));
    return 0;
}

int proc_show_task_statm(struct text *text, struct task *task)
{
    struct memory memory;
    gather_memory(&memory, task); /* all 0 if there is none */
    text_add(text, "%llu %llu %llu %llu 0 %llu 0\n",
             (unsigned long long)(memory.mapped >> PAGE_SHIFT),
             (unsigned long long)(memory.resident >> PAGE_SHIFT),
             (unsigned long long)((memory.file + memory.shmem) >> PAGE_SHIFT),
             (unsigned long long)(memory.code >> PAGE_SHIFT),
             (unsigned long long)((memory.data + memory.stack) >> PAGE_SHIFT));
    return 0;
}

/* The fields of proc(5), three to twenty-two: who it is and what it used. */
static void add_stat_task(struct text *text, const struct facts *facts, const struct task *task)
{
    text_add(text, "%d (%s) %c %d %d %d %u %d 0 ", task->pid, facts->name, facts->state,
             facts->parent, facts->group, facts->session, facts->terminal, facts->foreground);
    text_add(text, "%lu 0 0 0 %ld %ld 0 0 %d %d %u 0 %llu ", READ_ONCE(task->faults),
             run_time_ticks(&facts->run, RUN_USER), run_time_ticks(&facts->run, RUN_SYSTEM),
             PRIORITY_OF_NICE_0 + task->wish.nice, task->wish.nice, facts->threads,
             (unsigned long long)(task->start_ns / NS_PER_TICK));
}

int proc_show_task_stat(struct text *text, struct task *task)
{
    struct facts facts;
    struct memory memory;
    gather(&facts, task);
    gather_memory(&memory, task);
    add_stat_task(text, &facts, task);
    text_add(text, "%llu %llu %lu %lu %lu %lu 0 0 ", (unsigned long long)memory.mapped,
             (unsigned long long)(memory.resident >> PAGE_SHIFT), ~0ul,
             (unsigned long)memory.code_start, (unsigned long)memory.code_end,
             (unsigned long)memory.stack_top);
    text_add(text, "0 %u %u %u 0 0 0 17 %u 0 %u 0 0 0 ", (u32)facts.blocked & INT32_MAX,
             (u32)facts.ignored & INT32_MAX, (u32)facts.caught & INT32_MAX, task->cpu,
             task->wish.policy);
    text_add(text, "%lu %lu %lu %lu %lu %lu %lu %d\n", (unsigned long)memory.data_start,
             (unsigned long)memory.data_end, (unsigned long)memory.brk_start,
             (unsigned long)memory.arg_start, (unsigned long)memory.arg_end,
             (unsigned long)memory.env_start, (unsigned long)memory.env_end, facts.exit_code);
    return 0;
}
