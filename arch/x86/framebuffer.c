/*
 * Characters on a linear framebuffer.
 *
 * What is on the screen is also kept as cells in memory.  Framebuffers are quick to write and very
 * slow to read: scrolling compares cells, and draws the ones that changed.
 *
 * The font is Spleen 8x16 by Frederic Cambus (BSD-2-Clause), from Debian's fonts-spleen, turned
 * into gen/font.h by tools/font.py.
 */
#include "arch/x86/framebuffer.h"

#include "boot/boot_info.h"
#include "gen/font.h"
#include "kernel/console.h"
#include "kernel/dev/ansi.h"
#include "kernel/panic.h"
#include "kernel/printk.h"
#include "kernel/spinlock.h"
#include "lib/minmax.h"
#include "lib/string.h"
#include "mm/kernel_map.h"
#include "mm/vmalloc.h"

enum {
    ROWS_MAX = 200,
    COLUMNS_MAX = 400,
    PIXEL_BYTES_MAX = 4,
};

struct cell {
    u8 character, colors;
};

static SPINLOCK(framebuffer_lock, RANK_CONSOLE);

/* Constant after framebuffer_init(); what they point at under framebuffer_lock. */
static u8 *pixels;
static struct cell *cells;      /* row after row */
static struct cell *kept_cells; /* the same, of the first screen while the second is shown */
static unsigned rows, columns;
static unsigned pitch, pixel_bytes;
static u32 palette[ANSI_COLORS]; /* as pixels */

/* Under framebuffer_lock. */
static struct ansi screen;
static unsigned cursor_row, cursor_column;

/* The sixteen colours as 0xRRGGBB.  Source: the VGA's default palette. */
static const u32 colors_rgb[ANSI_COLORS] = {
    0x000000, 0xaa0000, 0x00aa00, 0xaa5500, 0x0000aa, 0xaa00aa, 0x00aaaa, 0xaaaaaa,
    0x555555, 0xff5555, 0x55ff55, 0xffff55, 0x5555ff, 0xff55ff, 0x55ffff, 0xffffff,
};

static struct cell *cell_at(unsigned row, unsigned column)
{
    return &cells[row * columns + column];
}

static void put_pixel(u8 *at, u32 pixel)
{
    if (pixel_bytes == sizeof(u32)) {
        *(u32 *)at = pixel;
        return;
    }
    for (unsigned byte = 0; byte < pixel_bytes; byte++)
        at[byte] = (u8)(pixel >> 8 * byte);
}

static void draw_glyph(unsigned row, unsigned column, struct cell cell)
{
    unsigned character = cell.character;
    if (character < FONT_FIRST || character > FONT_LAST)
        character = '?';
    const u8 *glyph = font_glyphs[character - FONT_FIRST];
    u32 ink = palette[cell.colors & 0xf], ground = palette[cell.colors >> 4];
    u8 *line = pixels + (size_t)row * FONT_HEIGHT * pitch + column * FONT_WIDTH * pixel_bytes;

    for (unsigned y = 0; y < FONT_HEIGHT; y++, line += pitch)
        for (unsigned x = 0; x < FONT_WIDTH; x++)
            put_pixel(line + x * pixel_bytes, glyph[y] & 0x80 >> x ? ink : ground);
}

/* Make the screen show @cell there. */
static void set_cell(unsigned row, unsigned column, struct cell cell)
{
    struct cell *kept = cell_at(row, column);
    if (kept->character == cell.character && kept->colors == cell.colors)
        return;
    *kept = cell;
    draw_glyph(row, column, cell);
}

static void fb_draw(unsigned row, unsigned column, u8 character, u8 colors)
{
    set_cell(row, column, (struct cell){ character, colors });
}

static void fb_clear(unsigned row, unsigned column, unsigned count, u8 colors)
{
    for (unsigned i = 0; i < count; i++)
        fb_draw(row, column + i, ' ', colors);
}

static void hide_cursor(void)
{
    draw_glyph(cursor_row, cursor_column, *cell_at(cursor_row, cursor_column));
}

static void copy_row(unsigned to, unsigned from)
{
    for (unsigned column = 0; column < columns; column++)
        set_cell(to, column, *cell_at(from, column));
}

/* In the order in which nothing is overwritten before it is read. */
static void fb_copy_rows(unsigned to, unsigned from, unsigned count)
{
    hide_cursor();
    for (unsigned i = 0; i < count; i++)
        if (to < from)
            copy_row(to + i, from + i);
        else
            copy_row(to + count - 1 - i, from + count - 1 - i);
}

static void fb_copy_cells(unsigned row, unsigned to, unsigned from, unsigned count)
{
    hide_cursor();
    for (unsigned i = 0; i < count; i++) {
        unsigned step = to < from ? i : count - 1 - i;
        set_cell(row, to + step, *cell_at(row, from + step));
    }
}

