/*
 * The line discipline's first half: how keys edit a line.  The keys are those of termios.
 *
 *     key, by default  | what happens
 *    ------------------+--------------------------------------------------------
 *     Enter            | the line can be read, newline included
 *     ^D VEOF          | the line can be read as it stands; an empty one: end of file
 *     Backspace VERASE | the last character goes
 *     ^W VWERASE       | the last word goes
 *     ^U VKILL         | the whole line goes
 *     ^R VREPRINT      | the line is shown again
 *     ^V VLNEXT        | the next key is not looked at, it joins the line
 *     ^C ^\ ^Z         | a signal to the group in the foreground; all input is forgotten
 *     ^S ^Q            | output stops, output goes on
 *     any other        | joins the line, if it is not too long; ^X stands for a control character
 *
 * Without ICANON each byte can be read at once, and the keys from Enter to ^V are no keys.
 */
#include "kernel/dev/tty.h"
#include "kernel/signal.h"

enum {
    LINE_BYTES_MAX = 4095, /* without the newline */
    END_MARK = '\0',       /* what VEOF leaves as the line's last byte */
    TAB_WIDTH = 8,
};

/* What comes of some input: under tty->lock until it is done, then the signals are sent. */
struct work {
    struct tty *tty;
    u64 signals; /* signal_bit() each */
    size_t count;
    char bytes[128]; /* to be shown */
};

/* --- echo ------------------------------------------------------------------------------------ */

static void flush_echo(struct work *work) MUST_HOLD(work->tty->lock)
{
    work->tty->driver->write(work->tty, work->bytes, work->count);
    work->count = 0;
}

static void echo_raw(struct work *work, u8 byte) MUST_HOLD(work->tty->lock)
{
    if (work->count + TTY_OUTPUT_MAX > sizeof(work->bytes))
        flush_echo(work);
    work->count += tty_process(work->tty, byte, work->bytes + work->count);
}

static bool is_on(const struct tty *tty, u32 local)
{
    return (tty->settings.local & local) == local;
}
static bool is_control(u8 byte) { return byte < ' ' || byte == 0x7f; }
static bool is_utf8_tail(const struct tty *tty, u8 byte)
{
    return tty->settings.input & IUTF8 && (byte & 0xc0) == 0x80;
}

static void echo_byte(struct work *work, u8 byte) MUST_HOLD(work->tty->lock)
{
    bool shows_name = is_control(byte) && byte != '\t' && is_on(work->tty, ECHOCTL);
    if (shows_name)
        echo_raw(work, '^');
    echo_raw(work, shows_name ? byte ^ 0x40 : byte);
}

/* How many columns @byte takes when it is echoed at @column. */
static unsigned width(const struct tty *tty, u8 byte, u32 column)
{
    if (byte == '\t')
        return TAB_WIDTH - column % TAB_WIDTH;
    if (is_control(byte))
        return is_on(tty, ECHOCTL) ? 2 : 0;
    return is_utf8_tail(tty, byte) ? 0 : 1;
}

/* The column behind the line as it is edited now. */
static u32 column_of_line(const struct tty *tty)
{
    u32 column = tty->line_column;
    for (u32 at = tty->line_at; at != tty->end; at++)
        column += width(tty, tty->bytes[at % TTY_INPUT_BYTES], column);
    return column;
}

/* --- editing --------------------------------------------------------------------------------- */

static u8 last_byte(const struct tty *tty) { return tty->bytes[(tty->end - 1) % TTY_INPUT_BYTES]; }

/* Take the line's last character back. */
static void drop_one(struct tty *tty)
{
    u8 byte;
    do {
        byte = last_byte(tty);
        tty->end--;
    } while (is_utf8_tail(tty, byte) && tty->end != tty->line_at);
}

/* From the screen as well. */
static void erase_one(struct work *work) MUST_HOLD(work->tty->lock)
{
    struct tty *tty = work->tty;
    u32 before = column_of_line(tty);
    u8 byte = last_byte(tty);
    drop_one(tty);
    if (!is_on(tty, ECHO))
        return;
    u32 columns = before - column_of_line(tty);
    for (u32 i = 0; i < columns; i++) {
        echo_raw(work, '\b');
        if (byte != '\t') { /* that is blank already */
            echo_raw(work, ' ');
            echo_raw(work, '\b');
        }
    }
}

