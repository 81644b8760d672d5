/*
 * printf's formatting, without the printing.
 *
 * Conversions: %d %i %u %x %X %o %c %s %p %%; flags 0 - + space #; width and precision, also as *;
 * lengths hh h l ll z t j.  %p gives 0x and all digits of a word; %s of NULL gives (null).  What
 * is none of these is printed as it stands.
 */
#ifndef LIB_FORMAT_H
#define LIB_FORMAT_H

#include "lib/annotate.h"
#include "lib/types.h"

#include <stdarg.h>

/*
 * Write @format, filled in, to @buffer, cut to @size - 1 characters and a zero at the end; with
 * @size 0 nothing is written.
 *
 * Returns: the length it would have had uncut.  Any context.
 */
int snprintf(char *buffer, size_t size, const char *format, ...) PRINTF(3, 4);
int vsnprintf(char *buffer, size_t size, const char *format, va_list args) PRINTF(3, 0);

/*
 * As snprintf().
 *
 * Returns: how many characters stand in @buffer, so that it can be added to a position.
 */
int scnprintf(char *buffer, size_t size, const char *format, ...) PRINTF(3, 4);
int vscnprintf(char *buffer, size_t size, const char *format, va_list args) PRINTF(3, 0);

#endif