/* The cursor is its cell with ink and ground exchanged. */
static void fb_show_cursor(unsigned row, unsigned column)
{
    hide_cursor();
    struct cell cell = *cell_at(row, column);
    cell.colors = (u8)(cell.colors << 4 | cell.colors >> 4);
    draw_glyph(row, column, cell);
    cursor_row = row;
    cursor_column = column;
}

static void fb_keep(void) { memcpy(kept_cells, cells, rows * columns * sizeof(*cells)); }

static void fb_bring_back(void)
{
    hide_cursor();
    for (unsigned row = 0; row < rows; row++)
        for (unsigned column = 0; column < columns; column++)
            set_cell(row, column, kept_cells[row * columns + column]);
}

static const struct ansi_device fb_device = {
    .draw = fb_draw,
    .clear = fb_clear,
    .copy_rows = fb_copy_rows,
    .copy_cells = fb_copy_cells,
    .show_cursor = fb_show_cursor,
    .hide_cursor = hide_cursor,
    .keep = fb_keep,
    .bring_back = fb_bring_back,
};

static void fb_write(const char *bytes, size_t count) UNCHECKED_LOCKS
{
    bool locked = !panic_in_progress(); /* in a panic the holder may be a CPU that stands still */
    irqflags_t flags = locked ? spin_lock_irqsave(&framebuffer_lock) : 0;
    ansi_write(&screen, bytes, count);
    if (locked)
        spin_unlock_irqrestore(&framebuffer_lock, flags);
}

static size_t fb_answer(char *bytes, size_t room)
{
    irqflags_t flags = spin_lock_irqsave(&framebuffer_lock);
    size_t count = ansi_take_answer(&screen, bytes, room);
    spin_unlock_irqrestore(&framebuffer_lock, flags);
    return count;
}

static struct console fb_console = { .name = "tty0", .write = fb_write, .answer = fb_answer };

/* The upper bits of the 8-bit @value, where a pixel has @color. */
static u32 place_color(u32 value, struct boot_color color)
{
    return (value & 0xff) >> (8 - color.bits) << color.position;
}

static void make_palette(const struct boot_framebuffer *info)
{
    for (unsigned i = 0; i < ANSI_COLORS; i++)
        palette[i] = place_color(colors_rgb[i] >> 16, info->red) |
                     place_color(colors_rgb[i] >> 8, info->green) |
                     place_color(colors_rgb[i], info->blue);
}

static bool is_color_sane(struct boot_color color, unsigned pixel_bits)
{
    return color.bits >= 1 && color.bits <= 8 && color.position + color.bits <= pixel_bits;
}

static bool is_sane(const struct boot_framebuffer *info)
{
    unsigned bits = 8 * ((info->bits_per_pixel + 7) / 8);
    return bits >= 16 && bits <= 8 * PIXEL_BYTES_MAX && info->width >= FONT_WIDTH &&
           info->height >= FONT_HEIGHT && info->width <= UINT16_MAX && info->height <= UINT16_MAX &&
           info->pitch <= UINT16_MAX * PIXEL_BYTES_MAX && info->pitch >= info->width * (bits / 8) &&
           is_color_sane(info->red, bits) && is_color_sane(info->green, bits) &&
           is_color_sane(info->blue, bits);
}

void framebuffer_init(void)
{
    const struct boot_framebuffer *info = &boot_info.framebuffer;
    if (info->phys == 0)
        return;
    if (!is_sane(info)) {
        pr_warn("framebuffer: %ux%u pixels of %u bits: not used", info->width, info->height,
                info->bits_per_pixel);
        return;
    }
    pixel_bytes = (info->bits_per_pixel + 7) / 8;
    pitch = info->pitch;
    rows = min_of(unsigned, info->height / FONT_HEIGHT, ROWS_MAX);
    columns = min_of(unsigned, info->width / FONT_WIDTH, COLUMNS_MAX);
    make_palette(info);

    prot_t prot = { PROT_READ | PROT_WRITE | PROT_GLOBAL | PROT_WRITE_COMBINE };
    cells = vzalloc(2 * rows * columns * sizeof(*cells)); /* two screens */
    kept_cells = cells + rows * columns;
    pixels = ioremap(info->phys, (size_t)pitch * info->height, prot);
    if (!cells || !pixels) {
        vfree(cells);
        pr_warn("framebuffer: no room to map it at %#llx", (unsigned long long)info->phys);
        return;
    }
    ansi_init(&screen, &fb_device, rows, columns);
    pr_info("framebuffer: %ux%u pixels of %u bits at %#llx, %u rows of %u characters", info->width,
            info->height, info->bits_per_pixel, (unsigned long long)info->phys, rows, columns);
    console_register(&fb_console);
}
