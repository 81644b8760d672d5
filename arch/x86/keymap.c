/*
 * From scan codes to bytes: two tables of characters, one of sequences, and the keys that change
 * what others mean.
 */
#include "arch/x86/keymap.h"

#include "lib/string.h"

enum {
    CODE_EXTENDED = 0xe0,
    CODE_PAUSE = 0xe1, /* Pause sends this and five more, and has no release */
    CODE_RELEASED = 0x80,
    KEY_CTRL = 0x1d,
    KEY_SHIFT_LEFT = 0x2a,
    KEY_SHIFT_RIGHT = 0x36,
    KEY_ALT = 0x38,
    KEY_CAPS_LOCK = 0x3a,
    KEY_SLASH = 0x35,
    KEY_ENTER = 0x1c,
    ESCAPE = 0x1b,
};

/* By scan code; 0: none. */
static const char plain[] = "\0\0331234567890-=\177\t"
                            "qwertyuiop[]\r\0"
                            "asdfghjkl;'`\0\\"
                            "zxcvbnm,./\0*\0 ";
static const char shifted[] = "\0\033!@#$%^&*()_+\177\t"
                              "QWERTYUIOP{}\r\0"
                              "ASDFGHJKL:\"~\0|"
                              "ZXCVBNM<>?\0*\0 ";

static_assert(sizeof(plain) == sizeof(shifted), "the same keys");

/* The keys that send sequences.  Without 0xe0 the first ten are those of the number pad. */
static const struct {
    u8 code;
    char sequence[6];
} sequences[] = {
    { 0x47, "\033[1~" }, /* Home */
    { 0x48, "\033[A" },  /* up */
    { 0x49, "\033[5~" }, /* Page Up */
    { 0x4b, "\033[D" },  /* left */
    { 0x4d, "\033[C" },  /* right */
    { 0x4f, "\033[4~" }, /* End */
    { 0x50, "\033[B" },  /* down */
    { 0x51, "\033[6~" }, /* Page Down */
    { 0x52, "\033[2~" }, /* Insert */
    { 0x53, "\033[3~" }, /* Delete */
    { 0x3b, "\033[[A" }, /* F1 */
    { 0x3c, "\033[[B" },  { 0x3d, "\033[[C" },  { 0x3e, "\033[[D" },
    { 0x3f, "\033[[E" },  { 0x40, "\033[17~" }, /* F6 */
    { 0x41, "\033[18~" }, { 0x42, "\033[19~" }, { 0x43, "\033[20~" },
    { 0x44, "\033[21~" }, { 0x57, "\033[23~" }, /* F11 */
    { 0x58, "\033[24~" }, { 0x4a, "-" },        /* the number pad's */
    { 0x4e, "+" },        { 0x4c, "5" },
};

/* Note a key that changes others.  Returns: whether @key is one. */
static bool handle_modifier(struct keymap *keys, u8 key, bool down, bool extended)
{
    switch (key) {
    case KEY_SHIFT_LEFT: /* with 0xe0 no key, but what some keys wrap themselves in */
        if (!extended)
            keys->shift_left = down;
        return true;
    case KEY_SHIFT_RIGHT:
        if (!extended)
            keys->shift_right = down;
        return true;
    case KEY_CTRL:
        if (extended)
            keys->ctrl_right = down;
        else
            keys->ctrl_left = down;
        return true;
    case KEY_ALT:
        keys->alt = down;
        return true;
    case KEY_CAPS_LOCK:
        if (down)
            keys->caps_lock = !keys->caps_lock;
        return true;
    default:
        return false;
    }
}

static size_t find_sequence(u8 key, char bytes[KEYMAP_BYTES_MAX])
{
    for (size_t i = 0; i < ARRAY_COUNT(sequences); i++)
        if (sequences[i].code == key)
            return strlcpy(bytes, sequences[i].sequence, KEYMAP_BYTES_MAX);
    return 0;
}

static bool is_letter(char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; }

/* What Ctrl makes of @c: control characters where there is one. */
static char with_ctrl(char c)
{
    if (c == ' ')
        return '\0';
    if (c == '/')
        return 0x1f;
    if ((c >= '@' && c <= '_') || is_letter(c))
        return (char)(c & 0x1f);
    return c;
}

static char find_character(const struct keymap *keys, u8 key)
{
    if (key >= sizeof(plain))
        return '\0';
    bool upper = keys->shift_left || keys->shift_right;
    if (is_letter(plain[key]))
        upper = upper != keys->caps_lock;
    return upper ? shifted[key] : plain[key];
}

size_t keymap_decode(struct keymap *keys, u8 scancode, char bytes[KEYMAP_BYTES_MAX])
{
    bool extended = keys->extended;
    keys->extended = scancode == CODE_EXTENDED;
    if (keys->extended)
        return 0;
    if (keys->skip > 0) {
        keys->skip--;
        return 0;
    }
    if (scancode == CODE_PAUSE) {
        keys->skip = 5;
        return 0;
    }

    u8 key = scancode & (u8)~CODE_RELEASED;
    bool down = !(scancode & CODE_RELEASED);
    if (handle_modifier(keys, key, down, extended) || !down)
        return 0;

    char c = !extended || key == KEY_ENTER || key == KEY_SLASH ? find_character(keys, key) : '\0';
    if (c == '\0')
        return find_sequence(key, bytes);
    if (keys->ctrl_left || keys->ctrl_right)
        c = with_ctrl(c);
    size_t count = 0;
    if (keys->alt)
        bytes[count++] = ESCAPE;
    bytes[count++] = c;
    return count;
}
