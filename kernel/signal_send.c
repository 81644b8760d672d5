/*
 * Sending signals: from processes, from the kernel, from a thread's own mistakes.
 *
 *     ignored, or its default is nothing        dropped, unless the thread blocks it
 *     it would end the process, is not blocked  process_end(): all threads are on their way out
 *     SIGCONT, or one that stops                also ends, or forgets, the other
 *     else                                      queued; a thread that does not block it is told
 */
#include "kernel/pid.h"
#include "kernel/process.h"
#include "kernel/sched.h"
#include "kernel/signal.h"
#include "lib/errno.h"
#include "mm/slab.h"

/* A signal in a queue. */
struct signal_entry {
    struct list_node node;
    struct signal_info info;
};

#define SIGNALS_STOP \
    (signal_bit(SIGSTOP) | signal_bit(SIGTSTP) | signal_bit(SIGTTIN) | signal_bit(SIGTTOU))
/* What does nothing when nobody handles it.  Source: signal(7). */
#define SIGNALS_HARMLESS \
    (signal_bit(SIGCHLD) | signal_bit(SIGCONT) | signal_bit(SIGURG) | signal_bit(SIGWINCH))
/* What a thread's own instruction raises: taken first. */
#define SIGNALS_SYNCHRONOUS                                                                \
    (signal_bit(SIGSEGV) | signal_bit(SIGBUS) | signal_bit(SIGILL) | signal_bit(SIGTRAP) | \
     signal_bit(SIGFPE) | signal_bit(SIGSYS))

static struct kmem_cache *entry_cache; /* (c) after signal_init() */

/*
 * Where those wait who want to know of signals without being interrupted: signalfd(2).  A queue is
 * for several processes and not part of one, because an epoll on it may be there longer.
 */
enum { NEWS_QUEUES = 16 };
static struct wait_queue news[NEWS_QUEUES];

static struct wait_queue *news_of(const struct process *process)
{
    return &news[(unsigned)process->pid % NEWS_QUEUES];
}

struct wait_queue *signal_news(void) { return news_of(current->process); }

void signal_init(void)
{
    for (unsigned i = 0; i < NEWS_QUEUES; i++)
        wait_queue_init(&news[i]);
    entry_cache = kmem_cache_create("signal", sizeof(struct signal_entry), 0, NULL);
}

struct signal_entry *signal_entry_alloc(void)
{
    return entry_cache ? kmem_cache_alloc(entry_cache, GFP_KERNEL) : NULL;
}

void signal_entry_free(struct signal_entry *entry)
{
    if (entry)
        kmem_cache_free(entry_cache, entry);
}

void signal_entry_discard(struct signal_entry *entry, struct list_node *freed)
{
    list_add_tail(&entry->node, freed);
}

void signal_free_list(struct list_node *freed)
{
    while (!list_empty(freed)) {
        struct signal_entry *entry = list_first_entry(freed, struct signal_entry, node);
        list_del(&entry->node);
        signal_entry_free(entry);
    }
}

/* --- queues ---------------------------------------------------------------------------------- */

void signal_discard(struct signal_queue *queue, u64 set, struct list_node *freed)
{
    struct signal_entry *entry, *after;
    if (!(queue->set & set))
        return;
    queue->set &= ~set;
    list_for_each_entry_safe (entry, after, &queue->entries, node) {
        if (signal_bit(entry->info.signal) & set)
            list_move_tail(&entry->node, freed);
    }
}

/* Forget the signals of @set that wait for @process or one of its threads. */
static void discard_everywhere(struct process *process, u64 set) MUST_HOLD(tasks_lock)
{
    struct task *task;
    signal_discard(&process->pending, set, &process->discarded);
    list_for_each_entry (task, &process->threads, thread_node)
        signal_discard(&task->pending, set, &process->discarded);
}

