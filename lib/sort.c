/*
 * Heap sort: the front of the array is made a heap, where no parent (i) comes before its children
 * (2i + 1, 2i + 2), then its greatest is moved behind it until nothing is left.
 *
 * Source: Williams, "Algorithm 232: Heapsort" (1964); Floyd, "Algorithm 245: Treesort 3" (1964).
 */
#include "lib/sort.h"

struct heap {
    u8 *array;
    size_t count; /* how many elements at the front are the heap */
    size_t size;
    int (*compare)(const void *a, const void *b);
};

static u8 *element(const struct heap *heap, size_t index)
{
    return heap->array + index * heap->size;
}

static void swap(const struct heap *heap, size_t i, size_t j)
{
    u8 *a = element(heap, i), *b = element(heap, j);
    for (size_t byte = 0; byte < heap->size; byte++) {
        u8 kept = a[byte];
        a[byte] = b[byte];
        b[byte] = kept;
    }
}

static bool is_before(const struct heap *heap, size_t i, size_t j)
{
    return heap->compare(element(heap, i), element(heap, j)) < 0;
}

/* Move the element at @parent down until it does not come before a child. */
static void sift_down(const struct heap *heap, size_t parent)
{
    for (;;) {
        size_t child = 2 * parent + 1;
        if (child >= heap->count)
            return;
        if (child + 1 < heap->count && is_before(heap, child, child + 1))
            child++;
        if (!is_before(heap, parent, child))
            return;
        swap(heap, parent, child);
        parent = child;
    }
}

void sort(void *array, size_t count, size_t size, int (*compare)(const void *a, const void *b))
{
    struct heap heap = { .array = array, .count = count, .size = size, .compare = compare };

    for (size_t parent = count / 2; parent-- > 0;)
        sift_down(&heap, parent);
    while (heap.count > 1) {
        heap.count--;
        swap(&heap, 0, heap.count);
        sift_down(&heap, 0);
    }
}
