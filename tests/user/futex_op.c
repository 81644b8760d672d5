/*
 * FUTEX_WAKE_OP: a word is changed, and who waits for it is woken if it was as was said.
 */
#define _GNU_SOURCE
#include <limits.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "check.h"
#include "later.h"

enum { WAIT = 0, WAKE = 1, WAKE_OP = 5, MANY = INT_MAX };
enum { SET, ADD, OR, ANDN, XOR, SHIFT = 8 };
enum { EQ, NE, LT, LE, GT, GE };

static unsigned *words; /* shared */

static long wake_op(unsigned *word, unsigned *word2, unsigned code)
{
    return syscall(SYS_futex, word, WAKE_OP, MANY, (void *)(long)MANY, word2, code);
}

static unsigned code(unsigned op, int operand, unsigned compare, int other)
{
    return op << 28 | ((unsigned)operand & 0xfff) << 12 | compare << 24 | ((unsigned)other & 0xfff);
}

/* The second word, which was @before, after an operation without anybody who waits. */
static unsigned after(unsigned before, unsigned wanted)
{
    words[1] = before;
    return wake_op(&words[0], &words[1], wanted) == 0 ? words[1] : 0xbad;
}

static void wait_for_word(int which)
{
    while (syscall(SYS_futex, &words[which], WAIT, 5, NULL) && errno == EINTR)
        continue;
    _exit(0);
}

/* Two children wait, one for each word, both of which are 5: how many does the call wake? */
static long woken(unsigned wanted)
{
    words[0] = words[1] = 5;
    for (int i = 0; i < 2; i++)
        if (fork() == 0)
            wait_for_word(i);
    sleep_ms(3 * LATER_MS);
    long count = wake_op(&words[0], &words[1], wanted);
    words[0] = words[1] = 0;
    syscall(SYS_futex, &words[0], WAKE, MANY);
    syscall(SYS_futex, &words[1], WAKE, MANY);
    while (wait(NULL) > 0)
        continue;
    return count;
}

int main(void)
{
    words = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    unsigned *fixed = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    check("set", after(7, code(SET, 9, EQ, 7)) == 9);
    check("set to less than nothing", after(7, code(SET, -9, EQ, 7)) == -9u);
    check("add", after(7, code(ADD, 9, EQ, 7)) == 16);
    check("or", after(5, code(OR, 3, EQ, 7)) == 7);
    check("and not", after(7, code(ANDN, 2, EQ, 7)) == 5);
    check("exclusive or", after(7, code(XOR, 2, EQ, 7)) == 5);
    check("a bit", after(7, code(SET | SHIFT, 20, EQ, 7)) == 1u << 20);
    check("both are woken if it was equal", woken(code(ADD, 1, EQ, 5)) == 2);
    check("one if not", woken(code(ADD, 1, EQ, 6)) == 1);
    check("different", woken(code(SET, 9, NE, 6)) == 2);
    check("it was not less", woken(code(SET, 9, LT, 5)) == 1);
    check("but less or equal", woken(code(SET, 9, LE, 5)) == 2);
    check("greater", woken(code(SET, 9, GT, -1)) == 2);
    check("greater or equal", woken(code(SET, 9, GE, 6)) == 1);
    check_errno(wake_op(&words[0], &words[1], code(6, 0, EQ, 0)), ENOSYS);
    check_errno(wake_op(&words[0], &words[1], code(SET, 0, 6, 0)), ENOSYS);
    check_errno(wake_op(&words[0], (unsigned *)((char *)words + 1), 0), EINVAL);
    check_errno(wake_op(&words[0], (unsigned *)16, 0), EFAULT);
    check_errno(wake_op((unsigned *)16, &words[0], 0), EFAULT);
    check_errno(wake_op(&words[0], fixed, code(SET, 1, EQ, 0)), EFAULT);
    return finish();
}
