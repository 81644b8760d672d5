/*
 * timerfd_create(2): a timer as a file, that can be read and polled when its time has come.
 *
 * It runs by the kernel's clock; by the wall clock if it was told a moment of that, so that it
 * obeys when somebody sets the clock.  It may be told to give up then instead.
 */
#ifndef KERNEL_FS_TIMERFD_H
#define KERNEL_FS_TIMERFD_H

#include "kernel/fs/vfs.h"
#include "kernel/itimer.h"
#include "lib/annotate.h"

/* What timerfd_settime() asks for. */
struct timerfd_wish {
    struct itimer_value value;
    bool is_moment;  /* value's left_ns is one of its clock's, not from now on */
    bool is_fragile; /* when the wall clock is set it gives up: of moments of that clock alone */
};

/*
 * A timer that is not set; @is_wall: moments are the wall clock's.  @flags: O_NONBLOCK or none.
 * Returns: 0 and a file, or -ENOMEM.  Sleeps.
 */
int timerfd_create(bool is_wall, unsigned flags, struct file **result) MUST_CHECK;

bool file_is_timerfd(const struct file *file);

/*
 * What @file's timer stands at: *@before; set it to @wanted unless that is NULL.
 * Returns: 0; -ECANCELED: it is set, and the one before, which nobody has read, had given up.
 * Sleeps.
 */
int timerfd_set(struct file *file, const struct timerfd_wish *wanted, struct itimer_value *before)
    MUST_CHECK;

/* The wall clock was set.  Sleeps. */
void timerfd_clock_was_set(void);

#endif
