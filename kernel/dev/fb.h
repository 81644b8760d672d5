/*
 * /dev/fb0: the pixels that the loader left us, for programs that draw on their own.
 */
#ifndef KERNEL_DEV_FB_H
#define KERNEL_DEV_FB_H

#include "kernel/fs/vfs.h"

enum { FB_MAJOR = 29 };

extern const struct file_ops fb_ops;

/* Is there a framebuffer? */
bool fb_is_there(void);

#endif
