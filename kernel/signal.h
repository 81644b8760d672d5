/*
 * Signals: sent by processes and by the kernel, delivered on the way to user mode.
 *
 *     sender                              receiver
 *     ---------------------------------   ----------------------------------------------------
 *     signal_send(): to the queue of a    trap_to_user() sees task->signal_pending, and
 *     thread or of a process; wake a      signal_work() takes the signal from the queue: its
 *     thread that does not block it       handler runs, or the default happens
 *
 * All of it is under tasks_lock.  A signal nobody wants is dropped when it is sent.  One that ends
 * the process does so when it is sent, as far as all threads' way out goes: process_end().
 */
#ifndef KERNEL_SIGNAL_H
#define KERNEL_SIGNAL_H

#include "kernel/spinlock.h"
#include "kernel/task.h"
#include "lib/annotate.h"
#include "lib/list.h"
#include "lib/types.h"

struct process;
struct trapframe;

/* Source: Linux's numbers, signal(7). */
enum signal_number {
    SIGHUP = 1,
    SIGINT = 2,
    SIGQUIT = 3,
    SIGILL = 4,
    SIGTRAP = 5,
    SIGABRT = 6,
    SIGBUS = 7,
    SIGFPE = 8,
    SIGKILL = 9,
    SIGUSR1 = 10,
    SIGSEGV = 11,
    SIGUSR2 = 12,
    SIGPIPE = 13,
    SIGALRM = 14,
    SIGTERM = 15,
    SIGSTKFLT = 16,
    SIGCHLD = 17,
    SIGCONT = 18,
    SIGSTOP = 19,
    SIGTSTP = 20,
    SIGTTIN = 21,
    SIGTTOU = 22,
    SIGURG = 23,
    SIGXCPU = 24,
    SIGXFSZ = 25,
    SIGVTALRM = 26,
    SIGPROF = 27,
    SIGWINCH = 28,
    SIGIO = 29,
    SIGPWR = 30,
    SIGSYS = 31,
    SIGNALS = 64, /* the highest number */
};

/* The first real-time signal: from here on each one sent is kept, not only the first. */
enum { SIGNAL_REAL_TIME = 32 };

/* Why, as siginfo's si_code says it: sigaction(2). */
enum signal_code {
    SI_USER = 0, /* kill() */
    SI_QUEUE = -1,
    SI_TIMER = -2,
    SI_TKILL = -6,
    SI_KERNEL = 0x80,
    ILL_ILLOPN = 2,
    FPE_INTDIV = 1,
    FPE_INTOVF = 2,
    FPE_FLTDIV = 3,
    FPE_FLTOVF = 4,
    FPE_FLTUND = 5,
    FPE_FLTRES = 6,
    FPE_FLTINV = 7,
    SEGV_MAPERR = 1, /* nothing is mapped there */
    SEGV_ACCERR = 2, /* something is, but not for this access */
    BUS_ADRALN = 1,
    BUS_ADRERR = 2,
    TRAP_BRKPT = 1,
    TRAP_TRACE = 2,
    CLD_EXITED = 1,
    CLD_KILLED = 2,
    CLD_STOPPED = 5,
    CLD_CONTINUED = 6,
};

/* Handlers that are none, and sigaction()'s flags.  Source: Linux uapi asm/signal.h. */
enum { SIG_DFL = 0, SIG_IGN = 1 };
enum signal_action_flags {
    SA_NOCLDSTOP = 1,
    SA_NOCLDWAIT = 2,
    SA_SIGINFO = 4,
    SA_RESTORER = 0x04000000,
    SA_ONSTACK = 0x08000000,
    SA_RESTART = 0x10000000,
    SA_NODEFER = 0x40000000,
};
#define SA_RESETHAND 0x80000000u

/* What sigprocmask() does.  Source: the same. */
enum { SIG_BLOCK = 0, SIG_UNBLOCK = 1, SIG_SETMASK = 2 };

/* What a program wants done with a signal, as rt_sigaction hands it over. */
struct signal_action {
    vaddr_t handler; /* SIG_DFL, SIG_IGN, or a function */
    unsigned long flags;
    vaddr_t restorer;
    u64 mask;
};

/* What a handler is told: the kernel's own form of siginfo. */
struct signal_info {
    int signal;
    int code;
    int pid;             /* who sent it, or which child */
    u32 uid;             /* always 0, unless sigqueue() says otherwise */
    int status;          /* of the child */
    struct run_time run; /* how long it ran */
    u64 value;           /* the fault's address, or sigqueue()'s value */
};

/* As programs know it.  Source: sigaction(2), Linux uapi asm-generic/siginfo.h. */
struct abi_siginfo {
    int signal, error, code;
    union {
        struct {
            int pid;
            u32 uid;
            union {
                struct {
                    int status;
                    long user, system; /* ticks */
                } child;
                unsigned long value;
            };
        };
        unsigned long address;
        int fill[(128 - 2 * sizeof(long) - (sizeof(long) == 4 ? 4 : 0)) / sizeof(int)];
    };
};

