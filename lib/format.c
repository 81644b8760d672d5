/*
 * printf's formatting: each conversion is read into a struct spec, made into characters, padded.
 *
 * Output runs on behind the end of the buffer without being stored, so the length that the whole
 * would have had is known in the end.
 */
#include "lib/format.h"

#include "lib/minmax.h"
#include "lib/string.h"

/* Where characters go: the first @size of them are stored. */
struct output {
    char *buffer;
    size_t size;
    size_t length;
};

/* One conversion: % flags width . precision length conversion. */
struct spec {
    bool left;      /* - */
    bool zero;      /* 0 */
    bool alternate; /* # */
    char sign;      /* + or space; 0: none for positive numbers */
    size_t width;
    size_t precision;
    bool has_precision;
    u8 bytes; /* of an integer argument */
    char conversion;
};

enum { DIGITS_MAX = 22 /* 64 bits in octal */ };

static void put(struct output *out, char c)
{
    if (out->length < out->size)
        out->buffer[out->length] = c;
    out->length++;
}

static void put_times(struct output *out, char c, size_t count)
{
    while (count-- > 0)
        put(out, c);
}

static void put_chars(struct output *out, const char *chars, size_t count)
{
    while (count-- > 0)
        put(out, *chars++);
}

/* Put @count characters, padded with spaces to the width. */
static void put_padded(struct output *out, const struct spec *spec, const char *chars, size_t count)
{
    size_t padding = spec->width > count ? spec->width - count : 0;
    if (!spec->left)
        put_times(out, ' ', padding);
    put_chars(out, chars, count);
    if (spec->left)
        put_times(out, ' ', padding);
}

/* Write the digits of @value to the end of @digits.  Returns: how many. */
static size_t make_digits(char digits[DIGITS_MAX], u64 value, unsigned base, bool upper)
{
    const char *alphabet = upper ? "0123456789ABCDEF" : "0123456789abcdef";
    size_t count = 0;

    while (value > UINT32_MAX) { /* divisions of 64 bits only where they are needed */
        digits[DIGITS_MAX - ++count] = alphabet[value % base];
        value /= base;
    }
    for (u32 small = (u32)value; small > 0; small /= base)
        digits[DIGITS_MAX - ++count] = alphabet[small % base];
    return count;
}

/* Put spaces, prefix (sign or 0x), zeroes, digits, spaces: as many as the spec asks for. */
static void put_number(struct output *out, const struct spec *spec, u64 value, const char *prefix)
{
    char digits[DIGITS_MAX];
    char conversion = spec->conversion;
    unsigned base = conversion == 'o' ? 8 : conversion == 'x' || conversion == 'X' ? 16 : 10;
    size_t count = make_digits(digits, value, base, conversion == 'X');
    size_t prefix_length = strlen(prefix);

    size_t wanted = spec->has_precision ? spec->precision : 1;
    if (spec->zero && !spec->left && !spec->has_precision && spec->width > prefix_length)
        wanted = max(wanted, spec->width - prefix_length);
    if (conversion == 'o' && spec->alternate)
        wanted = max(wanted, count + 1);
    size_t zeroes = wanted > count ? wanted - count : 0;
    size_t length = prefix_length + zeroes + count;
    size_t padding = spec->width > length ? spec->width - length : 0;

    if (!spec->left)
        put_times(out, ' ', padding);
    put_chars(out, prefix, prefix_length);
    put_times(out, '0', zeroes);
    put_chars(out, &digits[DIGITS_MAX - count], count);
    if (spec->left)
        put_times(out, ' ', padding);
}

static void put_signed(struct output *out, const struct spec *spec, s64 value)
{
    const char positive[] = { spec->sign, '\0' };
    u64 magnitude = value < 0 ? -(u64)value : (u64)value;
    put_number(out, spec, magnitude, value < 0 ? "-" : positive);
}

static void put_unsigned(struct output *out, const struct spec *spec, u64 value)
{
    bool prefixed = spec->alternate && value != 0;
    const char *prefix = "";
    if (prefixed && spec->conversion == 'x')
        prefix = "0x";
    if (prefixed && spec->conversion == 'X')
        prefix = "0X";
    if (spec->conversion == 'o' && spec->alternate && value == 0 && spec->has_precision) {
        struct spec zero = *spec; /* # asks for one 0 even where the precision asks for none */
        zero.precision = max(zero.precision, (size_t)1);
        zero.alternate = false;
        put_number(out, &zero, 0, "");
        return;
    }
    put_number(out, spec, value, prefix);
}

static void put_pointer(struct output *out, const struct spec *spec, const void *pointer)
{
    struct spec hex = *spec;
    hex.conversion = 'x';
    hex.has_precision = true;
    hex.precision = 2 * sizeof(pointer);
    put_number(out, &hex, (uintptr_t)pointer, "0x");
}

