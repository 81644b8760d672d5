/*
 * Numbers and patterns in text that people typed.
 */
#include "lib/parse.h"

#include "lib/errno.h"
#include "lib/string.h"

/* The value of @c as a digit; 16 or more: it is none. */
static unsigned digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0');
    c |= 0x20; /* lower case */
    return c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : 16;
}

/* Read the number at the start of *@text and step over it.  Returns: as parse_u64(). */
static int read_number(const char **text, u64 *value)
{
    const char *at = *text;
    unsigned base = 10;
    if (at[0] == '0' && (at[1] | 0x20) == 'x') {
        base = 16;
        at += 2;
    } else if (at[0] == '0') {
        base = 8;
    }

    const char *first = at;
    u64 number = 0;
    bool fits = true;
    for (; digit_value(*at) < base; at++)
        if (__builtin_mul_overflow(number, base, &number) ||
            __builtin_add_overflow(number, digit_value(*at), &number))
            fits = false;
    if (at == first)
        return -EINVAL;
    *text = at;
    *value = number;
    return fits ? 0 : -ERANGE;
}

int parse_u64(const char *text, u64 *value)
{
    u64 number = 0;
    int error = read_number(&text, &number);
    if (*text)
        return -EINVAL;
    if (!error)
        *value = number;
    return error;
}

int parse_u32(const char *text, u32 limit, u32 *value)
{
    u64 number = 0;
    int error = parse_u64(text, &number);
    if (!error && number > limit)
        error = -ERANGE;
    if (!error)
        *value = (u32)number;
    return error;
}

int parse_size(const char *text, u64 *bytes)
{
    static const char suffixes[] = "kmgt";
    u64 number = 0;
    int error = read_number(&text, &number);

    unsigned shift = 0;
    const char *suffix = *text ? strchr(suffixes, *text | 0x20) : NULL;
    if (suffix) {
        shift = 10 * (unsigned)(suffix - suffixes + 1);
        text++;
    }
    if (*text)
        return -EINVAL;
    if (!error && number > UINT64_MAX >> shift)
        error = -ERANGE;
    if (!error)
        *bytes = number << shift;
    return error;
}

/*
 * Is @c in the set at *@pattern, which begins with '['?  Steps over the set.  A set that is not
 * closed is no set: then the '[' stands for itself.
 */
static bool set_has(const char **pattern, char c)
{
    const char *at = *pattern + 1;
    bool inverted = *at == '!';
    if (inverted)
        at++;

    const char *first = at;
    bool found = false;
    for (; *at && (*at != ']' || at == first); at++) {
        char low = *at;
        char high = low;
        if (at[1] == '-' && at[2] && at[2] != ']') {
            high = at[2];
            at += 2;
        }
        found |= (u8)low <= (u8)c && (u8)c <= (u8)high;
    }
    if (!*at) {
        (*pattern)++;
        return c == '[';
    }
    *pattern = at + 1;
    return found != inverted;
}

/* Does @c match the one element at *@pattern, which is not '*'?  Steps over the element. */
static bool one_matches(const char **pattern, char c)
{
    if (**pattern == '[')
        return set_has(pattern, c);
    char wanted = *(*pattern)++;
    return wanted == '?' || wanted == c;
}

bool glob_match(const char *pattern, const char *text)
{
    /* After a mismatch only the last * can still give: let it take one character more. */
    const char *star = NULL, *star_text = NULL;

    while (*text) {
        if (*pattern == '*') {
            star = ++pattern;
            star_text = text;
            continue;
        }
        if (*pattern && one_matches(&pattern, *text)) {
            text++;
            continue;
        }
        if (!star)
            return false;
        pattern = star;
        text = ++star_text;
    }
    while (*pattern == '*')
        pattern++;
    return !*pattern;
}
