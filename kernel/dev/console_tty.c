/*
 * The console as a terminal: every console shows what is written, keyboard and serial port bring
 * what is typed.  /dev/console, /dev/ttyS0 and /dev/tty0 are all this one.
 */
#include "kernel/console.h"
#include "kernel/dev/tty.h"

static LIST(sources); /* they stay for good; under console_tty.lock while they are added */

static size_t console_room(struct tty *tty) { return SIZE_MAX; }

static void console_write(struct tty *tty, const char *bytes, size_t count)
{
    if (count)
        console_output(bytes, count);
}

static size_t console_take_answer(struct tty *tty, char *bytes, size_t room)
{
    return console_answer(bytes, room);
}

/* Sources stay on their list, so the walk needs no lock: they may take it themselves. */
static void console_resume(struct tty *tty)
{
    const struct tty_source *source;
    list_for_each_entry (source, &sources, node)
        source->resume();
}

static const struct tty_driver console_driver = {
    .room = console_room,
    .write = console_write,
    .answer = console_take_answer,
    .resume = console_resume,
};

struct tty console_tty = {
    .lock = SPINLOCK_INIT(RANK_INPUT, "console"),
    .driver = &console_driver,
    .refs = 1,
    .device = 5 << 8 | 1,
    .settings = { TTY_SETTINGS_MEMBERS, .input = ICRNL | IXON | IUTF8 },
    .window = { .rows = 25, .columns = 80 },
    .readable = WAIT_QUEUE_INIT(console_tty.readable),
    .writable = WAIT_QUEUE_INIT(console_tty.writable),
    .all_node = LIST_INIT(console_tty.all_node),
};

void tty_add_source(struct tty_source *source)
{
    irqflags_t flags = spin_lock_irqsave(&console_tty.lock);
    list_add_tail(&source->node, &sources);
    spin_unlock_irqrestore(&console_tty.lock, flags);
}