static void erase_character(struct work *work, u8 key) MUST_HOLD(work->tty->lock)
{
    struct tty *tty = work->tty;
    if (tty->end == tty->line_at)
        return;
    if (is_on(tty, ECHOE)) {
        erase_one(work);
        return;
    }
    drop_one(tty);
    if (is_on(tty, ECHO))
        echo_byte(work, key);
}

static void erase_line(struct work *work, u8 key) MUST_HOLD(work->tty->lock)
{
    struct tty *tty = work->tty;
    if (tty->end == tty->line_at)
        return;
    if (is_on(tty, ECHO | ECHOK | ECHOKE | ECHOE)) {
        while (tty->end != tty->line_at)
            erase_one(work);
        return;
    }
    tty->end = tty->line_at;
    if (!is_on(tty, ECHO))
        return;
    echo_byte(work, key);
    if (is_on(tty, ECHOK))
        echo_raw(work, '\n');
}

static bool is_word_byte(u8 byte)
{
    return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
           (byte >= 'A' && byte <= 'Z') || byte == '_' || byte >= 0x80;
}

/* What is no word at the end of the line, and the word before it. */
static void erase_word(struct work *work) MUST_HOLD(work->tty->lock)
{
    struct tty *tty = work->tty;
    while (tty->end != tty->line_at && !is_word_byte(last_byte(tty)))
        erase_one(work);
    while (tty->end != tty->line_at && is_word_byte(last_byte(tty)))
        erase_one(work);
}

static void show_line_again(struct work *work, u8 key) MUST_HOLD(work->tty->lock)
{
    struct tty *tty = work->tty;
    echo_byte(work, key);
    echo_raw(work, '\n');
    tty->line_column = tty->column;
    for (u32 at = tty->line_at; at != tty->end; at++)
        echo_byte(work, tty->bytes[at % TTY_INPUT_BYTES]);
}

static void append(struct tty *tty, u8 byte, bool ends_line) MUST_HOLD(tty->lock)
{
    size_t at = tty->end++ % TTY_INPUT_BYTES;
    tty->bytes[at] = byte;
    bitmap_clear(tty->line_ends, at);
    if (ends_line)
        bitmap_set(tty->line_ends, at);
    if (ends_line || !is_on(tty, ICANON))
        tty->line_at = tty->end;
}

/* @key joins the line, or without ICANON the bytes to be read. */
static void add_key(struct work *work, u8 key) MUST_HOLD(work->tty->lock)
{
    struct tty *tty = work->tty;
    if (is_on(tty, ICANON) && tty->end - tty->line_at == LINE_BYTES_MAX) {
        if (tty->settings.input & IMAXBEL)
            echo_raw(work, '\a');
        return;
    }
    if (is_on(tty, ECHO)) {
        if (tty->end == tty->line_at)
            tty->line_column = tty->column;
        echo_byte(work, key);
    }
    append(work->tty, key, false);
}

/* --- what a key means ------------------------------------------------------------------------ */

static bool is_key(const struct tty *tty, u8 key, enum tty_character which)
{
    return key && key == tty->settings.characters[which];
}

/* The signal that @key stands for, or 0. */
static int signal_of(const struct tty *tty, u8 key)
{
    if (!is_on(tty, ISIG))
        return 0;
    if (is_key(tty, key, VINTR))
        return SIGINT;
    if (is_key(tty, key, VQUIT))
        return SIGQUIT;
    return is_key(tty, key, VSUSP) ? SIGTSTP : 0;
}

/* Does @key stop or resume output?  Then it does. */
static bool controls_output(struct tty *tty, u8 key) MUST_HOLD(tty->lock)
{
    if (!(tty->settings.input & IXON))
        return false;
    bool stops = is_key(tty, key, VSTOP), starts = is_key(tty, key, VSTART);
    if (stops || starts)
        tty_set_stopped(tty, !starts);
    else if (tty->is_stopped && tty->settings.input & IXANY)
        tty_set_stopped(tty, false);
    return stops || starts;
}

