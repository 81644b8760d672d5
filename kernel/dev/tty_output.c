/*
 * The line discipline's second half: what programs write, on its way to the far end.
 */
#include "kernel/dev/tty.h"
#include "kernel/fs/iov.h"
#include "kernel/signal.h"
#include "kernel/task.h"
#include "lib/errno.h"
#include "lib/minmax.h"
#include "lib/string.h"

enum { CHUNK_BYTES = 96, TAB_WIDTH = 8 };

static size_t put_newline(struct tty *tty, char *out) MUST_HOLD(tty->lock)
{
    u32 flags = tty->settings.output;
    size_t count = 0;
    if (flags & (ONLCR | ONLRET))
        tty->column = 0;
    if (flags & ONLCR)
        out[count++] = '\r';
    out[count++] = '\n';
    return count;
}

static size_t put_return(struct tty *tty, char *out) MUST_HOLD(tty->lock)
{
    u32 flags = tty->settings.output;
    if (flags & ONOCR && tty->column == 0)
        return 0;
    *out = flags & OCRNL ? '\n' : '\r';
    if (!(flags & OCRNL) || flags & ONLRET)
        tty->column = 0;
    return 1;
}

static size_t put_tab(struct tty *tty, char *out) MUST_HOLD(tty->lock)
{
    u32 spaces = TAB_WIDTH - tty->column % TAB_WIDTH;
    tty->column += spaces;
    if ((tty->settings.output & TABDLY) != TABDLY) {
        *out = '\t';
        return 1;
    }
    memset(out, ' ', spaces);
    return spaces;
}

size_t tty_process(struct tty *tty, u8 byte, char *out)
{
    *out = (char)byte;
    if (!(tty->settings.output & OPOST))
        return 1;
    switch (byte) {
    case '\n':
        return put_newline(tty, out);
    case '\r':
        return put_return(tty, out);
    case '\t':
        return put_tab(tty, out);
    case '\b':
        tty->column -= tty->column > 0;
        return 1;
    default:
        if (tty->settings.output & OLCUC && byte >= 'a' && byte <= 'z')
            *out = (char)(byte - 'a' + 'A');
        tty->column += byte >= ' ' && byte != 0x7f && (byte & 0xc0) != 0x80;
        return 1;
    }
}

void tty_set_stopped(struct tty *tty, bool stopped)
{
    if (tty->is_stopped != stopped)
        tty_tell(tty, stopped ? TIOCPKT_STOP : TIOCPKT_START);
    tty->is_stopped = stopped;
    if (!stopped)
        wake_up(&tty->writable);
}

static bool can_take(struct tty *tty) MUST_HOLD(tty->lock)
{
    return !tty->is_stopped && tty->driver->room(tty) >= TTY_OUTPUT_MAX;
}

bool tty_writable(struct tty *tty)
{
    irqflags_t flags = spin_lock_irqsave(&tty->lock);
    bool writable = can_take(tty);
    spin_unlock_irqrestore(&tty->lock, flags);
    return writable;
}

/* What the far end says is input, unless there is no room for it. */
static void take_answer(struct tty *tty)
{
    char bytes[32];
    size_t count = tty->driver->answer(tty, bytes, sizeof(bytes));
    if (count && count <= tty_input_room(tty))
        tty_input(tty, (const u8 *)bytes, count);
}

/* Hand over what there is room for.  Returns: how many of @count bytes. */
static size_t put_some(struct tty *tty, const char *bytes, size_t count)
{
    char out[2 * CHUNK_BYTES];
    size_t done = 0, used = 0;
    irqflags_t flags = spin_lock_irqsave(&tty->lock);
    if (can_take(tty)) {
        size_t room = min_of(size_t, tty->driver->room(tty), sizeof(out));
        while (done < count && used + TTY_OUTPUT_MAX <= room)
            used += tty_process(tty, (u8)bytes[done++], out + used);
        tty->driver->write(tty, out, used);
    }
    spin_unlock_irqrestore(&tty->lock, flags);
    if (tty->driver->answer)
        take_answer(tty);
    return done;
}

/* Write all of a chunk.  Returns: how much; fewer: *@error says why. */
static size_t put_all(struct tty *tty, const char *bytes, size_t count, long *error)
{
    size_t done = 0;
    bool nonblock = *error;
    u32 hangups = READ_ONCE(tty->hangups);
    *error = 0;
    for (;;) {
        done += put_some(tty, bytes + done, count - done);
        if (done == count)
            return done;
        if (nonblock)
            *error = -EAGAIN;
        else if (wait_event_interruptible(&tty->writable,
                                          tty_writable(tty) || READ_ONCE(tty->hangups) != hangups))
            *error = -ERESTART;
        else if (READ_ONCE(tty->hangups) != hangups)
            *error = -EIO;
        if (*error)
            return done;
    }
}

ssize_t tty_write(struct tty *tty, struct iov *from, bool nonblock)
{
    size_t total = 0;
    long error = tty->settings.local & TOSTOP ? tty_check_foreground(tty, SIGTTOU) : 0;
    while (from->left && !error) {
        char chunk[CHUNK_BYTES];
        size_t wanted = min(from->left, sizeof(chunk));
        size_t got = iov_take(from, chunk, wanted);
        error = nonblock;
        total += put_all(tty, chunk, got, &error);
        if (!error && got < wanted)
            error = -EFAULT;
    }
    return total ? (ssize_t)total : error;
}
