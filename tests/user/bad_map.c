/*
 * Bad arguments of mmap, munmap, mprotect and brk: the errno of the manual, and nothing changes.
 */
#define _GNU_SOURCE
#include "bad.h"

#define R       PROT_READ
#define W       PROT_WRITE
#define X       PROT_EXEC
#define PRIVATE (MAP_PRIVATE | MAP_ANONYMOUS)
#define SHARED  (MAP_SHARED | MAP_ANONYMOUS)
#define FIXED   (PRIVATE | MAP_FIXED)
#define NEW     (PRIVATE | MAP_FIXED_NOREPLACE)
#define MIDDLE  (RW + 2 * PAGE)

static void fill_data(void) {}

static const struct row mmap_rows[] = {
    BAD(EINVAL, map, 0, 0, R, PRIVATE, -1, 0),
    BAD(EINVAL, map, RW, 0, R, FIXED, -1, 0),
    BAD(EINVAL, map, HOLE, 0, R, NEW, -1, 0),
    BAD(EINVAL, map, 0, 0, R, MAP_PRIVATE, PROGRAM, 0),
    BAD(EBADF, map, 0, 0, R, MAP_PRIVATE, CLOSED_FD, 0),
    BAD(EBADF, map, 0, PAGE, R, 0, -1, 0),
    BAD(EINVAL, map, 0, PAGE, R, MAP_ANONYMOUS, -1, 0),
    BAD(EINVAL, map, 0, PAGE, R, MAP_ANONYMOUS | 4, -1, 0),
    BAD(EINVAL, map, 0, PAGE, R, MAP_ANONYMOUS | MAP_SHARED_VALIDATE, -1, 0),
    BAD(EINVAL, map, 0, PAGE, R, MAP_ANONYMOUS | 15, -1, 0),
    BAD(EBADF, map, 0, PAGE, R, 0, CLOSED_FD, 0),
    BAD(EINVAL, map, 0, PAGE, R, 0, PROGRAM, 0),
    BAD(EINVAL, map, 0, PAGE, R, 4, PROGRAM, 0),
    BAD(EINVAL, map, 0, PAGE, R, 15, PROGRAM, 0),
    BAD(ENOMEM, map, 0, -1, R, PRIVATE, -1, 0),
    BAD(ENOMEM, map, 0, -PAGE, R, PRIVATE, -1, 0),
    BAD(ENOMEM, map, 0, -PAGE + 1, R, PRIVATE, -1, 0),
    BAD(ENOMEM, map, 0, LOWEST, R, PRIVATE | MAP_NORESERVE, -1, 0),
    BAD(ENOMEM, map, HOLE, -1, R, PRIVATE, -1, 0),
    BAD(ENOMEM, map, 0, TOP, R, PRIVATE | MAP_NORESERVE, -1, 0),
    BAD(ENOMEM, map, 0, TOP - PAGE, R, PRIVATE | MAP_NORESERVE, -1, 0),
    BAD(EINVAL, map, RW + 1, PAGE, R, FIXED, -1, 0),
    BAD(EINVAL, map, RW + PAGE - 1, PAGE, R, FIXED, -1, 0),
    BAD(EINVAL, map, HOLE + 8, PAGE, R, FIXED, -1, 0),
    BAD(EINVAL, map, HOLE + 8, PAGE, R, NEW, -1, 0),
    BAD(EINVAL, map, RW + 1, PAGE, R, NEW, -1, 0),
    BAD(ENOMEM, map, KERNEL, PAGE, R, FIXED, -1, 0),
    BAD(ENOMEM, map, KERNEL, PAGE, R, NEW, -1, 0),
    BAD(ENOMEM, map, LAST, PAGE, R, FIXED, -1, 0),
    BAD(ENOMEM, map, LAST, 2 * PAGE, R, FIXED, -1, 0),
    BAD(ENOMEM, map, TOP, PAGE, R, FIXED, -1, 0),
    BAD(ENOMEM, map, TOP - PAGE, 2 * PAGE, R, FIXED, -1, 0),
    BAD(ENOMEM, map, TOP - PAGE, 2 * PAGE, R, NEW, -1, 0),
    BAD(ENOMEM, map, CANONICAL, PAGE, R, FIXED, -1, 0),
    BAD(ENOMEM, map, CANONICAL - PAGE, 2 * PAGE, R, FIXED, -1, 0),
    BAD(ENOMEM, map, RW, -PAGE, R, FIXED, -1, 0),
    BAD(ENOMEM, map, RW, -1, R, FIXED, -1, 0),
    BAD(ENOMEM, map, RW, -RW, R, FIXED, -1, 0),
    BAD(ENOMEM, map, RW, HUGE, R, FIXED, -1, 0),
    BAD(EEXIST, map, RW, PAGE, R, NEW, -1, 0),
    BAD(EEXIST, map, RW, 1, R, NEW, -1, 0),
    BAD(EEXIST, map, MIDDLE, PAGE, R | W, NEW, -1, 0),
    BAD(EEXIST, map, HALF, 2 * PAGE, R, NEW, -1, 0),
    BAD(EEXIST, map, ACROSS, 2 * PAGE, R, NEW, -1, 0),
    BAD(EEXIST, map, HOLE, 17 * PAGE, R, NEW, -1, 0),
    BAD(EEXIST, map, HOLE, 16 * PAGE + 1, R, NEW, -1, 0),
    BAD(EEXIST, map, NONE, PAGE, 0, NEW, -1, 0),
    BAD(EEXIST, map, ARENA - PAGE, WHOLE, R, NEW, -1, 0),
    BAD(EEXIST, map, RW, PAGE, R, NEW | MAP_FIXED, -1, 0),
    BAD(EEXIST, map, RW, PAGE, R, MAP_PRIVATE | MAP_FIXED_NOREPLACE, PROGRAM, 0),
    BAD(EBADF, map, 0, PAGE, R, MAP_PRIVATE, -1, 0),
    BAD(EBADF, map, 0, PAGE, R, MAP_PRIVATE, CLOSED_FD, 0),
    BAD(EBADF, map, 0, PAGE, R, MAP_SHARED, CLOSED_FD, 0),
    BAD(EBADF, map, RW, PAGE, R, MAP_PRIVATE | MAP_FIXED, CLOSED_FD, 0),
    BAD(EBADF, map, 0, PAGE, R, MAP_PRIVATE, HIGHEST_FD, 0),
    BAD(EBADF, map, RW + 1, -1, R, MAP_PRIVATE | MAP_FIXED, -2, 0),
    BAD(EACCES, map, 0, PAGE, R | W, MAP_SHARED, PROGRAM, 0),
    BAD(EACCES, map, 0, PAGE, W, MAP_SHARED, PROGRAM, 0),
    BAD(EACCES, map, RW, PAGE, R | W, MAP_SHARED | MAP_FIXED, PROGRAM, 0),
    BAD(EACCES, map, 0, PAGE, R | W, MAP_SHARED_VALIDATE, PROGRAM, 0),
    BAD(EACCES, map, 0, PAGE, R, MAP_PRIVATE, PIPE_W, 0),
    BAD(EACCES, map, 0, PAGE, R, MAP_SHARED, PIPE_W, 0),
    BAD(ENODEV, map, 0, PAGE, R, MAP_PRIVATE, PIPE_R, 0),
    BAD(ENODEV, map, 0, PAGE, R, MAP_SHARED, PIPE_R, 0),
    BAD(ENODEV, map, RW, PAGE, R, MAP_PRIVATE | MAP_FIXED, PIPE_R, 0),
    BAD(ENODEV, map, 0, PAGE, R, MAP_PRIVATE, DIRECTORY, 0),
    BAD(ENODEV, map, 0, PAGE, R, MAP_SHARED, DIRECTORY, 0),
    BAD(EACCES, map, 0, PAGE, W, MAP_SHARED, DIRECTORY, 0),
    BAD(EOPNOTSUPP, map, 0, PAGE, R, MAP_SHARED_VALIDATE | 0x2000000, PROGRAM, 0),
    BAD(EOPNOTSUPP, map, 0, PAGE, R, MAP_SHARED_VALIDATE | MAP_SYNC, PROGRAM, 0),
    BAD(EINVAL, map, RW + 1, PAGE, R, MAP_PRIVATE | MAP_FIXED, PROGRAM, 0),
    BAD(ENOMEM, map, KERNEL, PAGE, R, MAP_PRIVATE | MAP_FIXED, PROGRAM, 0),
    BAD(ENOMEM, map, 0, -PAGE, R, MAP_PRIVATE, PROGRAM, 0),
    BAD(ENOMEM, map, 0, -1, R, MAP_SHARED, PROGRAM, 0),
    BAD(EINVAL, map, 0, PAGE, R, SHARED | MAP_GROWSDOWN, -1, 0),
    BAD(EINVAL, map, 0, PAGE, R, MAP_SHARED | MAP_GROWSDOWN, PROGRAM, 0),
    BAD(EINVAL, map, RW, PAGE, R, SHARED | MAP_GROWSDOWN | MAP_FIXED, -1, 0),
    BAD(EINVAL, map, 0, PAGE, R, MAP_PRIVATE | MAP_HUGETLB, PROGRAM, 0),
    BAD(EINVAL, map, 0, PAGE, R, PRIVATE | MAP_HUGETLB | 13 << 26, -1, 0),
    BAD(EINVAL, map, 0, PAGE, R, PRIVATE | MAP_HUGETLB | 63 << 26, -1, 0),
};

