/*
 * The first program.
 */
#ifndef KERNEL_USER_INIT_H
#define KERNEL_USER_INIT_H

/*
 * Start PID 1: it mounts the first file system, unpacks the initrd into it and runs init=PATH, or
 * /init, with the arguments behind "--" on the command line.  If that cannot be it panics, and
 * says why.  Sleeps.
 */
void user_init(void);

#endif
