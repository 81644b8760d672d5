/*
 * The walk along a thread's list of locks, when it ends.
 *
 * The list is the program's: it may lead anywhere or in a circle.  So each step is a user copy, and
 * there are at most ROBUST_MAX.  A word is changed as the program's other threads change it, by
 * compare and exchange.
 */
#include "kernel/robust_list.h"

#include "kernel/futex.h"
#include "kernel/task.h"
#include "kernel/user_word.h"
#include "lib/errno.h"

/* A futex word: who holds it, does somebody wait, has the holder died. */
#define FUTEX_WAITERS    0x80000000u
#define FUTEX_OWNER_DIED 0x40000000u
#define FUTEX_TID_MASK   0x3fffffffu

enum { ROBUST_MAX = 2048 };

/* The lock at @word may be the current thread's.  Returns: whether the word is there. */
static bool release(u32 __user *word)
{
    u32 value = 0, found;
    if ((vaddr_t)word % sizeof(*word) || get_user(value, word))
        return false;
    for (; (value & FUTEX_TID_MASK) == (u32)current->pid; value = found) {
        u32 dead = (value & FUTEX_WAITERS) | FUTEX_OWNER_DIED;
        if (user_word_exchange(word, value, dead, &found))
            return false;
        if (found != value)
            continue;
        if (value & FUTEX_WAITERS)
            futex_wake_word(word);
        break;
    }
    return true;
}

static u32 __user *word_of(unsigned long element, const struct robust_head *head)
{
    return (u32 __user *)((element & ~1ul) + (unsigned long)head->offset);
}

void robust_list_release(void)
{
    const unsigned long start = (unsigned long)current->robust_list;
    struct robust_head head;
    if (!start || copy_from_user(&head, (const void __user *)start, sizeof(head)))
        return;
    current->robust_list = NULL;
    unsigned long element = head.next, next;
    for (unsigned i = 0; i < ROBUST_MAX && (element & ~1ul) != start; i++) {
        /* first: whoever gets the lock may free it */
        bool is_last = get_user(next, (unsigned long __user *)(element & ~1ul));
        if ((element & ~1ul) != (head.pending & ~1ul) && !release(word_of(element, &head)))
            return;
        if (is_last)
            return;
        element = next;
        cond_resched();
    }
    if (head.pending & ~1ul)
        (void)release(word_of(head.pending, &head));
}
