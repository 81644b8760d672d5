/*
 * What FUTEX_WAKE_OP does to its second word.
 *
 *     31    shift: the operand is 1 << operand
 *     30:28 what to do       =  +=  |=  &= ~  ^=
 *     27:24 how to compare   ==  !=  <  <=  >  >=
 *     23:12 the operand      12 bits with a sign, as the
 *     11:0  other operand    to compare with
 *
 * Source: futex(2), FUTEX_WAKE_OP.
 */
#include "kernel/futex_op.h"

#include "kernel/user_word.h"
#include "lib/errno.h"

enum { OP_SET, OP_ADD, OP_OR, OP_ANDN, OP_XOR };
enum { CMP_EQ, CMP_NE, CMP_LT, CMP_LE, CMP_GT, CMP_GE };

/* The 12 bits of @code from @bit on, as a number with a sign. */
static int operand(u32 code, unsigned bit) { return (int)(code << (20 - bit)) >> 20; }

static int change(u32 code, u32 old, u32 *new)
{
    u32 value = (u32)operand(code, 12);
    if (code >> 31)
        value = 1u << (value & 31);
    switch (code >> 28 & 7) {
    case OP_SET:
        *new = value;
        return 0;
    case OP_ADD:
        *new = old + value;
        return 0;
    case OP_OR:
        *new = old | value;
        return 0;
    case OP_ANDN:
        *new = old & ~value;
        return 0;
    case OP_XOR:
        *new = old ^ value;
        return 0;
    default:
        return -ENOSYS;
    }
}

static int compare(u32 code, u32 old, bool *holds)
{
    const int was = (int)old, other = operand(code, 0);
    switch (code >> 24 & 15) {
    case CMP_EQ:
        *holds = was == other;
        return 0;
    case CMP_NE:
        *holds = was != other;
        return 0;
    case CMP_LT:
        *holds = was < other;
        return 0;
    case CMP_LE:
        *holds = was <= other;
        return 0;
    case CMP_GT:
        *holds = was > other;
        return 0;
    case CMP_GE:
        *holds = was >= other;
        return 0;
    default:
        return -ENOSYS;
    }
}

int futex_apply(u32 __user *word, u32 code, bool *holds)
{
    u32 old, new, found = 0;
    if (get_user(found, word))
        return -EFAULT;
    do {
        old = found;
        int error = change(code, old, &new);
        if (!error)
            error = user_word_exchange(word, old, new, &found);
        if (error)
            return error;
    } while (found != old);
    return compare(code, old, holds);
}
