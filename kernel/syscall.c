/*
 * The table of system calls, and the one place that calls into it.
 */
#include "kernel/syscall.h"

#include "kernel/param.h"
#include "kernel/printk.h"
#include "kernel/sys.h"
#include "kernel/task.h"
#include "kernel/unimplemented.h"
#include "lib/annotate.h"
#include "lib/errno.h"
#include "lib/format.h"
#include "machine/abi.h"
#include "machine/trapframe.h"

/* Every handler can be called so: its own arguments are the first of these, see sys.h. */
typedef long syscall_handler(unsigned long, unsigned long, unsigned long, unsigned long,
                             unsigned long, unsigned long);

struct syscall {
    syscall_handler *handler; /* NULL: the call is not there */
    const char *name;
    unsigned arguments;
};

static const struct syscall table[SYSCALL_LIMIT] = {
#define SYSCALL(number, call_name, function, count) \
    [number] = { (syscall_handler *)(void (*)(void))function, #call_name, count },
#include "kernel/syscalls.def"
#undef SYSCALL
};

long sys_not_implemented(void) { return -ENOSYS; }

const char *syscall_name(unsigned long number)
{
    return number < SYSCALL_LIMIT ? table[number].name : NULL;
}

/* Count that a program asks for what is not there, and say so the first time. */
static NOINLINE long unknown(unsigned long number)
{
    const char *name = syscall_name(number);
    if (unimplemented_count(number))
        pr_info("%s[%d] asks for system call %ld (%s), which is not there", current->name,
                current->pid, (long)number, name ? name : "?");
    return -ENOSYS;
}

static bool tracing; /* (c) once the parameters are read */

/* strace: print every system call when it has been done. */
static bool strace_param(const char *value)
{
    tracing = true;
    return !*value;
}
KERNEL_PARAM("strace", strace_param);

static NOINLINE void trace(const struct trapframe *frame, unsigned long number, long result)
{
    char arguments[SYSCALL_ARGUMENTS * 20 + 1] = "";
    size_t length = 0;
    const struct syscall *call = &table[number < SYSCALL_LIMIT ? number : SYSCALL_LIMIT - 1];
    for (unsigned i = 0; i < call->arguments; i++)
        length += (size_t)scnprintf(arguments + length, sizeof(arguments) - length, "%s%#lx",
                                    i ? ", " : "", syscall_argument(frame, i));
    pr_info("%s[%d] %lu %s(%s) = %#lx", current->name, current->pid, number,
            call->name ? call->name : "?", arguments, (unsigned long)result);
}

static ALWAYS_INLINE long call(const struct trapframe *frame, syscall_handler *handler)
{
    return handler(syscall_argument(frame, 0), syscall_argument(frame, 1),
                   syscall_argument(frame, 2), syscall_argument(frame, 3),
                   syscall_argument(frame, 4), syscall_argument(frame, 5));
}

/* The call is not there, or all are to be printed. */
static NOINLINE void dispatch_unusually(struct trapframe *frame, syscall_handler *handler)
{
    unsigned long number = syscall_number(frame);
    long result = handler ? call(frame, handler) : unknown(number);
    if (tracing)
        trace(frame, number, result);
    syscall_set_result(frame, result);
}

void syscall_dispatch(struct trapframe *frame)
{
    unsigned long number = syscall_number(frame);
    syscall_handler *handler = number < SYSCALL_LIMIT ? table[number].handler : NULL;
    if (unlikely(!handler) || unlikely(tracing))
        dispatch_unusually(frame, handler);
    else
        syscall_set_result(frame, call(frame, handler));
}
