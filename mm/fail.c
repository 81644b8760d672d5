/*
 * Which allocations are refused on purpose.
 */
#include "mm/fail.h"

#include "arch/x86/stacktrace.h"
#include "kernel/param.h"
#include "kernel/preempt.h"
#include "kernel/task.h"
#include "lib/assert.h"
#include "lib/parse.h"
#include "lib/string.h"

u32 fail_armed;

/* What fail_alloc= says. */
static u64 every;        /* constant after boot; 0: not said */
static const char *site; /* constant after boot; NULL: not said */
static unsigned asked;   /* atomic: allocations of user tasks so far */

static bool set_fail_alloc(const char *value)
{
    if (!*value)
        return false;
    if (*value < '0' || *value > '9')
        site = value;
    else if (parse_u64(value, &every) != 0 || every == 0)
        return false;
    fail_armed++;
    return true;
}
KERNEL_PARAM("fail_alloc", set_fail_alloc);

void fail_arm(unsigned nth)
{
    assert(nth > 0 && current->fail_after == 0);
    current->fail_after = nth;
    __atomic_fetch_add(&fail_armed, 1, __ATOMIC_RELAXED);
}

bool fail_disarm(void)
{
    bool failed = current->fail_after == 0;
    current->fail_after = 0;
    __atomic_fetch_sub(&fail_armed, 1, __ATOMIC_RELAXED);
    return failed;
}

/* Is it the turn of an allocation that a program's task has asked for, through @caller? */
static bool chosen_by_parameter(const void *caller)
{
    size_t offset;
    if (every)
        return __atomic_add_fetch(&asked, 1, __ATOMIC_RELAXED) % every == 0;
    const char *name = site ? symbol_lookup((vaddr_t)caller, &offset) : NULL;
    return name && strcmp(name, site) == 0;
}

bool fail_now(const void *caller)
{
    struct task *task = current;
    if (task->fail_after)
        return --task->fail_after == 0;
    return task->mm && chosen_by_parameter(caller);
}
