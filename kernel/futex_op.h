/*
 * The small machine of FUTEX_WAKE_OP: change a word, and say whether what it was is so.
 */
#ifndef KERNEL_FUTEX_OP_H
#define KERNEL_FUTEX_OP_H

#include "arch/x86/user_copy.h"
#include "lib/annotate.h"
#include "lib/types.h"

/*
 * Do to *@word what @code says, at once for all other threads.  *@holds: is its comparison true of
 * what the word was?  Returns: 0; -EFAULT; -ENOSYS: no such operation.  Sleeps.
 */
int futex_apply(u32 __user *word, u32 code, bool *holds) MUST_CHECK;

#endif
