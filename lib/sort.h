/* Sorting arrays in place. */
#ifndef LIB_SORT_H
#define LIB_SORT_H

#include "lib/types.h"

/*
 * Sort the @count elements of @size bytes at @array so that @compare(a, b) <= 0 holds for each
 * and its next one.  Not stable; takes no memory, and n log n steps whatever the input.
 */
void sort(void *array, size_t count, size_t size, int (*compare)(const void *a, const void *b));

#endif
