/*
 * The PS/2 keyboard behind an 8042 controller, which translates to scan code set 1.
 *
 * Source: IBM PS/2 Hardware Interface Technical Reference, "Keyboard and Auxiliary Device
 * Controller".
 */
#include "arch/x86/keyboard.h"

#include "arch/x86/irq.h"
#include "arch/x86/keymap.h"
#include "arch/x86/port.h"
#include "kernel/dev/tty.h"
#include "kernel/printk.h"

enum {
    DATA = 0x60,
    STATUS = 0x64,          /* read */
    COMMAND = 0x64,         /* write */
    STATUS_OUTPUT = 1 << 0, /* a byte for us */
    STATUS_INPUT = 1 << 1,  /* our last byte has not been taken yet */
    STATUS_MOUSE = 1 << 5,  /* the byte for us is the mouse's */
    STATUS_NONE = 0xff,     /* what an empty bus reads */
    COMMAND_READ_CONFIG = 0x20,
    COMMAND_WRITE_CONFIG = 0x60,
    COMMAND_ENABLE = 0xae,
    CONFIG_IRQ = 1 << 0,
    CONFIG_DISABLED = 1 << 4,
    CONFIG_TRANSLATE = 1 << 6,
    SPINS_MAX = 100000,
    BYTES_MAX = 64, /* no keyboard holds more */
};

static struct keymap keys; /* the interrupt handler's alone */

/* Wait until the status' @mask is @wanted.  Returns: false if it never is. */
static bool wait_for(u8 mask, u8 wanted)
{
    for (unsigned i = 0; i < SPINS_MAX; i++)
        if ((port_read8(STATUS) & mask) == wanted)
            return true;
    return false;
}

static bool send(u16 port, unsigned value)
{
    if (!wait_for(STATUS_INPUT, 0))
        return false;
    port_write8(port, (u8)value);
    return true;
}

static void drop_old_bytes(void)
{
    for (unsigned i = 0; i < BYTES_MAX && port_read8(STATUS) & STATUS_OUTPUT; i++)
        (void)port_read8(DATA);
}

/* Make the controller interrupt for each key and speak scan code set 1. */
static bool set_up_controller(void)
{
    if (port_read8(STATUS) == STATUS_NONE)
        return false;
    drop_old_bytes();
    if (!send(COMMAND, COMMAND_READ_CONFIG) || !wait_for(STATUS_OUTPUT, STATUS_OUTPUT))
        return false;
    u8 config = port_read8(DATA);
    config = (u8)((config | CONFIG_IRQ | CONFIG_TRANSLATE) & ~CONFIG_DISABLED);
    return send(COMMAND, COMMAND_WRITE_CONFIG) && send(DATA, config) &&
           send(COMMAND, COMMAND_ENABLE);
}

static void keyboard_interrupt(void *data)
{
    for (unsigned i = 0; i < BYTES_MAX; i++) {
        u8 status = port_read8(STATUS);
        if (!(status & STATUS_OUTPUT))
            return;
        u8 scancode = port_read8(DATA);
        if (status & STATUS_MOUSE)
            continue;
        char bytes[KEYMAP_BYTES_MAX];
        tty_input(&console_tty, (const u8 *)bytes, keymap_decode(&keys, scancode, bytes));
    }
}

void keyboard_init(void)
{
    if (!set_up_controller())
        return;
    if (irq_request(IRQ_KEYBOARD, keyboard_interrupt, NULL, "keyboard")) {
        pr_warn("keyboard: no interrupt");
        return;
    }
    drop_old_bytes(); /* a key pressed meanwhile would hold back the next interrupt */
}
