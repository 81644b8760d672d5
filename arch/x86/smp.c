/*
 * Starting the other CPUs.
 *
 *     boot CPU                                  the other
 *     -----------------------------------       ---------------------------------------------
 *     makes its variables and idle task
 *     INIT, start-up interrupt           --->   trampoline.asm, start.asm, ap.asm
 *                                        <---   state = AP_ARRIVED
 *     state = AP_GO                      --->   sets itself up: descriptors, APIC, TLB
 *     compares time stamps               <-->   compares time stamps
 *                                        <---   state = AP_READY
 *     cpus_online + 1, state = AP_ONLINE --->   ticks, becomes the idle task
 *
 * Until AP_GO the other CPU changes nothing, so if it is slow and gets a second INIT it can begin
 * again.  The 10 ms between INIT and start-up interrupt that old manuals ask for are for CPUs of
 * the 1990s: they are waited only if the quick way did not work.
 *
 * Source: Intel SDM vol. 3A, 9.4.4.1 "Typical BSP Initialization Sequence".
 */
#include "arch/x86/smp.h"

#include "arch/x86/acpi.h"
#include "arch/x86/apic.h"
#include "arch/x86/clock.h"
#include "arch/x86/cpu.h"
#include "arch/x86/irq.h"
#include "arch/x86/percpu.h"
#include "arch/x86/pte.h"
#include "arch/x86/tick.h"
#include "arch/x86/tlb.h"
#include "kernel/param.h"
#include "kernel/printk.h"
#include "kernel/sched.h"
#include "kernel/task.h"
#include "kernel/time.h"
#include "lib/assert.h"
#include "lib/parse.h"
#include "lib/string.h"
#include "mm/kernel_map.h"
#include "mm/kmap_local.h"
#include "mm/page.h"
#include "mm/pagetable.h"
#include "mm/region.h"

#define QUICK_NS   (100 * NS_PER_MS)
#define PATIENT_NS NS_PER_S
#define INIT_NS    (10 * NS_PER_MS)
#define STARTUP_NS (200 * NS_PER_US)

enum { XAPIC_IDS = 255 };

enum ap_state { AP_ASLEEP, AP_ARRIVED, AP_GO, AP_READY, AP_ONLINE };

/* ap.asm reads these. */
extern unsigned long ap_root, ap_nx;
extern void *ap_stack;
unsigned long ap_root; /* for CR3 */
unsigned long ap_nx;   /* does it need EFER.NX? */
void *ap_stack;

extern const char trampoline[], trampoline_end[]; /* trampoline.asm */

_Noreturn void smp_ap_main(void);

/* (a) atomic, with the boot CPU's and the other's turns as above */
static u32 ap_state;
static unsigned ap_cpu; /* who starts; the boot CPU's to write while nobody does */

static u32 cpus_wanted = NR_CPUS;
static unsigned cpus_prepared = 1; /* CPUs that have their variables and idle task */

static bool limit_cpus(const char *value)
{
    u32 limit;
    if (parse_u32(value, UINT32_MAX, &limit) < 0 || limit == 0)
        return false;
    cpus_wanted = limit < NR_CPUS ? limit : NR_CPUS;
    return true;
}

KERNEL_PARAM("maxcpus", limit_cpus);

static void set_state(enum ap_state state) { __atomic_store_n(&ap_state, state, __ATOMIC_RELEASE); }

/* Wait until the other side has set @state.  Returns: false: not within @ns. */
static bool wait_for_state(enum ap_state state, u64 ns)
{
    u64 end = time_now_ns() + ns;
    while (__atomic_load_n(&ap_state, __ATOMIC_ACQUIRE) != state) {
        if (time_now_ns() > end)
            return false;
        cpu_relax();
    }
    return true;
}

/* As above, on the CPU that starts: it has no clock yet, and nothing else to do. */
static void await_state(enum ap_state state)
{
    while (__atomic_load_n(&ap_state, __ATOMIC_ACQUIRE) != state)
        cpu_relax();
}

/*
 * Where another CPU reaches C, on its idle task's stack.  Until AP_GO it may begin again: it may
 * have arrived just when the second INIT was sent, and been seen.  So it takes back nothing.
 */
