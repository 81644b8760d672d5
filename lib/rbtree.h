/*
 * Red-black trees whose links are members of what they order.
 *
 * No path from the root down is more than twice as long as another, so a walk, an insertion and a
 * removal take at most 2 log2(n + 1) steps.  The tree knows no keys: the user walks down it and
 * says where a node belongs (rb_insert_at()), or gives a comparison (rb_insert()).
 *
 * A tree may be augmented: each node then also keeps a summary of all nodes below it, like the
 * largest gap.  root->update(node) computes a node's summary from the node's own data and its two
 * children's summaries; the tree calls it, from the bottom up, wherever a child changed.  When the
 * data of a node change while it is in the tree, the user calls rb_update_path().
 *
 * Whoever owns the root says which lock guards the tree.
 *
 * Source: Cormen, Leiserson, Rivest, Stein, "Introduction to Algorithms" (3rd ed. 2009), chapters
 * 13 "Red-Black Trees" and 14 "Augmenting Data Structures".
 */
#ifndef LIB_RBTREE_H
#define LIB_RBTREE_H

#include "lib/types.h"

enum rb_side { RB_LEFT, RB_RIGHT };

struct rb_node {
    struct rb_node *parent;   /* NULL: the root */
    struct rb_node *child[2]; /* by enum rb_side; NULL: none */
    bool is_red;
};

struct rb_root {
    struct rb_node *node;                 /* NULL: the tree is empty */
    void (*update)(struct rb_node *node); /* NULL: the tree is not augmented */
};

#define RB_ROOT_INIT(update_node) \
    {                             \
        .update = (update_node)   \
    }

#define rb_entry(node, type, member) container_of(node, type, member)

static inline bool rb_empty(const struct rb_root *root) { return root->node == NULL; }

/*
 * Insert @node as the child of @parent that *@link, now NULL, points at; with @parent NULL as the
 * root of the empty tree, @link being &root->node.
 */
void rb_insert_at(struct rb_root *root, struct rb_node *node, struct rb_node *parent,
                  struct rb_node **link);

/* Insert @node behind all nodes that @less does not put behind it: equals in order of arrival. */
void rb_insert(struct rb_root *root, struct rb_node *node,
               bool (*less)(const struct rb_node *a, const struct rb_node *b));

/* Take @node out of the tree. */
void rb_erase(struct rb_root *root, struct rb_node *node);

/* Compute the summaries of @node and all nodes above it anew. */
void rb_update_path(const struct rb_root *root, struct rb_node *node);

/* The first or last node in order.  NULL: the tree is empty. */
struct rb_node *rb_first(const struct rb_root *root);
struct rb_node *rb_last(const struct rb_root *root);

/* The node behind or before @node in order.  NULL: there is none. */
struct rb_node *rb_next(const struct rb_node *node);
struct rb_node *rb_prev(const struct rb_node *node);

#endif