static const struct row munmap_rows[] = {
    BAD(EINVAL, munmap, RW, 0),
    BAD(EINVAL, munmap, HOLE, 0),
    BAD(EINVAL, munmap, RW + 1, PAGE),
    BAD(EINVAL, munmap, RW + PAGE - 1, PAGE),
    BAD(EINVAL, munmap, HOLE + 1, PAGE),
    BAD(EINVAL, munmap, RW, -1),
    BAD(EINVAL, munmap, RW, -PAGE),
    BAD(EINVAL, munmap, RW, -RW),
    BAD(EINVAL, munmap, RW, LOWEST),
    BAD(EINVAL, munmap, 0, -1),
    BAD(EINVAL, munmap, 0, LAST),
    BAD(EINVAL, munmap, KERNEL, PAGE),
    BAD(EINVAL, munmap, KERNEL + 1, PAGE),
    BAD(EINVAL, munmap, LAST, PAGE),
    BAD(EINVAL, munmap, LAST, 2 * PAGE),
    BAD(EINVAL, munmap, CANONICAL, PAGE),
    BAD(EINVAL, munmap, CANONICAL - PAGE, 2 * PAGE),
    BAD(EINVAL, munmap, TOP - PAGE, 4 * PAGE),
    FINE(munmap, HOLE, PAGE),
    FINE(munmap, HOLE, 16 * PAGE),
    FINE(munmap, HOLE, 1),
    FINE(munmap, 0, PAGE),
    FINE(munmap, ARENA - 16 * PAGE, 16 * PAGE),
};

