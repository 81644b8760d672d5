/*
 * The terminal's screen: what a program writes, and the grid of cells that comes of it.
 *
 * Links: kernel/dev/ansi_answer.c kernel/dev/ansi_color.c lib/format.c lib/random.c
 */
#include "kernel/dev/ansi.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "lib/random.h"
#include "lib/string.h"

enum { ROWS = 4, COLUMNS = 10, PLAIN = ANSI_WHITE };

static char cells[ROWS][COLUMNS + 1];
static u8 colors[ROWS][COLUMNS];
static unsigned cursor_row, cursor_column;
static struct ansi screen;

static void draw(unsigned row, unsigned column, u8 character, u8 color)
{
    assert_true(row < ROWS && column < COLUMNS);
    cells[row][column] = (char)character;
    colors[row][column] = color;
}

static void clear(unsigned row, unsigned column, unsigned count, u8 color)
{
    assert_true(row < ROWS && column + count <= COLUMNS);
    for (unsigned i = column; i < column + count; i++)
        draw(row, i, '.', color);
}

static void copy_rows(unsigned to, unsigned from, unsigned count)
{
    assert_true(to + count <= ROWS && from + count <= ROWS);
    memmove(cells[to], cells[from], count * sizeof(cells[0]));
    memmove(colors[to], colors[from], count * sizeof(colors[0]));
}

static void copy_cells(unsigned row, unsigned to, unsigned from, unsigned count)
{
    assert_true(row < ROWS && to + count <= COLUMNS && from + count <= COLUMNS);
    memmove(cells[row] + to, cells[row] + from, count);
    memmove(colors[row] + to, colors[row] + from, count);
}

static void show_cursor(unsigned row, unsigned column)
{
    assert_true(row < ROWS && column < COLUMNS);
    cursor_row = row;
    cursor_column = column;
}

static void hide_cursor(void) { cursor_row = cursor_column = ~0u; }

static char kept[ROWS][COLUMNS + 1];

static void keep(void) { memcpy(kept, cells, sizeof(cells)); }
static void bring_back(void) { memcpy(cells, kept, sizeof(cells)); }

static const struct ansi_device device = {
    draw, clear, copy_rows, copy_cells, show_cursor, hide_cursor, keep, bring_back,
};

static void show(const char *text)
{
    memset(cells, 0, sizeof(cells));
    ansi_init(&screen, &device, ROWS, COLUMNS);
    ansi_write(&screen, text, strlen(text));
}

static void expect(const char *first, const char *second, const char *third, const char *fourth)
{
    assert_string_equal(cells[0], first);
    assert_string_equal(cells[1], second);
    assert_string_equal(cells[2], third);
    assert_string_equal(cells[3], fourth);
}

static void expect_cursor(unsigned row, unsigned column)
{
    assert_int_equal(cursor_row, row);
    assert_int_equal(cursor_column, column);
}

static void text_runs_from_row_to_row(void **state)
{
    show("ab\r\ncd\r_\tx\by");
    expect("ab........", "_d......y.", "..........", "..........");
    expect_cursor(1, 9);
}

static void a_full_row_wraps_at_the_next_character_only(void **state)
{
    show("0123456789\r\nx");
    expect("0123456789", "x.........", "..........", "..........");
    show("0123456789x");
    expect("0123456789", "x.........", "..........", "..........");
}

static void the_last_row_scrolls(void **state)
{
    show("1\r\n2\r\n3\r\n4\r\n5\r\n6");
    expect("3.........", "4.........", "5.........", "6.........");
}

static void the_cursor_moves_and_stays_on_the_screen(void **state)
{
    show("\033[2;3HX\033[A\033[2DY");
    expect(".Y........", "..X.......", "..........", "..........");
    show("\033[99B\033[99CZ\033[HW\033[3dV\033[5GU");
    expect("W.........", "..........", ".V..U.....", ".........Z");
    show("ab\033[s\033[4;4Hc\033[ud\033[2Ee\033[Ff\033[9Dg\033[99Ah");
    expect("ahd.......", "g.........", "e.........", "...c......");
}

static void parts_of_the_screen_are_erased(void **state)
{
    show("aaaaaaaaaa\r\nbbbbbbbbbb\r\ncccccccccc\r\n\033[2;4H\033[J");
    expect("aaaaaaaaaa", "bbb.......", "..........", "..........");
    show("aaaaaaaaaa\r\nbbbbbbbbbb\r\ncccccccccc\r\n\033[2;4H\033[1J");
    expect("..........", "....bbbbbb", "cccccccccc", "..........");
    show("aaaaaaaaaa\r\nbbbbbbbbbb\033[2J");
    expect("..........", "..........", "..........", "..........");
    show("aaaaaaaaaa\033[4G\033[K\r\nbbbbbbbbbb\033[4G\033[1K\r\ncccc\033[2K");
    expect("aaa.......", "....bbbbbb", "..........", "..........");
}

