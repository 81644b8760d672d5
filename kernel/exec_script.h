/*
 * Scripts: a file that begins with "#!" names the program that reads it.
 *
 *     execve("/bin/hello", { "hello", "a", NULL })     #!/bin/sh -e
 *     becomes
 *     execve("/bin/sh", { "/bin/sh", "-e", "/bin/hello", "a", NULL })
 *
 * Source: execve(2), "Interpreter scripts".
 */
#ifndef KERNEL_EXEC_SCRIPT_H
#define KERNEL_EXEC_SCRIPT_H

#include "lib/annotate.h"
#include "lib/types.h"

/* How much of a file is looked at: a first line ends there at the latest. */
enum { EXEC_HEAD_BYTES = 256, EXEC_SCRIPTS_MAX = 5 };

/* A script that was found on the way to a program. */
struct exec_script {
    struct exec_script *outer; /* the one that named this one as its interpreter, or NULL */
    const char *interpreter;   /* in line */
    const char **argv;         /* what that is started with */
    char line[EXEC_HEAD_BYTES + 1];
};

static inline bool exec_is_script(const char *head) { return head[0] == '#' && head[1] == '!'; }

/*
 * Make the file @path, which begins with @head (EXEC_HEAD_BYTES, padded with zeroes) and was to be
 * started with @argv, a call of its interpreter.
 *
 * Returns: 0 and *@script, which goes back to exec_script_free(); -ENOEXEC: it names none; -ENOMEM.
 */
int exec_script_parse(const char *head, const char *path, const char *const *argv,
                      struct exec_script **script) MUST_CHECK;

/* Free @script and all around it; NULL: none. */
void exec_script_free(struct exec_script *script);

#endif
