/*
 * Pseudo-terminals: the ring between slave and master, and who is still there.
 */
#include "kernel/dev/pty.h"

#include "kernel/fs/iov.h"
#include "kernel/fs/poll.h"
#include "lib/errno.h"
#include "lib/minmax.h"
#include "lib/string.h"
#include "mm/kmalloc.h"

enum { RING_BYTES = 8192, CHUNK_BYTES = 128 };

/* (c) constant; (l) under tty.lock; (p) under pty_lock */
struct pty {
    struct tty tty;
    unsigned number; /* (c) */
    bool is_locked;  /* (l) TIOCSPTLCK */
    bool has_master; /* (l) */
    bool was_open;   /* (l) a slave was, since the last master's -EIO */
    bool is_packet;  /* (l) TIOCPKT: each read begins with a byte that says what it is */
    u8 news;         /* (l) what that says next: enum tty_news */
    unsigned slaves; /* (l) how often it is open */
    u32 head, tail;  /* (l) bytes the slave ever wrote, the master ever read */
    struct wait_queue master_readable, master_writable;
    char ring[RING_BYTES]; /* (l) */
};

static SPINLOCK(pty_lock, RANK_FS);
static struct pty *ptys[PTYS_MAX]; /* (p) those with a master */

static struct pty *pty_of(const struct tty *tty) { return container_of(tty, struct pty, tty); }

/* --- the driver: the slave's far end --------------------------------------------------------- */

static size_t ring_room(struct tty *tty)
{
    const struct pty *pty = pty_of(tty);
    return RING_BYTES - (pty->head - pty->tail);
}

static void ring_write(struct tty *tty, const char *bytes, size_t count)
{
    struct pty *pty = pty_of(tty);
    count = min(count, ring_room(tty));
    for (size_t i = 0; i < count; i++)
        pty->ring[pty->head++ % RING_BYTES] = bytes[i];
    if (count)
        wake_up(&pty->master_readable);
}

static void input_has_room(struct tty *tty) { wake_up(&pty_of(tty)->master_writable); }
static void destroy(struct tty *tty) { kfree(pty_of(tty)); }

/* Of two that contradict each other the newer one counts. */
static void tell(struct tty *tty, unsigned news)
{
    struct pty *pty = pty_of(tty);
    if (!pty->is_packet)
        return;
    if (news & (TIOCPKT_STOP | TIOCPKT_START))
        pty->news &= (u8) ~(TIOCPKT_STOP | TIOCPKT_START);
    if (news & (TIOCPKT_NOSTOP | TIOCPKT_DOSTOP))
        pty->news &= (u8) ~(TIOCPKT_NOSTOP | TIOCPKT_DOSTOP);
    pty->news |= (u8)news;
    wake_up(&pty->master_readable);
}

static const struct tty_driver pty_driver = {
    .room = ring_room,
    .write = ring_write,
    .resume = input_has_room,
    .tell = tell,
    .destroy = destroy,
};

bool tty_is_pty(const struct tty *tty) { return tty->driver == &pty_driver; }

/* --- made, found, closed --------------------------------------------------------------------- */

/* Give @pty a number.  -ENOSPC: there is none. */
static int enter(struct pty *pty)
{
    int result = -ENOSPC;
    spin_lock(&pty_lock);
    for (unsigned number = 0; number < PTYS_MAX && result; number++) {
        if (ptys[number])
            continue;
        ptys[number] = pty;
        pty->number = number;
        result = 0;
    }
    spin_unlock(&pty_lock);
    return result;
}

int pty_create(struct tty **result)
{
    struct pty *pty = kzalloc(sizeof(*pty), GFP_KERNEL);
    if (!pty)
        return -ENOMEM;
    tty_init(&pty->tty, &pty_driver);
    pty->tty.settings = (struct tty_settings){ TTY_SETTINGS_MEMBERS, .input = ICRNL | IXON };
    wait_queue_init(&pty->master_readable);
    wait_queue_init(&pty->master_writable);
    pty->is_locked = pty->has_master = true;
    int error = enter(pty);
    if (error) {
        kfree(pty);
        return error;
    }
    pty->tty.device = PTY_MAJOR << 8 | pty->number;
    *result = &pty->tty;
    return 0;
}

struct tty *pty_find(unsigned number)
{
    spin_lock(&pty_lock);
    struct pty *pty = number < PTYS_MAX ? ptys[number] : NULL;
    if (pty)
        tty_get(&pty->tty); /* its master has one while it is listed */
    spin_unlock(&pty_lock);
    return pty ? &pty->tty : NULL;
}

int pty_slave_opened(struct tty *tty)
{
    struct pty *pty = pty_of(tty);
    irqflags_t flags = spin_lock_irqsave(&tty->lock);
    bool may = pty->has_master && !pty->is_locked;
    if (may) {
        pty->slaves++;
        pty->was_open = true;
    }
    spin_unlock_irqrestore(&tty->lock, flags);
    return may ? 0 : -EIO;
}

void pty_slave_closed(struct tty *tty)
{
    struct pty *pty = pty_of(tty);
    irqflags_t flags = spin_lock_irqsave(&tty->lock);
    pty->slaves--;
    spin_unlock_irqrestore(&tty->lock, flags);
    wake_up(&pty->master_readable);
    wake_up(&pty->master_writable);
}

