/*
 * The end of the machine's work.
 *
 * Emulators are told the status in the ways they listen to; a real machine has no place for it.
 * Then ACPI switches the machine off, or resets it, where the firmware says how.
 * Source: QEMU's documentation of isa-debug-exit; Bochs User Manual, "Shutdown port".
 */
#include "arch/x86/power.h"

#include "arch/x86/acpi.h"
#include "arch/x86/cpu.h"
#include "arch/x86/descriptors.h"
#include "arch/x86/port.h"
#include "arch/x86/serial.h"

enum {
    PORT_DEBUG = 0xe9,
    PORT_DEBUG_EXIT = 0xf4,
    PORT_BOCHS_SHUTDOWN = 0x8900,
    PORT_KEYBOARD = 0x64,
    KEYBOARD_RESET = 0xfe,
};

static void write_text(u16 port, const char *text)
{
    for (; *text; text++)
        port_write8(port, (u8)*text);
}

static void write_status(int status)
{
    char digits[] = { (char)('0' + status / 100), (char)('0' + status / 10 % 10),
                      (char)('0' + status % 10), '\n', 0 };
    size_t first = status >= 100 ? 0 : status >= 10 ? 1 : 2;
    write_text(PORT_DEBUG, "exit ");
    write_text(PORT_DEBUG, digits + first);
}

_Noreturn void machine_halt(void)
{
    for (;;) {
        irq_disable();
        cpu_halt();
    }
}

_Noreturn void machine_exit(int status)
{
    irq_disable();
    serial_drain(); /* emulators drop what the UART has not sent */
    write_status(status & 255);
    port_write32(PORT_DEBUG_EXIT, (u32)status & 255);
    write_text(PORT_BOCHS_SHUTDOWN, "Shutdown");
    acpi_power_off();
    machine_halt();
}

_Noreturn void machine_power_off(void) { machine_exit(0); }

_Noreturn void machine_reboot(void)
{
    irq_disable();
    serial_drain();
    acpi_reset();
    port_write8(PORT_KEYBOARD, KEYBOARD_RESET);
    idt_load(&(struct descriptor_table){ 0, 0 }); /* a CPU that cannot even report a fault resets */
    __builtin_trap();
}
