/*
 * The serial port COM1.
 *
 *     programs ---> ring ---+
 *                           +--> transmitter FIFO ---> line
 *     printk  --------------+    (first empties the ring, so that the order stays)
 *
 * Source: National Semiconductor PC16550D data sheet, "Registers".
 */
#include "arch/x86/serial.h"

#include "arch/x86/cpu.h"
#include "arch/x86/irq.h"
#include "arch/x86/port.h"
#include "kernel/console.h"
#include "kernel/dev/tty.h"
#include "kernel/panic.h"
#include "kernel/printk.h"
#include "kernel/spinlock.h"
#include "lib/minmax.h"
#include "lib/types.h"

enum {
    COM1 = 0x3f8,
    BAUD_DIVISOR = 1, /* 115200 bits/s */
    FIFO_BYTES = 16,
    SPINS_MAX = 100000, /* a port that takes longer than this is dead */
    RING_BYTES = 4096,
};

/* Registers by offset, and their bits. */
enum {
    DATA = 0,       /* the divisor's low byte while LINE_DIVISOR is set */
    IRQ_ENABLE = 1, /* its high byte */
    IRQ_ON_INPUT = 1 << 0,
    IRQ_ON_ROOM = 1 << 1,
    IRQ_CAUSE = 2, /* read */
    CAUSE_NONE = 1 << 0,
    CAUSE_HAS_FIFO = 3 << 6,
    FIFO_CONTROL = 2, /* write */
    FIFO_ENABLE = 1 << 0,
    FIFO_CLEAR = 3 << 1,
    FIFO_TRIGGER_8 = 2 << 6,
    LINE_CONTROL = 3,
    LINE_8N1 = 3,
    LINE_DIVISOR = 1 << 7,
    MODEM_CONTROL = 4,
    MODEM_DTR = 1 << 0,
    MODEM_RTS = 1 << 1,
    MODEM_IRQ_GATE = 1 << 3, /* OUT2, which a PC puts between the chip and the interrupt line */
    LINE_STATUS = 5,
    STATUS_INPUT = 1 << 0,
    STATUS_ROOM = 1 << 5,
    STATUS_IDLE = 1 << 6,
};

static SPINLOCK(serial_lock, RANK_CONSOLE);
static bool present;      /* constant after serial_init(), or false for good when it died */
static unsigned tx_burst; /* constant: how many bytes fit where STATUS_ROOM is set */
static bool uses_irqs;    /* constant after serial_start() */
static u8 irq_enabled;    /* under serial_lock: what IRQ_ENABLE holds */

/* Under serial_lock: bytes tail to head, counted without end, wait at number % RING_BYTES. */
static struct {
    u8 bytes[RING_BYTES];
    u32 head, tail;
} ring;

static u8 read_register(u16 offset) { return port_read8(COM1 + offset); }
static void write_register(u16 offset, unsigned value) { port_write8(COM1 + offset, (u8)value); }

static void enable_irqs(u8 mask)
{
    if (mask == irq_enabled)
        return;
    irq_enabled = mask;
    write_register(IRQ_ENABLE, mask);
}

/* Wait until a bit of @mask is set in the line status.  A port that never does is given up. */
static void wait_for(u8 mask)
{
    for (unsigned i = 0; i < SPINS_MAX; i++) {
        if (read_register(LINE_STATUS) & mask)
            return;
        cpu_relax();
    }
    present = false;
}

/* Move a FIFO full of bytes from the ring to the transmitter, which has room. */
static void send_burst(void)
{
    for (unsigned i = 0; i < tx_burst && ring.tail != ring.head; i++)
        write_register(DATA, ring.bytes[ring.tail++ % RING_BYTES]);
}

static void empty_ring(void)
{
    while (present && ring.tail != ring.head) {
        wait_for(STATUS_ROOM);
        send_burst();
    }
}

static void put_in_ring(char c)
{
    if (ring.head - ring.tail == RING_BYTES) {
        wait_for(STATUS_ROOM);
        send_burst();
    }
    ring.bytes[ring.head++ % RING_BYTES] = (u8)c;
}

static void put_text(const char *bytes, size_t count)
{
    for (size_t i = 0; i < count && present; i++)
        put_in_ring(bytes[i]);
}

static void serial_write(const char *bytes, size_t count) UNCHECKED_LOCKS
{
    bool locked = !panic_in_progress(); /* in a panic the holder may be a CPU that stands still */
    irqflags_t flags = locked ? spin_lock_irqsave(&serial_lock) : 0;
    put_text(bytes, count);
    empty_ring();
    if (locked)
        spin_unlock_irqrestore(&serial_lock, flags);
}

