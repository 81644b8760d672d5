/*
 * The cpio parser: good archives, every kind of damage, and noise.
 */
#include "kernel/fs/cpio.h"

#include "lib/errno.h"
#include "tests/host/kernel/fs/archive.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct archive two_files(void)
{
    struct archive archive = { 0 };
    archive_add(&archive, &(struct entry){ "dir/one", 0100644, "hello" });
    archive_add(&archive, &(struct entry){ "two", 0100755, "" });
    archive_end(&archive);
    return archive;
}

static volatile u32 sum_of_all;

/* Walk it all, from a copy of exactly @size bytes.  Returns: members, or the errno. */
static int walk(const u8 *bytes, size_t size, const char **why)
{
    u8 *copy = malloc(size ? size : 1);
    struct cpio_member member;
    int members = 0, result;

    memcpy(copy, bytes, size);
    struct cpio cpio = cpio_open(copy, size);
    while ((result = cpio_next(&cpio, &member)) > 0) {
        members++;
        assert_int_equal(strlen(member.name), member.name_bytes);
        for (u32 i = 0; i < member.data_bytes; i++)
            sum_of_all += member.data[i]; /* look at each byte: the sanitizer does, too */
    }
    if (why)
        *why = cpio.why;
    assert_true(result == 0 || cpio.why);
    free(copy);
    return result < 0 ? result : members;
}

static void members_come_out_as_they_went_in(void **state)
{
    struct archive archive = two_files();
    struct cpio cpio = cpio_open(archive.bytes, archive.size);
    struct cpio_member member;

    assert_int_equal(cpio_next(&cpio, &member), 1);
    assert_string_equal(member.name, "dir/one");
    assert_int_equal(member.mode, 0100644);
    assert_int_equal(member.mtime, 1234);
    assert_int_equal(member.node_device, 5 << 8 | 3);
    assert_int_equal(member.data_bytes, 5);
    assert_memory_equal(member.data, "hello", 5);
    assert_int_equal(cpio_next(&cpio, &member), 1);
    assert_string_equal(member.name, "two");
    assert_int_equal(member.data_bytes, 0);
    assert_int_equal(cpio_next(&cpio, &member), 0);
    free(archive.bytes);
}

static void joined_archives_are_one(void **state)
{
    struct archive archive = two_files(), second = two_files();
    archive_append(&archive, "\0\0\0\0\0\0\0\0", 8);
    archive_append(&archive, second.bytes, second.size);
    archive_append(&archive, "\0\0\0\0\0", 5);
    assert_int_equal(walk(archive.bytes, archive.size, NULL), 4);
    free(archive.bytes);
    free(second.bytes);
}

static void every_truncation_is_noticed(void **state)
{
    struct archive archive = two_files();
    for (size_t size = 0; size + 3 < archive.size; size++) /* the last padding may be missing */
        assert_int_equal(walk(archive.bytes, size, NULL), -EINVAL);
    free(archive.bytes);
}

static void lengths_that_reach_beyond_the_archive_are_refused(void **state)
{
    static const struct {
        size_t at;
        const char *digits, *why;
    } damages[] = {
        { 0, "070703", "no cpio member" },
        { 0, "070707", "old format" },
        { 0, "\x1f\x8b", "gzip" },
        { 54, "ffffffff", "inside this member's data" }, /* size of data */
        { 54, "0000ffff", "inside this member's data" },
        { 94, "ffffffff", "longer than 4096" }, /* size of name */
        { 94, "00000000", "empty" },
        { 94, "00000fff", "inside a member's name" },
        { 94, "00000007", "does not end" },
        { 94, "0000000x", "hex digits" },
    };
    for (size_t i = 0; i < ARRAY_COUNT(damages); i++) {
        struct archive archive = two_files();
        const char *why;
        memcpy(archive.bytes + damages[i].at, damages[i].digits, strlen(damages[i].digits));
        assert_int_equal(walk(archive.bytes, archive.size, &why), -EINVAL);
        if (!strstr(why, damages[i].why))
            fail_msg("said \"%s\" where \"%s\" was expected", why, damages[i].why);
        free(archive.bytes);
    }
}

static void a_wrong_sum_is_noticed(void **state)
{
    struct archive archive = two_files();
    archive.bytes[5] = '2';
    memcpy(archive.bytes + 102, "00000214", 8); /* h e l l o */
    assert_int_equal(walk(archive.bytes, archive.size, NULL), 2);
    archive.bytes[109] = '5';
    assert_int_equal(walk(archive.bytes, archive.size, NULL), -EINVAL);
    free(archive.bytes);
}

static void noise_never_reads_outside(void **state)
{
    struct archive archive = two_files();
    srand(1);
    for (unsigned round = 0; round < 20000; round++) {
        u8 noisy[1024];
        memcpy(noisy, archive.bytes, archive.size);
        for (unsigned n = rand() % 4 + 1; n; n--) {
            size_t at = (size_t)rand() % archive.size;
            noisy[at] = rand() % 2 ? "0123456789abcdefF"[rand() % 17] : (u8)rand();
        }
        walk(noisy, (size_t)rand() % (archive.size + 1), NULL);
    }
    free(archive.bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_come_out_as_they_went_in),
        cmocka_unit_test(joined_archives_are_one),
        cmocka_unit_test(every_truncation_is_noticed),
        cmocka_unit_test(lengths_that_reach_beyond_the_archive_are_refused),
        cmocka_unit_test(a_wrong_sum_is_noticed),
        cmocka_unit_test(noise_never_reads_outside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
