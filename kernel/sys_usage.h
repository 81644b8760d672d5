/*
 * What has been used, as programs are told.
 */
#ifndef KERNEL_SYS_USAGE_H
#define KERNEL_SYS_USAGE_H

#include "arch/x86/user_copy.h"
#include "kernel/process.h"

/* Store @usage as a struct rusage.  Returns: 0 or -EFAULT. */
int put_usage(const struct usage *usage, void __user *user) MUST_CHECK;

#endif
