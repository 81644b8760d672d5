/*
 * Numbers and patterns in text that people typed.
 *
 * Each function takes the whole text or none of it: "12x" is no number, and a number that does
 * not fit is reported, never cut.
 */
#ifndef LIB_PARSE_H
#define LIB_PARSE_H

#include "lib/annotate.h"
#include "lib/types.h"

/*
 * Read @text as a number: decimal, 0x hexadecimal, or octal with a 0 in front.
 *
 * Returns: 0; -EINVAL: no number; -ERANGE: more than 64 bits.  Then *@value is unchanged.
 */
int parse_u64(const char *text, u64 *value) MUST_CHECK;

/* As parse_u64(), of at most @limit, else -ERANGE. */
int parse_u32(const char *text, u32 limit, u32 *value) MUST_CHECK;

/* As parse_u64(), with one of K M G T (2^10 to 2^40 bytes, any case) allowed behind it. */
int parse_size(const char *text, u64 *bytes) MUST_CHECK;

/*
 * Does @text match @pattern?  * stands for anything, also nothing; ? for one character; [a-f_] for
 * one of a set, [!a-f] for one not in it.  A [ without ] stands for itself.
 */
bool glob_match(const char *pattern, const char *text);

#endif
