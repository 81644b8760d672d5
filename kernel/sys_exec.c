/*
 * The system calls execve(2) and execveat(2): the strings come out of the old program before it
 * goes.
 */
#include "arch/x86/pte.h"
#include "kernel/exec.h"
#include "kernel/fs/at.h"
#include "kernel/fs/files.h"
#include "kernel/sys.h"
#include "kernel/task.h"
#include "lib/errno.h"
#include "lib/format.h"
#include "lib/minmax.h"
#include "lib/string.h"
#include "machine/trapframe.h"
#include "mm/kmalloc.h"
#include "mm/mm.h"
#include "mm/vmalloc.h"

enum {
    STRING_BYTES_MAX = 32 * PAGE_BYTES,         /* one argument, with its end */
    STRINGS_BYTES_MIN = 32 * PAGE_BYTES,        /* all, with the pointers to them, may be so many */
    STRINGS_BYTES_MAX = MM_STACK_LIMIT / 4 * 3, /* but no more */
    LIST_FIRST = 32,
    FD_PATH_BYTES = 24, /* "/dev/fd/", a number, a slash, a zero */
};

/* A list of strings that grows, NULL at its end. */
struct strings {
    const char **list;
    size_t count, room;
};

static void strings_free(struct strings *strings)
{
    for (size_t i = 0; i < strings->count; i++)
        kfree((void *)strings->list[i]);
    if (strings->list)
        vfree(strings->list);
}

/* Make room for one more and the NULL. */
static int strings_grow(struct strings *strings)
{
    if (strings->count + 1 < strings->room)
        return 0;
    size_t room = strings->room ? strings->room * 2 : LIST_FIRST;
    const char **list = vmalloc(room * sizeof(*list));
    if (!list)
        return -ENOMEM;
    for (size_t i = 0; i < strings->count; i++)
        list[i] = strings->list[i];
    if (strings->list)
        vfree(strings->list);
    strings->list = list;
    strings->room = room;
    return 0;
}

/* Copy the string at @user, by way of @scratch, behind the others. */
static int add_string(struct strings *strings, const char __user *user, char *scratch,
                      size_t *bytes_left)
{
    int error = strings_grow(strings);
    if (error)
        return error;
    ssize_t length = strncpy_from_user(scratch, user, STRING_BYTES_MAX);
    if (length < 0)
        return (int)length;
    size_t bytes = (size_t)length + 1;
    if (bytes > STRING_BYTES_MAX || bytes + sizeof(char *) > *bytes_left)
        return -E2BIG;
    *bytes_left -= bytes + sizeof(char *);
    char *copy = kmalloc(bytes, GFP_KERNEL);
    if (!copy)
        return -ENOMEM;
    memcpy(copy, scratch, bytes);
    strings->list[strings->count++] = copy;
    return 0;
}

/* Copy all strings of the list at @user, NULL: none. */
static int get_strings(struct strings *strings, const vaddr_t __user *user, char *scratch,
                       size_t *bytes_left)
{
    int error = 0;
    while (!error && user) {
        vaddr_t string;
        if (copy_from_user(&string, user, sizeof(string)))
            return -EFAULT;
        if (!string)
            break;
        error = add_string(strings, (const char __user *)string, scratch, bytes_left);
        user++;
    }
    if (!error)
        error = strings_grow(strings);
    if (!error)
        strings->list[strings->count] = NULL;
    return error;
}

/* What the arguments and the environment may take: a quarter of the stack.  execve(2), E2BIG. */
static size_t strings_limit(void)
{
    const size_t quarter = current->mm->limits.stack / 4;
    return clamp(quarter, (size_t)STRINGS_BYTES_MIN, (size_t)STRINGS_BYTES_MAX);
}

/* Get the strings at @argv and @envp; @bytes_left is what the path has left of the room. */
static int get_lists(struct strings lists[2], const vaddr_t __user *argv,
                     const vaddr_t __user *envp, size_t bytes_left)
{
    char *scratch = vmalloc(STRING_BYTES_MAX);
    if (!scratch)
        return -ENOMEM;
    int error = get_strings(&lists[0], argv, scratch, &bytes_left);
    if (!error)
        error = get_strings(&lists[1], envp, scratch, &bytes_left);
    vfree(scratch);
    return error;
}

/* Start the program @args, whose strings are still in the old one's memory. */
static long start(struct exec_args *args, const vaddr_t __user *argv, const vaddr_t __user *envp)
{
    static const char *const no_name[] = { "", NULL }; /* every program has a name, if only that */
    struct strings lists[2] = { 0 };
    struct exec_start start;
    const size_t limit = strings_limit(), path_bytes = strlen(args->path) + 1;
    long error = get_lists(lists, argv, envp, limit - path_bytes);
    args->argv = lists[0].count ? lists[0].list : no_name;
    args->envp = lists[1].list;
    if (!error)
        error = exec(args, &start);
    if (!error)
        *task_frame(current) = trapframe_new_program(start.ip, start.sp);
    strings_free(&lists[0]);
    strings_free(&lists[1]);
    return error;
}

long sys_execve(const char __user *user, const vaddr_t __user *argv, const vaddr_t __user *envp)
{
    char *path;
    int error = at_copy_path(user, &path);
    if (error)
        return error;
    long result = *path ? start(&(struct exec_args){ .path = path }, argv, envp) : -ENOENT;
    kfree(path);
    return result;
}

/* The path by which @path, relative to what is open as @dir, is known to the program; or NULL. */
static char *fd_path(int dir, const char *path)
{
    const size_t room = FD_PATH_BYTES + strlen(path);
    char *name = kmalloc(room, GFP_KERNEL);
    if (name)
        snprintf(name, room, *path ? "/dev/fd/%d/%s" : "/dev/fd/%d", dir, path);
    return name;
}

/* execveat() with a path that is relative to a descriptor, or empty: that of the program. */
static long start_at(int dir, const char *path, struct exec_args *args,
                     const vaddr_t __user *lists[2])
{
    if (dir == AT_FDCWD || *path == '/')
        return start(args, lists[0], lists[1]);
    char *name = fd_path(dir, path);
    if (!name)
        return -ENOMEM;
    args->path = name;
    args->path_is_lost = files_get_cloexec(current->files, dir) > 0;
    long result = start(args, lists[0], lists[1]);
    kfree(name);
    return result;
}

long sys_execveat(int dir, const char __user *user, const vaddr_t __user *argv,
                  const vaddr_t __user *envp, unsigned flags)
{
    struct dentry *dentry;
    char *path;
    if (flags & ~(unsigned)(AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW))
        return -EINVAL;
    int error = at_copy_path(user, &path);
    if (error)
        return error;
    long result = at_find(dir, user, flags, &dentry);
    if (!result) {
        struct exec_args args = { .path = path, .dentry = dentry };
        result = start_at(dir, path, &args, (const vaddr_t __user *[]){ argv, envp });
        dentry_put(dentry);
    }
    kfree(path);
    return result;
}
