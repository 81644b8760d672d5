/*
 * Variables that every CPU has its own of, reached through a segment register.
 *
 * The linker gathers them all in one section, .data.percpu, which is the boot CPU's own copy.
 * Every other CPU gets a block with the same contents as linked, and its segment (%gs on x86_64,
 * %fs on i386) starts at the distance between that block and the section:
 *
 *      section  percpu_base ---> [ a | b | c ]              the boot CPU's: distance 0
 *      block of CPU 2       ---> [ a | b | c ]   segment base = block - section
 *
 * so `mov %gs:a, ...` is this CPU's a, in one instruction that no migration can split.  A pointer
 * to this CPU's variable means something only while the task cannot move to another CPU.
 *
 * The names are prefixed (percpu_x), so that nobody takes the section for a variable by accident.
 */
#ifndef ARCH_X86_PERCPU_H
#define ARCH_X86_PERCPU_H

#include "lib/annotate.h"
#include "lib/types.h"

enum { NR_CPUS = 8 };

#if defined(__x86_64__)
#define PERCPU_SEGMENT "%%gs:"
#else
#define PERCPU_SEGMENT "%%fs:"
#endif

#define DECLARE_PER_CPU(type, name) extern __typeof__(type) percpu_##name
#define DEFINE_PER_CPU(type, name) \
    __attribute__((section(".data.percpu"))) __typeof__(type) percpu_##name

/* This CPU's number: 0 is the one that booted. */
DECLARE_PER_CPU(unsigned, cpu_number);
/* What to add to the address of a variable in the section to find this CPU's. */
DECLARE_PER_CPU(uintptr_t, cpu_offset);

extern uintptr_t cpu_offsets[NR_CPUS]; /* constant once the CPU is online */
extern unsigned cpus_online;           /* CPUs 0 to cpus_online - 1 run; grows during boot only */

/* The value of this CPU's @name (at most a word).  Any context. */
#define this_cpu_read(name)                                                      \
    ({                                                                           \
        static_assert(sizeof(percpu_##name) <= sizeof(long), "one instruction"); \
        __typeof__(percpu_##name) percpu_value;                                  \
        __asm__ volatile("mov " PERCPU_SEGMENT "%1, %0"                          \
                         : "=q"(percpu_value)                                    \
                         : "m"(percpu_##name));                                  \
        percpu_value;                                                            \
    })

/* As this_cpu_read(), of what stays the same as long as a task runs: it may be read once. */
#define this_cpu_read_stable(name)                                                           \
    ({                                                                                       \
        __typeof__(percpu_##name) percpu_value;                                              \
        __asm__("mov " PERCPU_SEGMENT "%c1, %0" : "=q"(percpu_value) : "i"(&percpu_##name)); \
        percpu_value;                                                                        \
    })

/* Set this CPU's @name to @value.  Any context. */
#define this_cpu_write(name, value)                                              \
    do {                                                                         \
        static_assert(sizeof(percpu_##name) <= sizeof(long), "one instruction"); \
        __typeof__(percpu_##name) percpu_value = (value);                        \
        __asm__ volatile("mov %1, " PERCPU_SEGMENT "%0"                          \
                         : "=m"(percpu_##name)                                   \
                         : "q"(percpu_value));                                   \
    } while (0)

/* @operation with the suffix of a variable's size; @value is an immediate where it can be. */
#define PERCPU_CHANGE(operation, variable, value)                                           \
    do {                                                                                    \
        static_assert(sizeof(variable) == 4 || sizeof(variable) == sizeof(long), "a word"); \
        if (sizeof(variable) == 4)                                                          \
            __asm__ volatile(operation "l %k1, " PERCPU_SEGMENT "%0"                        \
                             : "+m"(variable)                                               \
                             : "re"((u32)(value))                                           \
                             : "cc");                                                       \
        else                                                                                \
            __asm__ volatile(operation "q %q1, " PERCPU_SEGMENT "%0"                        \
                             : "+m"(variable)                                               \
                             : "re"((u64)(value))                                           \
                             : "cc");                                                       \
    } while (0)

/* Change this CPU's @name, an integer of 32 bits or a word, in one instruction.  Any context. */
#define this_cpu_add(name, value) PERCPU_CHANGE("add", percpu_##name, value)
#define this_cpu_sub(name, value) PERCPU_CHANGE("sub", percpu_##name, value)
#define this_cpu_or(name, value)  PERCPU_CHANGE("or", percpu_##name, value)
#define this_cpu_and(name, value) PERCPU_CHANGE("and", percpu_##name, value)
#define this_cpu_inc(name)        this_cpu_add(name, 1)
#define this_cpu_dec(name)        this_cpu_sub(name, 1)

/* Is this CPU's @name, 32 bits or a word, @value?  One instruction and its flag.  Any context. */
#define this_cpu_is(name, value)                                                                \
    ({                                                                                          \
        static_assert(sizeof(percpu_##name) == 4 || sizeof(percpu_##name) == sizeof(long), ""); \
        bool percpu_is;                                                                         \
        if (sizeof(percpu_##name) == 4)                                                         \
            __asm__ volatile("cmpl %k2, " PERCPU_SEGMENT "%1"                                   \
                             : "=@cce"(percpu_is)                                               \
                             : "m"(percpu_##name), "ri"((u32)(uintptr_t)(value)));              \
        else                                                                                    \
            __asm__ volatile("cmp %2, " PERCPU_SEGMENT "%1"                                     \
                             : "=@cce"(percpu_is)                                               \
                             : "m"(percpu_##name), "r"((uintptr_t)(value)));                    \
        percpu_is;                                                                              \
    })

/* Subtract one from this CPU's 32-bit @name; is it zero now?  One instruction and its flag. */
#define this_cpu_dec_is_zero(name)                                   \
    ({                                                               \
        static_assert(sizeof(percpu_##name) == 4, "32 bits");        \
        bool percpu_zero;                                            \
        __asm__ volatile("decl " PERCPU_SEGMENT "%0"                 \
                         : "+m"(percpu_##name), "=@ccz"(percpu_zero) \
                         :                                           \
                         : "memory");                                \
        percpu_zero;                                                 \
    })

/* Is a bit of the constant @mask set in this CPU's 32-bit @name?  One instruction and its flag. */
#define this_cpu_any(name, mask)                              \
    ({                                                        \
        static_assert(sizeof(percpu_##name) == 4, "32 bits"); \
        bool percpu_any;                                      \
        __asm__ volatile("testl %2, " PERCPU_SEGMENT "%1"     \
                         : "=@ccnz"(percpu_any)               \
                         : "m"(percpu_##name), "i"(mask));    \
        percpu_any;                                           \
    })

/* CPU @cpu's @name; this CPU's @name, to use with preemption off. */
#define per_cpu_ptr(name, cpu) \
    ((__typeof__(&percpu_##name))((uintptr_t)&percpu_##name + cpu_offsets[cpu]))
#define this_cpu_ptr(name) \
    ((__typeof__(&percpu_##name))((uintptr_t)&percpu_##name + this_cpu_read(cpu_offset)))

#define for_each_online_cpu(cpu) \
    for (unsigned cpu = 0; cpu < __atomic_load_n(&cpus_online, __ATOMIC_ACQUIRE); cpu++)

static inline unsigned cpu_id(void) { return this_cpu_read(cpu_number); }

/* Keep what the section held as linked, before the boot CPU changes it.  The first call of all. */
void percpu_init(void);

/*
 * Give CPU @cpu its block.
 *
 * Returns: 0 or -ENOMEM.
 */
int percpu_create(unsigned cpu) MUST_CHECK;

#endif