static void serial_queue(const char *bytes, size_t count)
{
    irqflags_t flags = spin_lock_irqsave(&serial_lock);
    put_text(bytes, count);
    if (uses_irqs && ring.tail != ring.head)
        enable_irqs(irq_enabled | IRQ_ON_ROOM);
    else
        empty_ring();
    spin_unlock_irqrestore(&serial_lock, flags);
}

void serial_drain(void)
{
    if (!present)
        return;
    serial_write("", 0);
    wait_for(STATUS_IDLE);
}

/* Take what has arrived, at most @room bytes of it. */
static size_t receive(u8 *bytes, size_t room)
{
    size_t count = 0;
    irqflags_t flags = spin_lock_irqsave(&serial_lock);
    while (count < room && read_register(LINE_STATUS) & STATUS_INPUT)
        bytes[count++] = read_register(DATA);
    spin_unlock_irqrestore(&serial_lock, flags);
    return count;
}

/* Leave what arrives in the port, and ask the other side to wait. */
static void suspend_input(void)
{
    irqflags_t flags = spin_lock_irqsave(&serial_lock);
    enable_irqs(irq_enabled & ~IRQ_ON_INPUT);
    write_register(MODEM_CONTROL, MODEM_DTR | MODEM_IRQ_GATE);
    spin_unlock_irqrestore(&serial_lock, flags);
}

/* The reader has room again. */
static void serial_resume(void)
{
    irqflags_t flags = spin_lock_irqsave(&serial_lock);
    if (!(irq_enabled & IRQ_ON_INPUT)) {
        write_register(MODEM_CONTROL, MODEM_DTR | MODEM_RTS | MODEM_IRQ_GATE);
        enable_irqs(irq_enabled | IRQ_ON_INPUT); /* interrupts at once if there is something */
    }
    spin_unlock_irqrestore(&serial_lock, flags);
}

/* Send more of the ring if the transmitter has room. */
static void transmit(void)
{
    irqflags_t flags = spin_lock_irqsave(&serial_lock);
    if (read_register(LINE_STATUS) & STATUS_ROOM)
        send_burst();
    if (ring.tail == ring.head)
        enable_irqs(irq_enabled & ~IRQ_ON_ROOM);
    spin_unlock_irqrestore(&serial_lock, flags);
}

static void pass_input(void)
{
    u8 bytes[FIFO_BYTES];
    size_t room = tty_input_room(&console_tty);
    if (room == 0) {
        suspend_input();
        /* has a reader made room before it could see that we wait? */
        if (tty_input_room(&console_tty) > 0)
            serial_resume();
        return;
    }
    size_t count = receive(bytes, min(room, sizeof(bytes)));
    tty_input(&console_tty, bytes, count);
}

/* The line to the interrupt controller has edges: go on until the port asks for nothing. */
static void serial_interrupt(void *data)
{
    do {
        pass_input();
        transmit();
    } while (!(read_register(IRQ_CAUSE) & CAUSE_NONE));
}

static struct console serial_console = {
    .name = "ttyS0",
    .write = serial_write,
    .queue = serial_queue,
};

static struct tty_source serial_source = { .resume = serial_resume };

/* A register that keeps what is written is more than an empty bus can do. */
static bool find_port(void)
{
    write_register(IRQ_ENABLE, 0x0f);
    u8 first = read_register(IRQ_ENABLE);
    write_register(IRQ_ENABLE, 0);
    return first == 0x0f && read_register(IRQ_ENABLE) == 0;
}

void serial_init(void)
{
    present = find_port();
    if (!present)
        return;
    write_register(LINE_CONTROL, LINE_DIVISOR);
    write_register(DATA, BAUD_DIVISOR & 0xff);
    write_register(IRQ_ENABLE, BAUD_DIVISOR >> 8);
    write_register(LINE_CONTROL, LINE_8N1);
    write_register(FIFO_CONTROL, FIFO_ENABLE | FIFO_CLEAR | FIFO_TRIGGER_8);
    write_register(MODEM_CONTROL, MODEM_DTR | MODEM_RTS | MODEM_IRQ_GATE);
    bool has_fifo = (read_register(IRQ_CAUSE) & CAUSE_HAS_FIFO) == CAUSE_HAS_FIFO;
    tx_burst = has_fifo ? FIFO_BYTES : 1;
    console_register(&serial_console);
}

void serial_start(void)
{
    if (!present)
        return;
    if (irq_request(IRQ_COM1, serial_interrupt, NULL, "serial")) {
        pr_warn("serial: no interrupt: no input");
        return;
    }
    tty_add_source(&serial_source);
    irqflags_t flags = spin_lock_irqsave(&serial_lock);
    uses_irqs = true;
    enable_irqs(IRQ_ON_INPUT);
    spin_unlock_irqrestore(&serial_lock, flags);
}