static const struct row mprotect_rows[] = {
    BAD(EINVAL, mprotect, RW + 1, PAGE, R),
    BAD(EINVAL, mprotect, RW + PAGE - 1, PAGE, R),
    BAD(EINVAL, mprotect, RW + 1, 0, R),
    BAD(EINVAL, mprotect, HOLE + 1, PAGE, R),
    BAD(EINVAL, mprotect, RW, PAGE, 16),
    BAD(EINVAL, mprotect, RW, PAGE, R | 0x80),
    BAD(EINVAL, mprotect, RW, PAGE, LOWEST),
    BAD(EINVAL, mprotect, RW, PAGE, -1),
    FINE(mprotect, RW, 0, 0x100),
    BAD(EINVAL, mprotect, RW, PAGE, R | PROT_GROWSDOWN | PROT_GROWSUP),
    BAD(EINVAL, mprotect, RW, PAGE, R | PROT_GROWSDOWN),
    BAD(EINVAL, mprotect, RW, PAGE, R | PROT_GROWSUP),
    BAD(EINVAL, mprotect, RW + 1, PAGE, R | PROT_GROWSDOWN),
    BAD(EINVAL, mprotect, NONE, 4 * PAGE, R | PROT_GROWSDOWN),
    BAD(ENOMEM, mprotect, HOLE, PAGE, R),
    BAD(ENOMEM, mprotect, HOLE, 1, R),
    BAD(ENOMEM, mprotect, HOLE, 17 * PAGE, R),
    BAD(ENOMEM, mprotect, ACROSS, 2 * PAGE, 0),
    BAD(ENOMEM, mprotect, HOLE, 2 * PAGE, R | PROT_GROWSUP),
    UP_TO_HOLE(ENOMEM, mprotect, HALF, 2 * PAGE, R),
    UP_TO_HOLE(ENOMEM, mprotect, RW, 16 * PAGE, R),
    UP_TO_HOLE(ENOMEM, mprotect, RW, WHOLE, R),
    BAD(ENOMEM, mprotect, HOLE, -HOLE, R),
    BAD(ENOMEM, mprotect, HOLE, -1, R),
    BAD(ENOMEM, mprotect, 0, PAGE, R),
    BAD(ENOMEM, mprotect, 0, LAST, R),
    BAD(ENOMEM, mprotect, KERNEL, PAGE, R),
    BAD(ENOMEM, mprotect, KERNEL, PAGE, 0),
    BAD(EINVAL, mprotect, KERNEL + 1, PAGE, R),
    BAD(ENOMEM, mprotect, LAST, PAGE, R),
    BAD(ENOMEM, mprotect, LAST, 2 * PAGE, R),
    BAD(ENOMEM, mprotect, CANONICAL, PAGE, R),
    FINE(mprotect, RW, 0, R),
    FINE(mprotect, HOLE, 0, R),
    FINE(mprotect, KERNEL, 0, R),
    FINE(mprotect, RW, 8 * PAGE, R | W),
    FINE(mprotect, RW, 1, R | W),
    FINE(mprotect, RO, 4 * PAGE, R),
    FINE(mprotect, NONE, 4 * PAGE, 0),
};

/* brk never fails: it answers with the end that stays. */
static void test_brk(void)
{
    static const struct {
        const char *name;
        long wish;
    } row[] = { { "0", 0 },           { "1", 1 },       { "PAGE", PAGE },
                { "KERNEL", KERNEL }, { "LAST", LAST }, { "-1", -1 },
                { "LOWEST", LOWEST }, { "TOP", TOP },   { "RW", RW },
                { "RW + 1", RW + 1 }, { "END", END },   { "CANONICAL", CANONICAL } };
    unsigned long before = state();
    long end = syscall(SYS_brk, 0);
    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        int kept = syscall(SYS_brk, row[i].wish) == end && state() == before;
        printf("%s: brk(%s) moves nothing\n", kept ? "ok" : "FAILED", row[i].name);
        failures += !kept;
    }
}

int main(void)
{
    try_rows(mmap_rows, sizeof(mmap_rows) / sizeof(mmap_rows[0]));
    try_rows(munmap_rows, sizeof(munmap_rows) / sizeof(munmap_rows[0]));
    try_rows(mprotect_rows, sizeof(mprotect_rows) / sizeof(mprotect_rows[0]));
    test_brk();
    return finish();
}
