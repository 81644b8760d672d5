/*
 * Tasks: a stack, a saved stack pointer, and what belongs to whoever runs on it.
 *
 *     stack_base                                             stack_base + KERNEL_STACK_BYTES
 *        |                                                        |
 *   guard| <- grows down ... saved registers | struct trapframe   |
 *   page |                                   | of a user task     |
 *        +-----------------------------------+--------------------+
 *
 * A kernel thread runs a C function.  A user task is a kernel thread that went to user
 * mode (context_enter_user()); there is no other difference but its mm.
 *
 * A task ends in task_exit(): first as a zombie that keeps its exit code for its parent's
 * task_wait(), then its stack and the rest go when the last reference is put.  A detached task
 * has no one who waits.
 */
#ifndef KERNEL_TASK_H
#define KERNEL_TASK_H

#include "arch/x86/fpu.h"
#include "arch/x86/percpu.h"
#include "arch/x86/pte.h"
#include "gen/config.h"
#include "kernel/lock_order.h"
#include "kernel/run_time.h"
#include "kernel/sched_wish.h"
#include "kernel/spinlock.h"
#include "kernel/task_state.h"
#include "kernel/wait.h"
#include "lib/annotate.h"
#include "lib/list.h"
#include "lib/types.h"
#include "machine/layout.h"
#include "machine/machine_task.h"
#include "machine/trapframe.h"

struct mm;
struct files;
struct process;

/* Signals that were sent and wait: kernel/signal.h. */
struct signal_queue {
    u64 set;                  /* bit n - 1 for signal n */
    struct list_node entries; /* what is known of them, in the order they were sent */
};

/* The stack that handlers with SA_ONSTACK run on: sigaltstack(2). */
struct signal_stack {
    vaddr_t base;
    size_t bytes;
    u32 flags;
};

/* The exception that the task's program caused last, for the handler of its signal. */
struct trap_info {
    unsigned long vector, error;
    vaddr_t address;
};

/* How a system call that was interrupted, and calls no handler, goes on: restart_syscall(2). */
struct syscall_restart {
    long (*function)(const struct syscall_restart *restart);
    u64 deadline_ns;
    vaddr_t address;
    u32 value, value3, operation;
};

enum {
    TASK_NAME_BYTES = 16,
    TASK_HELD_MAX = 32,                        /* sleeping locks one task may hold at once */
    KMAP_LOCAL_DEPTH = CONFIG_CHECK ? 33 : 16, /* kmap_local slots of a CPU: mm/kmap_local.c */
};

/* The kmap_local mappings of a task: mm/kmap_local.c. */
struct kmap_ctrl {
    unsigned depth;                  /* slots in use, with the guards of check builds */
    pte_t entries[KMAP_LOCAL_DEPTH]; /* what they hold, while the task does not run */
};

/* Source: capabilities(7): CAP_CHECKPOINT_RESTORE. */
enum { CAP_LAST = 40 };

/* What a thread has given up of what root may do, all zero: nothing.  It is refused nothing. */
struct capabilities {
    u64 not_effective, not_permitted;
    u64 inheritable;
};

/*
 * (c) constant after creation; (o) the task itself alone; (q) under the lock of run queue cpu;
 * (t) under tasks_lock; (a) atomic
 */
struct task {
    /* Scheduling. */
    void *saved_sp;            /* (q) while it is switched out */
    u8 state;                  /* (q) enum task_state; the task itself writes it without the lock */
    bool queued;               /* (q) on a run queue, or running */
    bool is_idle;              /* (c) runs when nobody else wants to */
    u8 slice_ticks;            /* (q) ticks left of its turn */
    u8 cpu;                    /* (q) where it runs, or ran last */
    u16 migrate_disabled;      /* (o) read by others under (q) */
    bool move_pending;         /* (q) its affinity changed while it was pinned; cleared by itself */
    u16 pagefault_disabled;    /* (o) */
    u32 fail_after;            /* (o) mm/fail.c: so many allocations until one fails; 0: none */
    u32 affinity;              /* (q) the CPUs it may run on, a bit each */
    struct sched_wish wish;    /* (a) how urgent it is to its user */
    struct list_node run_node; /* (q) its place on the run queue */
    unsigned long switches;    /* (q) how often it was put on a CPU */
    struct run_time run;       /* (q) how long it ran, up to its last tick or switch */
    u8 run_mode;               /* (q) enum run_mode: where its last tick found it */
    unsigned long faults;      /* (o) page faults it took */