/* Add @info to @queue.  Returns: 0, -EAGAIN: no room for a real-time signal. */
static int enqueue(struct signal_queue *queue, const struct signal_info *info,
                   struct signal_entry **entry) MUST_HOLD(tasks_lock)
{
    u64 bit = signal_bit(info->signal);
    if (queue->set & bit && info->signal < SIGNAL_REAL_TIME)
        return 0; /* the first one stands for all */
    if (!*entry && info->signal >= SIGNAL_REAL_TIME && info->code != SI_USER)
        return -EAGAIN;
    queue->set |= bit;
    if (*entry) {
        (*entry)->info = *info;
        list_add_tail(&(*entry)->node, &queue->entries);
        *entry = NULL;
    }
    return 0;
}

/* Take @signal out of @queue: the oldest of its kind. */
static void dequeue(struct signal_queue *queue, int signal, struct signal_info *info,
                    struct signal_entry **taken) MUST_HOLD(tasks_lock)
{
    struct signal_entry *entry;
    bool more = false;
    *taken = NULL;
    *info = (struct signal_info){ .signal = signal, .code = SI_USER };
    list_for_each_entry (entry, &queue->entries, node) {
        if (entry->info.signal != signal)
            continue;
        more = *taken != NULL;
        if (more)
            break;
        *taken = entry;
    }
    if (!more)
        queue->set &= ~signal_bit(signal);
    if (*taken) {
        *info = (*taken)->info;
        list_del(&(*taken)->node);
    }
}

/* The lowest number in @set, which is not empty. */
static int lowest(u64 set)
{
    u32 low = (u32)set;
    return 1 + (low ? __builtin_ctz(low) : 32 + __builtin_ctz((u32)(set >> 32)));
}

int signal_take(u64 set, struct signal_info *info, struct signal_entry **entry)
{
    struct task *task = current;
    struct signal_queue *queue = &task->pending;
    u64 found = queue->set & set;
    *entry = NULL;
    if (!found) {
        queue = &task->process->pending;
        found = queue->set & set;
    }
    if (!found)
        return 0;
    if (found & SIGNALS_SYNCHRONOUS)
        found &= SIGNALS_SYNCHRONOUS;
    int signal = lowest(found);
    dequeue(queue, signal, info, entry);
    return signal;
}

/* --- who is told ----------------------------------------------------------------------------- */

u64 signal_waiting(const struct task *task)
{
    return task->pending.set | task->process->pending.set;
}

bool signal_waits(u64 set)
{
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    bool found = signal_waiting(current) & set;
    spin_unlock_irqrestore(&tasks_lock, flags);
    return found;
}

void signal_update(struct task *task)
{
    bool busy = signal_waiting(task) & ~task->blocked || task->killed ||
                task->process->stop_signal || task->set_child_tid;
    WRITE_ONCE(task->signal_pending, busy);
}

void signal_notify(struct task *task, bool fatal)
{
    __atomic_store_n(&task->signal_pending, true, __ATOMIC_SEQ_CST);
    task_interrupt(task, fatal);
}

void signal_set_blocked(u64 blocked)
{
    struct task *task = current, *other;
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    u64 left = task->process->pending.set & blocked & ~task->blocked;
    task->blocked = blocked & ~SIGNALS_UNBLOCKABLE;
    signal_update(task);
    if (left) /* somebody else may want what was meant for us */
        list_for_each_entry (other, &task->process->threads, thread_node) {
            if (other != task && left & ~other->blocked)
                signal_notify(other, false);
        }
    spin_unlock_irqrestore(&tasks_lock, flags);
}

bool signal_is_ignored(const struct process *process, int signal)
{
    const struct signal_action *action = &process->actions[signal];
    return action->handler == SIG_IGN ||
           (action->handler == SIG_DFL && signal_bit(signal) & SIGNALS_HARMLESS);
}

static bool wants(const struct task *task, u64 bit) MUST_HOLD(tasks_lock)
{
    return (!(task->blocked & bit) || task->awaited & bit) && task->mm;
}

/* A thread of @process that wants @signal: the main one if it does; NULL: all block it. */
static struct task *find_receiver(struct process *process, int signal) MUST_HOLD(tasks_lock)
{
    struct task *task;
    u64 bit = signal_bit(signal);
    if (wants(process->leader, bit))
        return process->leader;
    list_for_each_entry (task, &process->threads, thread_node) {
        if (wants(task, bit))
            return task;
    }
    return NULL;
}

