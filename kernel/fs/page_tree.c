/*
 * A radix tree of pages: finding, growing, pruning.
 */
#include "kernel/fs/page_tree.h"

#include "lib/assert.h"
#include "lib/errno.h"
#include "mm/kmalloc.h"

enum {
    BITS = 6,
    SLOTS = 1 << BITS,
    LEVELS_MAX = 9, /* 2^54 pages: no file offset is beyond them */
};

/* Level 0 nodes hold pages, the others nodes. */
struct page_node {
    unsigned used; /* slots that are not NULL */
    void *slot[SLOTS];
};

static unsigned slot_of(u64 index, unsigned level)
{
    return (unsigned)(index >> (level * BITS)) % SLOTS;
}

/* Does a tree of @levels have a place for @index? */
static bool reaches(unsigned levels, u64 index) { return index >> (levels * BITS) == 0; }

struct page *page_tree_find(const struct page_tree *tree, u64 index)
{
    if (!reaches(tree->levels, index))
        return NULL;
    void *at = tree->root;
    for (unsigned level = tree->levels; at && level-- > 0;)
        at = ((struct page_node *)at)->slot[slot_of(index, level)];
    return at;
}

/* The nodes on the way to one page, by level. */
struct path {
    struct page_node *node[LEVELS_MAX];
};

/* Free the nodes on @path, from @level upwards, that are empty. */
static void prune(struct page_tree *tree, const struct path *path, unsigned level, u64 index)
{
    for (; level < tree->levels; level++) {
        if (path->node[level]->used)
            return;
        kfree(path->node[level]);
        if (level + 1 < tree->levels) {
            path->node[level + 1]->slot[slot_of(index, level + 1)] = NULL;
            path->node[level + 1]->used--;
        }
    }
    *tree = (struct page_tree){ 0 };
}

/* Make the tree high enough for @index: the old root becomes the new one's first child. */
static int grow(struct page_tree *tree, u64 index)
{
    while (!reaches(tree->levels, index) || !tree->levels) {
        if (tree->root) {
            struct page_node *root = kzalloc(sizeof(*root), GFP_KERNEL);
            if (!root)
                return -ENOMEM;
            root->slot[0] = tree->root;
            root->used = 1;
            tree->root = root;
        }
        tree->levels++;
    }
    return 0;
}

int page_tree_insert(struct page_tree *tree, u64 index, struct page *page)
{
    struct path path;
    assert(reaches(LEVELS_MAX, index));
    if (grow(tree, index))
        return -ENOMEM;

    struct page_node *parent = NULL;
    void **slot = (void **)&tree->root;
    for (unsigned level = tree->levels; level-- > 0;) {
        if (!*slot) {
            *slot = kzalloc(sizeof(struct page_node), GFP_KERNEL);
            if (!*slot) {
                prune(tree, &path, level + 1, index);
                return -ENOMEM;
            }
            if (parent)
                parent->used++;
        }
        parent = path.node[level] = *slot;
        slot = &parent->slot[slot_of(index, level)];
    }
    assert(!*slot);
    *slot = page;
    parent->used++;
    return 0;
}

/*
 * The first page in @node, of @level, whose number's lower bits are at least those of *@index.
 * *@index has its upper bits set already.
 */
static struct page *next_below(const struct page_node *node, unsigned level, u64 *index)
{
    for (unsigned slot = slot_of(*index, level); slot < SLOTS; slot++) {
        u64 lowest = (*index >> ((level + 1) * BITS) << BITS | slot) << (level * BITS);
        if (lowest > *index)
            *index = lowest;
        if (!node->slot[slot])
            continue;
        if (level == 0)
            return node->slot[slot];
        struct page *page = next_below(node->slot[slot], level - 1, index);
        if (page)
            return page;
    }
    return NULL;
}

struct page *page_tree_next(const struct page_tree *tree, u64 *index)
{
    if (!tree->root || !reaches(tree->levels, *index))
        return NULL;
    return next_below(tree->root, tree->levels - 1, index);
}

struct page *page_tree_remove(struct page_tree *tree, u64 index)
{
    struct path path;
    struct page *page = page_tree_find(tree, index);
    if (!page)
        return NULL;

    void *at = tree->root;
    for (unsigned level = tree->levels; level-- > 0;) {
        path.node[level] = at;
        at = path.node[level]->slot[slot_of(index, level)];
    }
    path.node[0]->slot[slot_of(index, 0)] = NULL;
    path.node[0]->used--;
    prune(tree, &path, 0, index);
    return page;
}