    /* What it runs on and in. */
    void *stack_base;             /* (c) lowest byte of the stack; the guard page is below */
    void (*function)(void *data); /* (c) a kernel thread's */
    void *data;                   /* (c) */
    struct mm *mm;                /* (o) NULL: a kernel thread.  Set by task_set_mm() */
    struct files *files;          /* (o) set by task_set_files() */
    struct fs_context *fs;        /* (o) set by task_set_fs() */
    struct process *process;      /* (c) once set, under tasks_lock: kernel/process.h; or NULL */
    struct kmap_ctrl kmap;        /* (o) mm/kmap_local.c; depth read by others under (q) */
    struct machine_task machine;  /* (o) arch: segments, TLS */
    struct fpu_state fpu;         /* (o) arch/x86/fpu.c */

    /* Who it is. */
    int pid;                    /* (c) */
    int tgid;                   /* (c) */
    u64 start_ns;               /* (c) when it was made: no two that had one pid agree */
    char name[TASK_NAME_BYTES]; /* (o) */
    u32 refs;                   /* (a) task_get(), task_put() */
    struct task *next_dead;     /* (a) on the list of tasks to be freed */
    bool signal_pending;        /* (a) interruptible sleeps end; signal_work() before user mode */
    bool killed;                /* (t) it must end: killable sleeps end, too */
    bool borrows_mm;            /* (a) made by vfork(), whose caller waits for it to go false */
    struct capabilities capabilities; /* (o) kernel/sys_capability.c */
    bool no_new_privileges;           /* (o) PR_SET_NO_NEW_PRIVS; nobody could gain any */
    bool keeps_capabilities;          /* (o) PR_SET_KEEPCAPS: nobody could lose any, but asks */
    u8 parent_death_signal;           /* (t) PR_SET_PDEATHSIG; 0: none */
    int exit_code;                    /* (o) until it is a zombie, then constant */
    bool detached;                    /* (t) nobody will ask for its exit code */
    struct task *parent;              /* (t) */
    struct list_node children;        /* (t) through sibling */
    struct list_node sibling;         /* (t) */
    struct list_node all_node;        /* (t) on the list of all tasks */
    struct wait_queue child_exit;     /* the task waits here for a child to end */
    int *clear_child_tid;             /* (o) user address, set_tid_address */
    int *set_child_tid;           /* (o) user address to tell its number at the start; NULL: none */
    void *robust_list;            /* (o) user address: kernel/robust_list.h; NULL: none */
    struct list_node thread_node; /* (t) among its process's threads */

    /* Signals: kernel/signal.h. */
    u64 blocked;                    /* (t) written by itself alone */
    u64 awaited;                    /* (t) sigtimedwait() waits for these, blocked or not */
    struct signal_queue pending;    /* (t) sent to this thread */
    u64 saved_blocked;              /* (o) what rt_sigsuspend() replaced for a while */
    bool restores_blocked;          /* (o) it did */
    struct signal_stack alt_stack;  /* (o) */
    struct trap_info trap;          /* (o) */
    struct syscall_restart restart; /* (o) */

    /* Sleeping locks it holds: kernel/lock_held.h. */
    const struct lock_id *held[1 + TASK_HELD_MAX]; /* (o) */
    const struct lock_id **held_top;               /* (o) the last in use */
};

/* The task that runs on this CPU: one load. */
DECLARE_PER_CPU(struct task *, current_task);
#define current this_cpu_read(current_task)

extern struct spinlock tasks_lock;
extern struct list_node all_tasks;

#define for_each_task(task) list_for_each_entry (task, &all_tasks, all_node)

/* The task the boot CPU runs from its first C instruction on; becomes its idle task. */
extern struct task boot_task;

/* Prepare the cache of tasks and make boot_task the current one. */
void task_init(void);

/* Start the kernel thread that frees tasks.  Sleeps. */
void task_start_reaper(void);

/*
 * Make a kernel thread that will run @function(@data), named @name; it starts at task_wake().
 * It is a child of the current task.  If @function returns, it is as task_exit(0).
 *
 * Returns: the task with one reference for the caller, who calls task_wait() or task_detach();
 *          NULL: out of memory.
 * Sleeps.
 */
struct task *task_create_kernel(void (*function)(void *data), void *data, const char *name)
    MUST_CHECK;

/* As task_create_kernel(), for the one that becomes the first user task: its pid is 1. */
struct task *task_create_first(void (*function)(void *data), void *data, const char *name)
    MUST_CHECK;

