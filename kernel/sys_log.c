/*
 * The kernel's messages, as a system call: syslog(2), which dmesg uses.
 *
 * Clearing forgets nothing: it moves the place from which READ_ALL begins.
 */
#include "kernel/fs/kmsg.h"
#include "kernel/printk.h"
#include "kernel/sys.h"
#include "kernel/task.h"
#include "lib/errno.h"
#include "lib/format.h"
#include "lib/minmax.h"
#include "lib/string.h"
#include "mm/kmalloc.h"

/* Source: syslog(2). */
enum syslog_action {
    SYSLOG_CLOSE = 0,
    SYSLOG_OPEN = 1,
    SYSLOG_READ = 2,
    SYSLOG_READ_ALL = 3,
    SYSLOG_READ_CLEAR = 4,
    SYSLOG_CLEAR = 5,
    SYSLOG_CONSOLE_OFF = 6,
    SYSLOG_CONSOLE_ON = 7,
    SYSLOG_CONSOLE_LEVEL = 8,
    SYSLOG_SIZE_UNREAD = 9,
    SYSLOG_SIZE_BUFFER = 10,
};
enum { BUFFER_BYTES = 64 << 10, LEVELS = 8 };

/* (a): written by single stores, and nobody relies on two of them agreeing. */
static u32 cleared, unread;  /* the first message for READ_ALL, for READ */
static int saved_level = -1; /* what CONSOLE_OFF replaced; -1: nothing */

/* Message @line as it is told: "<6>[    1.234567] text\n".  Returns: its length in @text. */
static size_t format_line(const struct log_line *line, char *text, size_t room)
{
    return (size_t)scnprintf(text, room, "<%d>%.*s",
                             (int)min(line->level, (enum log_level)LOG_DEBUG), (int)line->length,
                             line->bytes);
}

/* What it takes to read: too much for the stack. */
struct reader {
    char __user *user; /* where to, and how much fits there */
    size_t room;
    struct log_line line;
    char text[LOG_LINE_BYTES + 8];
};

/* How many bytes the messages from @from on, up to @end, are when told. */
static size_t measure(struct reader *reader, u32 from, u32 end)
{
    size_t bytes = 0;
    while ((s32)(end - from) > 0 && log_read(&from, &reader->line))
        bytes += format_line(&reader->line, reader->text, sizeof(reader->text));
    return bytes;
}

/* Copy whole messages from *@from on, up to @end, as far as there is room. */
static long copy(struct reader *reader, u32 *from, u32 end)
{
    size_t done = 0;
    for (u32 next = *from; (s32)(end - next) > 0 && log_read(&next, &reader->line); *from = next) {
        size_t bytes = format_line(&reader->line, reader->text, sizeof(reader->text));
        if (bytes > reader->room - done)
            break;
        if (copy_to_user(reader->user + done, reader->text, bytes))
            return done ? (long)done : -EFAULT;
        done += bytes;
    }
    return (long)done;
}

/* The last messages that fit. */
static long read_all(struct reader *reader)
{
    const u32 end = log_count();
    u32 from = READ_ONCE(cleared);
    size_t bytes = measure(reader, from, end);
    while (bytes > reader->room && log_read(&from, &reader->line))
        bytes -= min(bytes, format_line(&reader->line, reader->text, sizeof(reader->text)));
    return copy(reader, &from, end);
}

/* The next messages nobody has read this way; waits for one. */
static long read_next(struct reader *reader)
{
    int error = kmsg_wait(READ_ONCE(unread));
    if (error)
        return error;
    u32 from = READ_ONCE(unread);
    long done = copy(reader, &from, log_count());
    WRITE_ONCE(unread, from);
    return done;
}

static long read_log(int action, char __user *user, int room)
{
    if (!user || room < 0)
        return -EINVAL;
    if (!room)
        return 0;
    struct reader *reader = kmalloc(sizeof(*reader), GFP_KERNEL);
    if (!reader)
        return -ENOMEM;
    reader->user = user;
    reader->room = (size_t)room;
    u32 end = log_count();
    long done = action == SYSLOG_READ ? read_next(reader) : read_all(reader);
    if (action == SYSLOG_READ_CLEAR && done >= 0)
        WRITE_ONCE(cleared, end);
    kfree(reader);
    return done;
}

static long size_unread(void)
{
    struct reader *reader = kmalloc(sizeof(*reader), GFP_KERNEL);
    long bytes = reader ? (long)measure(reader, READ_ONCE(unread), log_count()) : -ENOMEM;
    kfree(reader);
    return bytes;
}

static long set_level(int level)
{
    if (level < 1 || level > LEVELS)
        return -EINVAL;
    WRITE_ONCE(saved_level, -1);
    log_set_console_level((enum log_level)level);
    return 0;
}

static long switch_console(bool on)
{
    if (on && READ_ONCE(saved_level) >= 0)
        return set_level(READ_ONCE(saved_level));
    if (!on && READ_ONCE(saved_level) < 0) {
        WRITE_ONCE(saved_level, (int)log_console_level());
        log_set_console_level(LOG_ALERT);
    }
    return 0;
}

long sys_syslog(int action, char __user *user, int length)
{
    switch (action) {
    case SYSLOG_CLOSE:
    case SYSLOG_OPEN:
        return 0;
    case SYSLOG_READ:
    case SYSLOG_READ_ALL:
    case SYSLOG_READ_CLEAR:
        return read_log(action, user, length);
    case SYSLOG_CLEAR:
        WRITE_ONCE(cleared, log_count());
        return 0;
    case SYSLOG_CONSOLE_OFF:
    case SYSLOG_CONSOLE_ON:
        return switch_console(action == SYSLOG_CONSOLE_ON);
    case SYSLOG_CONSOLE_LEVEL:
        return set_level(length);
    case SYSLOG_SIZE_UNREAD:
        return size_unread();
    case SYSLOG_SIZE_BUFFER:
        return BUFFER_BYTES;
    default:
        return -EINVAL;
    }
}
