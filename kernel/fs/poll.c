/*
 * One task on many wait queues.
 */
#include "kernel/fs/poll.h"

#include "kernel/sched.h"
#include "kernel/task.h"
#include "lib/errno.h"
#include "mm/kmalloc.h"

/* A queue was woken.  The store comes first: poll_sleep() stores its state, then reads woken. */
static void wake_poller(struct waiter *waiter)
{
    struct poll_wait *wait = container_of(waiter, struct poll_entry, waiter)->wait;
    __atomic_store_n(&wait->woken, true, __ATOMIC_SEQ_CST);
    task_wake(wait->task);
}

/* Room for one more entry, or NULL. */
static struct poll_entry *next_entry(struct poll_wait *wait)
{
    unsigned index = wait->count;
    if (index < POLL_ENTRIES_FIRST) {
        wait->count++;
        return &wait->first[index];
    }
    index = (index - POLL_ENTRIES_FIRST) % POLL_ENTRIES_MORE;
    if (index == 0) {
        struct poll_block *block = kmalloc(sizeof(*block), GFP_KERNEL);
        if (!block)
            return NULL;
        block->next = wait->more;
        wait->more = block;
    }
    wait->count++;
    return &wait->more->entry[index];
}

static void put_on(struct poll_table *table, struct wait_queue *queue)
{
    struct poll_wait *wait = container_of(table, struct poll_wait, table);
    struct poll_entry *entry = next_entry(wait);
    if (!entry) {
        wait->error = -ENOMEM;
        return;
    }
    file_get(wait->asked);
    *entry = (struct poll_entry){ .queue = queue, .wait = wait, .file = wait->asked };
    waiter_init(&entry->waiter, false);
    entry->waiter.function = wake_poller;
    wait_attach(queue, &entry->waiter);
}

void poll_begin(struct poll_wait *wait)
{
    wait->table.on = put_on;
    wait->task = current;
    wait->woken = wait->is_placed = false;
    wait->error = 0;
    wait->count = 0;
    wait->more = NULL;
}

u32 poll_file(struct poll_wait *wait, struct file *file)
{
    if (!file->fops->poll)
        return POLL_READABLE | POLL_WRITABLE;
    if (!wait || wait->is_placed)
        return file->fops->poll(file, NULL);
    wait->asked = file;
    return file->fops->poll(file, &wait->table);
}

int poll_sleep(struct poll_wait *wait, u64 deadline_ns)
{
    if (wait->error)
        return wait->error;
    wait->is_placed = true;
    int result = 0;
    __atomic_store_n(&wait->task->state, (u8)TASK_INTERRUPTIBLE, __ATOMIC_SEQ_CST);
    if (!__atomic_load_n(&wait->woken, __ATOMIC_SEQ_CST))
        result = wait_sleep_until(TASK_INTERRUPTIBLE, deadline_ns);
    WRITE_ONCE(wait->task->state, TASK_RUNNING);
    __atomic_store_n(&wait->woken, false, __ATOMIC_SEQ_CST);
    return result;
}

static void leave(struct poll_entry *entry)
{
    wait_detach(entry->queue, &entry->waiter);
    file_put(entry->file);
}

void poll_end(struct poll_wait *wait)
{
    while (wait->count > POLL_ENTRIES_FIRST) {
        unsigned index = (--wait->count - POLL_ENTRIES_FIRST) % POLL_ENTRIES_MORE;
        struct poll_block *block = wait->more;
        leave(&block->entry[index]);
        if (index == 0) {
            wait->more = block->next;
            kfree(block);
        }
    }
    while (wait->count > 0)
        leave(&wait->first[--wait->count]);
}