static void put_string(struct output *out, const struct spec *spec, const char *string)
{
    if (!string)
        string = "(null)";
    size_t limit = spec->has_precision ? spec->precision : SIZE_MAX;
    put_padded(out, spec, string, strnlen(string, limit));
}

/* Read a run of digits at *@at. */
static size_t read_number(const char **at)
{
    size_t number = 0;
    for (; **at >= '0' && **at <= '9'; (*at)++)
        number = 10 * number + (size_t)(**at - '0');
    return number;
}

static const char *read_flags(const char *at, struct spec *spec)
{
    for (;; at++) {
        if (*at == '-')
            spec->left = true;
        else if (*at == '0')
            spec->zero = true;
        else if (*at == '#')
            spec->alternate = true;
        else if (*at == '+')
            spec->sign = '+';
        else if (*at == ' ')
            spec->sign = spec->sign ? spec->sign : ' ';
        else
            return at;
    }
}

/* The size of an integer of length modifier *@at, which is stepped over. */
static u8 read_length(const char **at)
{
    switch (*(*at)++) {
    case 'h':
        if (**at != 'h')
            return sizeof(short);
        (*at)++;
        return sizeof(char);
    case 'l':
        if (**at != 'l')
            return sizeof(long);
        (*at)++;
        return sizeof(long long);
    case 'j':
        return sizeof(intmax_t);
    case 'z':
        return sizeof(size_t);
    case 't':
        return sizeof(ptrdiff_t);
    default:
        (*at)--;
        return sizeof(int);
    }
}

/* va_list may be an array, which is passed by reference only within a struct. */
struct arguments {
    va_list list;
};

/* Read the conversion behind a %.  Returns: where the text goes on. */
static const char *read_spec(const char *at, struct spec *spec, struct arguments *args)
{
    at = read_flags(at, spec);
    if (*at == '*') {
        int width = va_arg(args->list, int);
        spec->left = spec->left || width < 0;
        spec->width = width < 0 ? -(size_t)width : (size_t)width;
        at++;
    } else {
        spec->width = read_number(&at);
    }
    if (*at == '.') {
        at++;
        spec->has_precision = true;
        if (*at == '*') {
            int precision = va_arg(args->list, int);
            spec->has_precision = precision >= 0;
            spec->precision = precision >= 0 ? (size_t)precision : 0;
            at++;
        } else {
            spec->precision = read_number(&at);
        }
    }
    spec->bytes = read_length(&at);
    spec->conversion = *at;
    return *at ? at + 1 : at;
}

static u64 next_integer(const struct spec *spec, struct arguments *args)
{
    if (spec->bytes == sizeof(long long))
        return va_arg(args->list, unsigned long long);
    u32 value = va_arg(args->list, unsigned);
    return spec->bytes == 1 ? (u8)value : spec->bytes == 2 ? (u16)value : value;
}

static s64 next_signed(const struct spec *spec, struct arguments *args)
{
    u64 value = next_integer(spec, args);
    unsigned unused_bits = 64 - 8 * spec->bytes;
    return (s64)(value << unused_bits) >> unused_bits;
}

/* Put one conversion.  Returns: false if there is none such. */
static bool put_conversion(struct output *out, const struct spec *spec, struct arguments *args)
{
    char c;
    switch (spec->conversion) {
    case 'd':
    case 'i':
        put_signed(out, spec, next_signed(spec, args));
        return true;
    case 'u':
    case 'x':
    case 'X':
    case 'o':
        put_unsigned(out, spec, next_integer(spec, args));
        return true;
    case 'c':
        c = (char)va_arg(args->list, int);
        put_padded(out, spec, &c, 1);
        return true;
    case 's':
        put_string(out, spec, va_arg(args->list, const char *));
        return true;
    case 'p':
        put_pointer(out, spec, va_arg(args->list, const void *));
        return true;
    case '%':
        put(out, '%');
        return true;
    default:
        return false;
    }
}

int vsnprintf(char *buffer, size_t size, const char *format, va_list list)
{
    struct output out = { .buffer = buffer, .size = size };
    struct arguments args;
    va_copy(args.list, list);

    while (*format) {
        if (*format != '%') {
            put(&out, *format++);
            continue;
        }
        struct spec spec = { 0 };
        const char *end = read_spec(format + 1, &spec, &args);
        if (!put_conversion(&out, &spec, &args))
            put_chars(&out, format, (size_t)(end - format));
        format = end;
    }
    va_end(args.list);

    if (size > 0)
        buffer[min(out.length, size - 1)] = '\0';
    return (int)out.length;
}

int vscnprintf(char *buffer, size_t size, const char *format, va_list args)
{
    size_t length = (size_t)vsnprintf(buffer, size, format, args);
    return (int)(size == 0 ? 0 : min(length, size - 1));
}

int snprintf(char *buffer, size_t size, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int length = vsnprintf(buffer, size, format, args);
    va_end(args);
    return length;
}

int scnprintf(char *buffer, size_t size, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int length = vscnprintf(buffer, size, format, args);
    va_end(args);
    return length;
}