static void raise_signal(struct work *work, int signal, u8 key) MUST_HOLD(work->tty->lock)
{
    struct tty *tty = work->tty;
    work->signals |= signal_bit(signal);
    if (!is_on(tty, NOFLSH))
        tty_flush_input(work->tty);
    if (tty->settings.input & IXON)
        tty_set_stopped(work->tty, false);
    if (is_on(tty, ECHO))
        echo_byte(work, key);
}

static void end_line(struct work *work, u8 key) MUST_HOLD(work->tty->lock)
{
    struct tty *tty = work->tty;
    if (key == '\n') {
        if (is_on(tty, ECHO) || is_on(tty, ECHONL))
            echo_raw(work, key);
    } else if (is_on(tty, ECHO)) {
        echo_byte(work, key);
    }
    append(work->tty, key, true);
}

/* Does @key edit or end the line?  Then it does. */
static bool edits(struct work *work, u8 key) MUST_HOLD(work->tty->lock)
{
    struct tty *tty = work->tty;
    bool more = is_on(tty, IEXTEN);
    if (is_key(tty, key, VERASE)) {
        erase_character(work, key);
    } else if (is_key(tty, key, VKILL)) {
        erase_line(work, key);
    } else if (more && is_key(tty, key, VWERASE)) {
        erase_word(work);
    } else if (more && is_key(tty, key, VLNEXT)) {
        tty->is_literal = true;
        if (is_on(tty, ECHO | ECHOCTL)) {
            echo_raw(work, '^');
            echo_raw(work, '\b');
        }
    } else if (more && is_on(tty, ECHO) && is_key(tty, key, VREPRINT)) {
        show_line_again(work, key);
    } else if (is_key(tty, key, VEOF)) {
        append(work->tty, END_MARK, true);
    } else if (key == '\n' || is_key(tty, key, VEOL) || (more && is_key(tty, key, VEOL2))) {
        end_line(work, key);
    } else {
        return false;
    }
    return true;
}

static void take_key(struct work *work, u8 key) MUST_HOLD(work->tty->lock)
{
    struct tty *tty = work->tty;
    u32 flags = tty->settings.input;
    if (flags & ISTRIP)
        key &= 0x7f;
    if (tty->is_literal) {
        tty->is_literal = false;
        add_key(work, key);
        return;
    }
    if (controls_output(work->tty, key))
        return;
    int signal = signal_of(tty, key);
    if (signal) {
        raise_signal(work, signal, key);
        return;
    }
    if (key == '\r' && flags & IGNCR)
        return;
    if (key == '\r' && flags & ICRNL)
        key = '\n';
    else if (key == '\n' && flags & INLCR)
        key = '\r';
    if (!is_on(tty, ICANON) || !edits(work, key))
        add_key(work, key);
}

/* --- from outside ---------------------------------------------------------------------------- */

static size_t room(const struct tty *tty) { return TTY_INPUT_BYTES - (tty->end - tty->read_at); }

size_t tty_input_room(struct tty *tty)
{
    irqflags_t flags = spin_lock_irqsave(&tty->lock);
    size_t bytes = room(tty);
    spin_unlock_irqrestore(&tty->lock, flags);
    return bytes;
}

void tty_flush_input(struct tty *tty)
{
    tty->read_at = tty->line_at = tty->end;
    tty->is_literal = false;
}

void tty_input(struct tty *tty, const u8 *bytes, size_t count)
{
    struct work work = { .tty = tty };
    irqflags_t flags = spin_lock_irqsave(&work.tty->lock);
    for (; count > 0 && room(tty) > 0; bytes++, count--)
        take_key(&work, *bytes);
    flush_echo(&work);
    bool readable = tty->line_at != tty->read_at;
    spin_unlock_irqrestore(&work.tty->lock, flags);
    if (readable)
        wake_up(&tty->readable);
    for (int signal = 1; work.signals >> (signal - 1); signal++)
        if (work.signals & signal_bit(signal))
            tty_signal(tty, signal);
}
