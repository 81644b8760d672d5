/*
 * Bytes and strings, as in C's <string.h>.
 *
 * The compiler calls memcpy, memmove, memset and memcmp by itself, so these four must exist under
 * these names.  Clearing and copying whole pages is faster through the machine's own clear_page()
 * and copy_page().
 */
#ifndef LIB_STRING_H
#define LIB_STRING_H

#include "lib/types.h"

void *memcpy(void *restrict to, const void *restrict from, size_t count);
void *memmove(void *to, const void *from, size_t count);
void *memset(void *to, int byte, size_t count);
int memcmp(const void *a, const void *b, size_t count);
void *memchr(const void *bytes, int byte, size_t count);

size_t strlen(const char *string);
size_t strnlen(const char *string, size_t limit);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t limit);
char *strchr(const char *string, int c);
char *strrchr(const char *string, int c);
char *strstr(const char *string, const char *part);

/* How many characters at the start of @string are, or are not, in @set. */
size_t strspn(const char *string, const char *set);
size_t strcspn(const char *string, const char *set);

/*
 * Copy @from to @to, cut to @size - 1 characters, and end it with a zero (unless @size is 0).
 *
 * Returns: the length of @from: @size or more if it was cut.
 */
size_t strlcpy(char *to, const char *from, size_t size);

/* As strlcpy(), behind the string that @to holds already.  Returns: the length of both. */
size_t strlcat(char *to, const char *from, size_t size);

/* Does @string begin with @prefix? */
bool string_starts_with(const char *string, const char *prefix);

#endif
