/*
 * The local APIC.
 *
 * Source: Intel SDM vol. 3A, chapter 11 "Advanced Programmable Interrupt Controller (APIC)".
 */
#include "arch/x86/apic.h"

#include "arch/x86/acpi.h"
#include "arch/x86/cpu.h"
#include "arch/x86/irq.h"
#include "arch/x86/percpu.h"
#include "kernel/printk.h"
#include "lib/assert.h"
#include "mm/fixmap.h"

/* Offsets in the page; an x2APIC's register is MSR 0x800 plus a sixteenth of it. */
enum {
    REG_ID = 0x020,
    REG_TASK_PRIORITY = 0x080,
    REG_END_OF_INTERRUPT = 0x0b0,
    REG_SPURIOUS = 0x0f0,
    REG_ERROR = 0x280,
    REG_COMMAND = 0x300,
    REG_COMMAND_TO = 0x310, /* xAPIC only: an x2APIC's command is one register of 64 bits */
    REG_TIMER = 0x320,
    REG_LINT0 = 0x350,
    REG_LINT1 = 0x360,
    REG_LVT_ERROR = 0x370,
    REG_TIMER_INITIAL = 0x380,
    REG_TIMER_CURRENT = 0x390,
    REG_TIMER_DIVIDE = 0x3e0,

    X2APIC_MSR = 0x800,
    XAPIC_ID_SHIFT = 24,
};

enum {
    BASE_X2APIC = 1 << 10,
    BASE_ENABLED = 1 << 11,
    SPURIOUS_ENABLED = 1 << 8,

    DELIVER_FIXED = 0 << 8,
    DELIVER_NMI = 4 << 8,
    DELIVER_INIT = 5 << 8,
    DELIVER_STARTUP = 6 << 8,
    COMMAND_PENDING = 1 << 12,
    COMMAND_ASSERT = 1 << 14,
    LVT_MASKED = 1 << 16,
    TIMER_PERIODIC = 1 << 17,
    DIVIDE_BY_1 = 0xb,

    SEND_POLLS_MAX = 100000,
};

static volatile u32 *registers; /* NULL: x2APIC; constant after apic_init() */
static DEFINE_PER_CPU(u32, local_apic_id);

static u32 reg_read(unsigned offset)
{
    if (!registers)
        return (u32)rdmsr(X2APIC_MSR + offset / 16);
    return registers[offset / sizeof(u32)];
}

static void reg_write(unsigned offset, u32 value)
{
    if (!registers)
        wrmsr(X2APIC_MSR + offset / 16, value);
    else
        registers[offset / sizeof(u32)] = value;
}

u32 apic_id(void) { return registers ? reg_read(REG_ID) >> XAPIC_ID_SHIFT : reg_read(REG_ID); }
u32 apic_id_of(unsigned cpu) { return *per_cpu_ptr(local_apic_id, cpu); }

static u32 lint_mode(unsigned lint)
{
    return acpi_info.madt.nmi_on_lint[lint] ? DELIVER_NMI : LVT_MASKED;
}

void apic_start_this(void)
{
    u64 base = rdmsr(MSR_APIC_BASE) | BASE_ENABLED;
    wrmsr(MSR_APIC_BASE, base);
    if (!registers)
        wrmsr(MSR_APIC_BASE, base | BASE_X2APIC);
    this_cpu_write(local_apic_id, apic_id());

    reg_write(REG_TASK_PRIORITY, 0);
    reg_write(REG_TIMER, LVT_MASKED);
    reg_write(REG_LINT0, lint_mode(0));
    reg_write(REG_LINT1, lint_mode(1));
    reg_write(REG_SPURIOUS, SPURIOUS_ENABLED | VECTOR_SPURIOUS);
    reg_write(REG_LVT_ERROR, VECTOR_APIC_ERROR);
    (void)apic_take_errors();
}

void apic_init(paddr_t phys)
{
    bool is_x2apic = cpu_has(CPU_X2APIC) || rdmsr(MSR_APIC_BASE) & BASE_X2APIC;
    if (!is_x2apic)
        registers = fixmap_set(FIX_LAPIC, phys,
                               (prot_t){ PROT_READ | PROT_WRITE | PROT_UNCACHED | PROT_GLOBAL });
    apic_start_this();
    pr_debug("apic: %s, boot CPU is number %u", is_x2apic ? "x2APIC" : "xAPIC", apic_id());
}

void apic_end_of_interrupt(void) { reg_write(REG_END_OF_INTERRUPT, 0); }

u32 apic_take_errors(void)
{
    reg_write(REG_ERROR, 0); /* the APIC shows what it has gathered when it is written to */
    return reg_read(REG_ERROR);
}

/* An xAPIC sends one command at a time, and takes it in two writes: nobody may come between. */
static void send(u32 id, u32 command)
{
    if (!registers) {
        __atomic_thread_fence(__ATOMIC_SEQ_CST); /* this write overtakes others if it can */
        wrmsr(X2APIC_MSR + REG_COMMAND / 16, (u64)id << 32 | command);
        return;
    }

    irqflags_t flags = irq_save();
    reg_write(REG_COMMAND_TO, id << XAPIC_ID_SHIFT);
    reg_write(REG_COMMAND, command);
    for (unsigned polls = 0; reg_read(REG_COMMAND) & COMMAND_PENDING && polls < SEND_POLLS_MAX;
         polls++)
        cpu_relax();
    irq_restore(flags);
}

void apic_send(u32 id, unsigned vector)
{
    assert(vector >= VECTOR_PIC && vector <= VECTOR_SPURIOUS);
    send(id, vector | DELIVER_FIXED | COMMAND_ASSERT);
}

void apic_send_nmi(u32 id) { send(id, DELIVER_NMI | COMMAND_ASSERT); }
void apic_send_init(u32 id) { send(id, DELIVER_INIT | COMMAND_ASSERT); }

void apic_send_startup(u32 id, paddr_t phys)
{
    assert(phys % PAGE_BYTES == 0);
    assert(phys < 1 << 20);
    send(id, (u32)(phys >> PAGE_SHIFT) | DELIVER_STARTUP | COMMAND_ASSERT);
}

void apic_timer_start(u32 count)
{
    assert(count > 0);
    reg_write(REG_TIMER_DIVIDE, DIVIDE_BY_1);
    reg_write(REG_TIMER, VECTOR_TIMER | TIMER_PERIODIC);
    reg_write(REG_TIMER_INITIAL, count);
}

void apic_timer_count_down(void)
{
    reg_write(REG_TIMER_DIVIDE, DIVIDE_BY_1);
    reg_write(REG_TIMER, LVT_MASKED);
    reg_write(REG_TIMER_INITIAL, UINT32_MAX);
}

u32 apic_timer_elapsed(void) { return UINT32_MAX - reg_read(REG_TIMER_CURRENT); }
