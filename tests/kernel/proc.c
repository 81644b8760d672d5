/*
 * /proc from inside: its texts, its names, and the tasks behind them, which come and go.
 */
#include "kernel/fs/proc.h"

#include "kernel/fs/iov.h"
#include "kernel/fs/proc_entry.h"
#include "kernel/ktest.h"
#include "kernel/preempt.h"
#include "kernel/sched.h"
#include "kernel/task.h"
#include "kernel/time.h"
#include "kernel/wait.h"
#include "lib/errno.h"
#include "lib/format.h"
#include "lib/string.h"
#include "mm/kmalloc.h"

/* --- texts ----------------------------------------------------------------------------------- */

enum { LINES = 20000, LINE_BYTES = 8 };

KTEST(a_text_grows_as_long_as_there_is_memory)
{
    struct text text = { 0 };
    for (unsigned i = 0; i < LINES; i++)
        text_add(&text, "%07u\n", i);
    ktest_equal(text_error(&text), 0);
    ktest_equal(text.length, LINES * LINE_BYTES);
    for (unsigned i = 0; i < 100; i++) {
        char piece[24], wanted[24];
        unsigned line = ktest_random() % (LINES - 2);
        u64 at = line * LINE_BYTES + 3;
        struct iov to = iov_kernel(piece, LINE_BYTES);
        ktest_equal(text_read(&text, &to, &at), LINE_BYTES);
        ktest_equal(at, (line + 1) * LINE_BYTES + 3);
        snprintf(wanted, sizeof(wanted), "%07u\n%07u\n", line, line + 1);
        ktest_assert(!memcmp(piece, wanted + 3, LINE_BYTES));
    }
    text_free(&text);
}

KTEST(a_text_ends_where_it_ends)
{
    struct text text = { 0 };
    char bytes[16];
    u64 at = 3, beyond = UINT64_MAX;
    struct iov to = iov_kernel(bytes, sizeof(bytes));
    text_add(&text, "hello");
    ktest_equal(text_read(&text, &to, &at), 2);
    ktest_equal(text_read(&text, &to, &at), 0);
    ktest_equal(text_read(&text, &to, &beyond), 0);
    text_pad(&text, 0, 8);
    text_add_bytes(&text, "\0x", 2);
    ktest_assert(text.length == 10 && !memcmp(text.bytes, "hello   \0x", 10));
    text_free(&text);
}

KTEST(a_text_for_which_there_is_no_memory_says_so)
{
    struct text text = { 0 };
    text_add(&text, "x");
    text_add_bytes(&text, "", SIZE_MAX); /* no machine has that; nothing is copied */
    ktest_equal(text_error(&text), -ENOMEM);
    text_add(&text, "what comes behind a gap is not written, however short");
    text_clear(&text);
    ktest_equal(text_error(&text), 0);
    text_free(&text);
}

/* --- names ----------------------------------------------------------------------------------- */

/* A tree of our own, as no file system is mounted here. */
static struct dentry *top(void)
{
    static struct super *super;
    if (!super) {
        ktest_may_keep(5, 0); /* the file system, its root's node, inode, dentry and name */
        super = proc_create();
    }
    ktest_assert(super);
    return super->root;
}

static int look_up(struct dentry *dir, const char *name, struct dentry **result)
{
    return dentry_lookup(dir, &(struct name){ name, strlen(name) }, result);
}

static int look_up_pid(int pid, struct dentry **result)
{
    char name[16];
    snprintf(name, sizeof(name), "%d", pid);
    return look_up(top(), name, result);
}

/* The file @name of task @pid. */
static int open_of(int pid, const char *name, struct file **file)
{
    struct dentry *dir, *dentry;
    int error = look_up_pid(pid, &dir);
    if (error)
        return error;
    error = look_up(dir, name, &dentry);
    dentry_put(dir);
    if (error)
        return error;
    error = file_open(dentry, O_RDWR, file);
    dentry_put(dentry);
    return error;
}

KTEST(only_numbers_of_tasks_are_names)
{
    static const char *const names[] = { "0", "-1",      "01",    "1x", "99999999999999999999",
                                         "",  "nothing", "32768", "+2", " 2" };
    struct dentry *dentry;
    for (unsigned i = 0; i < ARRAY_COUNT(names); i++)
        ktest_equal(look_up(top(), names[i], &dentry), -ENOENT);
    ktest_equal(look_up_pid(current->pid, &dentry), 0);
    ktest_assert(mode_is_dir(dentry->inode->mode));
    struct dentry *nobody;
    ktest_equal(look_up(dentry, "nothing", &nobody), -ENOENT);
    dentry_put(dentry);
}

KTEST(each_file_can_be_read)
{
    static const char *const names[] = { "meminfo",  "vmstat",  "buddyinfo", "zoneinfo",
                                         "slabinfo", "kmap",    "stat",      "uptime",
                                         "loadavg",  "version", "cmdline" };
    char bytes[64];
    for (unsigned i = 0; i < ARRAY_COUNT(names); i++) {
        struct dentry *dentry;
        struct file *file;
        ktest_equal(look_up(top(), names[i], &dentry), 0);
        ktest_equal(file_open(dentry, O_RDONLY, &file), 0);
        dentry_put(dentry);
        u64 at = 0;
        for (ssize_t got = 1; got > 0; at += (u64)got) {
            got = file_read_kernel(file, bytes, sizeof(bytes), at);
            ktest_assert(got >= 0);
        }
        ktest_assert(at > 2);
        file_put(file);
    }
}

