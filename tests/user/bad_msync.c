/*
 * Bad arguments of msync: the errno of the manual, and nothing changes.
 */
#define _GNU_SOURCE
#include "bad.h"

static void fill_data(void) {}

static const struct row msync_rows[] = {
    BAD(EINVAL, msync, RW + 1, PAGE, MS_SYNC),
    BAD(EINVAL, msync, RW + PAGE - 1, 0, MS_SYNC),
    BAD(EINVAL, msync, HOLE + 8, PAGE, MS_ASYNC),
    BAD(EINVAL, msync, RW, PAGE, MS_SYNC | MS_ASYNC),
    BAD(EINVAL, msync, RW, PAGE, MS_SYNC | MS_ASYNC | MS_INVALIDATE),
    BAD(EINVAL, msync, RW, PAGE, 8),
    BAD(EINVAL, msync, RW, PAGE, MS_SYNC | 8),
    BAD(EINVAL, msync, RW, PAGE, -1),
    BAD(EINVAL, msync, HOLE, PAGE, 8),
    BAD(EINVAL, msync, RW, 0, 8),
    BAD(ENOMEM, msync, HOLE, PAGE, MS_SYNC),
    BAD(ENOMEM, msync, HOLE, PAGE, MS_ASYNC),
    BAD(ENOMEM, msync, HOLE, PAGE, 0),
    BAD(ENOMEM, msync, HOLE, 1, MS_INVALIDATE),
    BAD(ENOMEM, msync, HALF, 2 * PAGE, MS_SYNC),
    BAD(ENOMEM, msync, HALF, 2 * PAGE, MS_ASYNC),
    BAD(ENOMEM, msync, RW, WHOLE, MS_SYNC),
    BAD(ENOMEM, msync, ACROSS, 2 * PAGE, MS_SYNC),
    BAD(ENOMEM, msync, KERNEL, PAGE, MS_SYNC),
    BAD(ENOMEM, msync, LAST, PAGE, MS_SYNC),
    BAD(ENOMEM, msync, TOP, PAGE, MS_ASYNC),
    BAD(ENOMEM, msync, RW, -PAGE, MS_SYNC),
    BAD(ENOMEM, msync, RW, LOWEST, MS_SYNC),
    BAD(ENOMEM, msync, 0, PAGE, MS_SYNC),
    FINE(msync, RW, -1, MS_SYNC),
    FINE(msync, RW, 0, MS_SYNC),
    FINE(msync, HOLE, 0, MS_SYNC),
    FINE(msync, RW, 8 * PAGE, MS_SYNC),
    FINE(msync, RW, 8 * PAGE, MS_ASYNC),
    FINE(msync, RO, 4 * PAGE, MS_SYNC | MS_INVALIDATE),
    FINE(msync, NONE, PAGE, 0),
};

int main(void)
{
    try_rows(msync_rows, sizeof(msync_rows) / sizeof(msync_rows[0]));
    return finish();
}
