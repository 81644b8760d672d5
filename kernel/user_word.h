/*
 * Words of user memory that the kernel changes while the program's threads do.
 */
#ifndef KERNEL_USER_WORD_H
#define KERNEL_USER_WORD_H

#include "arch/x86/user_copy.h"
#include "lib/annotate.h"
#include "lib/types.h"

/*
 * In the current task's @word, which is aligned, replace @old by @new: at once, as the CPU's
 * compare and exchange does.  *@found is what was there: @old if it was done.
 * Returns: 0 or -EFAULT.  Sleeps.
 */
int user_word_exchange(u32 __user *word, u32 old, u32 new, u32 *found) MUST_CHECK;

#endif
