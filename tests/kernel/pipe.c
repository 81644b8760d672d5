/*
 * Pipes between threads: nothing lost, nothing torn, nobody left asleep, pages beyond the direct
 * map.
 */
#include "kernel/fs/pipe.h"

#include "kernel/fs/iov.h"
#include "kernel/fs/pipe_ring.h"
#include "kernel/fs/poll.h"
#include "kernel/ktest.h"
#include "kernel/sched.h"
#include "kernel/task.h"
#include "lib/errno.h"
#include "lib/minmax.h"
#include "lib/string.h"
#include "mm/kmalloc.h"
#include "mm/page.h"
#include "mm/zone.h"

enum { STREAM_BYTES = 1 << 20, WRITERS = 4, RECORDS = 200, CHUNK = 10000 };

static struct file *reader, *writer;

static u8 byte_at(u32 position) { return (u8)(position * 31 + position / 4096); }

static void write_stream(void *data)
{
    u8 *buffer = kmalloc(CHUNK, GFP_KERNEL);
    ktest_assert(buffer);
    for (u32 at = 0; at < STREAM_BYTES;) {
        u32 size = min_of(u32, 1 + ktest_random() % CHUNK, STREAM_BYTES - at);
        for (u32 i = 0; i < size; i++)
            buffer[i] = byte_at(at + i);
        struct iov from = iov_kernel(buffer, size);
        ktest_equal(file_write(writer, &from, NULL), size);
        at += size;
    }
    kfree(buffer);
    file_put(writer);
}

KTEST(a_stream_arrives_whole_and_in_order)
{
    ktest_equal(pipe_create(0, &reader, &writer), 0);
    struct task *thread = ktest_thread(write_stream, NULL, -1);
    u8 *buffer = kmalloc(CHUNK, GFP_KERNEL);
    ktest_assert(buffer);
    u32 at = 0, wrong = 0;
    for (;;) {
        struct iov to = iov_kernel(buffer, 1 + ktest_random() % CHUNK);
        ssize_t got = file_read(reader, &to, NULL);
        ktest_assert(got >= 0);
        for (ssize_t i = 0; i < got; i++)
            wrong += buffer[i] != byte_at(at + (u32)i);
        at += (u32)got;
        if (!got)
            break;
    }
    ktest_equal(at, STREAM_BYTES);
    ktest_equal(wrong, 0);
    ktest_join(thread);
    kfree(buffer);
    file_put(reader);
}

/* A record: its length in two bytes, then that many bytes of its writer's number. */
static void write_records(void *data)
{
    u8 *buffer = kmalloc(PIPE_ATOMIC, GFP_KERNEL);
    ktest_assert(buffer);
    for (unsigned i = 0; i < RECORDS; i++) {
        u32 size = 2 + ktest_random() % (PIPE_ATOMIC - 1);
        memset(buffer, (int)(vaddr_t)data, size);
        buffer[0] = (u8)size;
        buffer[1] = (u8)(size >> 8);
        struct iov from = iov_kernel(buffer, size);
        ktest_equal(file_write(writer, &from, NULL), size);
    }
    kfree(buffer);
}

static void read_exactly(u8 *buffer, u32 size)
{
    for (u32 got = 0; got < size;) {
        struct iov to = iov_kernel(buffer + got, size - got);
        ssize_t now = file_read(reader, &to, NULL);
        ktest_assert(now > 0);
        got += (u32)now;
    }
}

KTEST(small_writes_are_never_torn_apart)
{
    struct task *thread[WRITERS];
    u8 *buffer = kmalloc(PIPE_ATOMIC, GFP_KERNEL);
    ktest_assert(buffer);
    ktest_equal(pipe_create(0, &reader, &writer), 0);
    for (unsigned i = 0; i < WRITERS; i++)
        thread[i] = ktest_thread(write_records, (void *)(vaddr_t)(i + 1), -1);
    for (unsigned i = 0; i < WRITERS * RECORDS; i++) {
        read_exactly(buffer, 2);
        u32 size = buffer[0] | (u32)buffer[1] << 8;
        ktest_assert(size >= 2 && size <= PIPE_ATOMIC);
        read_exactly(buffer, size - 2);
        for (u32 at = 1; at < size - 2; at++)
            ktest_assert(buffer[at] == buffer[0]);
    }
    for (unsigned i = 0; i < WRITERS; i++)
        ktest_join(thread[i]);
    kfree(buffer);
    file_put(writer);
    file_put(reader);
}

static void fill(void *data)
{
    static u8 bytes[PIPE_BYTES + 1];
    struct iov from = iov_kernel(bytes, sizeof(bytes));
    ktest_equal(file_write(writer, &from, NULL), PIPE_BYTES);
}

