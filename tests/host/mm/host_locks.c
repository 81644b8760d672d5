/*
 * The host tests' locks, and what else sleeps or reports: there is one thread, so only the protocol
 * is checked.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kernel/mutex.h"
#include "kernel/preempt.h"
#include "kernel/report.h"
#include "kernel/rwsem.h"
#include "kernel/spinlock.h"

void rwsem_init(struct rwsem *sem, enum lock_rank rank, const char *name)
{
    *sem = (struct rwsem){ .id = { rank, name } };
}

void down_read(struct rwsem *sem)
{
    assert_true(sem->count < RWSEM_WRITER);
    sem->count++;
}

void up_read(struct rwsem *sem)
{
    assert_true(sem->count > 0 && sem->count < RWSEM_WRITER);
    sem->count--;
}

void down_write(struct rwsem *sem)
{
    assert_int_equal(sem->count, 0);
    sem->count = RWSEM_WRITER;
}

void up_write(struct rwsem *sem)
{
    assert_int_equal(sem->count, RWSEM_WRITER);
    sem->count = 0;
}

void mutex_init(struct mutex *mutex, enum lock_rank rank, const char *name) {}
void mutex_lock(struct mutex *mutex) {}
void mutex_unlock(struct mutex *mutex) {}

void spin_lock_init(struct spinlock *lock, enum lock_rank rank, const char *name)
{
    *lock = (struct spinlock){ .rank = rank, .name = name };
}

void spin_lock(struct spinlock *lock)
{
    assert_int_equal(lock->next, lock->served);
    lock->next++;
}

void spin_unlock(struct spinlock *lock)
{
    assert_int_equal(lock->next, (u8)(lock->served + 1));
    lock->served++;
}

void report(const char *format, ...) { fail_msg("%s", format); }

bool cond_resched(void) { return false; }
void might_sleep_at(const char *file, int line) {}
