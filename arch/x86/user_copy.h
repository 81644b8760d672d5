/*
 * Copies between the kernel and the running process.
 *
 * A user pointer may be anything: not mapped yet, not the process's at all, or the kernel's own.
 * The range is checked first, so that it can only be user memory; whatever else is wrong shows
 * as a page fault in the copying instruction, which the fault handler either repairs or sends to
 * the instruction's fix-up (extable.h).  The copy then stops and says how much it missed.
 *
 * Sleeps, unless page faults are disabled: then a page that is not there right now counts as
 * missed.
 */
#ifndef ARCH_X86_USER_COPY_H
#define ARCH_X86_USER_COPY_H

#include "lib/annotate.h"
#include "lib/errno.h"
#include "lib/types.h"
#include "machine/layout.h"

/* Marks pointers into the process; only the functions below may follow them. */
#define __user

/* Is [@start, @start + @bytes) user addresses only?  Cannot wrap. */
static inline bool user_range_ok(const void __user *start, size_t bytes)
{
    return bytes <= USER_TOP && (vaddr_t)start <= USER_TOP - bytes;
}

/* Copy @bytes bytes.  Returns: how many were NOT copied, counted from the end; 0 is success. */
size_t copy_to_user(void __user *to, const void *from, size_t bytes) MUST_CHECK;
size_t copy_from_user(void *to, const void __user *from, size_t bytes) MUST_CHECK;
size_t clear_user(void __user *to, size_t bytes) MUST_CHECK;

/* As copy_from_user(), which clears what it missed; this one leaves it as it is: a file's bytes. */
size_t copy_from_user_raw(void *to, const void __user *from, size_t bytes) MUST_CHECK;

/*
 * Copy a string of at most @room bytes with its terminating NUL.
 * Returns: its length; @room if no NUL was among the first @room bytes; -EFAULT.
 */
ssize_t strncpy_from_user(char *to, const char __user *from, size_t room) MUST_CHECK;

/* Fetch *(@pointer) into the variable @x, or store @x there.  Value: 0 or -EFAULT. */
#define get_user(x, pointer)                                                              \
    ({                                                                                    \
        __typeof__(*(pointer)) fetched_;                                                  \
        int error_ = copy_from_user(&fetched_, (pointer), sizeof fetched_) ? -EFAULT : 0; \
        if (!error_)                                                                      \
            (x) = fetched_;                                                               \
        error_;                                                                           \
    })
#define put_user(x, pointer)                                             \
    ({                                                                   \
        __typeof__(*(pointer)) stored_ = (x);                            \
        copy_to_user((pointer), &stored_, sizeof stored_) ? -EFAULT : 0; \
    })

#endif
