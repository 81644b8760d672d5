/*
 * Terminals: made, kept, let go.
 */
#include "kernel/dev/tty.h"

#include "kernel/task.h"
#include "lib/assert.h"

void tty_init(struct tty *tty, const struct tty_driver *driver)
{
    spin_lock_init(&tty->lock, RANK_INPUT, "tty");
    wait_queue_init(&tty->readable);
    wait_queue_init(&tty->writable);
    list_init(&tty->all_node);
    tty->driver = driver;
    tty->refs = 1;
}

void tty_get(struct tty *tty)
{
    u32 before = __atomic_fetch_add(&tty->refs, 1, __ATOMIC_RELAXED);
    assert(before);
}

void tty_put(struct tty *tty)
{
    if (__atomic_sub_fetch(&tty->refs, 1, __ATOMIC_ACQ_REL))
        return;
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    list_del_init(&tty->all_node);
    spin_unlock_irqrestore(&tasks_lock, flags);
    assert(tty->driver->destroy);
    tty->driver->destroy(tty);
}