static_assert(sizeof(struct abi_siginfo) == 128, "as programs know it");

/* The set that holds @signal alone. */
static inline u64 signal_bit(int signal) { return 1ull << (signal - 1); }

#define SIGNALS_UNBLOCKABLE (signal_bit(SIGKILL) | signal_bit(SIGSTOP))

/* Make the cache of queued signals. */
void signal_init(void);

/* --- sending: kernel/signal_send.c ----------------------------------------------------------- */

/* Room for one signal in a queue: taken before tasks_lock, since memory's locks come first. */
struct signal_entry;
struct signal_entry *signal_entry_alloc(void) MUST_CHECK; /* NULL: no memory.  Sleeps. */
void signal_entry_free(struct signal_entry *entry);       /* NULL is fine */
/* Put @entry, which is not needed, on the list @freed, for signal_free_list(). */
void signal_entry_discard(struct signal_entry *entry, struct list_node *freed);

/*
 * Send @info to @process, or if that is not NULL to its thread @task alone.  *@entry, if there is
 * one, is used for it and then NULL; without, only the fact that it was sent is kept.
 *
 * Returns: 0; -EAGAIN: a real-time signal without an entry.
 */
int signal_send_locked(struct process *process, struct task *task, const struct signal_info *info,
                       struct signal_entry **entry) MUST_HOLD(tasks_lock);

/* As signal_send_locked(), which see.  Sleeps. */
int signal_send(struct process *process, struct task *task, const struct signal_info *info);

/*
 * The current thread's own instruction raised @info: its handler is called, or if it has none, or
 * blocks or ignores it, the process ends.  Sleeps.
 */
void signal_force(const struct signal_info *info);

/* Free the signals of @set in @queue that wait there.  They are moved to @freed. */
void signal_discard(struct signal_queue *queue, u64 set, struct list_node *freed)
    MUST_HOLD(tasks_lock);
void signal_free_list(struct list_node *freed);

/*
 * Take the next signal out of those of @set that wait for the current thread.
 * Returns: its number, 0: there is none.  *@entry is to be freed.
 */
int signal_take(u64 set, struct signal_info *info, struct signal_entry **entry)
    MUST_HOLD(tasks_lock);

/* The same, freeing what there is to free.  Sleeps. */
int signal_take_one(u64 set, struct signal_info *info);

/* What waits for @task, blocked or not. */
u64 signal_waiting(const struct task *task) MUST_HOLD(tasks_lock);

/* Does one of @set wait for the current thread? */
bool signal_waits(u64 set);

/* Woken whenever a signal comes to wait for the current process or one of its threads. */
struct wait_queue *signal_news(void);

/* Look anew whether @task, the current one, has something to do before it goes to user mode. */
void signal_update(struct task *task) MUST_HOLD(tasks_lock);

/* Make @task see to its signals soon, even if it sleeps; @fatal: if it sleeps killably, too. */
void signal_notify(struct task *task, bool fatal) MUST_HOLD(tasks_lock);

/* Is @signal, sent to @process, of no effect there? */
bool signal_is_ignored(const struct process *process, int signal) MUST_HOLD(tasks_lock);

/* Let @signal be handled as @wanted says; NULL: as before.  Returns: what was done before. */
struct signal_action signal_change_action(int signal, const struct signal_action *wanted);

/* What waits for the current thread, and is blocked. */
u64 signal_blocked_waiting(void);

/* Block @blocked and nothing else, until delivery brings back what was blocked before. */
void signal_put_aside_blocked(u64 blocked);

/* Block @blocked, and nothing else, for the current thread. */
void signal_set_blocked(u64 blocked);

/* A set of signals as a system call is given it, with its size; @set NULL: none. */
struct signal_set_argument {
    const u64 __user *set;
    size_t bytes;
};

/*
 * For a system call that waits with other signals blocked: block @mask and nothing else (NULL in
 * it: change nothing).  When it has waited, signal_swap_back(); @interrupted: a signal came, and
 * the old set comes back only when its handler has begun, or there is none.
 * Returns: 0, -EINVAL, -EFAULT.
 */
int signal_swap_blocked(const struct signal_set_argument *mask) MUST_CHECK;
void signal_swap_back(const struct signal_set_argument *mask, bool interrupted);

/* --- delivery: kernel/signal_deliver.c ------------------------------------------------------- */

/*
 * Do what is left to do for the current thread, before it goes to user mode with @frame: end,
 * stop, call a handler, start an interrupted system call again.  May not return.  Interrupts on.
 */
void signal_work(struct trapframe *frame);

/* All threads of @process have stopped: its parent is told. */
void signal_stop_complete(struct process *process) MUST_HOLD(tasks_lock);

/* A signal's meaning in words: "segmentation fault". */
const char *signal_name(int signal);

/* A new program starts: what had a handler has none now, what was ignored still is. */
void process_reset_signals(struct process *process);

/* Did an instruction of the thread's own raise it? */
bool signal_is_fault(const struct signal_info *info);

/* What programs see of @info. */
void signal_info_write(struct abi_siginfo *to, const struct signal_info *info);

#endif
