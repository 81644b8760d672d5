/*
 * /dev/kmsg: each read gives one message, each write makes one.
 *
 *     6,12,283114,-;the text          level, number, microseconds since boot
 *
 * The file's position is the number of the next message: lseek(fd, 0, SEEK_SET) goes back to the
 * oldest.  Messages are made in any context, an NMI's too, where nobody can be woken; so a reader
 * who waits looks again after a while.
 *
 * Source: Linux, Documentation/ABI/testing/dev-kmsg.
 */
#include "kernel/fs/kmsg.h"

#include "kernel/fs/iov.h"
#include "kernel/fs/poll.h"
#include "kernel/printk.h"
#include "kernel/time.h"
#include "kernel/wait.h"
#include "lib/errno.h"
#include "lib/format.h"
#include "lib/minmax.h"
#include "lib/string.h"
#include "mm/kmalloc.h"

enum { HEAD_BYTES = 48, LOOK_AGAIN_MS = 20 };

static WAIT_QUEUE(nobody_wakes);

/* What a reader needs beside its stack. */
struct reading {
    struct log_line line;
    char text[HEAD_BYTES + LOG_TEXT_BYTES];
};

/* Write the message as programs want it.  Returns: its length. */
static size_t make_text(struct reading *reading, u32 number)
{
    const struct log_line *line = &reading->line;
    const unsigned level = min_of(unsigned, line->level, LOG_INFO);
    const int length = (int)(line->length - line->text) - 1;
    return (size_t)scnprintf(reading->text, sizeof(reading->text), "%u,%u,%llu,-;%.*s\n", level,
                             number, (unsigned long long)(line->time_ns / NS_PER_US), length,
                             line->bytes + line->text);
}

int kmsg_wait(u32 next)
{
    while (!log_ready(next)) {
        const u64 again = time_now_ns() + LOOK_AGAIN_MS * NS_PER_MS;
        int error = wait_event_interruptible_until(&nobody_wakes, log_ready(next), again);
        if (error == -EINTR)
            return -ERESTART;
    }
    return 0;
}

/* Give the next message.  -EPIPE: some are gone that were not read; the next read goes on. */
static ssize_t give(struct reading *reading, struct iov *to, u64 *position)
{
    u32 next = (u32)*position;
    if (!log_read(&next, &reading->line))
        return -EAGAIN;
    if (reading->line.lost && *position) {
        *position = next - 1;
        return -EPIPE;
    }
    const size_t length = make_text(reading, next - 1);
    if (length > to->left)
        return -EINVAL;
    if (iov_put(to, reading->text, length) < length)
        return -EFAULT;
    *position = next;
    return (ssize_t)length;
}

static ssize_t read_message(struct file *file, struct iov *to, u64 *position)
{
    struct reading *reading = kmalloc(sizeof(*reading), GFP_KERNEL);
    ssize_t result = -ENOMEM;
    while (reading) {
        result = give(reading, to, position);
        if (result != -EAGAIN || file->flags & O_NONBLOCK)
            break;
        result = kmsg_wait((u32)*position);
        if (result)
            break;
    }
    kfree(reading);
    return result;
}

/* A level in front, "<6>", is taken off @text; what is above it names the facility. */
static const char *parse_level(const char *text, unsigned *level)
{
    unsigned number = 0;
    const char *at = text;
    *level = LOG_WARN;
    if (*at++ != '<')
        return text;
    while (*at >= '0' && *at <= '9' && number < 1000)
        number = number * 10 + (unsigned)(*at++ - '0');
    if (*at != '>' || at == text + 1)
        return text;
    *level = number % 8;
    return at + 1;
}

static ssize_t write_message(struct file *file, struct iov *from, u64 *position)
{
    char text[LOG_TEXT_BYTES];
    unsigned level;
    const size_t size = from->left;
    if (size >= sizeof(text))
        return -EINVAL;
    if (iov_take(from, text, size) < size)
        return -EFAULT;
    text[size] = 0;
    const char *message = parse_level(text, &level);
    printk((enum log_level)level, "%s", message);
    return (ssize_t)size;
}

static u32 poll_messages(struct file *file, struct poll_table *table)
{
    poll_on(table, &nobody_wakes);
    return POLL_WRITABLE | (log_ready((u32)READ_ONCE(file->position)) ? POLL_READABLE : 0u);
}

const struct file_ops kmsg_ops = {
    .read = read_message,
    .write = write_message,
    .poll = poll_messages,
};
