/*
 * The limit on the size of files, and the signal of those who run into it: setrlimit(2).
 */
#include "kernel/fs/file_limit.h"

#include "kernel/process.h"
#include "kernel/sys.h"
#include "kernel/task.h"

/* The kernel itself, which unpacks the first files, has no limit. */
static u64 limit(void)
{
    const struct process *process = current->process;
    return process ? READ_ONCE(process->limit[RLIMIT_FSIZE].now) : RLIMIT_NONE;
}

static void raise(void) { (void)sys_tkill(current->pid, SIGXFSZ); }

u64 file_limit_room(u64 position)
{
    u64 most = limit();
    if (position < most)
        return most - position;
    raise();
    return 0;
}

bool file_limit_allows(u64 size)
{
    if (size <= limit())
        return true;
    raise();
    return false;
}
