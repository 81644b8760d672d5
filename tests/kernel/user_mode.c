/*
 * The border between the kernel and user mode: a few instructions run out there, and what comes
 * back is right.
 *
 * A program is machine code from user_code.asm, copied into an address space of its own.  Its task
 * ends by a system call or by the signal that an exception means.
 */
#include "tests/kernel/user_mode.h"

#include "arch/x86/context.h"
#include "arch/x86/cpu.h"
#include "arch/x86/ipi.h"
#include "arch/x86/irq.h"
#include "arch/x86/percpu.h"
#include "arch/x86/trap.h"
#include "arch/x86/user_copy.h"
#include "kernel/ktest.h"
#include "kernel/printk.h"
#include "kernel/process.h"
#include "kernel/task.h"
#include "machine/layout.h"
#include "machine/machine_task.h"
#include "machine/trapframe.h"
#include "mm/mmap.h"
#include "tests/kernel/user_space.h"

#define USER_CODE_AT  ((vaddr_t)0x400000)
#define USER_DATA_AT  ((vaddr_t)0x500000)
#define USER_STACK_AT ((vaddr_t)0x600000)

enum { NO_SUCH_SEGMENT = 0x1233, NMIS = 1000 };

void user_mode_run(void *data)
{
    const struct program *program = data;
    struct trapframe *frame = (struct trapframe *)task_stack_top(current) - 1;
    user_space_enter(NULL);
    ktest_equal(process_create(), 0);
    user_space_map(USER_CODE_AT, PAGE_BYTES, PROT_READ | PROT_WRITE | PROT_EXEC);
    user_space_map(USER_DATA_AT, PAGE_BYTES, PROT_READ | PROT_WRITE);
    user_space_map(USER_STACK_AT, PAGE_BYTES, PROT_READ | PROT_WRITE);
    vaddr_t tls = USER_DATA_AT + program->seed % 64 * 8; /* not everybody's the same */
    size_t bytes = (size_t)(program->end - program->code);
    ktest_equal(copy_to_user((void __user *)USER_CODE_AT, program->code, bytes), 0);
    ktest_equal(copy_to_user((void __user *)tls, &program->seed, sizeof(u32)), 0);
    machine_reset();
    *frame = trapframe_new_program(USER_CODE_AT, USER_STACK_AT + PAGE_BYTES);
    ktest_equal(machine_set_tls(frame, tls), 0);
    if (program->change)
        program->change(frame);
    trap_return(frame);
}

int user_mode_status(const struct program *program)
{
    return task_wait(ktest_thread(user_mode_run, (void *)program, -1));
}

PROGRAM(exit);
PROGRAM(divide);
PROGRAM(invalid);
PROGRAM(breakpoint);
PROGRAM(trace);
PROGRAM(halt);
PROGRAM(device_vector);
PROGRAM(port);
PROGRAM(x87);
PROGRAM(bad_segment);
PROGRAM(other_system_call);
PROGRAM(stale_segment);
PROGRAM(compute);
PROGRAM(system_calls);

KTEST(a_program_ends_by_a_system_call) { ktest_equal(user_mode_status(&exit), 7 << 8); }

KTEST(each_exception_of_a_program_is_its_signal)
{
    ktest_equal(user_mode_status(&divide), SIGFPE);
    ktest_equal(user_mode_status(&invalid), SIGILL);
    ktest_equal(user_mode_status(&breakpoint), SIGTRAP);
    ktest_equal(user_mode_status(&trace), SIGTRAP);
    ktest_equal(user_mode_status(&bad_segment), SIGSEGV);
    if (cpu_has(CPU_FPU))
        ktest_equal(user_mode_status(&x87), SIGFPE);
}

KTEST(a_program_may_not_do_what_the_kernel_may)
{
    ktest_equal(user_mode_status(&halt), SIGSEGV);
    ktest_equal(user_mode_status(&device_vector), SIGSEGV);
    ktest_equal(user_mode_status(&port), SIGSEGV);
}

KTEST(the_other_machines_system_call_is_refused)
{
    int status = user_mode_status(&other_system_call);
    ktest_assert(status == SIGSEGV || status == SIGILL);
}

KTEST(a_segment_that_went_away_is_loaded_as_0) { ktest_equal(user_mode_status(&stale_segment), 0); }

KTEST(system_calls_keep_the_registers) { ktest_equal(user_mode_status(&system_calls), 0); }

/* On x86_64 not even a canonical address. */
static void make_ip_wild(struct trapframe *frame)
{
    trapframe_set_ip(frame, USER_TOP + PAGE_BYTES);
}
static void make_code_segment_wild(struct trapframe *frame) { frame->cs = NO_SUCH_SEGMENT; }
static void make_stack_segment_wild(struct trapframe *frame) { frame->ss = NO_SUCH_SEGMENT; }

KTEST(returning_to_nonsense_is_the_programs_fault)
{
    struct program program = exit;
    program.change = make_code_segment_wild;
    ktest_equal(user_mode_status(&program), SIGSEGV);
    program.change = make_stack_segment_wild;
    ktest_equal(user_mode_status(&program), SIGSEGV);
    program.change = make_ip_wild;
    ktest_equal(user_mode_status(&program), SIGSEGV);
}

/* Several on each CPU: they are preempted, and come back with all they had. */
KTEST(programs_do_not_see_each_others_registers)
{
    if (!cpu_has(CPU_SSE2))
        ktest_skip("the program uses SSE2");
    static struct program programs[2 * NR_CPUS];
    static struct task *tasks[2 * NR_CPUS];
    unsigned count = cpus_online * 2;
    for (unsigned i = 0; i < count; i++) {
        programs[i] = compute;
        programs[i].seed = 0x1000 + i;
        tasks[i] = ktest_thread(user_mode_run, &programs[i], -1);
    }
    for (unsigned i = 0; i < count; i++)
        ktest_equal(task_wait(tasks[i]), 0);
}

/* NMIs come at any instruction, also between those that change %gs and the stack. */
KTEST(nmis_disturb_no_program)
{
    if (cpus_online < 2 || !irq_uses_apic())
        ktest_skip("it takes two CPUs with local APICs");
    enum log_level level = log_console_level();
    log_set_console_level(LOG_EMERG); /* each of them says where it found the CPU */
    struct task *task = ktest_thread(user_mode_run, &system_calls, 1);
    unsigned before = nmi_count(1);
    for (unsigned sent = 0; sent < NMIS; sent++) {
        while (nmi_count(1) - before < sent)
            cpu_relax();
        ipi_request_stack(1);
    }
    int status = task_wait(task);
    log_set_console_level(level);
    ktest_equal(status, 0);
}