/* Does @signal, taken by a thread of @process, end it? */
static bool is_fatal(const struct process *process, int signal) MUST_HOLD(tasks_lock)
{
    return process->actions[signal].handler == SIG_DFL &&
           !(signal_bit(signal) & (SIGNALS_HARMLESS | SIGNALS_STOP));
}

/* --- sending --------------------------------------------------------------------------------- */

/* SIGCONT, whatever else becomes of it, lets a stopped process go on. */
static void let_go_on(struct process *process) MUST_HOLD(tasks_lock)
{
    bool was_stopped = process->stop_signal != 0;
    struct signal_entry *none = NULL;
    discard_everywhere(process, SIGNALS_STOP);
    if (!was_stopped)
        return;
    bool had_stopped = process->stopped_count == process->live_count;
    process->stop_signal = 0;
    process->stop_news = false;
    wake_up_all(&process->stopped);
    if (!had_stopped)
        return;
    process->continue_news = true;
    if (process->parent)
        process_tell_parent(process, CLD_CONTINUED, SIGCONT, &none);
}

int signal_send_locked(struct process *process, struct task *task, const struct signal_info *info,
                       struct signal_entry **entry)
{
    int signal = info->signal;
    u64 bit = signal_bit(signal);
    struct task *receiver = task ? task : find_receiver(process, signal);
    bool blocked = !receiver || receiver->blocked & bit;
    if (process->is_zombie || process->ending)
        return 0;
    if (process->pid == PID_INIT && !blocked && is_fatal(process, signal) &&
        (current->process != process || info->code == SI_KERNEL))
        return 0; /* the first program ends by itself alone */
    if (signal == SIGCONT)
        let_go_on(process);
    else if (bit & SIGNALS_STOP)
        discard_everywhere(process, signal_bit(SIGCONT));
    if (signal == SIGCHLD && process->actions[signal].flags & SA_NOCLDSTOP &&
        info->code >= CLD_STOPPED)
        return 0;
    if (!blocked && signal_is_ignored(process, signal))
        return 0;
    if (signal == SIGKILL ||
        (!blocked && is_fatal(process, signal) && !(bit & SIGNALS_SYNCHRONOUS))) {
        process_end(process, signal);
        return 0;
    }
    int error = enqueue(task ? &task->pending : &process->pending, info, entry);
    if (!error)
        wake_up_all(news_of(process));
    if (!error && receiver && (!blocked || receiver->awaited & bit))
        signal_notify(receiver, false);
    return error;
}

int signal_send(struct process *process, struct task *task, const struct signal_info *info)
{
    struct signal_entry *entry = signal_entry_alloc();
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    int error = signal_send_locked(process, task, info, &entry);
    spin_unlock_irqrestore(&tasks_lock, flags);
    signal_entry_free(entry);
    return error;
}

void signal_force(const struct signal_info *info)
{
    struct task *task = current;
    struct signal_action *action = &task->process->actions[info->signal];
    u64 bit = signal_bit(info->signal);
    struct signal_entry *entry = signal_entry_alloc();
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    if (task->blocked & bit || action->handler == SIG_IGN) {
        action->handler = SIG_DFL;
        task->blocked &= ~bit;
    }
    signal_discard(&task->pending, bit, &task->process->discarded);
    if (info->signal == SIGKILL)
        process_end(task->process, SIGKILL);
    else
        (void)enqueue(&task->pending, info, &entry);
    WRITE_ONCE(task->signal_pending, true);
    spin_unlock_irqrestore(&tasks_lock, flags);
    signal_entry_free(entry);
}

void process_kill(struct process *process, int signal)
{
    struct signal_entry *none = NULL;
    struct signal_info info = { .signal = signal, .code = SI_KERNEL };
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    if (signal == SIGKILL)
        process_end(process, SIGKILL);
    else
        (void)signal_send_locked(process, NULL, &info, &none);
    spin_unlock_irqrestore(&tasks_lock, flags);
}
