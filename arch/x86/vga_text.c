/*
 * The PC's text screen: each cell is a character and its colours, two bytes in the VGA's memory.
 *
 *     15     12 11      8 7            0
 *    +---------+---------+--------------+
 *    | ground  | ink     | character    |
 *    +---------+---------+--------------+
 *
 * Source: IBM, "VGA/XGA Technical Reference", graphics controller and CRT controller registers.
 */
#include "arch/x86/vga_text.h"

#include "arch/x86/port.h"
#include "kernel/console.h"
#include "kernel/dev/ansi.h"
#include "kernel/panic.h"
#include "kernel/spinlock.h"
#include "lib/string.h"
#include "mm/kernel_map.h"
#include "mm/vmalloc.h"

enum {
    ROWS = 25,
    COLUMNS = 80,
    MEMORY = 0xb8000,
    MEMORY_BYTES = 0x8000,
};

enum {
    GRAPHICS_INDEX = 0x3ce,
    GRAPHICS_DATA = 0x3cf,
    GRAPHICS_MISC = 6,
    MISC_IS_GRAPHICS = 1 << 0,
    MISC_MEMORY = 3 << 2,
    MISC_MEMORY_B8000 = 3 << 2,
    CRTC_INDEX = 0x3d4,
    CRTC_DATA = 0x3d5,
    CRTC_CURSOR_HIGH = 0x0e,
    CRTC_CURSOR_LOW = 0x0f,
};

static SPINLOCK(vga_lock, RANK_CONSOLE);
static u16 *memory;        /* constant after vga_text_init(); what it points at under vga_lock */
static struct ansi screen; /* under vga_lock */

static_assert(2 * ROWS * COLUMNS * sizeof(u16) <= MEMORY_BYTES, "vga_keep()");

/* The VGA numbers the colours blue first, ANSI red first. */
static u16 make_cell(u8 character, u8 colors)
{
    unsigned swapped = (colors & 0xaau) | (colors & 0x11u) << 2 | (colors & 0x44u) >> 2;
    return (u16)(swapped << 8 | character);
}

static void vga_draw(unsigned row, unsigned column, u8 character, u8 colors)
{
    memory[row * COLUMNS + column] = make_cell(character, colors);
}

static void vga_clear(unsigned row, unsigned column, unsigned count, u8 colors)
{
    for (unsigned i = 0; i < count; i++)
        vga_draw(row, column + i, ' ', colors);
}

static void vga_copy_rows(unsigned to, unsigned from, unsigned count)
{
    memmove(memory + to * COLUMNS, memory + from * COLUMNS, count * COLUMNS * sizeof(*memory));
}

static void vga_copy_cells(unsigned row, unsigned to, unsigned from, unsigned count)
{
    u16 *cells = memory + row * COLUMNS;
    memmove(cells + to, cells + from, count * sizeof(*memory));
}

static void write_crtc(u8 index, unsigned value)
{
    port_write8(CRTC_INDEX, index);
    port_write8(CRTC_DATA, (u8)value);
}

static void vga_show_cursor(unsigned row, unsigned column)
{
    unsigned cell = row * COLUMNS + column;
    write_crtc(CRTC_CURSOR_HIGH, cell >> 8);
    write_crtc(CRTC_CURSOR_LOW, cell & 0xff);
}

static void vga_hide_cursor(void) { vga_show_cursor(ROWS, 0); }

/* The memory behind what is shown is large enough for as many rows once more. */
static void vga_keep(void) { vga_copy_rows(ROWS, 0, ROWS); }
static void vga_bring_back(void) { vga_copy_rows(0, ROWS, ROWS); }

static const struct ansi_device vga_device = {
    .draw = vga_draw,
    .clear = vga_clear,
    .copy_rows = vga_copy_rows,
    .copy_cells = vga_copy_cells,
    .show_cursor = vga_show_cursor,
    .hide_cursor = vga_hide_cursor,
    .keep = vga_keep,
    .bring_back = vga_bring_back,
};

static void vga_write(const char *bytes, size_t count) UNCHECKED_LOCKS
{
    bool locked = !panic_in_progress(); /* in a panic the holder may be a CPU that stands still */
    irqflags_t flags = locked ? spin_lock_irqsave(&vga_lock) : 0;
    ansi_write(&screen, bytes, count);
    if (locked)
        spin_unlock_irqrestore(&vga_lock, flags);
}

static size_t vga_answer(char *bytes, size_t room)
{
    irqflags_t flags = spin_lock_irqsave(&vga_lock);
    size_t count = ansi_take_answer(&screen, bytes, room);
    spin_unlock_irqrestore(&vga_lock, flags);
    return count;
}

static struct console vga_console = { .name = "tty0", .write = vga_write, .answer = vga_answer };

static bool is_text_mode(void)
{
    port_write8(GRAPHICS_INDEX, GRAPHICS_MISC);
    u8 misc = port_read8(GRAPHICS_DATA);
    return !(misc & MISC_IS_GRAPHICS) && (misc & MISC_MEMORY) == MISC_MEMORY_B8000;
}

/* Memory that keeps what is written is more than an empty bus can do. */
static bool is_memory_there(void)
{
    volatile u16 *cell = memory;
    *cell = 0x5aa5;
    bool kept = *cell == 0x5aa5;
    *cell = 0xa55a;
    return kept && *cell == 0xa55a;
}

void vga_text_init(void)
{
    if (!is_text_mode())
        return;
    memory = ioremap(MEMORY, MEMORY_BYTES, PROT_KERNEL_DEVICE);
    if (!memory)
        return;
    if (!is_memory_there()) {
        iounmap(memory);
        return;
    }
    ansi_init(&screen, &vga_device, ROWS, COLUMNS);
    console_register(&vga_console);
}
