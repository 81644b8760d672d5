/*
 * From scan codes to the bytes a terminal sends: a US keyboard.
 *
 * A key sends its code when it goes down, and the code with bit 7 set when it comes up; the keys
 * that the first PC did not have send 0xe0 first.  Letters and symbols become ASCII, Ctrl makes
 * control characters, Alt puts an escape in front, cursor and function keys become the sequences
 * that a Linux console sends.
 *
 * Source: IBM PC AT Technical Reference, "Keyboard": scan code set 1; console_codes(4).
 */
#ifndef ARCH_X86_KEYMAP_H
#define ARCH_X86_KEYMAP_H

#include "lib/types.h"

enum { KEYMAP_BYTES_MAX = 8 };

/* Which keys are down.  All false at first; whoever owns it says which lock guards it. */
struct keymap {
    bool shift_left, shift_right;
    bool ctrl_left, ctrl_right;
    bool alt;
    bool caps_lock;
    bool extended; /* the last code was 0xe0 */
    u8 skip;       /* codes to ignore: the rest of Pause */
};

/* Take @scancode in.  Returns: how many bytes the key sends, written to @bytes. */
size_t keymap_decode(struct keymap *keys, u8 scancode, char bytes[KEYMAP_BYTES_MAX]);

#endif
