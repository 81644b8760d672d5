/*
 * The x86-64's segments, loaded, and what changes in them from task to task.
 */
#include "machine/segments.h"

#include "arch/x86/context.h"
#include "arch/x86/cpu.h"
#include "arch/x86/entry.h"
#include "arch/x86/fpu.h"
#include "arch/x86/trap.h"
#include "kernel/task.h"
#include "lib/errno.h"
#include "mm/page.h"
#include "mm/zone.h"

enum { IST_STACKS_ORDER = 2 };

static_assert(IST_COUNT == 1 << IST_STACKS_ORDER, "a block of pages");

DEFINE_PER_CPU(u64[GDT_ENTRIES], gdt) = {
    [KERNEL_CODE / 8] = 0x00af9b000000ffff,
    [KERNEL_DATA / 8] = 0x00cf93000000ffff,
    [USER_DATA / 8] = 0x00cff3000000ffff,
    [USER_CODE / 8] = 0x00affb000000ffff,
};
DEFINE_PER_CPU(struct tss, tss) ALIGNED(128) = { .io_map = sizeof(struct tss) };
DEFINE_PER_CPU(struct ist_stack *, ist_stacks);
DEFINE_PER_CPU(u64, syscall_user_sp); /* entry.asm: the user's, until it is on our stack */

static struct ist_stack boot_ist_stacks[IST_COUNT];

struct idt_gate idt_gate(unsigned vector, uintptr_t handler, u8 type)
{
    static const u8 ist[TRAP_EXCEPTIONS] = {
        [TRAP_DEBUG] = IST_DEBUG,
        [TRAP_NMI] = IST_NMI,
        [TRAP_DOUBLE_FAULT] = IST_DOUBLE_FAULT,
        [TRAP_MACHINE_CHECK] = IST_MACHINE_CHECK,
    };
    return (struct idt_gate){
        .offset_low = (u16)handler,
        .selector = KERNEL_CODE,
        .ist = vector < TRAP_EXCEPTIONS ? ist[vector] : IST_NONE,
        .type = type,
        .offset_middle = (u16)(handler >> 16),
        .offset_high = (u32)(handler >> 32),
    };
}

/* The system call instruction: where it goes, with which segments, and which flags it clears. */
static void syscall_load(void)
{
    wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SYSCALL);
    wrmsr(MSR_STAR, (u64)SYSRET_BASE << 48 | (u64)KERNEL_CODE << 32);
    wrmsr(MSR_LSTAR, (uintptr_t)syscall_entry);
    wrmsr(MSR_SYSCALL_MASK, FLAGS_TRAP | FLAGS_INTERRUPT | FLAGS_DIRECTION | FLAGS_IOPL |
                                FLAGS_NESTED_TASK | FLAGS_RESUME | FLAGS_ALIGNMENT_CHECK);
    if (cpu_has(CPU_SYSENTER))
        wrmsr(MSR_SYSENTER_CS, 0); /* that instruction leads nowhere: a protection fault */
}

void segments_load(unsigned cpu)
{
    u64 *gdt = *per_cpu_ptr(gdt, cpu);
    struct tss *tss = per_cpu_ptr(tss, cpu);
    struct ist_stack *stacks = cpu == 0 ? boot_ist_stacks : *per_cpu_ptr(ist_stacks, cpu);

    for (unsigned i = 0; i < IST_COUNT; i++) {
        stacks[i].cpu_offset = cpu_offsets[cpu];
        tss->ist[i] = (uintptr_t)&stacks[i].cpu_offset; /* IST numbers begin at 1 */
    }
    gdt[TSS_SELECTOR / 8] = descriptor((uintptr_t)tss, sizeof(*tss) - 1, SEGMENT_TSS, 0);
    gdt[CPU_NUMBER / 8] = descriptor(0, cpu, SEGMENT_USER_DATA, SEGMENT_32);
    gdt[TSS_SELECTOR / 8 + 1] = (uintptr_t)tss >> 32;

    const struct descriptor_table table = {
        .limit = GDT_ENTRIES * sizeof(u64) - 1,
        .base = (uintptr_t)gdt,
    };
    gdt_load(&table);
    segments_reload();
    ldt_load_none();
    wrmsr(MSR_GS_BASE, cpu_offsets[cpu]);
    wrmsr(MSR_KERNEL_GS_BASE, 0);
    tss_load(TSS_SELECTOR);
    *per_cpu_ptr(ist_stacks, cpu) = stacks;
    syscall_load();
}

void segments_use_page_tables(void) {}

int segments_create(unsigned cpu)
{
    struct page *pages = page_alloc(GFP_KERNEL | GFP_ZERO, IST_STACKS_ORDER);
    if (!pages)
        return -ENOMEM;
    *per_cpu_ptr(ist_stacks, cpu) = page_address(pages);
    return 0;
}

void machine_switch(struct task *prev, struct task *next)
{
    this_cpu_write(tss.sp0, (uintptr_t)task_stack_top(next));
    if (next->mm) {
        wrmsr(MSR_FS_BASE, next->machine.fs_base);
        wrmsr(MSR_KERNEL_GS_BASE, next->machine.gs_base); /* swapgs makes it the user's */
    }
    fpu_switch(prev, next);
}

void machine_reset(void)
{
    irqflags_t flags = irq_save();
    current->machine = (struct machine_task){ 0 };
    wrmsr(MSR_FS_BASE, 0);
    wrmsr(MSR_KERNEL_GS_BASE, 0);
    irq_restore(flags);
    fpu_reset(current);
}

void machine_set_fs_base(vaddr_t base)
{
    irqflags_t flags = irq_save();
    current->machine.fs_base = base;
    wrmsr(MSR_FS_BASE, base);
    irq_restore(flags);
}

void machine_set_gs_base(vaddr_t base)
{
    irqflags_t flags = irq_save();
    current->machine.gs_base = base;
    wrmsr(MSR_KERNEL_GS_BASE, base);
    irq_restore(flags);
}

int machine_set_tls(struct trapframe *frame, vaddr_t base)
{
    machine_set_fs_base(base);
    return 0;
}

int machine_clone_tls(struct task *child, struct trapframe *frame, unsigned long tls)
{
    if (tls >= USER_TOP)
        return -EPERM;
    child->machine.fs_base = tls;
    return 0;
}
