/*
 * Names that come, go and move on all CPUs at once: nothing is lost, nothing found twice, no lock
 * forgotten, and no inode left.
 */
#include "kernel/fs/mount.h"
#include "kernel/fs/path.h"
#include "kernel/fs/ramfs.h"
#include "kernel/ktest.h"
#include "kernel/sched.h"
#include "kernel/task.h"
#include "lib/errno.h"
#include "lib/format.h"
#include "lib/string.h"

enum { THREADS = 4, ROUNDS = 80, NAMES = 16 };

static struct super *super;
static bool ended;

static struct name name_of(const char *text) { return (struct name){ text, strlen(text) }; }

static struct dentry *look_up(const char *path)
{
    struct walk_start start = { super->root, super->root };
    struct dentry *dentry;
    return path_walk(&start, path, WALK_FOLLOW, &dentry) ? NULL : dentry;
}

static struct dentry *make(struct dentry *dir, const char *text, u32 type)
{
    struct dentry *made;
    struct name name = name_of(text);
    ktest_equal(dentry_make(dir, &name, &(struct inode_spec){ .mode = type | 0755 }, &made), 0);
    return made;
}

static int rename(struct dentry *from, const char *old, struct dentry *to, const char *new)
{
    struct dentry_place a = { from, name_of(old) }, b = { to, name_of(new) };
    return dentry_rename(&a, &b, 0);
}

static void begin(void)
{
    super = ramfs_create("ramfs");
    ktest_assert(super);
    WRITE_ONCE(ended, false);
}

/* All that was made goes, with the file system. */
static void end(void)
{
    struct super *mine = super;
    __atomic_add_fetch(&mine->refs, 1, __ATOMIC_RELAXED);
    mount_take_down(mine);
    ktest_equal(mine->inodes.used, 0);
    ktest_equal(mine->pages.used, 0);
    ktest_equal(mine->refs, 1);
    super_put(mine);
}

/* --- a name that is replaced again and again is always there ---------------------------------- */

static void find_always(void *data)
{
    do {
        struct dentry *dentry = look_up("/x");
        ktest_assert(dentry);
        dentry_put(dentry);
        sched_yield();
    } while (!READ_ONCE(ended));
}

KTEST(a_name_that_is_replaced_is_always_found)
{
    struct task *thread[THREADS];
    begin();
    dentry_put(make(super->root, "x", S_IFREG));
    for (unsigned i = 0; i < THREADS; i++)
        thread[i] = ktest_thread(find_always, NULL, -1);
    for (unsigned i = 0; i < ROUNDS * 4; i++) {
        dentry_put(make(super->root, "new", S_IFREG));
        ktest_equal(rename(super->root, "new", super->root, "x"), 0);
        sched_yield();
    }
    WRITE_ONCE(ended, true);
    for (unsigned i = 0; i < THREADS; i++)
        ktest_join(thread[i]);
    end();
}

/* --- a directory that moves, and walks through it and out of it ------------------------------- */

static void walk_through(void *data)
{
    char buffer[64];
    struct dentry *deep = NULL;
    for (unsigned i = 0; !deep; i++) /* it may move from one to the other between two looks */
        deep = look_up(i % 2 ? "/b/d/deep" : "/a/d/deep");
    while (!READ_ONCE(ended)) {
        struct walk_start start = { super->root, deep };
        struct dentry *top;
        ktest_equal(path_walk(&start, "../../..", 0, &top), 0);
        ktest_assert(top == super->root);
        dentry_put(top);
        const char *path = dentry_path(deep, buffer, sizeof(buffer));
        ktest_assert(path && (!strcmp(path, "/a/d/deep") || !strcmp(path, "/b/d/deep")));
        struct dentry *a = look_up("/a/d/deep"), *b = look_up("/b/d/deep");
        ktest_assert((!a || a == deep) && (!b || b == deep));
        if (a)
            dentry_put(a);
        if (b)
            dentry_put(b);
        sched_yield();
    }
    dentry_put(deep);
}

KTEST(a_directory_that_moves_takes_along_who_is_in_it)
{
    struct task *thread[THREADS];
    begin();
    struct dentry *a = make(super->root, "a", S_IFDIR), *b = make(super->root, "b", S_IFDIR);
    struct dentry *d = make(a, "d", S_IFDIR);
    dentry_put(make(d, "deep", S_IFDIR));
    for (unsigned i = 0; i < THREADS; i++)
        thread[i] = ktest_thread(walk_through, NULL, -1);
    for (unsigned i = 0; i < ROUNDS * 2; i++) {
        ktest_equal(rename(i % 2 ? b : a, "d", i % 2 ? a : b, "d"), 0);
        ktest_equal(a->inode->links + b->inode->links, 5);
        sched_yield();
    }
    WRITE_ONCE(ended, true);
    for (unsigned i = 0; i < THREADS; i++)
        ktest_join(thread[i]);
    ktest_equal(rename(super->root, "a", d, "a"), -EINVAL);
    dentry_put(a);
    dentry_put(b);
    dentry_put(d);
    end();
}

/* --- everything at once ----------------------------------------------------------------------- */

/* Do something with one of few names in one of two directories. */
static void do_something(struct dentry *const dir[2])
{
    char first[8], second[8];
    struct dentry *dentry, *one = dir[ktest_random() % 2], *other = dir[ktest_random() % 2];
    snprintf(first, sizeof(first), "%u", ktest_random() % NAMES);
    snprintf(second, sizeof(second), "%u", ktest_random() % NAMES);
    struct name name = name_of(first);
    struct dentry_place from = { one, name }, to = { other, name_of(second) };
    u32 type = ktest_random() % 4 ? S_IFREG : S_IFDIR;
    switch (ktest_random() % 5) {
    case 0:
        (void)!dentry_remove(one, &name, type == S_IFDIR);
        return;
    case 1:
        (void)!dentry_rename(&from, &to, 0);
        return;
    case 2:
        (void)!dentry_rename(&from, &to, RENAME_EXCHANGE);
        return;
    case 3:
        if (dentry_lookup(one, &name, &dentry))
            return;
        (void)!dentry_link(other, &to.name, dentry->inode);
        break;
    default:
        if (dentry_make(one, &name, &(struct inode_spec){ .mode = type | 0755 }, &dentry))
            return;
    }
    sched_yield();
    ktest_assert(dentry->inode);
    dentry_put(dentry);
}

static void do_much(void *data)
{
    struct dentry *dir[2] = { look_up("/a"), look_up("/b") };
    for (unsigned i = 0; i < ROUNDS * 4; i++)
        do_something(dir);
    dentry_put(dir[0]);
    dentry_put(dir[1]);
}

KTEST(names_are_made_moved_and_removed_on_all_CPUs)
{
    struct task *thread[THREADS];
    begin();
    dentry_put(make(super->root, "a", S_IFDIR));
    dentry_put(make(super->root, "b", S_IFDIR));
    for (unsigned i = 0; i < THREADS; i++)
        thread[i] = ktest_thread(do_much, NULL, -1);
    for (unsigned i = 0; i < THREADS; i++)
        ktest_join(thread[i]);
    end();
}
