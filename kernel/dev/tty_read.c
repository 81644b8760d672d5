/*
 * Reading from a terminal.
 *
 *     ICANON          | a line, or what fits of it
 *     VMIN 0, VTIME 0 | what is there, perhaps nothing
 *     VMIN 0, VTIME t | the same, but wait up to t tenths of a second for the first byte
 *     VMIN n, VTIME 0 | wait for n bytes, or as many as were asked for
 *     VMIN n, VTIME t | the same, but once there is one wait no longer than t for the next
 */
#include "kernel/dev/tty.h"
#include "kernel/fs/iov.h"
#include "kernel/signal.h"
#include "kernel/task.h"
#include "kernel/time.h"
#include "lib/errno.h"
#include "lib/minmax.h"

enum { CHUNK_BYTES = 128, TENTH_NS = 100000000 };

/* One read(2) on its way. */
struct reading {
    struct tty *tty;
    struct iov *to;
    size_t total;
    bool is_done; /* it need not wait for more */
};

static bool is_readable(const struct tty *tty) { return tty->read_at != tty->line_at; }

size_t tty_readable(struct tty *tty)
{
    irqflags_t flags = spin_lock_irqsave(&tty->lock);
    size_t count = tty->line_at - tty->read_at;
    spin_unlock_irqrestore(&tty->lock, flags);
    return count;
}

bool tty_can_read(struct tty *tty)
{
    irqflags_t flags = spin_lock_irqsave(&tty->lock);
    const struct tty_settings *settings = &tty->settings;
    u32 wanted = settings->local & ICANON || settings->characters[VTIME]
                     ? 1
                     : max_of(u32, settings->characters[VMIN], 1);
    bool result = tty->line_at - tty->read_at >= wanted;
    spin_unlock_irqrestore(&tty->lock, flags);
    return result;
}

size_t tty_input_count(struct tty *tty)
{
    size_t count = 0;
    irqflags_t flags = spin_lock_irqsave(&tty->lock);
    for (u32 at = tty->read_at; at != tty->line_at; at++) {
        size_t place = at % TTY_INPUT_BYTES;
        count += tty->bytes[place] || !bitmap_test(tty->line_ends, place);
    }
    spin_unlock_irqrestore(&tty->lock, flags);
    return count;
}

/* Take up to @count bytes, a line's at most; *@ended: a line has come to its end. */
static size_t take(struct tty *tty, char *to, size_t count, bool *ended)
{
    size_t copied = 0;
    *ended = false;
    irqflags_t flags = spin_lock_irqsave(&tty->lock);
    bool by_lines = tty->settings.local & ICANON;
    while (copied < count && is_readable(tty) && !*ended) {
        size_t at = tty->read_at++ % TTY_INPUT_BYTES;
        bool is_mark = bitmap_test(tty->line_ends, at);
        if (!is_mark || tty->bytes[at])
            to[copied++] = (char)tty->bytes[at];
        *ended = is_mark && by_lines;
    }
    /* An end of file right behind what was asked for belongs to it. */
    size_t next = tty->read_at % TTY_INPUT_BYTES;
    if (by_lines && copied && !*ended && is_readable(tty) && !tty->bytes[next] &&
        bitmap_test(tty->line_ends, next)) {
        tty->read_at++;
        *ended = true;
    }
    spin_unlock_irqrestore(&tty->lock, flags);
    return copied;
}

/* Copy what can be read now.  0 or -EFAULT. */
static int copy_some(struct reading *reading)
{
    char chunk[CHUNK_BYTES];
    struct tty *tty = reading->tty;
    bool by_lines = tty->settings.local & ICANON;
    bool ended = false, any = false;
    while (reading->to->left && !ended && tty_readable(tty)) {
        size_t got = take(tty, chunk, min(reading->to->left, sizeof(chunk)), &ended);
        size_t done = iov_put(reading->to, chunk, got);
        reading->total += done;
        any = true;
        if (done < got)
            return reading->total ? 0 : -EFAULT;
    }
    if (any && tty->driver->resume)
        tty->driver->resume(tty);
    if (ended || (by_lines && any) || !reading->to->left)
        reading->is_done = true;
    return 0;
}

/* How long the settings want to wait, having read something or not; 0: not at all. */
static u64 patience_ns(const struct reading *reading)
{
    const struct tty *tty = reading->tty;
    const u8 *characters = tty->settings.characters;
    u64 time = characters[VTIME] * (u64)TENTH_NS;
    if (tty->settings.local & ICANON)
        return NEVER_NS;
    if (!characters[VMIN])
        return reading->total ? 0 : time;
    if (reading->total >= characters[VMIN])
        return 0;
    return reading->total && time ? time : NEVER_NS;
}

/* Wait for more.  0: perhaps there is; else what the read has come to, if it has nothing. */
static long wait_for_more(struct reading *reading, u64 ns, bool nonblock)
{
    struct tty *tty = reading->tty;
    u32 hangups = READ_ONCE(tty->hangups);
    if (nonblock)
        return -EAGAIN;
    u64 deadline_ns = ns == NEVER_NS ? NEVER_NS : time_now_ns() + ns;
    int error = wait_event_interruptible_until(
        &tty->readable, tty_readable(tty) || READ_ONCE(tty->hangups) != hangups, deadline_ns);
    return error == -EINTR ? -ERESTART : error;
}

ssize_t tty_read(struct tty *tty, struct iov *to, bool nonblock)
{
    struct reading reading = { .tty = tty, .to = to };
    u32 hangups = READ_ONCE(tty->hangups);
    if (!to->left)
        return 0;
    long error = tty_check_foreground(tty, SIGTTIN);
    while (!error) {
        error = copy_some(&reading);
        if (error || reading.is_done || READ_ONCE(tty->hangups) != hangups)
            break;
        u64 ns = patience_ns(&reading);
        if (!ns)
            break;
        error = wait_for_more(&reading, ns, nonblock);
    }
    return reading.total || error == -ETIMEDOUT ? (ssize_t)reading.total : error;
}
