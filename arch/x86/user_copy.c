/*
 * Copies between the kernel and the running process: the check, and the permission to touch.
 *
 * On a CPU with SMAP the kernel cannot touch user memory by accident; the permission is given
 * for the one loop that may.  A trap in it takes the permission away (entry.asm) and gives it
 * back with the flags.
 */
#include "arch/x86/user_copy.h"

#include "arch/x86/copy.h"
#include "arch/x86/cpu.h"
#include "arch/x86/pte.h"
#include "kernel/preempt.h"
#include "lib/string.h"

static void allow(void)
{
    if (cpu_has(CPU_SMAP))
        cpu_stac();
}

static void forbid(void)
{
    if (cpu_has(CPU_SMAP))
        cpu_clac();
}

/* A copy may fault and the fault may sleep, unless who asks has taken care of that. */
static void check_context(void)
{
    if (unlikely(!may_sleep_at_once()) && !pagefault_disabled())
        might_sleep();
}

size_t copy_to_user(void __user *to, const void *from, size_t bytes)
{
    check_context();
    if (!user_range_ok(to, bytes))
        return bytes;
    allow();
    size_t left = user_copy(to, from, bytes);
    forbid();
    return left;
}

size_t copy_from_user_raw(void *to, const void __user *from, size_t bytes)
{
    check_context();
    if (!user_range_ok(from, bytes))
        return bytes;
    allow();
    size_t left = user_copy(to, from, bytes);
    forbid();
    return left;
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
    if (!user_range_ok(to, bytes))
        return bytes;
    allow();
    size_t left = user_clear(to, bytes);
    forbid();
    return left;
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
