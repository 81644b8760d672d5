/*
 * What the kernel tells the code of the vDSO: how to make a time of a count of the TSC.
 *
 * It lies on a page of its own, which every process sees read-only, just below the code.  The
 * kernel changes it when its clock changes; sequence is odd meanwhile, and whoever has read it in
 * that time, or has read different ones before and after, reads again.
 */
#ifndef ARCH_X86_VDSO_DATA_H
#define ARCH_X86_VDSO_DATA_H

#include "arch/x86/clock_scale.h"
#include "lib/types.h"

enum vdso_counter {
    VDSO_ASK_KERNEL = 0, /* no counter that programs can read: they make the system call */
    VDSO_RDTSC,
    VDSO_RDTSC_ORDERED, /* with lfence before it */
};

struct vdso_data {
    u32 sequence; /* (a) */
    u32 counter;  /* enum vdso_counter */
    struct clock_scale scale;
    u64 base_count, base_ns; /* base_ns since boot it was when the counter showed base_count */
    u64 wall_ns;             /* 1970 to boot */
    int minutes_west, dst;   /* the time zone: not under sequence, each stands alone */
};

#endif
