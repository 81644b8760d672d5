/*
 * The CPU, asked what it can do and set up to do it.
 *
 * Every protection is switched on where the CPU has it, and none is needed to run:
 *
 *     WP    the kernel, too, respects read-only pages         (all CPUs)
 *     NX    pages that hold no code do not execute
 *     SMEP  the kernel does not execute user pages
 *     SMAP  the kernel does not touch user pages, except where it says so
 *     UMIP  user programs do not read where the kernel's tables are
 *     PGE   the kernel's translations survive a change of address space
 *     PAT   write-combining memory, for framebuffers
 */
#include "arch/x86/cpu.h"

#include "arch/x86/descriptors.h"
#include "arch/x86/entry.h"
#include "arch/x86/fpu.h"
#include "arch/x86/pte.h"
#include "kernel/printk.h"
#include "lib/string.h"
#include "machine/segments.h"

u32 cpu_features[CPU_FEATURE_WORDS];
pte_bits_t pte_nx;

/*
 * The page attribute table: what PCD and PWT mean.  As after reset, except that 01 is
 * write-combining instead of write-through.  Source: Intel SDM vol. 3A, 11.12.
 */
enum { PAT_UNCACHED = 0, PAT_WRITE_COMBINE = 1, PAT_WRITE_BACK = 6, PAT_UNCACHED_MINUS = 7 };
#define PAT_HALF \
    (PAT_WRITE_BACK | PAT_WRITE_COMBINE << 8 | PAT_UNCACHED_MINUS << 16 | PAT_UNCACHED << 24)

struct feature_name {
    enum cpu_feature feature;
    const char *name;
};

/* Features the kernel uses, in the order of the list above; the rest is for programs. */
static const struct feature_name protections[] = {
    { CPU_NX, "NX" },     { CPU_SMEP, "SMEP" }, { CPU_SMAP, "SMAP" },
    { CPU_UMIP, "UMIP" }, { CPU_PGE, "PGE" },   { CPU_PAT, "PAT" },
};

/* The features of the CPU that runs this, by enum cpu_feature's words. */
static void read_features(u32 words[CPU_FEATURE_WORDS])
{
    u32 last = cpuid(0, 0).eax;
    u32 last_extended = cpuid(0x80000000, 0).eax;
    memset(words, 0, CPU_FEATURE_WORDS * sizeof(words[0]));

    struct cpuid basic = cpuid(1, 0);
    words[0] = basic.edx;
    words[1] = basic.ecx;
    if ((basic.eax & 0xf00) == 0x600 && (basic.eax & 0xff) < 0x33)
        words[0] &= ~(1u << CPU_SYSENTER); /* SDM vol. 2B, "SYSENTER": they only say so */
    if (last >= 7) {
        struct cpuid structured = cpuid(7, 0);
        words[2] = structured.ebx;
        words[3] = structured.ecx;
        words[4] = structured.edx;
    }
    if (last_extended < 0x80000001 || last_extended > 0x8000ffff)
        return; /* no such leaves: old CPUs answer with something else */
    words[5] = cpuid(0x80000001, 0).edx;
    if (last_extended >= 0x80000007)
        words[6] = cpuid(0x80000007, 0).edx;
    if (last_extended >= 0x80000008)
        words[7] = cpuid(0x80000008, 0).ebx;
}

void cpu_name(char name[CPU_NAME_BYTES])
{
    struct cpuid id = cpuid(0, 0);
    memcpy(name, &id.ebx, 4);
    memcpy(name + 4, &id.edx, 4);
    memcpy(name + 8, &id.ecx, 4);
    name[12] = 0;
    if (cpuid(0x80000000, 0).eax < 0x80000004)
        return;
    for (u32 i = 0; i < 3; i++) {
        struct cpuid part = cpuid(0x80000002 + i, 0);
        memcpy(name + i * sizeof(part), &part, sizeof(part));
    }
    name[CPU_NAME_BYTES - 1] = 0;
}

static void print_cpu(void)
{
    char brand[CPU_NAME_BYTES];
    cpu_name(brand);
    char used[64] = "WP";
    for (size_t i = 0; i < ARRAY_COUNT(protections); i++) {
        bool is_used = protections[i].feature != CPU_NX || pte_nx != 0;
        if (cpu_has(protections[i].feature) && is_used) {
            strlcat(used, " ", sizeof(used));
            strlcat(used, protections[i].name, sizeof(used));
        }
    }
    pr_info("cpu: %s; protection: %s", brand, used);
}

void cpu_init(void)
{
    read_features(cpu_features);
    if (cpu_has(CPU_NX) && PTE_NX)
        pte_nx = PTE_NX;
    idt_init();
    print_cpu();
}

/* A CPU that lacks what the boot CPU has would fault where cpu_has() said yes. */
static void compare_features(unsigned cpu)
{
    u32 words[CPU_FEATURE_WORDS];
    read_features(words);
    for (size_t i = 0; i < CPU_FEATURE_WORDS; i++) {
        u32 missing = cpu_features[i] & ~words[i];
        if (missing)
            pr_warn("cpu %u: lacks what CPU 0 has (CPUID word %zu: %#x)", cpu, i, missing);
    }
}

unsigned long cpu_cr4_wanted(void)
{
    static const struct {
        enum cpu_feature feature;
        u32 bit;
    } wanted[] = {
        { CPU_PSE, CR4_PSE },   { CPU_PAE, CR4_PAE },     { CPU_PGE, CR4_PGE },
        { CPU_MCE, CR4_MCE },   { CPU_FXSR, CR4_OSFXSR }, { CPU_SSE, CR4_OSXMMEXCPT },
        { CPU_UMIP, CR4_UMIP }, { CPU_SMEP, CR4_SMEP },   { CPU_SMAP, CR4_SMAP },
    };
    unsigned long cr4 = 0;
    for (size_t i = 0; i < ARRAY_COUNT(wanted); i++)
        if (cpu_has(wanted[i].feature))
            cr4 |= wanted[i].bit;
    if (PT_LEVELS == 2)
        cr4 &= ~(unsigned long)CR4_PAE; /* it would mean another format of tables */
    return cr4;
}

void cpu_init_this(unsigned cpu)
{
    segments_load(cpu);
    idt_use();

    cr0_write(CR0_BOOT | CR0_PAGING);
    if (pte_nx)
        wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_NX);
    if (cpu_has(CPU_PAT))
        wrmsr(MSR_PAT, (u64)PAT_HALF << 32 | PAT_HALF);
    cr4_write((cr4_read() & CR4_PCIDE) | cpu_cr4_wanted());
    cr3_write(cr3_read()); /* nothing was mapped write-through yet: forget it all the same */
    fpu_init_cpu();
    if (cpu != 0)
        compare_features(cpu);
}
