/*
 * The CPU as C sees it: features, control registers, interrupts on and off.
 *
 * Each function is one instruction.  What a CPU can do is asked of CPUID once, at boot, and kept
 * in a bitmap; every other file asks cpu_has().
 */
#ifndef ARCH_X86_CPU_H
#define ARCH_X86_CPU_H

#include "lib/annotate.h"
#include "lib/types.h"

/*
 * Features by the CPUID register that reports them, 32 to a word.
 * Source: Intel SDM vol. 2A, "CPUID"; AMD APM vol. 3, appendix E.
 */
enum cpu_feature {
    /* word 0: leaf 1, EDX */
    CPU_FPU = 0,
    CPU_PSE = 3,
    CPU_TSC = 4,
    CPU_MSR = 5,
    CPU_PAE = 6,
    CPU_MCE = 7,
    CPU_CX8 = 8,
    CPU_APIC = 9,
    CPU_SYSENTER = 11,
    CPU_PGE = 13,
    CPU_MCA = 14,
    CPU_CMOV = 15,
    CPU_PAT = 16,
    CPU_CLFLUSH = 19,
    CPU_FXSR = 24,
    CPU_SSE = 25,
    CPU_SSE2 = 26,
    /* word 1: leaf 1, ECX */
    CPU_PCID = 32 + 17,
    CPU_X2APIC = 32 + 21,
    CPU_POPCNT = 32 + 23,
    CPU_TSC_DEADLINE = 32 + 24,
    CPU_RDRAND = 32 + 30,
    CPU_HYPERVISOR = 32 + 31,
    /* word 2: leaf 7, EBX */
    CPU_FSGSBASE = 64 + 0,
    CPU_SMEP = 64 + 7,
    CPU_ERMS = 64 + 9,
    CPU_INVPCID = 64 + 10,
    CPU_RDSEED = 64 + 18,
    CPU_SMAP = 64 + 20,
    /* word 3: leaf 7, ECX */
    CPU_UMIP = 96 + 2,
    CPU_LA57 = 96 + 16,
    /* word 4: leaf 7, EDX */
    CPU_FSRM = 128 + 4,
    /* word 5: leaf 0x80000001, EDX */
    CPU_SYSCALL = 160 + 11,
    CPU_NX = 160 + 20,
    CPU_GIB_PAGES = 160 + 26,
    CPU_LONG_MODE = 160 + 29,
    /* word 6: leaf 0x80000007, EDX */
    CPU_TSC_INVARIANT = 192 + 8,
    /* word 7: leaf 0x80000008, EBX */
    CPU_CLZERO = 224 + 0,

    CPU_FEATURE_WORDS = 8
};

/* Source: Intel SDM vol. 3A, 2.5 "Control Registers". */
enum {
    CR0_PROTECTED = 1 << 0,
    CR0_MONITOR_FPU = 1 << 1,
    CR0_EMULATE_FPU = 1 << 2,
    CR0_TASK_SWITCHED = 1 << 3,
    CR0_EXTENSION_TYPE = 1 << 4,
    CR0_NUMERIC_ERROR = 1 << 5,
    CR0_WRITE_PROTECT = 1 << 16,
    CR4_PSE = 1 << 4,
    CR4_PAE = 1 << 5,
    CR4_MCE = 1 << 6,
    CR4_PGE = 1 << 7,
    CR4_OSFXSR = 1 << 9,
    CR4_OSXMMEXCPT = 1 << 10,
    CR4_UMIP = 1 << 11,
    CR4_FSGSBASE = 1 << 16,
    CR4_PCIDE = 1 << 17,
    CR4_SMEP = 1 << 20,
    CR4_SMAP = 1 << 21,
};

#define CR0_PAGING ((unsigned long)1 << 31)
/* Every CPU's CR0, but for paging. */
#define CR0_BOOT \
    (CR0_PROTECTED | CR0_MONITOR_FPU | CR0_EXTENSION_TYPE | CR0_NUMERIC_ERROR | CR0_WRITE_PROTECT)

/* Source: Intel SDM vol. 3A, 2.3 "System Flags and Fields in the EFLAGS Register". */
enum {
    FLAGS_ALWAYS_SET = 1 << 1,
    FLAGS_TRAP = 1 << 8,
    FLAGS_INTERRUPT = 1 << 9,
    FLAGS_DIRECTION = 1 << 10,
    FLAGS_IOPL = 3 << 12,
    FLAGS_NESTED_TASK = 1 << 14,
    FLAGS_RESUME = 1 << 16,
    FLAGS_ALIGNMENT_CHECK = 1 << 18,
    FLAGS_ID = 1 << 21,
};

/* Source: Intel SDM vol. 4, "Model-Specific Registers". */
enum {
    MSR_APIC_BASE = 0x1b,
    MSR_SYSENTER_CS = 0x174,
    MSR_SYSENTER_ESP = 0x175,
    MSR_SYSENTER_EIP = 0x176,
    MSR_PAT = 0x277,
};
#define MSR_EFER           0xc0000080
#define MSR_STAR           0xc0000081
#define MSR_LSTAR          0xc0000082
#define MSR_SYSCALL_MASK   0xc0000084
#define MSR_FS_BASE        0xc0000100
#define MSR_GS_BASE        0xc0000101
#define MSR_KERNEL_GS_BASE 0xc0000102

enum { EFER_SYSCALL = 1 << 0, EFER_LONG_MODE = 1 << 8, EFER_NX = 1 << 11 };

/* The flags that a program may set as it likes: arithmetic, direction, trap, resume, alignment. */
enum { FLAGS_USER = 0xcd5 | FLAGS_TRAP | FLAGS_RESUME | FLAGS_ALIGNMENT_CHECK };