/* Put the caller's reference to @task, whose exit code nobody will ask for.  Any context. */
void task_detach(struct task *task);

/*
 * Make a task that will go to user mode with @frame's registers, as if it came back from a system
 * call with 0: the copy of the current one, but that its mm, files and process are not set.  It
 * is on no list; it starts at task_wake().
 *
 * Returns: the task with one reference for the caller; NULL: out of memory.  Sleeps.
 */
struct task *task_create_fork(const struct trapframe *frame) MUST_CHECK;

/* Free @task, which task_create_fork() made and which never ran.  Sleeps. */
void task_destroy(struct task *task);

/* Give @task a number and a place on the list of all tasks.  Returns: 0 or -EAGAIN. */
int task_enter(struct task *task) MUST_CHECK MUST_HOLD(tasks_lock);

/* Forget @task, which has ended, and whose exit code nobody needs any more. */
void task_leave(struct task *task) MUST_HOLD(tasks_lock);

/* As task_put() for a caller that may sleep: the last reference frees at once. */
void task_put_now(struct task *task);

/* Make the idle task of @cpu, whose stack the CPU starts on.  NULL: out of memory.  Sleeps. */
struct task *task_create_idle(unsigned cpu) MUST_CHECK;

/* The idle task of @cpu, NULL: not made yet. */
struct task *task_idle(unsigned cpu);

/*
 * The last step of the current task's end, when it has given back everything but its stack: become
 * a zombie with @exit_code.  @flags are what taking tasks_lock returned.
 */
_Noreturn void task_exit_locked(int exit_code, irqflags_t flags) RELEASES(tasks_lock);

/* End the current task with @exit_code.  Nobody waits for its children any more. */
_Noreturn void task_exit(int exit_code);

/*
 * Wait until @task, a child of the current one, has ended, and let it go: the caller's
 * reference is put.
 *
 * Returns: its exit code.  Sleeps.
 */
int task_wait(struct task *task);

/*
 * Wait for any child (@pid -1) or child @pid to end, store its exit code in *@exit_code.
 *
 * Returns: its pid; -ECHILD: there is none; -EINTR.
 * Sleeps.
 */
int task_wait_pid(int pid, int *exit_code) MUST_CHECK;

/* Keep @task's memory.  Any context. */
void task_get(struct task *task);

/* Drop a reference.  Any context; the last one leaves the freeing to a kernel thread. */
void task_put(struct task *task);

/* The task numbered @pid with a reference for the caller, or NULL.  Any context. */
struct task *task_find(int pid) MUST_CHECK;

/* The same for system calls, which by @pid 0 mean the current task. */
struct task *task_find_or_current(int pid) MUST_CHECK;

/*
 * What belongs to the task itself, others may look at only while it is kept from letting it go:
 * this sets its mm, NULL included, and returns what it was.  The caller drops the old one's
 * reference.  With interrupts off if the new mm is to be loaded next.
 */
struct mm *task_set_mm(struct task *task, struct mm *mm);

/* Another task's mm, or process, with a reference; NULL: it has none, or no mm any more. */
struct mm *task_mm_get(struct task *task) MUST_CHECK;
struct process *task_process_get(struct task *task) MUST_CHECK;

/* Put @name, cut to fit, on @task. */
void task_set_name(struct task *task, const char *name);

/* How many tasks there are, zombies included.  Any context. */
unsigned task_count(void);

/* Must @task end?  Any context. */
static inline bool task_is_killed(const struct task *task) { return READ_ONCE(task->killed); }

/* Is a signal waiting for @task?  Any context. */
static inline bool task_signal_pending(const struct task *task)
{
    return READ_ONCE(task->signal_pending);
}

/* Must @task stay on its CPU: inside migrate_disable(), or holding kmap_local addresses? */
static inline bool task_is_pinned(const struct task *task)
{
    return READ_ONCE(task->migrate_disabled) || READ_ONCE(task->kmap.depth);
}

/* The first byte beyond @task's stack. */
static inline void *task_stack_top(const struct task *task)
{
    return (char *)task->stack_base + KERNEL_STACK_BYTES;
}

/* Where @task's user registers are while it is in the kernel. */
static inline struct trapframe *task_frame(const struct task *task)
{
    return (struct trapframe *)task_stack_top(task) - 1;
}

/* The task whose stack's guard page holds @va, or NULL.  Takes no locks: for panics. */
const struct task *task_of_guard_page(vaddr_t va);

#endif
