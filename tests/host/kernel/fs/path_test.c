/*
 * Paths and files on ramfs: names, "..", links, limits, contents, and memory that runs out.
 *
 * Links: kernel/fs/dir.c kernel/fs/mount.c kernel/fs/mount_table.c
 *        kernel/fs/rename.c kernel/fs/ramfs_file.c
 *        kernel/fs/anonymous.c
 *        kernel/fs/inode.c kernel/fs/dentry.c kernel/fs/file.c kernel/fs/iov.c kernel/fs/ramfs.c
 *        kernel/fs/page_cache.c kernel/fs/page_tree.c lib/format.c lib/rbtree.c
 *        tests/host/kernel/fs/memory.c
 */
#include "kernel/fs/path.h"

#include "kernel/fs/dev.h"
#include "kernel/fs/iov.h"
#include "kernel/fs/mount.h"
#include "kernel/fs/ramfs.h"
#include "lib/errno.h"
#include "tests/host/kernel/fs/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

void mount_take_down_when_left(struct super *it) { abort(); }
const struct file_ops *dev_ops(u64 device) { return NULL; }

static struct super *super;
static struct walk_start start;

static int make(const char *path, u32 mode, const char *target)
{
    struct inode_spec spec = { .mode = mode, .target = target };
    struct dentry *parent, *made;
    struct name name;
    int error = path_walk_parent(&start, path, &parent, &name);
    if (error)
        return error;
    error = dentry_make(parent, &name, &spec, &made);
    dentry_put(parent);
    if (!error)
        dentry_put(made);
    return error;
}

/* What @path names, as a path without links; or "errno N". */
static const char *where(const char *path, unsigned flags)
{
    static char buffer[5000], text[32];
    struct dentry *dentry;
    int error = path_walk(&start, path, flags, &dentry);
    assert_int_equal(mutexes_held, 0);
    if (error) {
        snprintf(text, sizeof(text), "errno %d", -error);
        return text;
    }
    char *found = dentry_path(dentry, buffer, sizeof(buffer));
    dentry_put(dentry);
    return found;
}

static int setup(void **state)
{
    super = ramfs_create("ramfs");
    start = (struct walk_start){ super->root, super->root };
    assert_int_equal(make("/dir", S_IFDIR | 0755, NULL), 0);
    assert_int_equal(make("dir/sub/", S_IFDIR | 0755, NULL), 0);
    assert_int_equal(make("/dir/sub/file", S_IFREG | 0644, NULL), 0);
    assert_int_equal(make("/link", S_IFLNK | 0777, "dir/sub"), 0);
    assert_int_equal(make("/dir/up", S_IFLNK | 0777, "../dir/sub/file"), 0);
    assert_int_equal(make("/absolute", S_IFLNK | 0777, "/dir"), 0);
    assert_int_equal(make("/loop", S_IFLNK | 0777, "loop"), 0);
    assert_int_equal(make("/dangling", S_IFLNK | 0777, "nowhere"), 0);
    return 0;
}

static void names_are_found(void **state)
{
    assert_string_equal(where("/", 0), "/");
    assert_string_equal(where("dir", 0), "/dir");
    assert_string_equal(where("//dir///sub/./file", 0), "/dir/sub/file");
    assert_string_equal(where("/dir/sub/..", 0), "/dir");
    assert_string_equal(where("../../dir/..", 0), "/");
    assert_string_equal(where("/dir/", 0), "/dir");
}

static void what_is_wrong_has_its_errno(void **state)
{
    char path[6000];
    assert_string_equal(where("", 0), "errno 2");
    assert_string_equal(where("/none", 0), "errno 2");
    assert_string_equal(where("/none/../dir", 0), "errno 2");
    assert_string_equal(where("/dir/sub/file/x", 0), "errno 20");
    assert_string_equal(where("/dir/sub/file/", 0), "errno 20");
    assert_string_equal(where("/dir/sub/file/.", 0), "errno 20");
    assert_string_equal(where("/dir/sub/file", WALK_DIRECTORY), "errno 20");

    memset(path, 'x', sizeof(path));
    path[256] = 0;
    assert_string_equal(where(path, 0), "errno 36");
    path[255] = 0;
    assert_string_equal(where(path, 0), "errno 2");
    memset(path, '/', sizeof(path));
    path[4096] = 0;
    assert_string_equal(where(path, 0), "errno 36");
    path[4095] = 0;
    assert_string_equal(where(path, 0), "/");
}