typedef unsigned long irqflags_t; /* EFLAGS, of which irq_restore() heeds the interrupt flag */

struct cpuid {
    u32 eax, ebx, ecx, edx;
};

extern u32 cpu_features[CPU_FEATURE_WORDS]; /* constant after boot */

/* Does every CPU of this machine have @feature?  Any context, after cpu_init(). */
static inline bool cpu_has(enum cpu_feature feature)
{
    return cpu_features[feature / 32] >> feature % 32 & 1;
}

static inline struct cpuid cpuid(u32 leaf, u32 subleaf)
{
    struct cpuid id;
    __asm__ volatile("cpuid"
                     : "=a"(id.eax), "=b"(id.ebx), "=c"(id.ecx), "=d"(id.edx)
                     : "a"(leaf), "c"(subleaf));
    return id;
}

enum { CPU_NAME_BYTES = 49 };

/* The CPU's name for itself, or its vendor's, with a zero at the end.  Any context. */
void cpu_name(char name[CPU_NAME_BYTES]);

static inline irqflags_t cpu_flags(void)
{
    irqflags_t flags;
    __asm__ volatile("pushf; pop %0" : "=rm"(flags) : : "memory");
    return flags;
}

static inline bool irqs_disabled(void) { return !(cpu_flags() & FLAGS_INTERRUPT); }
static inline void irq_disable(void) { __asm__ volatile("cli" : : : "memory"); }
static inline void irq_enable(void) { __asm__ volatile("sti" : : : "memory"); }

/* Switch interrupts off; what they were goes to irq_restore().  Nests.  Any context. */
static inline irqflags_t irq_save(void)
{
    irqflags_t flags = cpu_flags();
    irq_disable();
    return flags;
}

static inline void irq_restore(irqflags_t flags)
{
    if (flags & FLAGS_INTERRUPT)
        irq_enable();
}

/* Tell the CPU that this is a waiting loop. */
static inline void cpu_relax(void) { __asm__ volatile("pause" : : : "memory"); }

/* Sleep until an interrupt. */
static inline void cpu_halt(void) { __asm__ volatile("hlt" : : : "memory"); }

/* Switch interrupts on and sleep until one comes: none can slip in between the two. */
static inline void cpu_halt_with_irqs(void) { __asm__ volatile("sti; hlt" : : : "memory"); }

static inline u64 rdtsc(void)
{
    u32 low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high) : : "memory");
    return (u64)high << 32 | low;
}

/* As rdtsc(), after everything before it has been done.  Only where cpu_has(CPU_SSE2). */
static inline u64 rdtsc_ordered(void)
{
    u32 low, high;
    __asm__ volatile("lfence; rdtsc" : "=a"(low), "=d"(high) : : "memory");
    return (u64)high << 32 | low;
}

/* A random word from the CPU, only where cpu_has(CPU_RDRAND).  False: it has none right now. */
static inline bool rdrand(unsigned long *value)
{
    bool has_one;
    __asm__ volatile("rdrand %0" : "=r"(*value), "=@ccc"(has_one));
    return has_one;
}

static inline u64 rdmsr(u32 msr)
{
    u32 low, high;
    __asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
    return (u64)high << 32 | low;
}

static inline void wrmsr(u32 msr, u64 value)
{
    __asm__ volatile("wrmsr" : : "c"(msr), "a"((u32)value), "d"((u32)(value >> 32)) : "memory");
}

static inline unsigned long cr0_read(void)
{
    unsigned long value;
    __asm__ volatile("mov %%cr0, %0" : "=r"(value));
    return value;
}

static inline void cr0_write(unsigned long value)
{
    __asm__ volatile("mov %0, %%cr0" : : "r"(value) : "memory");
}

/* The address that the last page fault on this CPU was about. */
static inline vaddr_t cr2_read(void)
{
    vaddr_t value;
    __asm__ volatile("mov %%cr2, %0" : "=r"(value));
    return value;
}

static inline unsigned long cr3_read(void)
{
    unsigned long value;
    __asm__ volatile("mov %%cr3, %0" : "=r"(value) : : "memory");
    return value;
}

static inline void cr3_write(unsigned long value)
{
    __asm__ volatile("mov %0, %%cr3" : : "r"(value) : "memory");
}

static inline unsigned long cr4_read(void)
{
    unsigned long value;
    __asm__ volatile("mov %%cr4, %0" : "=r"(value));
    return value;
}

static inline void cr4_write(unsigned long value)
{
    __asm__ volatile("mov %0, %%cr4" : : "r"(value) : "memory");
}

/* Forget the translation of @va's page, global or not, and all pointers between tables. */
static inline void cpu_invlpg(vaddr_t va)
{
    __asm__ volatile("invlpg (%0)" : : "r"(va) : "memory");
}

/* Let the kernel touch user pages (SMAP), and forbid it again.  Only where cpu_has(CPU_SMAP). */
static inline void cpu_stac(void) { __asm__ volatile("stac" : : : "memory"); }
static inline void cpu_clac(void) { __asm__ volatile("clac" : : : "memory"); }

/* Ask the boot CPU what it can do.  Before anything that calls cpu_has(). */
void cpu_init(void);

/* What CR4 holds once cpu_init_this() has run, but for PCIDE. */
unsigned long cpu_cr4_wanted(void);

/*
 * Set up CPU @cpu, which calls this: its descriptors, vectors and per-CPU segment (so this is the
 * first thing it does), its protections, system calls and FPU.  The boot CPU once, early; every
 * other CPU on its own stack, after percpu_create() and with EFER.NX already set if pte_nx is.
 */
void cpu_init_this(unsigned cpu);

#endif
