/*
 * Unpacking an initramfs: what is in the file system afterwards, and what is said of a bad one.
 *
 * Links: kernel/fs/dir.c kernel/fs/mount.c kernel/fs/rename.c kernel/fs/ramfs_file.c
 *        kernel/fs/cpio.c kernel/fs/path.c kernel/fs/inode.c kernel/fs/dentry.c kernel/fs/file.c
 *        kernel/fs/iov.c kernel/fs/ramfs.c kernel/fs/page_cache.c kernel/fs/page_tree.c
 *        lib/format.c lib/rbtree.c kernel/fs/anonymous.c tests/host/kernel/fs/memory.c
 */
#include "kernel/fs/initramfs.h"

#include "kernel/fs/dev.h"
#include "kernel/fs/path.h"
#include "kernel/fs/ramfs.h"
#include "lib/errno.h"
#include "tests/host/kernel/fs/archive.h"
#include "tests/host/kernel/fs/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct file_ops console_ops;

const struct file_ops *dev_ops(u64 device) { return device == 0x503 ? &console_ops : NULL; }

static char why[200];

static int setup(void **state)
{
    path_set_root(ramfs_create("ramfs")->root);
    return 0;
}

/* Unpack @count entries and the trailer. */
static int unpack(const struct entry *entries, size_t count)
{
    struct archive archive = { 0 };
    for (size_t i = 0; i < count; i++)
        archive_add(&archive, &entries[i]);
    archive_end(&archive);
    int error = initramfs_unpack(archive.bytes, archive.size, why, sizeof(why));
    assert_int_equal(mutexes_held, 0);
    free(archive.bytes);
    return error;
}

/* The inode that @path names, kept alive by the file system. */
static struct inode *find(const char *path)
{
    struct walk_start start = path_root();
    struct dentry *dentry;
    assert_int_equal(path_walk(&start, path, 0, &dentry), 0);
    struct inode *inode = dentry->inode;
    dentry_put(dentry);
    return inode;
}

static void assert_content(const char *path, const char *wanted)
{
    struct walk_start start = path_root();
    struct dentry *dentry;
    struct file *file;
    char text[100] = "";
    assert_int_equal(path_walk(&start, path, WALK_FOLLOW, &dentry), 0);
    assert_int_equal(file_open(dentry, O_RDONLY, &file), 0);
    assert_true(file_read_kernel(file, text, sizeof(text) - 1, 0) >= 0);
    assert_string_equal(text, wanted);
    file_put(file);
    dentry_put(dentry);
}

static void members_become_files(void **state)
{
    const struct entry entries[] = {
        { ".", S_IFDIR | 0755, "" },
        { "./bin", S_IFDIR | 0700, "" },
        { "bin/tool", S_IFREG | 0755, "what it does" },
        { "/etc/deep/er/file", S_IFREG | 0644, "directories came by themselves" },
        { "etc", S_IFDIR | 0755, "" },
        { "link", S_IFLNK | 0777, "bin/tool" },
        { "console", S_IFCHR | 0600, "" },
    };
    assert_int_equal(unpack(entries, ARRAY_COUNT(entries)), 0);
    assert_content("/bin/tool", "what it does");
    assert_content("/link", "what it does");
    assert_content("/etc/deep/er/file", "directories came by themselves");
    assert_int_equal(find("/bin/tool")->mode, S_IFREG | 0755);
    assert_int_equal(find("/bin/tool")->mtime.s, 1234);
    assert_true(mode_is_dir(find("/etc/deep/er")->mode));
    assert_ptr_equal(find("/console")->fops, &console_ops);
}

static void names_of_one_file_share_it(void **state)
{
    const struct entry entries[] = {
        { "first", S_IFREG | 0644, "", 77 },
        { "second", S_IFREG | 0644, "the bytes come last", 77 },
        { "stranger", S_IFREG | 0644, "another", 78 },
    };
    assert_int_equal(unpack(entries, ARRAY_COUNT(entries)), 0);
    assert_ptr_equal(find("/first"), find("/second"));
    assert_int_equal(find("/first")->links, 2);
    assert_content("/first", "the bytes come last");
    assert_ptr_not_equal(find("/first"), find("/stranger"));
}

static void a_later_member_replaces_an_earlier_one(void **state)
{
    const struct entry entries[] = {
        { "twice", S_IFREG | 0644, "a longer text than the second" },
        { "twice", S_IFREG | 0644, "the second" },
    };
    assert_int_equal(unpack(entries, ARRAY_COUNT(entries)), 0);
    assert_content("/twice", "the second");
}

static void a_bad_member_is_named(void **state)
{
    static const struct {
        struct entry entry;
        const char *why;
    } bad[] = {
        { { "../outside", S_IFREG | 0644, "" }, "member '../outside': it lies outside" },
        { { "bin/../../x", S_IFREG | 0644, "" }, "outside of the root" },
        { { "bin/tool/x", S_IFREG | 0644, "" }, "not a directory" },
        { { "bin", S_IFREG | 0644, "" }, "something else of that name" },
        { { "odd", 0030000 | 0644, "" }, "does not have" },
    };
    for (size_t i = 0; i < ARRAY_COUNT(bad); i++) {
        assert_true(unpack(&bad[i].entry, 1) < 0);
        if (!strstr(why, bad[i].why))
            fail_msg("said \"%s\", not \"%s\"", why, bad[i].why);
    }
    assert_int_equal(initramfs_unpack("junk", 4, why, sizeof(why)), -EINVAL);
    assert_non_null(strstr(why, "at byte 0"));
}

static void running_out_of_memory_is_said_and_leaves_no_lock(void **state)
{
    const struct entry entry = { "big/new/file", S_IFREG | 0644, "text" };
    int error = -1;
    for (long limit = 0; error; limit++) {
        memory_until_failure = limit;
        error = unpack(&entry, 1);
        memory_until_failure = -1;
        if (error)
            assert_non_null(strstr(why, "there is no memory for it"));
        assert_true(limit < 20);
    }
    assert_content("/big/new/file", "text");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_become_files),
        cmocka_unit_test(names_of_one_file_share_it),
        cmocka_unit_test(a_later_member_replaces_an_earlier_one),
        cmocka_unit_test(a_bad_member_is_named),
        cmocka_unit_test(running_out_of_memory_is_said_and_leaves_no_lock),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