_Noreturn void smp_ap_main(void)
{
    u32 asleep = AP_ASLEEP;
    __atomic_compare_exchange_n(&ap_state, &asleep, AP_ARRIVED, false, __ATOMIC_ACQ_REL,
                                __ATOMIC_ACQUIRE);
    await_state(AP_GO);

    cpu_init_this(ap_cpu);
    apic_start_this();
    tlb_start_cpu();
    clock_compare_cpus(true);
    set_state(AP_READY);
    await_state(AP_ONLINE);

    tlb_flush_all_local(); /* flushes of the kernel's addresses did not reach us before */
    tick_start_this();
    sched_start_cpu();
}

/* Make what CPU @cpu needs before it runs. */
static bool prepare(unsigned cpu)
{
    if (cpu < cpus_prepared)
        return true; /* for one that did not start */
    if (percpu_create(cpu) < 0 || !task_create_idle(cpu)) {
        pr_err("smp: no memory for CPU %u", cpu);
        return false;
    }
    kmap_local_init_cpu(cpu);
    cpus_prepared++;
    return true;
}

/* Get the CPU of local APIC @id to run: the quick way, then by the book. */
static bool wake(u32 id, paddr_t start)
{
    apic_send_init(id);
    apic_send_startup(id, start);
    if (wait_for_state(AP_ARRIVED, QUICK_NS))
        return true;

    apic_send_init(id);
    time_delay_ns(INIT_NS);
    for (unsigned i = 0; i < 2; i++) {
        apic_send_startup(id, start);
        if (wait_for_state(AP_ARRIVED, i ? PATIENT_NS : STARTUP_NS))
            return true;
    }
    apic_send_init(id); /* so that it does not turn up later */
    return false;
}

/* Start the CPU of local APIC @id as number @cpu. */
static bool start_cpu(unsigned cpu, u32 id, paddr_t start)
{
    ap_cpu = cpu;
    ap_stack = task_stack_top(task_idle(cpu));
    set_state(AP_ASLEEP);
    if (!wake(id, start))
        return false;

    set_state(AP_GO);
    irqflags_t flags = irq_save();
    clock_compare_cpus(false);
    irq_restore(flags);
    await_state(AP_READY);
    __atomic_store_n(&cpus_online, cpu + 1, __ATOMIC_RELEASE);
    set_state(AP_ONLINE);
    while (!sched_runs_on(cpu)) /* else a task bound to it would have nowhere to go */
        cpu_relax();
    return true;
}

/* The page where other CPUs start, with the trampoline in it; 0: there is none. */
static paddr_t prepare_trampoline(void)
{
    paddr_t start = region_trampoline();
    size_t bytes = (size_t)(trampoline_end - trampoline);
    assert(bytes <= PAGE_BYTES);
    if (start == 0 || start >= 1 << 20)
        return 0;
    memcpy(phys_to_direct(start), trampoline, bytes);
    ap_root = (unsigned long)kernel_phys_of((vaddr_t)kernel_root);
    ap_nx = pte_nx != 0;
    return start;
}

void smp_init(void)
{
    const struct acpi_madt *madt = &acpi_info.madt;
    if (!irq_uses_apic() || madt->cpu_count <= 1 || cpus_wanted == 1) {
        pr_info("smp: 1 CPU runs of %u found", madt->cpu_count > 1 ? madt->cpu_count : 1);
        return;
    }
    paddr_t start = prepare_trampoline();
    if (!start) {
        pr_warn("smp: no memory below 1 MiB for the other CPUs to start in");
        return;
    }

    u32 own_id = apic_id();
    for (unsigned i = 0; i < madt->cpu_count && i < ACPI_CPUS && cpus_online < cpus_wanted; i++) {
        u32 id = madt->apic_id[i];
        if (id == own_id || (id >= XAPIC_IDS && !cpu_has(CPU_X2APIC)))
            continue;
        if (!prepare(cpus_online))
            break;
        if (!start_cpu(cpus_online, id, start))
            pr_warn("smp: the CPU of local APIC %u does not start", id);
    }
    pr_info("smp: %u CPUs run of %u found (limit %u)", cpus_online, madt->cpu_count, cpus_wanted);
}
