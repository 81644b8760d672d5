/*
 * Whose terminal it is: sessions, the group in the foreground, hanging up.
 *
 *     tty->session  ---- the number of the session it controls; its leader took it
 *     tty->foreground -- the group that may read it, and gets its keys' signals
 *
 * No process points at a terminal: its controlling terminal is the one whose session is its own.
 * All of it is under tasks_lock.
 */
#include "kernel/dev/tty.h"
#include "kernel/job.h"
#include "kernel/pid.h"
#include "kernel/process.h"
#include "kernel/task.h"
#include "lib/errno.h"

static LIST(all_ttys); /* those that control a session, or did; under tasks_lock */

/* The terminal of @session, or NULL. */
static struct tty *find(int session) MUST_HOLD(tasks_lock)
{
    struct tty *tty;
    list_for_each_entry (tty, &all_ttys, all_node) {
        if (tty->session == session)
            return tty;
    }
    return NULL;
}

/* @process's controlling terminal, or NULL. */
static struct tty *terminal_of(const struct process *process) MUST_HOLD(tasks_lock)
{
    return process->session && !process->left_tty ? find(process->session) : NULL;
}

void tty_describe(const struct process *process, u32 *device, int *foreground)
{
    const struct tty *tty = terminal_of(process);
    *device = tty ? tty->device : 0;
    *foreground = tty ? tty->foreground : -1;
}

struct tty *tty_current(void)
{
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    struct tty *tty = current->process ? terminal_of(current->process) : NULL;
    if (tty)
        tty_get(tty);
    spin_unlock_irqrestore(&tasks_lock, flags);
    return tty;
}

/* As tty_check_foreground(), which see. */
static int check(struct tty *tty, int signal) MUST_HOLD(tasks_lock)
{
    const struct process *process = current->process;
    if (!process || terminal_of(process) != tty || process->group == tty->foreground ||
        !tty->foreground)
        return 0;
    bool deaf =
        process->actions[signal].handler == SIG_IGN || current->blocked & signal_bit(signal);
    if (deaf)
        return signal == SIGTTIN ? -EIO : 0;
    if (group_is_orphaned(process->group, NULL))
        return -EIO;
    group_signal(process->group, signal);
    WRITE_ONCE(current->signal_pending, true); /* it may have gone to another thread alone */
    return -ERESTART;
}

int tty_check_foreground(struct tty *tty, int signal)
{
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    int result = check(tty, signal);
    spin_unlock_irqrestore(&tasks_lock, flags);
    return result;
}

void tty_signal(struct tty *tty, int signal)
{
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    if (tty->foreground)
        group_signal(tty->foreground, signal);
    spin_unlock_irqrestore(&tasks_lock, flags);
}

/* --- taking and leaving ---------------------------------------------------------------------- */

static void give(struct tty *tty, const struct process *leader) MUST_HOLD(tasks_lock)
{
    if (list_empty(&tty->all_node))
        list_add_tail(&tty->all_node, &all_ttys);
    tty->session = leader->session;
    tty->foreground = leader->group;
}

static void set_free(struct tty *tty) MUST_HOLD(tasks_lock) { tty->session = tty->foreground = 0; }

static int take(struct tty *tty, bool steal) MUST_HOLD(tasks_lock)
{
    struct process *here = current->process;
    bool leads = here->session == here->pid;
    if (leads && tty->session == here->session)
        return 0;
    if (!leads || terminal_of(here) || (tty->session && !steal))
        return -EPERM;
    here->left_tty = false;
    give(tty, here);
    return 0;
}

int tty_take(struct tty *tty, bool steal)
{
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    int result = take(tty, steal);
    spin_unlock_irqrestore(&tasks_lock, flags);
    return result;
}

void tty_take_if_free(struct tty *tty)
{
    int error = current->process ? tty_take(tty, false) : 0;
    (void)error; /* it is another session's, or we lead none: then it is not ours */
}

int tty_leave(struct tty *tty)
{
    struct process *here = current->process;
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    bool is_ours = terminal_of(here) == tty;
    if (is_ours && here->session == here->pid) {
        group_signal(tty->foreground, SIGHUP);
        group_signal(tty->foreground, SIGCONT);
        set_free(tty);
    } else if (is_ours) {
        here->left_tty = true;
    }
    spin_unlock_irqrestore(&tasks_lock, flags);
    return is_ours ? 0 : -ENOTTY;
}

/* --- groups ---------------------------------------------------------------------------------- */

static bool may_ask(const struct tty *tty, bool by_master) MUST_HOLD(tasks_lock)
{
    return by_master || terminal_of(current->process) == tty;
}

long tty_get_foreground(struct tty *tty, bool by_master)
{
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    long result = may_ask(tty, by_master) ? tty->foreground : -ENOTTY;
    spin_unlock_irqrestore(&tasks_lock, flags);
    return result;
}

long tty_get_session(struct tty *tty, bool by_master)
{
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    long result = may_ask(tty, by_master) && tty->session ? tty->session : -ENOTTY;
    spin_unlock_irqrestore(&tasks_lock, flags);
    return result;
}

/* Is there a group @group in @session?  -ESRCH: nowhere; -EPERM: in another one. */
static int find_group(int group, int session) MUST_HOLD(tasks_lock)
{
    struct process *process;
    int result = -ESRCH;
    for_each_process (process) {
        if (process->group != group)
            continue;
        if (process->session == session)
            return 0;
        result = -EPERM;
    }
    return result;
}

int tty_set_foreground(struct tty *tty, int group)
{
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    int result = check(tty, SIGTTOU);
    if (!result && terminal_of(current->process) != tty)
        result = -ENOTTY;
    if (!result)
        result = group < 0 ? -EINVAL : find_group(group, tty->session);
    if (!result)
        tty->foreground = group;
    spin_unlock_irqrestore(&tasks_lock, flags);
    return result;
}

/* --- the end --------------------------------------------------------------------------------- */

static void cut(struct tty *tty)
{
    irqflags_t flags = spin_lock_irqsave(&tty->lock);
    WRITE_ONCE(tty->hangups, tty->hangups + 1);
    tty_flush_input(tty);
    tty_set_stopped(tty, false);
    spin_unlock_irqrestore(&tty->lock, flags);
    wake_up(&tty->readable);
    wake_up(&tty->writable);
}

bool tty_session_leave(const struct process *process)
{
    struct tty *tty = process->pid == PID_INIT ? find(process->session) : NULL;
    if (tty)
        set_free(tty);
    return tty;
}

void tty_session_ends(int session)
{
    struct tty *tty = find(session);
    if (!tty)
        return;
    cut(tty);
    group_signal(tty->foreground, SIGHUP);
    set_free(tty);
}

void tty_hangup(struct tty *tty)
{
    struct process *leader;
    struct signal_entry *none = NULL;
    struct signal_info hup = { .signal = SIGHUP, .code = SI_KERNEL };
    struct signal_info cont = { .signal = SIGCONT, .code = SI_KERNEL };
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    cut(tty);
    leader = tty->session ? process_lookup(tty->session) : NULL;
    if (leader) {
        (void)signal_send_locked(leader, NULL, &hup, &none);
        (void)signal_send_locked(leader, NULL, &cont, &none);
    }
    if (tty->foreground && (!leader || tty->foreground != leader->group))
        group_signal(tty->foreground, SIGHUP);
    set_free(tty);
    spin_unlock_irqrestore(&tasks_lock, flags);
}
