/*
 * Consoles: bringing them up to date.
 *
 * One CPU at a time flushes.  Whoever finds another at it leaves, knowing that the other, after it
 * has said that it is done, looks once more whether there is something new.
 */
#include "kernel/console.h"

#include "arch/x86/cpu.h"
#include "kernel/panic.h"
#include "kernel/param.h"
#include "kernel/preempt.h"
#include "kernel/printk.h"
#include "lib/format.h"
#include "lib/string.h"

enum {
    WANTED_MAX = 4,
    NAME_BYTES = 16,
};

static LIST(consoles);                      /* by the CPU that flushes; read by all */
static u32 flushing;                        /* atomic: 1 while a CPU flushes */
static char wanted[WANTED_MAX][NAME_BYTES]; /* constant after params_parse() */
static unsigned wanted_count;

/* The order matters in both: the flag first, then what it guards; and the other way round. */
static bool flush_begin(void) { return !__atomic_exchange_n(&flushing, 1, __ATOMIC_SEQ_CST); }
static void flush_end(void) { __atomic_store_n(&flushing, 0, __ATOMIC_SEQ_CST); }

/* Messages are lines; to a console a newline alone is a step down. */
static void write_message(const struct console *console, const char *bytes, size_t count)
{
    while (count > 0) {
        size_t length = 0;
        while (length < count && bytes[length] != '\n')
            length++;
        console->write(bytes, length);
        if (length == count)
            return;
        console->write("\r\n", 2);
        bytes += length + 1;
        count -= length + 1;
    }
}

static void show_line(const struct console *console, const struct log_line *line)
{
    if (line->lost > 0) {
        char note[48];
        size_t length =
            (size_t)scnprintf(note, sizeof(note), "** %u messages lost **\n", line->lost);
        write_message(console, note, length);
    }
    if (line->level == LOG_PLAIN || line->level < log_console_level())
        write_message(console, line->bytes, line->length);
}

/* Show every console what it has not shown. */
static void show_all(void)
{
    struct console *console;
    list_for_each_entry (console, &consoles, node) {
        struct log_line line;
        while (console->enabled && log_read(&console->next, &line))
            show_line(console, &line);
    }
}

static bool is_any_behind(void)
{
    const struct console *console;
    list_for_each_entry (console, &consoles, node)
        if (console->enabled && log_ready(READ_ONCE(console->next)))
            return true;
    return false;
}

void console_flush(void)
{
    if (panic_in_progress()) {
        show_all(); /* the CPU that flushed may never go on */
        return;
    }
    if (in_nmi())
        return; /* it may have interrupted a console's own write(); the next printk() shows it */
    irqflags_t flags = irq_save();
    while (is_any_behind() && flush_begin()) {
        show_all();
        flush_end();
    }
    irq_restore(flags);
}

void console_output(const char *bytes, size_t count)
{
    const struct console *console;
    list_for_each_entry (console, &consoles, node) {
        if (!console->enabled)
            continue;
        if (console->queue)
            console->queue(bytes, count);
        else
            console->write(bytes, count);
    }
}

size_t console_answer(char *bytes, size_t room)
{
    const struct console *console;
    size_t count = 0;
    bool is_answered = false;
    list_for_each_entry (console, &consoles, node) {
        if (!console->enabled)
            continue;
        if (console->answer)
            count = console->answer(bytes, room);
        else
            is_answered = true;
    }
    return is_answered ? 0 : count;
}

bool console_is_wanted(const char *name)
{
    for (unsigned i = 0; i < wanted_count; i++)
        if (strcmp(wanted[i], name) == 0)
            return true;
    return wanted_count == 0;
}

void console_register(struct console *console)
{
    console->next = 0;
    console->enabled = console_is_wanted(console->name);
    irqflags_t flags = irq_save();
    while (!flush_begin())
        cpu_relax();
    list_add_tail(&console->node, &consoles);
    flush_end();
    irq_restore(flags);
    console_flush();
}

/* console=ttyS0,115200: what follows the comma is the firmware's business. */
static bool console_param(const char *value)
{
    size_t length = strcspn(value, ",");
    if (length == 0 || length >= NAME_BYTES || wanted_count == WANTED_MAX)
        return false;
    strlcpy(wanted[wanted_count++], value, length + 1);

    struct console *console;
    list_for_each_entry (console, &consoles, node)
        console->enabled = console_is_wanted(console->name);
    return true;
}
KERNEL_PARAM("console", console_param);
