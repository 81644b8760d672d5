/*
 * Processes: what the threads of one program share beside their address space and their files.
 *
 *     struct process ---- threads ----> struct task, struct task, ...   (same mm)
 *        |    ^                            the leader: its number is the process's
 *        |    | parent
 *        +----+ children: ended ones stay there until wait4() collects them
 *
 * The leader ends last: if it wants to end before the others, it sleeps until they are gone.  So
 * the end of the leader is the end of the process, and its number is taken until then.
 *
 * A kernel thread that becomes a program (PID 1, and those of tests) calls process_create(); all
 * other processes come from process_clone() (kernel/clone.h).
 */
#ifndef KERNEL_PROCESS_H
#define KERNEL_PROCESS_H

#include "kernel/itimer.h"
#include "kernel/signal.h"
#include "kernel/spinlock.h"
#include "kernel/task.h"
#include "kernel/wait.h"
#include "lib/annotate.h"
#include "lib/list.h"
#include "lib/types.h"

struct dentry;
struct mm;

/* Source: getrlimit(2), Linux uapi asm-generic/resource.h. */
enum {
    RLIMIT_CPU = 0, /* in seconds */
    RLIMIT_FSIZE = 1,
    RLIMIT_DATA = 2,
    RLIMIT_STACK = 3,
    RLIMIT_CORE = 4,
    RLIMIT_NOFILE = 7,
    RLIMIT_MEMLOCK = 8,
    RLIMIT_AS = 9,
    RLIMITS = 16,
};
#define RLIMIT_NONE UINT64_MAX

/* Source: personality(2), Linux uapi linux/personality.h. */
enum {
    PERSONALITY_LINUX32 = 8, /* uname(2) names the 32-bit machine */
    PERSONALITY_KIND = 0xff,
    PERSONALITY_NO_RANDOM = 0x0040000, /* ADDR_NO_RANDOMIZE: of programs to come */
};

struct process_limit {
    u64 now, most; /* soft and hard, in the resource's unit */
};

/* What has been used up. */
struct usage {
    struct run_time run;
    unsigned long faults, switches;
    unsigned long peak_pages; /* the most that were resident at once */
};

/* (c) constant after creation; (t) under tasks_lock; (a) atomic */
struct process {
    u32 refs;                   /* (a) its tasks, and who looks at it */
    int pid;                    /* (c) its leader's number */
    int group, session;         /* (t) */
    bool left_tty;              /* (t) TIOCNOTTY: its session's terminal is not its own */
    struct list_node all_node;  /* (t) on the list of all processes, until it is freed */
    bool is_gone;               /* (t) collected: nobody finds it any more */
    struct task *leader;        /* (t) */
    struct list_node threads;   /* (t) those that have not ended, the leader too */
    unsigned thread_count;      /* (t) */
    unsigned live_count;        /* (t) threads that have not begun to end */
    struct mm *mm;              /* (t) while live_count > 0 */
    struct wait_queue last_one; /* the leader, or a thread that execs, waits for the others */

    struct process *parent;        /* (t) NULL: PID 1, or a test's */
    int parent_pid;                /* (a) its number, or 0, for those who hold no lock */
    struct list_node children;     /* (t) through sibling */
    struct list_node sibling;      /* (t) */
    struct wait_queue child_event; /* its threads wait here for children to end, stop, go on */
    int exit_signal;               /* (t) what the parent is sent at the end; 0: nothing */

    bool ending;        /* (t) all threads are on their way out; exit_status is decided */
    bool is_zombie;     /* (t) ended, not yet collected */
    u8 membarriers;     /* (a) which membarrier() it has registered for, since it execed */
    bool has_execed;    /* (t) setpgid() by the parent comes too late */
    u32 personality;    /* (a) personality(2) */
    int oom_adjustment; /* (t) from -1000, never for want of memory, to 1000, first of all */
    int exit_status;    /* (t) as wait(2) gives it */
    bool is_execing;    /* (t) all threads but the leader have to end */

    int stop_signal;               /* (t) its threads are to stop because of it; 0: they run */
    unsigned stopped_count;        /* (t) threads that have stopped */
    bool stop_news, continue_news; /* (t) what wait4() has not been told yet */
    struct wait_queue stopped;     /* threads that are stopped */

    struct signal_queue pending;               /* (t) sent to the process, for any thread */
    struct list_node discarded;                /* (t) struct signal_entry, to be freed with it */
    struct signal_action actions[SIGNALS + 1]; /* (t) by number */

    struct process_limit limit[RLIMITS]; /* (t) */
    struct usage usage;                  /* (t) of threads that have ended */
    struct usage children_usage;         /* (t) of children that were collected */
    struct dentry *program;              /* (t) /proc/self/exe */
    bool denies_write;                   /* (t) nobody may write to program: it is running */
    struct itimers itimers;              /* kernel/itimer.h */
};

