/*
 * The terminal's line discipline: the ring of input, and how keys edit a line.
 *
 *     key         | what happens
 *    -------------+--------------------------------------------------------
 *     Enter       | the line can be read, newline included
 *     ^D          | the line can be read as it stands; an empty one: end of file
 *     Backspace   | the last character goes
 *     ^U          | the whole line goes
 *     ^C          | nothing yet
 *     any other   | joins the line, if it is not too long; ^X stands for a control character
 */
#include "kernel/dev/tty.h"

#include "kernel/console.h"
#include "kernel/wait.h"
#include "lib/bitmap.h"
#include "lib/errno.h"
#include "lib/minmax.h"
#include "lib/string.h"

enum {
    INPUT_BYTES = 8192,
    LINE_BYTES_MAX = 4095, /* without the newline */
    OUTPUT_CHUNK = 256,    /* bytes shown with interrupts off at a time */
};

enum {
    KEY_INTERRUPT = 0x03,
    KEY_END = 0x04,
    KEY_BACKSPACE = 0x08,
    KEY_ERASE_LINE = 0x15,
    KEY_DELETE = 0x7f
};

static SPINLOCK(tty_lock, RANK_INPUT);
static WAIT_QUEUE(readers);
static LIST(sources); /* under tty_lock */

/*
 * Under tty_lock.  Positions count without end; byte n stands at n % INPUT_BYTES.  A line's last
 * byte is marked in line_ends; if that is KEY_END it ends the line, but is not part of it.
 */
static struct {
    u8 bytes[INPUT_BYTES];
    BITMAP(line_ends, INPUT_BYTES);
    u32 read_at, line_at, end;
} input;

/* What is to be shown because of some input. */
struct echo {
    char bytes[128];
    size_t count;
};

static void echo_chars(struct echo *echo, const char *chars, size_t count)
{
    if (echo->count + count > sizeof(echo->bytes)) {
        console_output(echo->bytes, echo->count);
        echo->count = 0;
    }
    memcpy(echo->bytes + echo->count, chars, count);
    echo->count += count;
}

static bool is_control(u8 byte) { return byte < ' ' || byte == KEY_DELETE; }
static bool is_utf8_tail(u8 byte) { return (byte & 0xc0) == 0x80; }

static void echo_byte(struct echo *echo, u8 byte)
{
    if (is_control(byte) && byte != '\n')
        echo_chars(echo, (const char[]){ '^', (char)(byte ^ 0x40) }, 2);
    else
        echo_chars(echo, (const char *)&byte, 1);
}

/* Take the line's last character back, from the screen as well. */
static void erase_one(struct echo *echo)
{
    u8 byte;
    do
        byte = input.bytes[--input.end % INPUT_BYTES];
    while (is_utf8_tail(byte) && input.end != input.line_at);

    for (unsigned columns = is_control(byte) ? 2 : 1; columns > 0; columns--)
        echo_chars(echo, "\b \b", 3);
}

static void append(u8 byte, bool ends_line)
{
    size_t at = input.end++ % INPUT_BYTES;
    input.bytes[at] = byte;
    bitmap_clear(input.line_ends, at);
    if (ends_line) {
        bitmap_set(input.line_ends, at);
        input.line_at = input.end;
    }
}

static void handle_key(u8 key, struct echo *echo)
{
    switch (key) {
    case KEY_INTERRUPT:
        return;
    case KEY_END:
        append(key, true);
        return;
    case KEY_BACKSPACE:
    case KEY_DELETE:
        if (input.end != input.line_at)
            erase_one(echo);
        return;
    case KEY_ERASE_LINE:
        while (input.end != input.line_at)
            erase_one(echo);
        return;
    case '\r':
    case '\n':
        append('\n', true);
        echo_byte(echo, '\n');
        return;
    default:
        if (input.end - input.line_at == LINE_BYTES_MAX) {
            echo_chars(echo, "\a", 1);
            return;
        }
        append(key, false);
        echo_byte(echo, key);
    }
}

static size_t room(void) { return INPUT_BYTES - (input.end - input.read_at); }

size_t tty_input_room(void)
{
    irqflags_t flags = spin_lock_irqsave(&tty_lock);
    size_t bytes = room();
    spin_unlock_irqrestore(&tty_lock, flags);
    return bytes;
}

void tty_input(const u8 *bytes, size_t count)
{
    struct echo echo = { .count = 0 };
    irqflags_t flags = spin_lock_irqsave(&tty_lock);
    for (; count > 0 && room() > 0; bytes++, count--)
        handle_key(*bytes, &echo);
    console_output(echo.bytes, echo.count);
    bool readable = input.line_at != input.read_at;
    spin_unlock_irqrestore(&tty_lock, flags);
    if (readable)
        wake_up(&readers);
}

void tty_add_source(struct tty_source *source)
{
    irqflags_t flags = spin_lock_irqsave(&tty_lock);
    list_add_tail(&source->node, &sources);
    spin_unlock_irqrestore(&tty_lock, flags);
}

bool tty_readable(void)
{
    irqflags_t flags = spin_lock_irqsave(&tty_lock);
    bool readable = input.line_at != input.read_at;
    spin_unlock_irqrestore(&tty_lock, flags);
    return readable;
}

struct wait_queue *tty_read_queue(void) { return &readers; }

/* Copy the first line, or what fits of it.  Returns: how many bytes; -EAGAIN: no line there. */
static ssize_t take_line(char *to, size_t count)
{
    size_t copied = 0;
    ssize_t result = -EAGAIN;
    irqflags_t flags = spin_lock_irqsave(&tty_lock);
    while (copied < count && input.read_at != input.line_at) {
        size_t at = input.read_at++ % INPUT_BYTES;
        bool ends_line = bitmap_test(input.line_ends, at);
        if (!ends_line || input.bytes[at] != KEY_END)
            to[copied++] = (char)input.bytes[at];
        result = (ssize_t)copied;
        if (ends_line)
            break;
    }
    spin_unlock_irqrestore(&tty_lock, flags);
    return result;
}

/* Sources stay on their list for good, so the walk needs no lock: they may take it themselves. */
static void resume_sources(void)
{
    const struct tty_source *source;
    list_for_each_entry (source, &sources, node)
        source->resume();
}

ssize_t tty_read(char *to, size_t count)
{
    if (count == 0)
        return 0;
    for (;;) {
        int error = wait_event_interruptible(&readers, tty_readable());
        if (error)
            return error;
        ssize_t copied = take_line(to, count);
        if (copied != -EAGAIN) { /* else another reader was faster */
            resume_sources();
            return copied;
        }
    }
}

void tty_write(const char *from, size_t count)
{
    while (count > 0) {
        size_t chunk = min_of(size_t, count, OUTPUT_CHUNK);
        console_output(from, chunk);
        from += chunk;
        count -= chunk;
    }
}
