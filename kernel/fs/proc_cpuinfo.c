/*
 * /proc/cpuinfo: what the CPUs are and can do, in Linux's words for it: proc(5).
 *
 * All CPUs of a machine are alike here, and each is a package of its own; what differs from one to
 * the next is its number.
 */
#include "arch/x86/counter.h"
#include "arch/x86/cpu.h"
#include "arch/x86/percpu.h"
#include "kernel/fs/proc_entry.h"
#include "kernel/sched.h"
#include "lib/string.h"

/* The names of a word of enum cpu_feature, from bit 0 on; "-": it has none that programs use. */
static const char *const feature_names[CPU_FEATURE_WORDS] = {
    "fpu vme de pse tsc msr pae mce cx8 apic - sep mtrr pge mca cmov pat pse36 pn clflush - dts "
    "acpi mmx fxsr sse sse2 ss ht tm ia64 pbe",
    "pni pclmulqdq dtes64 monitor ds_cpl vmx smx est tm2 ssse3 cid sdbg fma cx16 xtpr pdcm - pcid "
    "dca sse4_1 sse4_2 x2apic movbe popcnt tsc_deadline_timer aes xsave osxsave avx f16c rdrand "
    "hypervisor",
    "fsgsbase tsc_adjust sgx bmi1 hle avx2 - smep bmi2 erms invpcid rtm cqm - mpx rdt_a avx512f "
    "avx512dq rdseed adx smap avx512ifma - clflushopt clwb intel_pt avx512pf avx512er avx512cd "
    "sha_ni avx512bw avx512vl",
    "- avx512vbmi umip pku ospke waitpkg avx512_vbmi2 - gfni vaes vpclmulqdq avx512_vnni "
    "avx512_bitalg tme avx512_vpopcntdq - la57 - - - - - rdpid",
    "- - - - fsrm",
    "- - - - - - - - - - - syscall - - - - - - - mp nx - mmxext - - fxsr_opt pdpe1gb rdtscp - lm "
    "3dnowext 3dnow",
    "- - - - - - - - constant_tsc",
    "clzero",
};

static void add_features(struct text *text)
{
    text_add(text, "flags\t\t:");
    for (unsigned word = 0; word < CPU_FEATURE_WORDS; word++) {
        const char *name = feature_names[word];
        for (unsigned bit = 0; *name; bit++) {
            size_t length = strcspn(name, " ");
            if (*name != '-' && cpu_has((enum cpu_feature)(word * 32 + bit)))
                text_add(text, " %.*s", (int)length, name);
            name += length + (name[length] == ' ');
        }
    }
    text_add(text, "\n");
}

/* Source: Intel SDM vol. 2A, "CPUID", leaf 1: how family and model are put together. */
static void add_model(struct text *text)
{
    struct cpuid vendor = cpuid(0, 0);
    u32 version = cpuid(1, 0).eax;
    u32 family = version >> 8 & 15, model = version >> 4 & 15;
    if (family == 6 || family == 15)
        model |= version >> 12 & 0xf0;
    if (family == 15)
        family += version >> 20 & 255;
    char name[CPU_NAME_BYTES];
    cpu_name(name);
    text_add(text, "vendor_id\t: %.4s%.4s%.4s\n", (const char *)&vendor.ebx,
             (const char *)&vendor.edx, (const char *)&vendor.ecx);
    text_add(text, "cpu family\t: %u\nmodel\t\t: %u\nmodel name\t: %s\nstepping\t: %u\n", family,
             model, name, version & 15);
}

/* The same for each CPU: how wide its addresses are, how fast it counts. */
static void add_measures(struct text *text)
{
    u32 khz = (u32)(counter_tsc.hz / 1000);
    u32 widths = cpuid(0x80000000, 0).eax >= 0x80000008 ? cpuid(0x80000008, 0).eax : 32 | 32 << 8;
    u32 virtual = widths >> 8 & 255; /* 0 in CPUs without long mode */
    if (khz)
        text_add(text, "cpu MHz\t\t: %u.%03u\n", khz / 1000, khz % 1000);
    text_add(text, "fpu\t\t: yes\nfpu_exception\t: yes\ncpuid level\t: %u\nwp\t\t: yes\n",
             cpuid(0, 0).eax);
    add_features(text);
    text_add(text, "clflush size\t: %u\naddress sizes\t: %u bits physical, %u bits virtual\n",
             cpuid(1, 0).ebx >> 5 & 0x7f8, widths & 255, virtual ? virtual : 32);
}

int proc_show_cpuinfo(struct text *text, struct task *task)
{
    for_each_online_cpu (cpu) {
        text_add(text, "processor\t: %u\n", cpu);
        add_model(text);
        text_add(text, "physical id\t: %u\nsiblings\t: 1\ncore id\t\t: 0\ncpu cores\t: 1\n", cpu);
        add_measures(text);
        text_add(text, "\n");
    }
    return 0;
}
