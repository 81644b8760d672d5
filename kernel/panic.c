/*
 * The last words: numbers, stack, stop.
 *
 * The first CPU to panic speaks, the others stop.  A panic within the panic says so and goes
 * straight to the end.
 */
#include "kernel/panic.h"

#include "arch/x86/cpu.h"
#include "arch/x86/ipi.h"
#include "arch/x86/percpu.h"
#include "arch/x86/power.h"
#include "arch/x86/stacktrace.h"
#include "kernel/param.h"
#include "kernel/printk.h"
#include "lib/assert.h"
#include "lib/format.h"
#include "lib/string.h"

#include <stdarg.h>

enum panic_action { PANIC_OFF, PANIC_REBOOT, PANIC_HALT };

enum { NO_CPU = NR_CPUS };

static unsigned panic_cpu = NO_CPU;                /* atomic: the CPU that speaks */
static enum panic_action panic_action = PANIC_OFF; /* constant after params_parse() */

bool panic_in_progress(void) { return __atomic_load_n(&panic_cpu, __ATOMIC_ACQUIRE) != NO_CPU; }

static _Noreturn void stop(void)
{
    switch (panic_action) {
    case PANIC_OFF:
        machine_exit(EXIT_PANIC);
    case PANIC_REBOOT:
        machine_reboot();
    case PANIC_HALT:
        break;
    }
    machine_halt();
}

/* Become the CPU that speaks.  Returns only to that one, the first time. */
static void become_speaker(void)
{
    unsigned nobody = NO_CPU;
    if (__atomic_compare_exchange_n(&panic_cpu, &nobody, cpu_id(), false, __ATOMIC_SEQ_CST,
                                    __ATOMIC_SEQ_CST))
        return;
    if (nobody != cpu_id())
        machine_halt();

    static bool twice;
    if (!twice) {
        twice = true;
        printk(LOG_EMERG, "panic: another panic within this one");
    }
    stop();
}

/* Say why, when nobody else speaks any more. */
static void begin(const char *format, va_list args)
{
    static char why[LOG_TEXT_BYTES]; /* the speaker's alone */

    irq_disable();
    become_speaker();
    unsigned deaf = ipi_halt_others(); /* before locks are ignored */

    vsnprintf(why, sizeof(why), format, args);
    printk(LOG_EMERG, "panic on CPU %u: %s", cpu_id(), why);
    if (cpus_online > 1)
        printk(LOG_EMERG, "panic: %u of %u other CPUs have stopped", cpus_online - 1 - deaf,
               cpus_online - 1);
}

void panic(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    begin(format, args);
    va_end(args);
    stack_trace_print(NULL);
    stop();
}

void panic_at(const struct trapframe *frame, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    begin(format, args);
    va_end(args);
    stack_trace_print(frame);
    stop();
}

void assert_failed(const char *expression, const char *file, int line)
{
    panic("%s:%d: assertion failed: %s", file, line, expression);
}

static bool panic_param(const char *value)
{
    static const char *const names[] = { "off", "reboot", "halt" }; /* by enum panic_action */
    for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
        if (strcmp(value, names[i]) == 0) {
            panic_action = (enum panic_action)i;
            return true;
        }
    }
    return false;
}
KERNEL_PARAM("panic", panic_param);
