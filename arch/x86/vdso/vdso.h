/*
 * The functions of the vDSO, as C libraries call them.
 *
 * Source: vdso(7); Linux uapi linux/time.h.
 */
#ifndef ARCH_X86_VDSO_VDSO_H
#define ARCH_X86_VDSO_VDSO_H

#include "lib/annotate.h"
#include "lib/types.h"

struct vdso_timespec {
    long s, ns;
};

struct vdso_timespec64 {
    s64 s, ns;
};

struct vdso_timeval {
    long s, us;
};

struct vdso_timezone {
    int minutes_west, dst;
};

/* Whom they are exported to is said in the linker's version scripts. */
int __vdso_clock_gettime(int clock, struct vdso_timespec *time);
int __vdso_clock_gettime64(int clock, struct vdso_timespec64 *time);
int __vdso_gettimeofday(struct vdso_timeval *time, struct vdso_timezone *zone);
long __vdso_time(long *seconds);
long __vdso_getcpu(unsigned *cpu, unsigned *node, void *unused);

#endif