void pty_master_closed(struct tty *tty)
{
    struct pty *pty = pty_of(tty);
    spin_lock(&pty_lock);
    ptys[pty->number] = NULL;
    spin_unlock(&pty_lock);
    irqflags_t flags = spin_lock_irqsave(&tty->lock);
    pty->has_master = false;
    spin_unlock_irqrestore(&tty->lock, flags);
    tty_hangup(tty);
}

unsigned pty_number(const struct tty *tty) { return pty_of(tty)->number; }
bool pty_is_locked(const struct tty *tty) { return READ_ONCE(pty_of(tty)->is_locked); }
void pty_set_locked(struct tty *tty, bool locked) { WRITE_ONCE(pty_of(tty)->is_locked, locked); }

bool pty_is_packet(const struct tty *tty) { return READ_ONCE(pty_of(tty)->is_packet); }

void pty_set_packet(struct tty *tty, bool packet)
{
    struct pty *pty = pty_of(tty);
    irqflags_t flags = spin_lock_irqsave(&tty->lock);
    if (packet != pty->is_packet)
        pty->news = 0;
    WRITE_ONCE(pty->is_packet, packet);
    spin_unlock_irqrestore(&tty->lock, flags);
}

/* --- the master ------------------------------------------------------------------------------ */

size_t pty_output_count(struct tty *tty)
{
    irqflags_t flags = spin_lock_irqsave(&tty->lock);
    size_t count = pty_of(tty)->head - pty_of(tty)->tail;
    spin_unlock_irqrestore(&tty->lock, flags);
    return count;
}

/* Was the slave open, and is no more? */
static bool is_left(struct pty *pty)
{
    irqflags_t flags = spin_lock_irqsave(&pty->tty.lock);
    bool left = pty->was_open && !pty->slaves;
    spin_unlock_irqrestore(&pty->tty.lock, flags);
    return left;
}

/* Take up to @count bytes of what the slave wrote. */
static size_t take(struct pty *pty, char *to, size_t count)
{
    size_t taken = 0;
    irqflags_t flags = spin_lock_irqsave(&pty->tty.lock);
    while (taken < count && pty->tail != pty->head)
        to[taken++] = pty->ring[pty->tail++ % RING_BYTES];
    spin_unlock_irqrestore(&pty->tty.lock, flags);
    return taken;
}

/* Is there something to read for the master? */
static bool has_output(struct pty *pty)
{
    return READ_ONCE(pty->news) || pty_output_count(&pty->tty);
}

/* Give all of what the slave wrote that @to has room for. */
static ssize_t give(struct pty *pty, struct iov *to)
{
    size_t total = 0;
    while (to->left) {
        char chunk[CHUNK_BYTES];
        size_t got = take(pty, chunk, min(to->left, sizeof(chunk)));
        size_t done = iov_put(to, chunk, got);
        total += done;
        if (done < got)
            return total ? (ssize_t)total : -EFAULT;
        if (!got)
            break;
    }
    return (ssize_t)total;
}

/* The news, or a zero and then what the slave wrote. */
static ssize_t give_packet(struct pty *pty, struct iov *to)
{
    irqflags_t flags = spin_lock_irqsave(&pty->tty.lock);
    const u8 news = pty->news;
    pty->news = 0;
    spin_unlock_irqrestore(&pty->tty.lock, flags);
    if (!iov_put(to, &news, 1))
        return -EFAULT;
    const ssize_t more = news ? 0 : give(pty, to);
    return more < 0 ? more : more + 1;
}

ssize_t pty_master_read(struct tty *tty, struct iov *to, bool nonblock)
{
    struct pty *pty = pty_of(tty);
    ssize_t done = 0;
    while (to->left && !done) {
        if (!has_output(pty)) {
            if (is_left(pty) && !has_output(pty))
                return -EIO;
            if (nonblock)
                return -EAGAIN;
            if (wait_event_interruptible(&pty->master_readable, has_output(pty) || is_left(pty)))
                return -ERESTART;
            continue;
        }
        done = pty_is_packet(tty) ? give_packet(pty, to) : give(pty, to);
    }
    wake_up(&tty->writable);
    return done;
}

ssize_t pty_master_write(struct tty *tty, struct iov *from, bool nonblock)
{
    struct pty *pty = pty_of(tty);
    size_t total = 0;
    while (from->left) {
        char chunk[CHUNK_BYTES];
        size_t room = tty_input_room(tty);
        if (is_left(pty))
            return total ? (ssize_t)total : -EIO;
        if (!room) {
            if (total || nonblock)
                return total ? (ssize_t)total : -EAGAIN;
            if (wait_event_interruptible(&pty->master_writable,
                                         tty_input_room(tty) || is_left(pty)))
                return -ERESTART;
            continue;
        }
        room = min(room, sizeof(chunk));
        size_t wanted = min(from->left, room);
        size_t got = iov_take(from, chunk, wanted);
        tty_input(tty, (const u8 *)chunk, got);
        total += got;
        if (got < wanted)
            return total ? (ssize_t)total : -EFAULT;
    }
    return (ssize_t)total;
}

u32 pty_master_poll(struct tty *tty, struct poll_table *table)
{
    struct pty *pty = pty_of(tty);
    poll_on(table, &pty->master_readable);
    poll_on(table, &pty->master_writable);
    u32 events = has_output(pty) ? POLL_READABLE : 0;
    if (READ_ONCE(pty->news))
        events |= POLLPRI;
    if (is_left(pty))
        events |= POLLHUP;
    if (tty_input_room(tty))
        events |= POLL_WRITABLE;
    return events;
}