extern struct list_node all_processes;

/* All that have not been collected, zombies too, in order of creation.  Under tasks_lock. */
#define for_each_process(process)                           \
    list_for_each_entry (process, &all_processes, all_node) \
        if (process->is_gone) {                             \
        } else

/*
 * Make the current kernel thread, whose mm and files are set already or still to come, the leader
 * of a process without a parent.  Returns: 0 or -ENOMEM.  Sleeps.
 */
int process_create(void) MUST_CHECK;

/* The current kernel thread is no process any more: undo process_create().  Sleeps. */
void process_abandon(void);

/*
 * A copy of the current process for @leader, a task that does not run yet.  It is on no list.
 * NULL: no memory.  Sleeps.
 */
struct process *process_copy(struct task *leader) MUST_CHECK;

/* Put @process on the lists, as a child of @parent (NULL: of nobody). */
void process_enter(struct process *process, struct process *parent) MUST_HOLD(tasks_lock);

/* Make @process a child of @parent (NULL: of nobody) from now on; it is on no list of children. */
void process_set_parent(struct process *process, struct process *parent) MUST_HOLD(tasks_lock);

/* Take it off again: it was collected, or nobody will ask. */
void process_leave(struct process *process) MUST_HOLD(tasks_lock);

/* Add @task, which does not run yet, to @process. */
void process_add_thread(struct process *process, struct task *task) MUST_HOLD(tasks_lock);

void process_get(struct process *process);

/* Drop a reference.  Sleeps. */
void process_put(struct process *process);

/* The process numbered @pid with a reference, zombies too, or NULL.  Any context but NMI. */
struct process *process_find(int pid) MUST_CHECK;

/* @process has no memory any more: its program may be written to. */
void process_allow_write(struct process *process) MUST_HOLD(tasks_lock);

/* The program @process runs, with a reference; NULL: none yet.  Any task may ask. */
struct dentry *process_program_get(struct process *process) MUST_CHECK;

/* The process that task number @pid leads, or NULL. */
struct process *process_lookup(int pid) MUST_HOLD(tasks_lock);

/*
 * The process behind @process (NULL: the first) in the list of all, with a reference; @process's
 * is put.  NULL: there is none.  For walks that sleep; a process that begins meanwhile may be
 * missed.
 */
struct process *process_next(struct process *process) MUST_CHECK;

/* @process's address space with a reference for the caller; NULL: it has ended. */
struct mm *process_get_mm(struct process *process) MUST_CHECK;

/* @process's threads, of which there is one, use @mm from now on. */
void process_set_mm(struct process *process, struct mm *mm);

/* Let @mm heed @process's limits, which have changed.  Sleeps. */
void process_limit_mm(const struct process *process, struct mm *mm);

/*
 * Remember that the current process, whose only thread runs, runs @program: nobody may write to it
 * meanwhile, which the caller has made sure of by inode_deny_write() and may undo now.
 */
void process_set_program(struct process *process, struct dentry *program);

/* Make @process a member of group @group, of session @session. */
void process_set_group(struct process *process, int group, int session) MUST_HOLD(tasks_lock);

/* Count what @task, which ends, has used; count @more as well. */
void usage_add_task(struct usage *usage, const struct task *task) MUST_HOLD(tasks_lock);
void usage_add(struct usage *usage, const struct usage *more) MUST_HOLD(tasks_lock);

/* What all threads of @process have used, those that run too; but for the peak of their mm. */
struct usage usage_of_process(const struct process *process) MUST_HOLD(tasks_lock);

/* --- the end: kernel/exit.c ------------------------------------------------------------------ */

/* End the current thread; if it is the last one, the process ends with @status. */
_Noreturn void thread_exit(int status);

/*
 * End the current process, all its threads, with wait(2)'s @status: exit code << 8, or the signal
 * that killed it.  PID 1's end is the machine's: it powers off with the exit code, or 128 + signal.
 */
_Noreturn void process_exit(int status);

/* Decide that @process ends with @status, unless it ends already: its threads are told. */
void process_end(struct process *process, int status) MUST_HOLD(tasks_lock);

/*
 * End all other threads of the current process; the current one becomes its leader, with its
 * number.  Returns: 0; -EINTR: this one has to end, too.  Sleeps.
 */
int process_make_single(void) MUST_CHECK;

/* The child @process, a zombie, was asked for: forget it.  *@leader is to be put. */
void process_collect(struct process *process, struct task **leader) MUST_HOLD(tasks_lock);

/* Tell @child's parent, whose threads wait perhaps, that something has happened to it. */
void process_tell_parent(struct process *child, int code, int status, struct signal_entry **entry)
    MUST_HOLD(tasks_lock);

/* The kernel itself sends @process @signal, SIGKILL above all.  Any context but NMI. */
void process_kill(struct process *process, int signal);

#endif