KTEST(a_full_pipe_lets_its_writer_go_when_the_reader_does)
{
    ktest_equal(pipe_create(0, &reader, &writer), 0);
    struct task *thread = ktest_thread(fill, NULL, -1);
    while (READ_ONCE(thread->state) != TASK_INTERRUPTIBLE)
        sched_yield();
    file_put(reader);
    ktest_join(thread);
    struct iov from = iov_kernel("x", 1);
    ktest_equal(file_write(writer, &from, NULL), -EPIPE);
    file_put(writer);
}

/* The books are read after each test: a page that is in no place any more would be missed. */
KTEST(a_write_that_faults_leaves_no_page_behind)
{
    ktest_equal(pipe_create(0, &reader, &writer), 0);
    struct iov from = iov_user(PAGE_BYTES, 8); /* a test has no memory there */
    ktest_equal(file_write(writer, &from, NULL), -EFAULT);
    ktest_equal(pipe_set_size(writer, 2 * PAGE_BYTES), 2 * PAGE_BYTES);
    file_put(reader);
    file_put(writer);
}

static void pass_through(u8 *bytes, u32 size)
{
    struct iov from = iov_kernel(bytes, size);
    ktest_equal(file_write(writer, &from, NULL), size);
    read_exactly(bytes, size);
}

/* One page for many small messages, and no place in the pipe is come upon twice. */
KTEST(an_emptied_pipe_keeps_its_page_and_starts_at_its_beginning)
{
    static u8 bytes[PIPE_BYTES];
    ktest_equal(pipe_create(0, &reader, &writer), 0);
    struct pipe *pipe = reader->data;
    pass_through(bytes, 10);
    const struct page *page = *pipe_page_at(pipe, pipe->head);
    ktest_assert(page);
    u32 tail = pipe->tail;
    ktest_equal(tail % PAGE_BYTES, 0);
    pass_through(bytes, PAGE_BYTES);
    ktest_assert(pipe->tail != tail);
    ktest_assert(*pipe_page_at(pipe, pipe->head) == page);
    ktest_equal(pipe_set_size(writer, 2 * PAGE_BYTES), 2 * PAGE_BYTES);
    ktest_assert(*pipe_page_at(pipe, pipe->head) == page);
    ktest_equal(pipe_set_size(writer, PIPE_BYTES), PIPE_BYTES);
    pass_through(bytes, PIPE_BYTES);
    file_put(reader);
    file_put(writer);
}

/* Somebody on the queue of a pipe's readers. */
struct watcher {
    struct poll_table table;
    struct waiter waiter;
    struct wait_queue *queue;
    unsigned wakes, wakes_unlocked;
};

static void note_wake(struct waiter *waiter)
{
    struct watcher *watcher = container_of(waiter, struct watcher, waiter);
    watcher->wakes++;
    watcher->wakes_unlocked += !mutex_is_held(&reader->dentry->inode->lock);
}

static void watch(struct poll_table *table, struct wait_queue *queue)
{
    struct watcher *watcher = container_of(table, struct watcher, table);
    watcher->queue = queue;
    waiter_init(&watcher->waiter, false);
    watcher->waiter.function = note_wake;
    wait_attach(queue, &watcher->waiter);
}

/* Unlocked, the other end may close, too, and the pipe with its queues be freed. */
KTEST(an_end_that_closes_wakes_the_other_before_that_can_free_the_pipe)
{
    struct watcher watcher = { .table.on = watch };
    ktest_equal(pipe_create(0, &reader, &writer), 0);
    (void)reader->fops->poll(reader, &watcher.table);
    file_put(writer);
    ktest_equal(watcher.wakes, 1);
    ktest_equal(watcher.wakes_unlocked, 0);
    wait_detach(watcher.queue, &watcher.waiter);
    file_put(reader);
}

KTEST(its_pages_lie_beyond_the_direct_map)
{
    struct zone_stat before, after;
    static u8 bytes[PIPE_BYTES];
    struct iov from = iov_kernel(bytes, sizeof(bytes));
    zone_stat(ZONE_HIGHMEM, &before);
    if (!before.pages)
        ktest_skip("there is no HIGHMEM");
    ktest_equal(pipe_create(0, &reader, &writer), 0);
    ktest_equal(file_write(writer, &from, NULL), PIPE_BYTES);
    zone_stat(ZONE_HIGHMEM, &after);
    unsigned long free_before = before.free_pages + before.cached_pages;
    ktest_equal(free_before - (after.free_pages + after.cached_pages), PIPE_PAGES);
    file_put(writer);
    file_put(reader);
}
