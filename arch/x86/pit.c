/*
 * The 8254 timer.
 *
 * A count is two bytes through one port: latch it, read low, read high.  A lock keeps others from
 * reading in between.
 *
 * Source: Intel 8254 data sheet, "Programming the 8254"; port 0x61: Intel 82371AB (PIIX4) data
 * sheet, "NMI Status and Control Register".
 */
#include "arch/x86/pit.h"

#include "arch/x86/port.h"
#include "kernel/spinlock.h"
#include "lib/assert.h"

enum {
    CHANNEL_0 = 0x40,
    CHANNEL_2 = 0x42,
    COMMAND = 0x43,
    SPEAKER = 0x61,

    SELECT_0 = 0 << 6,
    SELECT_2 = 2 << 6,
    LATCH = 0 << 4,
    LOW_THEN_HIGH = 3 << 4,
    RATE_GENERATOR = 2 << 1, /* mode 2: counts down, interrupts at the end, starts again */

    SPEAKER_GATE = 1 << 0, /* channel 2 counts */
    SPEAKER_ON = 1 << 1,
    SPEAKER_BITS = 0x0f, /* the others are read only */
};

static SPINLOCK(pit_lock, RANK_CLOCK);

/* A count of 0 stands for 65536. */
static void start(u8 select, u16 port, u16 count)
{
    irqflags_t flags = spin_lock_irqsave(&pit_lock);
    port_write8(COMMAND, (u8)(select | LOW_THEN_HIGH | RATE_GENERATOR));
    port_write8(port, (u8)count);
    port_write8(port, (u8)(count >> 8));
    spin_unlock_irqrestore(&pit_lock, flags);
}

void pit_start_tick(unsigned hz)
{
    unsigned count = (PIT_HZ + hz / 2) / hz;
    assert(count <= UINT16_MAX);
    start(SELECT_0, CHANNEL_0, (u16)count);
}

void pit_start_counter(void)
{
    u8 speaker = port_read8(SPEAKER) & SPEAKER_BITS;
    port_write8(SPEAKER, (u8)((speaker & ~SPEAKER_ON) | SPEAKER_GATE));
    start(SELECT_2, CHANNEL_2, 0);
}

u16 pit_read_counter(void)
{
    irqflags_t flags = spin_lock_irqsave(&pit_lock);
    port_write8(COMMAND, SELECT_2 | LATCH);
    unsigned low = port_read8(CHANNEL_2);
    unsigned high = port_read8(CHANNEL_2);
    spin_unlock_irqrestore(&pit_lock, flags);
    return (u16) - (high << 8 | low);
}
