/*
 * Red-black trees: balance through colours.
 *
 *   1. A red node has no red child.
 *   2. Every path from a node down to a missing child meets the same number of black nodes.
 *
 * Missing children count as black.  An insertion can only break rule 1, a removal only rule 2;
 * both are mended from where they broke towards the root.  What the book writes twice, for left
 * and right, is written once here: the other side of @side is !@side.
 */
#include "lib/rbtree.h"

#include "lib/assert.h"

static bool is_red(const struct rb_node *node) { return node && node->is_red; }

/* The pointer that points at @node. */
static struct rb_node **link_to(struct rb_root *root, const struct rb_node *node)
{
    struct rb_node *parent = node->parent;
    return parent ? &parent->child[parent->child[RB_RIGHT] == node] : &root->node;
}

/* Move @top down to @side; its child on the other side takes its place. */
static void rotate(struct rb_root *root, struct rb_node *top, int side)
{
    struct rb_node *riser = top->child[!side];
    struct rb_node *middle = riser->child[side];

    *link_to(root, top) = riser;
    riser->parent = top->parent;
    riser->child[side] = top;
    top->parent = riser;
    top->child[!side] = middle;
    if (middle)
        middle->parent = top;

    if (root->update) {
        root->update(top);
        root->update(riser);
    }
}

void rb_update_path(const struct rb_root *root, struct rb_node *node)
{
    if (!root->update)
        return;
    for (; node; node = node->parent)
        root->update(node);
}

/* Mend rule 1 between @node, which is red, and its parent. */
static void mend_red(struct rb_root *root, struct rb_node *node)
{
    while (is_red(node->parent)) {
        struct rb_node *parent = node->parent;
        struct rb_node *grand = parent->parent; /* exists: the root is black */
        int side = grand->child[RB_RIGHT] == parent;
        struct rb_node *uncle = grand->child[!side];

        if (is_red(uncle)) {
            parent->is_red = false;
            uncle->is_red = false;
            grand->is_red = true;
            node = grand;
            continue;
        }
        if (node == parent->child[!side]) {
            rotate(root, parent, side);
            parent = node;
        }
        parent->is_red = false;
        grand->is_red = true;
        rotate(root, grand, !side);
        break;
    }
    root->node->is_red = false;
}

void rb_insert_at(struct rb_root *root, struct rb_node *node, struct rb_node *parent,
                  struct rb_node **link)
{
    assert(!*link);
    *node = (struct rb_node){ .parent = parent, .is_red = true };
    *link = node;
    rb_update_path(root, node);
    mend_red(root, node);
}

void rb_insert(struct rb_root *root, struct rb_node *node,
               bool (*less)(const struct rb_node *a, const struct rb_node *b))
{
    struct rb_node *parent = NULL;
    struct rb_node **link = &root->node;
    while (*link) {
        parent = *link;
        link = &parent->child[less(node, parent) ? RB_LEFT : RB_RIGHT];
    }
    rb_insert_at(root, node, parent, link);
}

/*
 * Mend rule 2: the paths through @node, a child of @parent and maybe missing, have one black node
 * less than those through its sibling (which therefore exists).
 */
static void mend_black(struct rb_root *root, struct rb_node *node, struct rb_node *parent)
{
    while (node != root->node && !is_red(node)) {
        int side = parent->child[RB_RIGHT] == node;
        struct rb_node *sibling = parent->child[!side];

        if (sibling->is_red) {
            sibling->is_red = false;
            parent->is_red = true;
            rotate(root, parent, side);
            sibling = parent->child[!side];
        }
        if (!is_red(sibling->child[RB_LEFT]) && !is_red(sibling->child[RB_RIGHT])) {
            sibling->is_red = true;
            node = parent;
            parent = node->parent;
            continue;
        }
        if (!is_red(sibling->child[!side])) {
            sibling->child[side]->is_red = false;
            sibling->is_red = true;
            rotate(root, sibling, !side);
            sibling = parent->child[!side];
        }
        sibling->is_red = parent->is_red;
        parent->is_red = false;
        sibling->child[!side]->is_red = false;
        rotate(root, parent, side);
        return;
    }
    if (node)
        node->is_red = false;
}

/* Cut @node, which has at most one child, out: the child takes its place. */
static void cut_out(struct rb_root *root, struct rb_node *node)
{
    struct rb_node *child = node->child[node->child[RB_LEFT] ? RB_LEFT : RB_RIGHT];
    *link_to(root, node) = child;
    if (child)
        child->parent = node->parent;
}

/* Put @heir, which is in no tree, in @node's place. */
static void take_place(struct rb_root *root, const struct rb_node *node, struct rb_node *heir)
{
    *link_to(root, node) = heir;
    *heir = *node;
    for (int side = RB_LEFT; side <= RB_RIGHT; side++)
        if (heir->child[side])
            heir->child[side]->parent = heir;
}

void rb_erase(struct rb_root *root, struct rb_node *node)
{
    /* A node with two children leaves its place to the next one, which has no left child. */
    bool has_heir = node->child[RB_LEFT] && node->child[RB_RIGHT];
    struct rb_node *cut = has_heir ? rb_next(node) : node;
    struct rb_node *child = cut->child[cut->child[RB_LEFT] ? RB_LEFT : RB_RIGHT];
    struct rb_node *parent = cut->parent;
    bool cut_red = cut->is_red;

    cut_out(root, cut);
    if (has_heir)
        take_place(root, node, cut);
    if (parent == node)
        parent = cut; /* it moved up one step: the child hangs on it as before */

    rb_update_path(root, parent);
    if (!cut_red)
        mend_black(root, child, parent);
}

/* The outermost node towards @side in the tree below @node. */
static struct rb_node *outermost(struct rb_node *node, int side)
{
    while (node && node->child[side])
        node = node->child[side];
    return node;
}

/* The neighbour of @node in order, towards @side. */
static struct rb_node *neighbour(const struct rb_node *node, int side)
{
    if (node->child[side])
        return outermost(node->child[side], !side);
    while (node->parent && node == node->parent->child[side])
        node = node->parent;
    return node->parent;
}

struct rb_node *rb_first(const struct rb_root *root) { return outermost(root->node, RB_LEFT); }
struct rb_node *rb_last(const struct rb_root *root) { return outermost(root->node, RB_RIGHT); }
struct rb_node *rb_next(const struct rb_node *node) { return neighbour(node, RB_RIGHT); }
struct rb_node *rb_prev(const struct rb_node *node) { return neighbour(node, RB_LEFT); }
