/*
 * The first line of a script: "#!", blanks, the interpreter, blanks, one argument up to the end of
 * the line, blanks within it included.
 */
#include "kernel/exec_script.h"

#include "lib/errno.h"
#include "lib/string.h"
#include "mm/kmalloc.h"
#include "mm/vmalloc.h"

static bool is_blank(char c) { return c == ' ' || c == '\t'; }

static char *skip_blanks(char *text)
{
    while (is_blank(*text))
        text++;
    return text;
}

/*
 * Cut @script->line up.  Returns: the argument or NULL; @script->interpreter stays NULL if there
 * is no name, or one that the line may be too short for.
 */
static const char *cut_line(struct exec_script *script)
{
    char *line = script->line, *end = strchr(line, '\n');
    const bool is_whole = end;
    if (!end)
        end = line + strlen(line);
    while (end > line + 2 && is_blank(end[-1]))
        end--;
    const bool was_blank = is_blank(*end) || strlen(line) < EXEC_HEAD_BYTES;
    *end = '\0';

    char *name = skip_blanks(line + 2), *behind = name;
    while (*behind && !is_blank(*behind))
        behind++;
    if (behind == name || (behind == end && !is_whole && !was_blank))
        return NULL;
    script->interpreter = name;
    if (behind == end)
        return NULL;
    *behind = '\0';
    return skip_blanks(behind + 1);
}

/* The interpreter, its argument (NULL: none), the script, and its arguments but for its name. */
static int make_argv(struct exec_script *script, const char *argument, const char *path,
                     const char *const *argv)
{
    size_t count = 0, at = 0;
    while (argv[count])
        count++;
    const char **list = vmalloc((count + 4) * sizeof(*list));
    if (!list)
        return -ENOMEM;
    list[at++] = script->interpreter;
    if (argument)
        list[at++] = argument;
    list[at++] = path;
    for (size_t i = 1; i < count; i++)
        list[at++] = argv[i];
    list[at] = NULL;
    script->argv = list;
    return 0;
}

int exec_script_parse(const char *head, const char *path, const char *const *argv,
                      struct exec_script **result)
{
    struct exec_script *script = kzalloc(sizeof(*script), GFP_KERNEL);
    if (!script)
        return -ENOMEM;
    memcpy(script->line, head, EXEC_HEAD_BYTES);
    const char *argument = cut_line(script);
    int error = script->interpreter ? make_argv(script, argument, path, argv) : -ENOEXEC;
    if (error) {
        kfree(script);
        return error;
    }
    *result = script;
    return 0;
}

void exec_script_free(struct exec_script *script)
{
    while (script) {
        struct exec_script *outer = script->outer;
        vfree(script->argv);
        kfree(script);
        script = outer;
    }
}
