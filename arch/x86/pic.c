/*
 * The 8259 pair.
 *
 * The second chip hangs on line 2 of the first.  A line that goes quiet too early leaves the chip
 * without an answer when the CPU asks which it was: it then says 7, its lowest in rank, without
 * marking it as being in service.  That mark tells a real 7 (or 15) from a spurious one.
 *
 * Source: Intel 8259A data sheet, "Programming the 8259A".
 */
#include "arch/x86/pic.h"

#include "arch/x86/irq.h"
#include "arch/x86/port.h"
#include "lib/assert.h"

enum {
    FIRST = 0x20, /* command ports; data is the next one up */
    SECOND = 0xa0,
    LINES = 8,
    CASCADE = 2,
    LOWEST = 7,

    INIT_FOUR_WORDS = 0x11, /* edge triggered, cascaded, a fourth word follows */
    INIT_8086 = 0x01,
    READ_IN_SERVICE = 0x0b,
    END_OF_INTERRUPT = 0x20,
    ALL_LINES = 0xff,
    DELAY_PORT = 0x80, /* writing there takes a microsecond and does nothing */
};

/* The lines that are masked, as the chips know them.  Under irq.c's lock. */
static u16 masked;

/* The chips are older than the bus: give them time. */
static void write_slowly(u16 port, u8 value)
{
    port_write8(port, value);
    port_write8(DELAY_PORT, 0);
}

static void init_chip(u16 command, u8 vector, u8 cascade)
{
    u16 data = command + 1;
    write_slowly(command, INIT_FOUR_WORDS);
    write_slowly(data, vector);
    write_slowly(data, cascade);
    write_slowly(data, INIT_8086);
    write_slowly(data, ALL_LINES);
}

void pic_init(void)
{
    init_chip(FIRST, VECTOR_PIC, 1 << CASCADE);
    init_chip(SECOND, VECTOR_PIC + LINES, CASCADE);
    masked = UINT16_MAX;
    pic_unmask(CASCADE);
}

static void write_mask(unsigned irq)
{
    if (irq < LINES)
        port_write8(FIRST + 1, (u8)masked);
    else
        port_write8(SECOND + 1, (u8)(masked >> LINES));
}

void pic_unmask(unsigned irq)
{
    assert(irq < ISA_IRQS);
    masked &= (u16) ~(1u << irq);
    write_mask(irq);
}

void pic_mask(unsigned irq)
{
    assert(irq < ISA_IRQS);
    masked |= (u16)(1u << irq);
    write_mask(irq);
}

static bool is_in_service(u16 command, unsigned line)
{
    port_write8(command, READ_IN_SERVICE);
    return port_read8(command) >> line & 1;
}

bool pic_acknowledge(unsigned irq)
{
    bool is_second = irq >= LINES;
    u16 command = is_second ? SECOND : FIRST;
    bool is_real = irq % LINES != LOWEST || is_in_service(command, LOWEST);

    if (is_second && is_real)
        port_write8(SECOND, END_OF_INTERRUPT);
    if (is_second || is_real)
        port_write8(FIRST, END_OF_INTERRUPT); /* the first saw a real interrupt on the cascade */
    return is_real;
}
