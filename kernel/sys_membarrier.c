/*
 * membarrier(2): a memory barrier on every CPU that runs the caller's threads, for programs that
 * would rather have none in their common case.
 *
 * All commands are one here: each CPU is interrupted, and does not come out of that before what it
 * stored can be seen and what others stored is seen, as code too.
 */
#include "arch/x86/cpu.h"
#include "arch/x86/ipi.h"
#include "kernel/process.h"
#include "kernel/sys.h"
#include "kernel/task.h"
#include "lib/errno.h"

/* Source: membarrier(2), Linux uapi linux/membarrier.h. */
enum {
    MEMBARRIER_QUERY = 0,
    MEMBARRIER_GLOBAL = 1 << 0,
    MEMBARRIER_GLOBAL_EXPEDITED = 1 << 1,
    MEMBARRIER_REGISTER_GLOBAL_EXPEDITED = 1 << 2,
    MEMBARRIER_PRIVATE_EXPEDITED = 1 << 3,
    MEMBARRIER_REGISTER_PRIVATE_EXPEDITED = 1 << 4,
    MEMBARRIER_PRIVATE_EXPEDITED_SYNC_CORE = 1 << 5,
    MEMBARRIER_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE = 1 << 6,
    MEMBARRIER_ALL = (1 << 7) - 1,
};

/* CPUID serializes: the caller does not come from an interrupt. */
static void barrier_here(void *unused) { (void)cpuid(0, 0); }

static long barrier_everywhere(void)
{
    ipi_call(cpumask_online(), barrier_here, NULL, true);
    return 0;
}

static long register_for(unsigned command)
{
    __atomic_fetch_or(&current->process->membarriers, (u8)command, __ATOMIC_RELAXED);
    return 0;
}

/* A private one, which whoever wants it has registered for with command @registered. */
static long barrier_if(unsigned registered)
{
    bool may = READ_ONCE(current->process->membarriers) & registered;
    return may ? barrier_everywhere() : -EPERM;
}

long sys_membarrier(unsigned command, unsigned flags)
{
    if (flags)
        return -EINVAL;
    switch (command) {
    case MEMBARRIER_QUERY:
        return MEMBARRIER_ALL;
    case MEMBARRIER_GLOBAL:
    case MEMBARRIER_GLOBAL_EXPEDITED:
        return barrier_everywhere();
    case MEMBARRIER_PRIVATE_EXPEDITED:
        return barrier_if(MEMBARRIER_REGISTER_PRIVATE_EXPEDITED);
    case MEMBARRIER_PRIVATE_EXPEDITED_SYNC_CORE:
        return barrier_if(MEMBARRIER_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE);
    case MEMBARRIER_REGISTER_GLOBAL_EXPEDITED:
    case MEMBARRIER_REGISTER_PRIVATE_EXPEDITED:
    case MEMBARRIER_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE:
        return register_for(command);
    default:
        return -EINVAL;
    }
}
