/*
 * The i386's segments, loaded, and what changes in them from task to task.
 *
 * A double fault means that the CPU could not push a trap's registers: most likely the stack has
 * run into its guard page.  So its gate is a task gate: the CPU stores all registers in the TSS
 * and loads others, a working stack among them, from the double fault's own TSS.
 */
#include "machine/segments.h"

#include "arch/x86/context.h"
#include "arch/x86/cpu.h"
#include "arch/x86/entry.h"
#include "arch/x86/fpu.h"
#include "arch/x86/trap.h"
#include "arch/x86/trap_report.h"
#include "kernel/task.h"
#include "lib/errno.h"

enum { DOUBLE_FAULT_STACK_BYTES = 4096 };

#define FLAT (SEGMENT_32 | SEGMENT_IN_PAGES)

DEFINE_PER_CPU(u64[GDT_ENTRIES], gdt) = {
    [KERNEL_CODE / 8] = 0x00cf9b000000ffff,
    [KERNEL_DATA / 8] = 0x00cf93000000ffff,
    [USER_CODE / 8] = 0x00cffb000000ffff,
    [USER_DATA / 8] = 0x00cff3000000ffff,
};
DEFINE_PER_CPU(struct tss, tss) ALIGNED(128) = { .ss0 = KERNEL_DATA, .io_map = sizeof(struct tss) };
DEFINE_PER_CPU(struct tss, double_fault_tss) ALIGNED(128);

static char double_fault_stacks[NR_CPUS][DOUBLE_FAULT_STACK_BYTES] ALIGNED(4096);

struct idt_gate idt_gate(unsigned vector, uintptr_t handler, u8 type)
{
    if (vector == TRAP_DOUBLE_FAULT)
        return (struct idt_gate){ .selector = DOUBLE_FAULT_TSS, .type = GATE_TASK };
    return (struct idt_gate){
        .offset_low = (u16)handler,
        .selector = KERNEL_CODE,
        .type = type,
        .offset_high = (u16)(handler >> 16),
    };
}

static struct tss double_fault_registers(unsigned cpu)
{
    return (struct tss){
        .cr3 = cr3_read(),
        .eip = (uintptr_t)double_fault_task,
        .eflags = FLAGS_ALWAYS_SET,
        .esp = (uintptr_t)double_fault_stacks[cpu] + DOUBLE_FAULT_STACK_BYTES,
        .es = KERNEL_DATA,
        .cs = KERNEL_CODE,
        .ss = KERNEL_DATA,
        .ds = KERNEL_DATA,
        .fs = PERCPU_DATA,
        .io_map = sizeof(struct tss),
    };
}

/* The sysenter instruction: where it goes, with which segments.  MSR_SYSENTER_ESP: see below. */
static void sysenter_load(void)
{
    static_assert(KERNEL_DATA == KERNEL_CODE + 8, "sysenter takes the next one for the stack");
    if (!cpu_has(CPU_SYSENTER))
        return;
    wrmsr(MSR_SYSENTER_CS, KERNEL_CODE);
    wrmsr(MSR_SYSENTER_EIP, (uintptr_t)sysenter_entry);
}

void segments_load(unsigned cpu)
{
    u64 *gdt = *per_cpu_ptr(gdt, cpu);
    struct tss *tss = per_cpu_ptr(tss, cpu);
    struct tss *double_fault = per_cpu_ptr(double_fault_tss, cpu);

    *double_fault = double_fault_registers(cpu);
    gdt[CPU_NUMBER / 8] = descriptor(0, cpu, SEGMENT_USER_DATA, SEGMENT_32);
    gdt[PERCPU_DATA / 8] =
        descriptor(cpu_offsets[cpu], SEGMENT_FLAT_LIMIT, SEGMENT_KERNEL_DATA, FLAT);
    gdt[TSS_SELECTOR / 8] = descriptor((uintptr_t)tss, sizeof(*tss) - 1, SEGMENT_TSS, 0);
    gdt[DOUBLE_FAULT_TSS / 8] =
        descriptor((uintptr_t)double_fault, sizeof(*double_fault) - 1, SEGMENT_TSS, 0);

    const struct descriptor_table table = {
        .limit = GDT_ENTRIES * sizeof(u64) - 1,
        .base = (uintptr_t)gdt,
    };
    gdt_load(&table);
    segments_reload();
    ldt_load_none();
    tss_load(TSS_SELECTOR);
    sysenter_load();
}

/* The registers of whoever took the double fault are where the task gate has stored them. */
_Noreturn void double_fault(void)
{
    const struct tss *tss = this_cpu_ptr(tss);
    struct trapframe frame = {
        .ebx = tss->ebx,
        .ecx = tss->ecx,
        .edx = tss->edx,
        .esi = tss->esi,
        .edi = tss->edi,
        .ebp = tss->ebp,
        .eax = tss->eax,
        .ds = tss->ds,
        .es = tss->es,
        .fs = tss->fs,
        .gs = tss->gs,
        .vector = TRAP_DOUBLE_FAULT,
        .eip = tss->eip,
        .cs = tss->cs,
        .eflags = tss->eflags,
        .esp = tss->esp,
        .ss = tss->ss,
    };
    trap_die(&frame, trap_name(TRAP_DOUBLE_FAULT));
}

void segments_use_page_tables(void) { this_cpu_write(double_fault_tss.cr3, cr3_read()); }

int segments_create(unsigned cpu) { return 0; }

/* Put @task's thread-local segments into this CPU's GDT. */
static void load_tls(const struct task *task)
{
    u64 *gdt = *this_cpu_ptr(gdt);
    for (unsigned i = 0; i < TLS_DESCRIPTORS; i++)
        gdt[GDT_TLS_FIRST + i] = task->machine.tls[i];
}

void machine_switch(struct task *prev, struct task *next)
{
    uintptr_t top = (uintptr_t)task_stack_top(next);
    this_cpu_write(tss.esp0, top);
    if (cpu_has(CPU_SYSENTER))
        wrmsr(MSR_SYSENTER_ESP, top);
    if (next->mm)
        load_tls(next); /* the selectors are in its trapframe, loaded on the way out */
    fpu_switch(prev, next);
}

void machine_reset(void)
{
    irqflags_t flags = irq_save();
    current->machine = (struct machine_task){ 0 };
    load_tls(current);
    irq_restore(flags);
    fpu_reset(current);
}

int machine_tls_entry(u64 tls_descriptor, int entry)
{
    u64 *tls = current->machine.tls;
    if (entry == -1) {
        for (entry = GDT_TLS_FIRST; entry < GDT_TLS_FIRST + TLS_DESCRIPTORS; entry++)
            if (tls[entry - GDT_TLS_FIRST] == 0)
                break;
        if (entry == GDT_TLS_FIRST + TLS_DESCRIPTORS)
            return -ESRCH;
    }
    if (entry < GDT_TLS_FIRST || entry >= GDT_TLS_FIRST + TLS_DESCRIPTORS)
        return -EINVAL;

    irqflags_t flags = irq_save();
    tls[entry - GDT_TLS_FIRST] = tls_descriptor;
    load_tls(current);
    irq_restore(flags);
    return entry;
}

int machine_set_tls(struct trapframe *frame, vaddr_t base)
{
    int entry = machine_tls_entry(machine_tls_descriptor(base), -1);
    if (entry < 0)
        return entry;
    frame->gs = (u32)entry * 8 + 3; /* of the GDT, for user mode */
    return 0;
}
