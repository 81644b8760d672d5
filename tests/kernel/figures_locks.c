/*
 * What locks cost that nobody else wants: instructions where the TSC counts them (-icount).
 */
#include "arch/x86/cpu.h"
#include "kernel/ktest.h"
#include "kernel/mutex.h"
#include "kernel/rwsem.h"
#include "kernel/spinlock.h"
#include "kernel/wait.h"

enum { ROUNDS = 1000 };

static MUTEX(mutex, RANK_TEST_OUTER);
static SPINLOCK(spinlock, RANK_TEST_SPIN);
static SPINLOCK(of_interrupts, RANK_TEST_SPIN);
static WAIT_QUEUE(queue);
static struct rwsem sem;

/* Do @what often, and print what one time comes to, without the loop. */
#define MEASURE(name, what)                                           \
    do {                                                              \
        what; /* the first time sets things up */                     \
        u64 start = rdtsc();                                          \
        for (unsigned i = 0; i < ROUNDS; i++) {                       \
            what;                                                     \
            barrier();                                                \
        }                                                             \
        u64 total = rdtsc() - start;                                  \
        start = rdtsc();                                              \
        for (unsigned i = 0; i < ROUNDS; i++)                         \
            barrier();                                                \
        total -= rdtsc() - start;                                     \
        ktest_note("figure %s %u", name, (unsigned)(total / ROUNDS)); \
    } while (0)

KTEST(sleeping_locks_taken_and_released) UNCHECKED_LOCKS
{
    rwsem_init(&sem, RANK_TEST_OUTER, "sem");
    MEASURE("down_read_up_read", (down_read(&sem), up_read(&sem)));
    MEASURE("down_write_up_write", (down_write(&sem), up_write(&sem)));
    MEASURE("mutex_lock_unlock", (mutex_lock(&mutex), mutex_unlock(&mutex)));
}

KTEST(spinlocks_taken_and_released) UNCHECKED_LOCKS
{
    MEASURE("spin_lock_unlock", (spin_lock(&spinlock), spin_unlock(&spinlock)));
    MEASURE("spin_lock_irqsave_restore",
            spin_unlock_irqrestore(&of_interrupts, spin_lock_irqsave(&of_interrupts)));
}

KTEST(a_wait_queue_woken_with_nobody_on_it) { MEASURE("wake_up_nobody", wake_up(&queue)); }
