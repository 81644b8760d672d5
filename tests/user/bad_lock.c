/*
 * Bad arguments of mlock and its kin, and of mremap: the errno of the manual, and nothing changes.
 */
#define _GNU_SOURCE
#include "bad.h"

#define MOVE     MREMAP_MAYMOVE
#define AT       (MREMAP_MAYMOVE | MREMAP_FIXED)
#define LEAVE    (MREMAP_MAYMOVE | 4)
#define LEAVE_AT (MREMAP_MAYMOVE | MREMAP_FIXED | 4)
#define ONFAULT  1
#define CURRENT  MCL_CURRENT
#define FUTURE   MCL_FUTURE

static void fill_data(void) {}

static const struct row mlock_rows[] = {
    BAD(ENOMEM, mlock, HOLE, PAGE),
    BAD(ENOMEM, mlock, HOLE, 1),
    BAD(ENOMEM, mlock, HOLE + 8, 8),
    BAD(ENOMEM, mlock, 0, PAGE),
    BAD(ENOMEM, mlock, ACROSS, 2 * PAGE),
    UP_TO_HOLE(ENOMEM, mlock, HALF, 2 * PAGE),
    UP_TO_HOLE(ENOMEM, mlock, RW_END, 8),
    UP_TO_HOLE(ENOMEM, mlock, RW, WHOLE),
    UP_TO_HOLE(ENOMEM, mlock, NONE, PAGE),
    BAD(EINVAL, mlock, RW, -PAGE),
    BAD(EINVAL, mlock, RW + PAGE, -2 * PAGE),
    BAD(ENOMEM, mlock, KERNEL, PAGE),
    BAD(ENOMEM, mlock, TOP, PAGE),
    BAD(ENOMEM, mlock, LAST - PAGE, PAGE),
    BAD(ENOMEM, mlock, CANONICAL, PAGE),
    FINE(mlock, RW, 0),
    FINE(mlock, HOLE, 0),
    FINE(mlock, KERNEL, 0),
    BAD(EINVAL, mlock2, RW, PAGE, 2),
    BAD(EINVAL, mlock2, RW, PAGE, -1),
    BAD(EINVAL, mlock2, RW, PAGE, ONFAULT | 2),
    BAD(EINVAL, mlock2, HOLE, PAGE, 2),
    BAD(EINVAL, mlock2, RW, 0, 2),
    BAD(EINVAL, mlock2, RW, -PAGE, 0),
    BAD(EINVAL, mlock2, RW, -PAGE, ONFAULT),
    BAD(ENOMEM, mlock2, HOLE, PAGE, 0),
    BAD(ENOMEM, mlock2, HOLE, PAGE, ONFAULT),
    BAD(ENOMEM, mlock2, KERNEL, PAGE, ONFAULT),
    UP_TO_HOLE(ENOMEM, mlock2, HALF, 2 * PAGE, 0),
    UP_TO_HOLE(ENOMEM, mlock2, HALF, 2 * PAGE, ONFAULT),
    GIVES(0, mlock2, NONE, PAGE, ONFAULT),
    FINE(mlock2, RW, 0, ONFAULT),
    BAD(ENOMEM, munlock, HOLE, PAGE),
    BAD(ENOMEM, munlock, HOLE + 8, 8),
    BAD(ENOMEM, munlock, 0, PAGE),
    BAD(ENOMEM, munlock, HALF, 2 * PAGE),
    BAD(ENOMEM, munlock, RW_END, 8),
    BAD(ENOMEM, munlock, RW, WHOLE),
    BAD(ENOMEM, munlock, KERNEL, PAGE),
    BAD(EINVAL, munlock, RW, -PAGE),
    BAD(ENOMEM, munlock, TOP, PAGE),
    FINE(munlock, RW, 0),
    FINE(munlock, RW, PAGE),
    FINE(munlock, NONE, PAGE),
    FINE(munlock, RW + 1, 1),
    BAD(EINVAL, mlockall, 0),
    BAD(EINVAL, mlockall, 4),
    BAD(EINVAL, mlockall, 8),
    BAD(EINVAL, mlockall, CURRENT | 8),
    BAD(EINVAL, mlockall, CURRENT | FUTURE | 0x10),
    BAD(EINVAL, mlockall, -1),
    FINE(munlockall, 0),
};

