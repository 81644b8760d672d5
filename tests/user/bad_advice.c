/*
 * Bad arguments of madvise and mincore: the errno of the manual, and nothing changes.
 */
#define _GNU_SOURCE
#include "bad.h"

/* Younger than some C libraries.  Source: Linux uapi asm-generic/mman-common.h. */
enum { COLD = 20, PAGEOUT = 21, POPULATE_READ = 22, POPULATE_WRITE = 23 };

static void fill_data(void) {}

#define EVERY_ADVICE(advice)                                                                   \
    BAD(EINVAL, madvise, RW + 1, PAGE, advice), BAD(EINVAL, madvise, HOLE + 8, PAGE, advice),  \
        BAD(EINVAL, madvise, RW, -1, advice), BAD(EINVAL, madvise, RW + 1, 0, advice),         \
        BAD(EINVAL, madvise, RW, -PAGE, advice), BAD(EINVAL, madvise, LAST, 2 * PAGE, advice), \
        BAD(ENOMEM, madvise, HOLE, PAGE, advice), BAD(ENOMEM, madvise, HOLE, 1, advice),       \
        BAD(ENOMEM, madvise, KERNEL, PAGE, advice), BAD(ENOMEM, madvise, TOP, PAGE, advice),   \
        UP_TO_HOLE(ENOMEM, madvise, HALF, 2 * PAGE, advice), FINE(madvise, HOLE, 0, advice),   \
        FINE(madvise, KERNEL, 0, advice)

static const struct row madvise_rows[] = {
    EVERY_ADVICE(MADV_NORMAL),
    EVERY_ADVICE(MADV_RANDOM),
    EVERY_ADVICE(MADV_SEQUENTIAL),
    EVERY_ADVICE(MADV_WILLNEED),
    EVERY_ADVICE(MADV_DONTNEED),
    EVERY_ADVICE(MADV_FREE),
    EVERY_ADVICE(MADV_DONTFORK),
    EVERY_ADVICE(MADV_DOFORK),
    EVERY_ADVICE(MADV_HUGEPAGE),
    EVERY_ADVICE(MADV_NOHUGEPAGE),
    EVERY_ADVICE(MADV_WIPEONFORK),
    EVERY_ADVICE(MADV_KEEPONFORK),
    EVERY_ADVICE(COLD),
    EVERY_ADVICE(PAGEOUT),
    EVERY_ADVICE(POPULATE_READ),
    EVERY_ADVICE(POPULATE_WRITE),
    BAD(EINVAL, madvise, RW, PAGE, -1),
    BAD(EINVAL, madvise, RW, PAGE, 5),
    BAD(EINVAL, madvise, RW, PAGE, 7),
    BAD(EINVAL, madvise, RW, PAGE, 26),
    BAD(EINVAL, madvise, RW, PAGE, 99),
    BAD(EINVAL, madvise, RW, PAGE, 12345),
    BAD(EINVAL, madvise, RW, 0, 12345),
    BAD(EINVAL, madvise, HOLE, PAGE, 12345),
    BAD(EINVAL, madvise, RW + 1, 0, 12345),
    BAD(EINVAL, madvise, NONE, PAGE, POPULATE_READ),
    BAD(EINVAL, madvise, NONE, PAGE, POPULATE_WRITE),
    BAD(EINVAL, madvise, RO, PAGE, POPULATE_WRITE),
    BAD(ENOMEM, madvise, ACROSS, PAGE, POPULATE_READ),
    FINE(madvise, RW, 8 * PAGE, POPULATE_READ),
    FINE(madvise, RW, 8 * PAGE, POPULATE_WRITE),
    FINE(madvise, RO, 4 * PAGE, POPULATE_READ),
    FINE(madvise, NONE, 4 * PAGE, MADV_WILLNEED),
    FINE(madvise, RW, 8 * PAGE, COLD),
};

static const struct row mincore_rows[] = {
    BAD(EINVAL, mincore, RW + 1, PAGE, DATA),
    BAD(EINVAL, mincore, RW + 1, 0, DATA),
    BAD(EINVAL, mincore, HOLE + 8, PAGE, DATA),
    BAD(EINVAL, mincore, RW + PAGE - 1, PAGE, HOLE),
    BAD(ENOMEM, mincore, HOLE, PAGE, DATA),
    BAD(ENOMEM, mincore, HOLE, 1, DATA),
    BAD(ENOMEM, mincore, HOLE, 17 * PAGE, DATA),
    BAD(ENOMEM, mincore, ACROSS, 2 * PAGE, DATA),
    BAD(ENOMEM, mincore, 0, PAGE, DATA),
    BAD(ENOMEM, mincore, KERNEL, PAGE, DATA),
    BAD(ENOMEM, mincore, LAST, PAGE, DATA),
    BAD(ENOMEM, mincore, TOP, PAGE, DATA),
    BAD(ENOMEM, mincore, RW, -1, DATA),
    BAD(ENOMEM, mincore, RW, -PAGE, DATA),
    BAD(ENOMEM, mincore, RW, LOWEST, DATA),
    BAD(ENOMEM, mincore, CANONICAL, PAGE, DATA),
    UP_TO_HOLE(ENOMEM, mincore, HALF, 2 * PAGE, DATA),
    UP_TO_HOLE(ENOMEM, mincore, RW, 17 * PAGE, DATA),
    BAD(EFAULT, mincore, RW, PAGE, 0),
    BAD(EFAULT, mincore, RW, PAGE, HOLE),
    BAD(EFAULT, mincore, RW, PAGE, NONE),
    BAD(EFAULT, mincore, RW, PAGE, RO),
    BAD(EFAULT, mincore, RW, PAGE, KERNEL),
    BAD(EFAULT, mincore, RW, PAGE, LAST),
    BAD(EFAULT, mincore, RW, PAGE, -1),
    BAD(EFAULT, mincore, RW, PAGE, CANONICAL),
    UP_TO_HOLE(EFAULT, mincore, RW, 8 * PAGE, RW_END),
    UP_TO_HOLE(EFAULT, mincore, RW, 8 * PAGE, -4),
    FINE(mincore, RW, 0, 0),
    FINE(mincore, HOLE, 0, HOLE),
};

int main(void)
{
    try_rows(madvise_rows, sizeof(madvise_rows) / sizeof(madvise_rows[0]));
    try_rows(mincore_rows, sizeof(mincore_rows) / sizeof(mincore_rows[0]));
    return finish();
}