static void colors_change_what_is_drawn(void **state)
{
    show("a\033[31mb\033[1mc\033[42md\033[7me\033[0mf\033[97;104mg\033[mh\033[;32mi");
    assert_string_equal(cells[0], "abcdefghi.");
    assert_int_equal(colors[0][0], PLAIN);
    assert_int_equal(colors[0][1], ANSI_RED);
    assert_int_equal(colors[0][2], ANSI_RED | ANSI_BRIGHT);
    assert_int_equal(colors[0][3], ANSI_RED | ANSI_BRIGHT | ANSI_GREEN << 4);
    assert_int_equal(colors[0][4], ANSI_GREEN | (ANSI_RED | ANSI_BRIGHT) << 4);
    assert_int_equal(colors[0][5], PLAIN);
    assert_int_equal(colors[0][6], ANSI_WHITE | ANSI_BRIGHT | (ANSI_BLUE | ANSI_BRIGHT) << 4);
    assert_int_equal(colors[0][7], PLAIN);
    assert_int_equal(colors[0][8], ANSI_GREEN);
}

static void lines_and_characters_are_inserted_and_deleted(void **state)
{
    show("abcdef\033[3G\033[2@\033[2;1Hghijkl\033[3G\033[2P\033[3;1Hmnopqr\033[2G\033[2X");
    expect("ab..cdef..", "ghkl......", "m..pqr....", "..........");
    show("1\r\n2\r\n3\r\n4\033[2H\033[L");
    expect("1.........", "..........", "2.........", "3.........");
    show("1\r\n2\r\n3\r\n4\033[2H\033[9M");
    expect("1.........", "..........", "..........", "..........");
    show("abcdefghij\033[9@\033[1G\033[99P");
    expect("..........", "..........", "..........", "..........");
}

static void a_region_scrolls_alone(void **state)
{
    show("1\r\n2\r\n3\r\n4\033[2;3r\033[3Hx\n\033[4Hy\n");
    expect("1.........", "x.........", "..........", "y.........");
    show("1\r\n2\r\n3\r\n4\033[2;3r\033[2H\033M");
    expect("1.........", "..........", "2.........", "4.........");
    show("1\r\n2\r\n3\r\n4\033[2;4r\033[S\033[r\033[T");
    expect("..........", "1.........", "3.........", "4.........");
    show("1\r\n2\r\n3\r\n4\033[2;3r\033[4H\033[L\0337\033[1H\0338x");
    expect("1.........", "2.........", "3.........", "x.........");
}

static void the_cursor_can_be_hidden(void **state)
{
    show("a\033[?25l");
    assert_int_equal(cursor_row, ~0u);
    show("a\033[?25lb\033[?1049h\033[?25h");
    expect_cursor(0, 2);
}

static void what_nobody_knows_leaves_no_trace(void **state)
{
    show("a\033[?25lb\033[1;2;3;4;5;6;7;8;9;10mc\033[>0qd\033Xe\033[5\033[Cf\a\xc3\xa4g");
    expect("abcde.f?g.", "..........", "..........", "..........");
}

static void answers(const char *asked, const char *wanted)
{
    char bytes[ANSI_ANSWER_BYTES + 1];
    show(asked);
    size_t count = ansi_take_answer(&screen, bytes, ANSI_ANSWER_BYTES);
    bytes[count] = 0;
    assert_string_equal(bytes, wanted);
    assert_int_equal(ansi_take_answer(&screen, bytes, ANSI_ANSWER_BYTES), 0);
}

static void the_screen_answers(void **state)
{
    answers("ab\033[6n", "\033[1;3R");
    answers("\033[999;999H\033[6n", "\033[4;10R");
    answers("abcdefghij\033[6n", "\033[1;10R"); /* the row is full, nothing has wrapped yet */
    answers("\033[5n\033[c", "\033[0n\033[?6c");
    answers("\033[7n\033[?6n\033[1c", "");
    answers("\033[6n\033[6n\033[6n\033[6n\033[6n\033[6n", /* more than anybody asks */
            "\033[1;1R\033[1;1R\033[1;1R\033[1;1R\033[1;1R");
}

static void a_second_screen_leaves_the_first_alone(void **state)
{
    show("one\033[?1049h\033[Htwo\033[?1049h");
    expect("two.......", "..........", "..........", "..........");
    ansi_write(&screen, "\033[2;2H\033[?1049l!", 15);
    expect("one!......", "..........", "..........", "..........");
    ansi_write(&screen, "\033[?1049l?", 9);
    expect("one!?.....", "..........", "..........", "..........");
}

static void no_input_leaves_the_screen(void **state)
{
    struct random random = { 1 };
    show("");
    for (int i = 0; i < 1000000; i++) {
        static const char bytes[] =
            "\033\033[[;0123456789ABCDEFGHJKLMPSTX@dfhlmnrsucc?a \n\r\t\b\xc3\x7f";
        char byte = bytes[random_below(&random, sizeof(bytes) - 1)];
        ansi_write(&screen, &byte, 1); /* the device's functions check each position */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_runs_from_row_to_row),
        cmocka_unit_test(a_full_row_wraps_at_the_next_character_only),
        cmocka_unit_test(the_last_row_scrolls),
        cmocka_unit_test(the_cursor_moves_and_stays_on_the_screen),
        cmocka_unit_test(parts_of_the_screen_are_erased),
        cmocka_unit_test(colors_change_what_is_drawn),
        cmocka_unit_test(lines_and_characters_are_inserted_and_deleted),
        cmocka_unit_test(a_region_scrolls_alone),
        cmocka_unit_test(the_cursor_can_be_hidden),
        cmocka_unit_test(what_nobody_knows_leaves_no_trace),
        cmocka_unit_test(the_screen_answers),
        cmocka_unit_test(a_second_screen_leaves_the_first_alone),
        cmocka_unit_test(no_input_leaves_the_screen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