static void links_are_followed_in_the_middle_and_at_the_end_if_asked(void **state)
{
    assert_string_equal(where("/link", 0), "/link");
    assert_string_equal(where("/link", WALK_FOLLOW), "/dir/sub");
    assert_string_equal(where("/link/", 0), "/dir/sub");
    assert_string_equal(where("/link/file", 0), "/dir/sub/file");
    assert_string_equal(where("/link/..", 0), "/dir");
    assert_string_equal(where("/dir/up", WALK_FOLLOW), "/dir/sub/file");
    assert_string_equal(where("/absolute/up", WALK_FOLLOW), "/dir/sub/file");
    assert_string_equal(where("/absolute/../link/file", 0), "/dir/sub/file");
    assert_string_equal(where("/loop", 0), "/loop");
    assert_string_equal(where("/loop", WALK_FOLLOW), "errno 40");
    assert_string_equal(where("/loop/x", 0), "errno 40");
    assert_string_equal(where("/dangling", WALK_FOLLOW), "errno 2");
}

static void forty_links_are_followed_but_not_more(void **state)
{
    char name[16], target[16];
    for (unsigned i = 0; i < 41; i++) {
        snprintf(name, sizeof(name), "/l%u", i);
        snprintf(target, sizeof(target), i ? "l%u" : "dir", i - 1);
        assert_int_equal(make(name, S_IFLNK | 0777, target), 0);
    }
    assert_string_equal(where("/l39", WALK_FOLLOW), "/dir");
    assert_string_equal(where("/l40", WALK_FOLLOW), "errno 40");
}

static void what_exists_cannot_be_made(void **state)
{
    assert_int_equal(make("/dir", S_IFDIR, NULL), -EEXIST);
    assert_int_equal(make("/dangling", S_IFREG, NULL), -EEXIST);
    assert_int_equal(make("/", S_IFDIR, NULL), -EEXIST);
    assert_int_equal(make("/dir/..", S_IFDIR, NULL), -EEXIST);
    assert_int_equal(make("/none/x", S_IFREG, NULL), -ENOENT);
    assert_int_equal(make("/dir/sub/file/x", S_IFREG, NULL), -ENOTDIR);
    assert_int_equal(make("", S_IFREG, NULL), -ENOENT);
}

static void a_mounted_file_system_covers_a_directory(void **state)
{
    struct super *other = ramfs_create("ramfs");
    struct dentry *dir;
    assert_int_equal(make("/mnt", S_IFDIR | 0755, NULL), 0);
    assert_int_equal(path_walk(&start, "/mnt", 0, &dir), 0);
    assert_int_equal(mount_add(other, dir, "x"), 0);
    assert_int_equal(mount_add(other, dir, "x"), -EBUSY);
    dentry_put(dir);
    assert_int_equal(make("/mnt/inside", S_IFDIR | 0755, NULL), 0);
    assert_string_equal(where("/mnt/inside", 0), "/mnt/inside");
    assert_string_equal(where("/mnt", 0), "/mnt");
    assert_string_equal(where("/mnt/inside/../..", 0), "/");
    assert_string_equal(where("/mnt/../dir", 0), "/dir");
}

static struct file *open(const char *path, u32 flags)
{
    struct dentry *dentry;
    struct file *file;
    assert_int_equal(path_walk(&start, path, WALK_FOLLOW, &dentry), 0);
    assert_int_equal(file_open(dentry, flags, &file), 0);
    dentry_put(dentry);
    return file;
}

