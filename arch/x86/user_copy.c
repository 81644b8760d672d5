/*
 * Copies between the kernel and the running process: what is checked before the loops of copy.asm.
 */
#include "arch/x86/user_copy.h"

#include "arch/x86/copy.h"
#include "kernel/preempt.h"
#include "lib/string.h"

/* A copy may fault and the fault may sleep, unless who asks has taken care of that. */
static void check_context(void)
{
    if (!pagefault_disabled())
        might_sleep();
}

static NOINLINE size_t copy_to_user_unusually(void __user *to, const void *from, size_t bytes)
{
    check_context();
    return user_range_ok(to, bytes) ? user_copy(to, from, bytes) : bytes;
}

size_t copy_to_user(void __user *to, const void *from, size_t bytes)
{
    if (likely(may_sleep_at_once()) && likely(user_range_ok(to, bytes)))
        return user_copy(to, from, bytes);
    return copy_to_user_unusually(to, from, bytes);
}

static NOINLINE size_t copy_from_user_unusually(void *to, const void __user *from, size_t bytes)
{
    check_context();
    return user_range_ok(from, bytes) ? user_copy(to, from, bytes) : bytes;
}

size_t copy_from_user_raw(void *to, const void __user *from, size_t bytes)
{
    if (likely(may_sleep_at_once()) && likely(user_range_ok(from, bytes)))
        return user_copy(to, from, bytes);
    return copy_from_user_unusually(to, from, bytes);
}

size_t copy_from_user(void *to, const void __user *from, size_t bytes)
{
    size_t left = copy_from_user_raw(to, from, bytes);
    if (left) /* nobody shall work on what happened to be in the buffer */
        memset((char *)to + (bytes - left), 0, left);
    return left;
}

size_t clear_user(void __user *to, size_t bytes)
{
    check_context();
    return user_range_ok(to, bytes) ? user_clear(to, bytes) : bytes;
}

/*
 * Strings are copied by pieces that do not cross a page, since what follows the string's end may
 * not be there; and by small ones, since most strings are short.
 */
enum { PIECE_BYTES = 64 };

ssize_t strncpy_from_user(char *to, const char __user *from, size_t room)
{
    size_t done = 0;

    while (done < room) {
        size_t piece = PIECE_BYTES - ((vaddr_t)from + done) % PIECE_BYTES;
        if (piece > room - done)
            piece = room - done;
        if (copy_from_user(to + done, from + done, piece))
            return -EFAULT;
        const char *end = memchr(to + done, 0, piece);
        if (end)
            return end - to;
        done += piece;
    }
    return (ssize_t)room;
}
