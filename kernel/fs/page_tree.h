/*
 * The pages of one file, found by their number.
 *
 * A radix tree: each node has 64 slots, six bits of the page's number choose one, the highest
 * bits at the root.  It grows upwards when a number does not fit and is only as deep as the
 * largest one asks: one level for 64 pages, two for 16 MiB, three for a gigabyte.
 *
 * Knows nothing of pages but that they are pointers.  The caller has the lock.
 */
#ifndef KERNEL_FS_PAGE_TREE_H
#define KERNEL_FS_PAGE_TREE_H

#include "lib/annotate.h"
#include "lib/types.h"

struct page;
struct page_node;

struct page_tree {
    struct page_node *root; /* NULL: empty */
    unsigned levels;
};

/* The page number @index, or NULL. */
struct page *page_tree_find(const struct page_tree *tree, u64 index);

/* Put @page at @index, where none is.  0 or -ENOMEM.  Sleeps. */
int page_tree_insert(struct page_tree *tree, u64 index, struct page *page) MUST_CHECK;

/* The page with the lowest number >= *@index, and that number; NULL: there is none. */
struct page *page_tree_next(const struct page_tree *tree, u64 *index);

/* Take the page at @index out; NULL: there was none.  Empty nodes are freed. */
struct page *page_tree_remove(struct page_tree *tree, u64 index);

#endif
