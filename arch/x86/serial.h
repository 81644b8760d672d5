/*
 * The serial port COM1: a 16550, or nothing.
 *
 * Messages of the kernel go out at once, by polling: whoever has said something can fall over
 * right after it.  What programs write goes through a ring that interrupts empty.  Input comes by
 * interrupts, and is left in the port while its reader has no room, so that the other side waits.
 */
#ifndef ARCH_X86_SERIAL_H
#define ARCH_X86_SERIAL_H

/* Look for the port and make it the console "ttyS0".  Interrupts not needed. */
void serial_init(void);

/* From now on use interrupts.  Once, after irq_init() and tty_init(). */
void serial_start(void);

/* Wait until everything has left the port: before the machine is switched off.  Any context. */
void serial_drain(void);

#endif
