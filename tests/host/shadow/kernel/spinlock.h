/*
 * Spinlocks of a host test: functions that the test brings along, to check the protocol.  All else
 * is as in the kernel.
 */
#ifndef TESTS_HOST_SHADOW_KERNEL_SPINLOCK_H
#define TESTS_HOST_SHADOW_KERNEL_SPINLOCK_H

#define spin_lock              kernel_spin_lock
#define spin_unlock            kernel_spin_unlock
#define spin_lock_irqsave      kernel_spin_lock_irqsave
#define spin_unlock_irqrestore kernel_spin_unlock_irqrestore

#include_next "kernel/spinlock.h"

#undef spin_lock
#undef spin_unlock
#undef spin_lock_irqsave
#undef spin_unlock_irqrestore

void spin_lock(struct spinlock *lock);
void spin_unlock(struct spinlock *lock);
irqflags_t spin_lock_irqsave(struct spinlock *lock);
void spin_unlock_irqrestore(struct spinlock *lock, irqflags_t flags);

#endif