static void bytes_come_back_and_holes_read_as_zeroes(void **state)
{
    struct file *file = open("/dir/up", O_RDWR);
    char data[10000], back[30000];
    u64 position = 12345;
    for (size_t i = 0; i < sizeof(data); i++)
        data[i] = (char)(i * 7 + 1);

    struct iov from = iov_kernel(data, sizeof(data));
    assert_int_equal(file_write(file, &from, &position), sizeof(data));
    assert_int_equal(position, 22345);
    assert_int_equal(file->dentry->inode->size, 22345);
    assert_int_equal(file_read_kernel(file, back, sizeof(back), 0), 22345);
    for (size_t i = 0; i < 12345; i++)
        assert_int_equal(back[i], 0);
    assert_memory_equal(back + 12345, data, sizeof(data));
    assert_int_equal(file_read_kernel(file, back, 10, 22340), 5);
    assert_int_equal(file_read_kernel(file, back, 10, 22345), 0);
    assert_int_equal(file_read_kernel(file, back, 10, 1ull << 62), 0);

    struct iov bad = { .address = (char *)16, .here = 100, .left = 100, .is_user = true };
    assert_int_equal(file_read(file, &bad, NULL), -EFAULT);
    file_put(file);
}

static void a_shrunk_file_forgets_what_was_behind_its_end(void **state)
{
    struct file *file = open("/link/file", O_RDWR);
    struct inode *inode = file->dentry->inode;
    char back[8192];
    assert_int_equal(inode->ops->truncate(inode, 12350), 0);
    assert_int_equal(inode->ops->truncate(inode, 20000), 0);
    assert_int_equal(file_read_kernel(file, back, 8192, 12345), 20000 - 12345);
    assert_int_equal(back[4], 29);
    for (size_t i = 5; i < 20000 - 12345; i++)
        assert_int_equal(back[i], 0);
    file_put(file);
}

static void rights_of_open_are_kept(void **state)
{
    struct file *file = open("/link/file", O_RDONLY);
    char byte = 'x';
    struct iov from = iov_kernel(&byte, 1);
    assert_int_equal(file_write(file, &from, NULL), -EBADF);
    file_put(file);
    file = open("/link/file", O_WRONLY | O_APPEND);
    assert_int_equal(file_read_kernel(file, &byte, 1, 0), -EBADF);
    assert_int_equal(file_write(file, &from, NULL), 1);
    assert_int_equal(file->position, 20001);
    file_put(file);
    file = open("/dir", O_RDONLY);
    assert_int_equal(file_read_kernel(file, &byte, 1, 0), -EISDIR);
    file_put(file);
}

static void running_out_of_memory_leaks_nothing(void **state)
{
    struct dentry *dir;
    assert_int_equal(path_walk(&start, "/dir", 0, &dir), 0);
    for (long limit = 0; limit < 10; limit++) {
        char name[32];
        snprintf(name, sizeof(name), "/dir/scarce%ld", limit);
        long before = memory_in_use;
        u32 refs = dir->refs;
        memory_until_failure = limit;
        int error = make(name, S_IFLNK | 0777, "target");
        memory_until_failure = -1;
        assert_true(error == 0 || error == -ENOMEM);
        if (error) {
            assert_int_equal(memory_in_use, before);
            assert_int_equal(dir->refs, refs);
            assert_string_equal(where(name, 0), "errno 2");
        }
        assert_int_equal(mutexes_held, 0);
    }
    dentry_put(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_found),
        cmocka_unit_test(what_is_wrong_has_its_errno),
        cmocka_unit_test(links_are_followed_in_the_middle_and_at_the_end_if_asked),
        cmocka_unit_test(forty_links_are_followed_but_not_more),
        cmocka_unit_test(what_exists_cannot_be_made),
        cmocka_unit_test(a_mounted_file_system_covers_a_directory),
        cmocka_unit_test(bytes_come_back_and_holes_read_as_zeroes),
        cmocka_unit_test(a_shrunk_file_forgets_what_was_behind_its_end),
        cmocka_unit_test(rights_of_open_are_kept),
        cmocka_unit_test(running_out_of_memory_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
