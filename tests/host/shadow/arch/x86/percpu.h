/*
 * Variables of each CPU in a host test: an array, and a variable that says which CPU this is.
 */
#ifndef TESTS_HOST_SHADOW_ARCH_X86_PERCPU_H
#define TESTS_HOST_SHADOW_ARCH_X86_PERCPU_H

#include "lib/annotate.h"
#include "lib/types.h"

enum { NR_CPUS = 8 };

extern unsigned host_cpu; /* the one that the test is, at this moment */
extern unsigned cpus_online;

#define DECLARE_PER_CPU(type, name) extern __typeof__(type) percpu_##name[NR_CPUS]
#define DEFINE_PER_CPU(type, name)  __typeof__(type) percpu_##name[NR_CPUS]

#define per_cpu_ptr(name, cpu)      (&percpu_##name[cpu])
#define this_cpu_ptr(name)          (&percpu_##name[host_cpu])
#define this_cpu_read(name)         (percpu_##name[host_cpu])
#define this_cpu_read_stable(name)  (percpu_##name[host_cpu])
#define this_cpu_write(name, value) ((void)(percpu_##name[host_cpu] = (value)))
#define this_cpu_add(name, value)   ((void)(percpu_##name[host_cpu] += (value)))
#define this_cpu_sub(name, value)   ((void)(percpu_##name[host_cpu] -= (value)))
#define this_cpu_or(name, value)    ((void)(percpu_##name[host_cpu] |= (value)))
#define this_cpu_and(name, value)   ((void)(percpu_##name[host_cpu] &= (value)))
#define this_cpu_inc(name)          this_cpu_add(name, 1)
#define this_cpu_dec(name)          this_cpu_sub(name, 1)
#define this_cpu_is(name, value)    (percpu_##name[host_cpu] == (value))
#define this_cpu_any(name, mask)    ((percpu_##name[host_cpu] & (mask)) != 0)
#define this_cpu_dec_is_zero(name)  (--percpu_##name[host_cpu] == 0)

#define for_each_online_cpu(cpu) for (unsigned cpu = 0; cpu < cpus_online; cpu++)

static inline unsigned cpu_id(void) { return host_cpu; }

#endif