/* --- tasks that end -------------------------------------------------------------------------- */

struct sleeper {
    struct wait_queue queue;
    bool may_end;
    struct task *thread;
};

static void sleep_until_told(void *data)
{
    struct sleeper *sleeper = data;
    wait_event(&sleeper->queue, READ_ONCE(sleeper->may_end));
}

static void start(struct sleeper *sleeper)
{
    wait_queue_init(&sleeper->queue);
    sleeper->may_end = false;
    sleeper->thread = ktest_thread(sleep_until_told, sleeper, -1);
}

static void end(struct sleeper *sleeper)
{
    WRITE_ONCE(sleeper->may_end, true);
    wake_up(&sleeper->queue);
    ktest_join(sleeper->thread);
}

KTEST(an_ended_task_is_gone_from_its_open_files_and_directory)
{
    static const char *const names[] = { "status", "stat", "statm", "comm" };
    struct sleeper sleeper;
    struct file *file[ARRAY_COUNT(names)];
    struct dentry *dir, *dentry;
    char bytes[64];
    start(&sleeper);
    const int pid = sleeper.thread->pid;
    ktest_equal(look_up_pid(pid, &dir), 0);
    for (unsigned i = 0; i < ARRAY_COUNT(names); i++) {
        ktest_equal(open_of(pid, names[i], &file[i]), 0);
        ktest_assert(file_read_kernel(file[i], bytes, sizeof(bytes), 0) > 2);
    }
    end(&sleeper);

    ktest_equal(look_up(dir, "status", &dentry), -ENOENT);
    ktest_equal(look_up_pid(pid, &dentry), -ENOENT);
    for (unsigned i = 0; i < ARRAY_COUNT(names); i++) {
        ktest_equal(file_read_kernel(file[i], bytes, sizeof(bytes), 0), -ESRCH);
        ktest_equal(file_read_kernel(file[i], bytes, sizeof(bytes), 1), -ESRCH);
        struct iov from = iov_kernel(bytes, 1);
        ktest_assert(file_write(file[i], &from, &(u64){ 0 }) < 0);
        file_put(file[i]);
    }
    dentry_put(dir);
}

KTEST(a_later_task_with_the_same_number_has_a_directory_of_its_own)
{
    struct dentry *old, *fresh, *again;
    ktest_equal(look_up_pid(current->pid, &old), 0);
    struct proc_node *node = old->inode->data;
    node->start_ns--; /* as if it had been made for one that started earlier */

    ktest_equal(look_up_pid(current->pid, &fresh), 0);
    ktest_assert(fresh != old);
    ktest_equal(look_up_pid(current->pid, &again), 0);
    ktest_assert(again == fresh);
    ktest_equal(look_up(old, "status", &again), -ENOENT);
    dentry_put(fresh);
    dentry_put(fresh);
    dentry_put(old);
}

KTEST(an_open_file_keeps_no_task_in_memory)
{
    struct sleeper sleeper;
    struct file *file;
    start(&sleeper);
    task_get(sleeper.thread);
    ktest_equal(open_of(sleeper.thread->pid, "status", &file), 0);
    end(&sleeper);
    /* It has ended, but may not have left its CPU yet: then it still has its own. */
    for (unsigned i = 0; i < 500 && __atomic_load_n(&sleeper.thread->refs, __ATOMIC_ACQUIRE) > 1;
         i++)
        time_sleep_ns(NS_PER_TICK);
    ktest_equal(__atomic_load_n(&sleeper.thread->refs, __ATOMIC_ACQUIRE), 1);
    task_put(sleeper.thread);
    file_put(file);
}

/* --- many at once ---------------------------------------------------------------------------- */

static int watched_pid; /* atomic: of a task that may have ended */
static bool watching;

/* Read about whoever is there, as fast as possible. */
static void watch(void *unused)
{
    char bytes[256];
    while (READ_ONCE(watching)) {
        cond_resched();
        struct file *file;
        int pid = READ_ONCE(watched_pid);
        int error = pid ? open_of(pid, "status", &file) : -ENOENT;
        ktest_assert(!error || error == -ENOENT);
        if (error)
            continue;
        ssize_t got = file_read_kernel(file, bytes, sizeof(bytes) - 1, 0);
        ktest_assert(got > 0 || got == -ESRCH);
        file_put(file);
    }
}

static void come_and_go(void *unused)
{
    for (unsigned i = 0; i < 300; i++) {
        struct sleeper sleeper;
        start(&sleeper);
        WRITE_ONCE(watched_pid, sleeper.thread->pid);
        end(&sleeper);
    }
}

KTEST(tasks_may_end_while_they_are_looked_at)
{
    ktest_may_keep(0, KTEST_STACK_TABLES);
    struct task *watcher[2];
    WRITE_ONCE(watching, true);
    for (unsigned i = 0; i < ARRAY_COUNT(watcher); i++)
        watcher[i] = ktest_thread(watch, NULL, -1);
    come_and_go(NULL);
    WRITE_ONCE(watching, false);
    for (unsigned i = 0; i < ARRAY_COUNT(watcher); i++)
        ktest_join(watcher[i]);
}