static const struct row mremap_rows[] = {
    BAD(EINVAL, mremap, RW + 1, PAGE, PAGE, 0, 0),
    BAD(EINVAL, mremap, RW + 1, PAGE, 2 * PAGE, MOVE, 0),
    BAD(EINVAL, mremap, RW + PAGE - 1, PAGE, 0, MOVE, 0),
    BAD(EINVAL, mremap, HOLE + 8, PAGE, PAGE, 0, 0),
    BAD(EINVAL, mremap, RW, PAGE, PAGE, 8, 0),
    BAD(EINVAL, mremap, RW, PAGE, PAGE, -1, 0),
    BAD(EINVAL, mremap, RW, PAGE, PAGE, LOWEST, 0),
    BAD(EINVAL, mremap, RW, PAGE, PAGE, MREMAP_FIXED, HOLE),
    BAD(EINVAL, mremap, RW, PAGE, PAGE, 4, HOLE),
    BAD(EINVAL, mremap, RW, PAGE, PAGE, MREMAP_FIXED | 4, HOLE),
    BAD(EINVAL, mremap, RW, PAGE, 2 * PAGE, LEAVE, 0),
    BAD(EINVAL, mremap, RW, 2 * PAGE, PAGE, LEAVE, 0),
    BAD(EINVAL, mremap, RW, 0, PAGE, LEAVE, 0),
    BAD(EINVAL, mremap, RW, 0, PAGE, LEAVE_AT, HOLE),
    BAD(EINVAL, mremap, RW, PAGE, 0, MOVE, 0),
    BAD(EINVAL, mremap, RW, 0, 0, MOVE, 0),
    BAD(EINVAL, mremap, RW, 8 * PAGE, 0, 0, 0),
    BAD(EINVAL, mremap, RW, PAGE, 0, AT, HOLE),
    BAD(EINVAL, mremap, RW, 0, PAGE, MOVE, 0),
    BAD(EINVAL, mremap, RW, 0, PAGE, AT, HOLE),
    BAD(EINVAL, mremap, RW, 0, PAGE, 0, 0),
    BAD(EFAULT, mremap, HOLE, PAGE, 2 * PAGE, 0, 0),
    BAD(EFAULT, mremap, HOLE, PAGE, 2 * PAGE, MOVE, 0),
    BAD(EFAULT, mremap, HOLE, PAGE, PAGE, 0, 0),
    BAD(EFAULT, mremap, HOLE, PAGE, PAGE, MOVE, 0),
    BAD(EFAULT, mremap, HOLE, 2 * PAGE, PAGE, 0, 0),
    BAD(EFAULT, mremap, HOLE, PAGE, PAGE, LEAVE, 0),
    BAD(EFAULT, mremap, HOLE, PAGE, PAGE, AT, HOLE + 8 * PAGE),
    BAD(EFAULT, mremap, HOLE, 0, PAGE, MOVE, 0),
    BAD(EFAULT, mremap, 0, PAGE, 2 * PAGE, MOVE, 0),
    BAD(EFAULT, mremap, HALF, 2 * PAGE, 3 * PAGE, MOVE, 0),
    BAD(EFAULT, mremap, HALF, 2 * PAGE, 4 * PAGE, 0, 0),
    BAD(EFAULT, mremap, HALF, 2 * PAGE, 2 * PAGE, LEAVE, 0),
    BAD(EFAULT, mremap, RW, WHOLE, WHOLE + PAGE, MOVE, 0),
    BAD(EFAULT, mremap, ACROSS, 2 * PAGE, 3 * PAGE, MOVE, 0),
    BAD(EFAULT, mremap, KERNEL, PAGE, 2 * PAGE, MOVE, 0),
    BAD(EFAULT, mremap, TOP, PAGE, 2 * PAGE, MOVE, 0),
    BAD(EFAULT, mremap, CANONICAL, PAGE, PAGE, MOVE, 0),
    BAD(EINVAL, mremap, RW, PAGE, -1, MOVE, 0),
    BAD(EINVAL, mremap, RW, -PAGE, PAGE, AT, HOLE),
    BAD(ENOMEM, mremap, RW, PAGE, 2 * PAGE, 0, 0),
    BAD(ENOMEM, mremap, RW + 7 * PAGE, PAGE, 10 * PAGE, 0, 0),
    BAD(ENOMEM, mremap, RO, 4 * PAGE, 64 * PAGE, 0, 0),
    BAD(ENOMEM, mremap, RW, 8 * PAGE, WHOLE, 0, 0),
    BAD(ENOMEM, mremap, RW, 4 * PAGE, 9 * PAGE, 0, 0),
    BAD(EINVAL, mremap, RW, PAGE, PAGE, AT, HOLE + 1),
    BAD(EINVAL, mremap, RW, PAGE, PAGE, AT, RO + 8),
    BAD(EINVAL, mremap, RW, PAGE, PAGE, AT, KERNEL),
    BAD(EINVAL, mremap, RW, PAGE, PAGE, AT, LAST),
    BAD(EINVAL, mremap, RW, PAGE, 2 * PAGE, AT, LAST),
    BAD(EINVAL, mremap, RW, PAGE, PAGE, AT, TOP),
    BAD(EINVAL, mremap, RW, PAGE, 2 * PAGE, AT, TOP - PAGE),
    BAD(EINVAL, mremap, RW, PAGE, PAGE, AT, RW),
    BAD(EINVAL, mremap, RW, 2 * PAGE, 2 * PAGE, AT, RW + PAGE),
    BAD(EINVAL, mremap, RW + PAGE, PAGE, 3 * PAGE, AT, RW),
    BAD(EINVAL, mremap, RW, 4 * PAGE, PAGE, AT, RW + 3 * PAGE),
    BAD(EINVAL, mremap, RW, 2 * PAGE, 2 * PAGE, LEAVE_AT, RW + PAGE),
    BAD(EINVAL, mremap, RW, PAGE, PAGE, LEAVE_AT, HOLE + 8),
    BAD(EINVAL, mremap, RW, PAGE, 2 * PAGE, LEAVE_AT, HOLE),
};

int main(void)
{
    try_rows(mlock_rows, sizeof(mlock_rows) / sizeof(mlock_rows[0]));
    try_rows(mremap_rows, sizeof(mremap_rows) / sizeof(mremap_rows[0]));
    return finish();
}
