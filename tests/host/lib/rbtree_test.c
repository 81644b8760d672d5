/*
 * Red-black trees: random insertions and removals, and after each the rules, the order and the
 * summaries of the whole tree.
 *
 * Links: lib/random.c
 */
#include "lib/rbtree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "lib/minmax.h"
#include "lib/random.h"

enum { ITEMS = 200, ROUNDS = 20000, KEYS = 50 };

struct item {
    struct rb_node node;
    u32 key;
    u32 arrival;
    u32 largest; /* summary: the largest weight in the tree below */
    u32 weight;
    bool in_tree;
};

static struct item items[ITEMS];

static struct item *item_of(struct rb_node *node) { return rb_entry(node, struct item, node); }

static bool item_less(const struct rb_node *a, const struct rb_node *b)
{
    return rb_entry(a, struct item, node)->key < rb_entry(b, struct item, node)->key;
}

static void item_update(struct rb_node *node)
{
    struct item *item = item_of(node);
    item->largest = item->weight;
    for (int side = RB_LEFT; side <= RB_RIGHT; side++)
        if (node->child[side])
            item->largest = max(item->largest, item_of(node->child[side])->largest);
}

/* Check the tree below @node.  Returns: its black height. */
static unsigned check_below(struct rb_node *node, const struct rb_node *parent, unsigned *count)
{
    if (!node)
        return 0;
    assert_ptr_equal(node->parent, parent);
    if (node->is_red) {
        assert_non_null(parent);
        assert_false(parent->is_red);
    }
    u32 largest = item_of(node)->largest;
    unsigned left = check_below(node->child[RB_LEFT], node, count);
    unsigned right = check_below(node->child[RB_RIGHT], node, count);
    assert_int_equal(left, right);
    item_update(node);
    assert_int_equal(item_of(node)->largest, largest);
    (*count)++;
    return left + !node->is_red;
}

static void check(const struct rb_root *root, unsigned expected)
{
    unsigned count = 0;
    check_below(root->node, NULL, &count);
    assert_int_equal(count, expected);

    struct item *before = NULL;
    unsigned walked = 0;
    for (struct rb_node *node = rb_first(root); node; node = rb_next(node)) {
        struct item *item = item_of(node);
        if (before) {
            assert_true(before->key <= item->key);
            assert_true(before->key < item->key || before->arrival < item->arrival);
            assert_ptr_equal(rb_prev(node), &before->node);
        }
        before = item;
        walked++;
    }
    assert_int_equal(walked, expected);
    assert_ptr_equal(rb_last(root), before ? &before->node : NULL);
    assert_int_equal(rb_empty(root), expected == 0);
}

static void the_rules_hold_after_every_insertion_and_removal(void **state)
{
    struct rb_root root = RB_ROOT_INIT(item_update);
    struct random random = { 1 };
    unsigned count = 0;

    for (u32 round = 0; round < ROUNDS; round++) {
        u32 reach = round % 4000 < 2000 ? ITEMS : 20; /* let it grow, then let it nearly empty */
        struct item *item = &items[random_below(&random, reach)];
        if (item->in_tree) {
            rb_erase(&root, &item->node);
            count--;
        } else {
            item->key = random_below(&random, KEYS);
            item->weight = random_below(&random, 1000);
            item->arrival = round;
            rb_insert(&root, &item->node, item_less);
            count++;
        }
        item->in_tree = !item->in_tree;
        check(&root, count);
    }
}

static void a_changed_weight_reaches_the_root(void **state)
{
    struct rb_root root = RB_ROOT_INIT(item_update);
    for (u32 i = 0; i < ITEMS; i++) {
        items[i] = (struct item){ .key = i, .weight = i, .arrival = i };
        rb_insert(&root, &items[i].node, item_less);
    }
    items[17].weight = 5000;
    rb_update_path(&root, &items[17].node);
    assert_int_equal(item_of(root.node)->largest, 5000);
    check(&root, ITEMS);
}

static void ascending_keys_make_no_long_paths(void **state)
{
    struct rb_root root = RB_ROOT_INIT(NULL);
    for (u32 i = 0; i < ITEMS; i++) {
        items[i] = (struct item){ .key = i };
        rb_insert(&root, &items[i].node, item_less);
    }
    unsigned deepest = 0;
    for (struct rb_node *node = rb_first(&root); node; node = rb_next(node)) {
        unsigned depth = 0;
        for (struct rb_node *up = node; up; up = up->parent)
            depth++;
        deepest = max(deepest, depth);
    }
    assert_true(deepest <= 15); /* 2 log2(201) */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_rules_hold_after_every_insertion_and_removal),
        cmocka_unit_test(a_changed_weight_reaches_the_root),
        cmocka_unit_test(ascending_keys_make_no_long_paths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
