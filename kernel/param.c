/*
 * Kernel parameters: cutting the command line into words, and asking who knows each.
 */
#include "kernel/param.h"

#include "kernel/printk.h"
#include "lib/string.h"

enum {
    LINE_BYTES = 2048,
    INIT_WORDS_MAX = 32,
};

extern const struct kernel_param __params_start[], __params_end[]; /* With: linker.ld */

/* All constant after params_parse(). */
static char words[LINE_BYTES]; /* the command line, cut up */
static const char *init_arguments[INIT_WORDS_MAX + 1];
static const char *init_environment[INIT_WORDS_MAX + 1];

/* Add @word to a list that NULL ends.  Beyond INIT_WORDS_MAX it is reported and left out. */
static void list_append(const char *list[], const char *word)
{
    unsigned count = 0;
    while (list[count])
        count++;
    if (count < INIT_WORDS_MAX)
        list[count] = word;
    else
        pr_warn("params: too many words for the first program, ignoring '%s'", word);
}

static bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

/*
 * Cut the next word off at *@at: end it with a zero, take the quotes out, step over it.
 *
 * Returns: the word, NULL: there is none.
 */
static char *cut_word(char **at)
{
    char *from = *at;
    while (is_space(*from))
        from++;
    if (!*from)
        return NULL;

    char *word = from;
    char *to = from;
    bool quoted = false;
    for (; *from && (quoted || !is_space(*from)); from++) {
        if (*from == '"')
            quoted = !quoted;
        else
            *to++ = *from;
    }
    *at = *from ? from + 1 : from;
    *to = '\0';
    return word;
}

/* Let all handlers of @name have @value.  Returns: false if there is none. */
static bool handle(const char *name, const char *value)
{
    bool known = false;
    for (const struct kernel_param *param = __params_start; param < __params_end; param++) {
        if (strcmp(param->name, name) != 0)
            continue;
        known = true;
        if (!param->handler(value))
            pr_err("params: '%s' makes no sense for parameter '%s'", value, name);
    }
    return known;
}

static void parse_word(char *word)
{
    char *equals = strchr(word, '=');
    if (equals)
        *equals = '\0';
    if (handle(word, equals ? equals + 1 : ""))
        return;

    pr_warn("params: unknown parameter '%s'%s", word, equals ? ", passed to init" : "");
    if (equals) {
        *equals = '=';
        list_append(init_environment, word);
    }
}

void params_parse(const char *command_line)
{
    if (strlcpy(words, command_line, sizeof(words)) >= sizeof(words))
        pr_err("params: the command line is longer than %d characters: cut", LINE_BYTES - 1);

    char *at = words;
    char *word;
    bool for_init = false;
    while ((word = cut_word(&at))) {
        if (for_init)
            list_append(init_arguments, word);
        else if (strcmp(word, "--") == 0)
            for_init = true;
        else
            parse_word(word);
    }
}

const char *const *params_init_arguments(void) { return init_arguments; }
const char *const *params_init_environment(void) { return init_environment; }
