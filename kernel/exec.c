/*
 * exec: gather everything in a new address space, then commit to it.
 *
 *     execve(path) --> a script?  its interpreter instead, and again
 *                  --> an ELF file --> names an interpreter?  that is loaded as well
 *
 * The new address space is made the current one before it is filled, so that the stack is copied
 * to it as to any user memory, page faults included.  If something fails the old one is put back,
 * and nothing has happened.
 */
#include "kernel/exec.h"

#include "arch/x86/context.h"
#include "arch/x86/cpu.h"
#include "arch/x86/tlb.h"
#include "kernel/clone.h"
#include "kernel/exec_load.h"
#include "kernel/exec_place.h"
#include "kernel/exec_script.h"
#include "kernel/exec_stack.h"
#include "kernel/fs/files.h"
#include "kernel/fs/fs_context.h"
#include "kernel/posix_timer.h"
#include "kernel/process.h"
#include "kernel/task.h"
#include "lib/align.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/kmalloc.h"
#include "mm/mm.h"
#include "mm/mmap.h"

/* A file that is loaded: the program, or its interpreter. */
struct program {
    struct file *file; /* nobody may write to it meanwhile */
    union {
        struct elf_header header;
        char head[EXEC_HEAD_BYTES];
    };
    u64 head_bytes; /* of them, those that the file has */
    struct elf_segment segment[ELF_SEGMENTS_MAX];
    struct elf_plan plan;
    struct program *interpreter; /* NULL: none */
};

/* --- opening --------------------------------------------------------------------------------- */

/* May what @dentry names be executed? */
static int check_program(const struct dentry *dentry, const char **why)
{
    u32 mode = dentry->inode->mode;
    if (mode_is_link(mode)) /* the caller did not want it to be followed */
        return -ELOOP;
    if (!mode_is_file(mode)) {
        *why = "it is not a file";
        return -EACCES;
    }
    if (inode_is_noexec(dentry->inode)) {
        *why = "nothing there may be executed: mounted noexec";
        return -EACCES;
    }
    if (!(mode & 0111)) {
        *why = "it may not be executed: no x in its rights";
        return -EACCES;
    }
    return 0;
}

/* Open @program on @dentry. */
static int open_dentry(struct program *program, struct dentry *dentry, const char **why)
{
    struct file *file;
    int error = check_program(dentry, why);
    if (!error)
        error = inode_deny_write(dentry->inode);
    if (error)
        return error;
    error = file_open(dentry, O_RDONLY, &file);
    if (error)
        inode_allow_write(dentry->inode);
    else
        program->file = file;
    return error;
}

static int open_path(struct program *program, const char *path, const char **why)
{
    struct walk_start start = fs_start(current->fs);
    struct dentry *dentry;
    int error = path_walk(&start, path, WALK_FOLLOW, &dentry);
    walk_start_put(&start);
    if (error) {
        *why = error == -ENOENT ? "there is no such file" : "it cannot be reached";
        return error;
    }
    error = open_dentry(program, dentry, why);
    dentry_put(dentry);
    return error;
}

static void close_program(struct program *program)
{
    if (program->file) {
        inode_allow_write(program->file->dentry->inode);
        file_put(program->file);
        program->file = NULL;
    }
}

static struct program *program_create(void)
{
    struct program *program = kmalloc(sizeof(*program), GFP_KERNEL);
    if (program) {
        program->file = NULL;
        program->interpreter = NULL;
    }
    return program;
}

static void program_free(struct program *program)
{
    if (!program)
        return;
    program_free(program->interpreter);
    close_program(program);
    kfree(program);
}

/* --- reading --------------------------------------------------------------------------------- */

/* Read @size bytes at @offset that elf_check() has found to be there. */
static int read_all(struct file *file, void *buffer, size_t size, u64 offset)
{
    ssize_t got = file_read_kernel(file, buffer, size, offset);
    return got < 0 ? (int)got : (size_t)got < size ? -EIO : 0;
}

/* Read how the file begins. */
static int read_head(struct program *program)
{
    ssize_t got = file_read_kernel(program->file, program->head, EXEC_HEAD_BYTES, 0);
    if (got < 0)
        return (int)got;
    program->head_bytes = (u64)got;
    memset(program->head + got, 0, EXEC_HEAD_BYTES - (size_t)got);
    return 0;
}

/* Check the headers, and make the plan. */
static int make_plan(struct program *program, const char **why)
{
    const struct elf_header *header = &program->header;
    struct file *file = program->file;
    u64 size = file->dentry->inode->size;
    *why = elf_check(header, program->head_bytes < sizeof(*header) ? program->head_bytes : size);
    int error = *why ? -ENOEXEC : 0;
    if (!error)
        error = read_all(file, program->segment, header->segments * sizeof(struct elf_segment),
                         header->segments_offset);
    if (!error)
        error = elf_plan(header, program->segment, size, &program->plan);
    if (error == -ENOEXEC && !*why)
        *why = program->plan.why;
    return error;
}

/* Open and read the interpreter that @program names. */
static int read_interpreter(struct program *program, const char *path, const char **why)
{
    const char *about = NULL;
    struct program *interpreter = program->interpreter = program_create();
    if (!interpreter)
        return -ENOMEM;
    int error = open_path(interpreter, path, &about);
    if (!error)
        error = read_head(interpreter);
    if (!error)
        error = make_plan(interpreter, &about);
    if (error == -ENOEXEC)
        error = -ELIBBAD;
    if (error)
        *why = "its interpreter, the dynamic linker, cannot be loaded";
    return error;
}

static int find_interpreter(struct program *program, const char **why)
{
    const struct elf_plan *plan = &program->plan;
    if (!plan->interpreter_bytes)
        return 0;
    char *path = kmalloc(plan->interpreter_bytes, GFP_KERNEL);
    if (!path)
        return -ENOMEM;
    int error = read_all(program->file, path, plan->interpreter_bytes, plan->interpreter_offset);
    if (!error && path[plan->interpreter_bytes - 1]) {
        *why = "its interpreter's path has no end";
        error = -ENOEXEC;
    }
    if (!error)
        error = read_interpreter(program, path, why);
    kfree(path);
    return error;
}

/* The scripts on the way from a path to a program. */
struct way {
    const char *path;           /* of what is opened next */
    const char *const *argv;    /* for it */
    struct exec_script *script; /* the last one, NULL: none */
    unsigned scripts;
};

/* What @program has turned out to be is a script: go on with its interpreter. */
static int follow_script(struct way *way, struct program *program, const char **why)
{
    struct exec_script *script;
    if (way->scripts++ == EXEC_SCRIPTS_MAX)
        return -ELOOP;
    int error = exec_script_parse(program->head, way->path, way->argv, &script);
    if (error) {
        if (error == -ENOEXEC)
            *why = "its first line names no interpreter";
        return error;
    }
    close_program(program);
    script->outer = way->script;
    way->script = script;
    way->argv = script->argv;
    way->path = script->interpreter;
    return open_path(program, way->path, why);
}

/* Open and read what @args name, through scripts, and what else it takes to load it. */
static int read_program(const struct exec_args *args, struct program *program, struct way *way,
                        const char **why)
{
    int error = args->dentry ? open_dentry(program, args->dentry, why)
                             : open_path(program, args->path, why);
    if (!error)
        error = read_head(program);
    if (!error && exec_is_script(program->head) && args->path_is_lost)
        return -ENOENT;
    while (!error && exec_is_script(program->head)) {
        error = follow_script(way, program, why);
        if (!error)
            error = read_head(program);
    }
    if (!error)
        error = make_plan(program, why);
    return error ? error : find_interpreter(program, why);
}

/* --- loading --------------------------------------------------------------------------------- */

/* Let the current task use @mm, NULL: none.  Returns: what it used before. */
static struct mm *use_mm(struct mm *mm)
{
    irqflags_t flags = irq_save();
    struct mm *old = task_set_mm(current, mm);
    mm_switch(mm);
    irq_restore(flags);
    return old;
}

/* Load the interpreter where mmap() would put it. */
static int load_interpreter(struct mm *mm, struct program *interpreter)
{
    struct elf_plan *plan = &interpreter->plan;
    if (plan->is_movable) {
        const struct map_request request = { .flags = MAP_PRIVATE };
        const size_t more = 2 * (plan->align - PAGE_BYTES); /* where it begins, and its rest */
        vaddr_t place;
        down_read(&mm->mmap_lock);
        int error = mm_find_place(mm, &request, plan->end - plan->start + more, &place);
        up_read(&mm->mmap_lock);
        if (!error)
            error = elf_move(plan, align_up(place, plan->align));
        if (error)
            return error;
    }
    return exec_load(mm, interpreter->file, plan);
}

static int load(struct mm *mm, struct program *program, const struct exec_place *place)
{
    struct elf_plan *plan = &program->plan;
    int error = 0;
    if (plan->is_movable)
        error = elf_move(plan, align_up(place->base, plan->align));
    if (!error)
        error = exec_load(mm, program->file, plan);
    if (error)
        return error;
    exec_note(mm, plan);
    mm_set_brk(mm, plan->end + place->heap_gap);
    return program->interpreter ? load_interpreter(mm, program->interpreter) : 0;
}

/* The last component of @path. */
static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* The old program is gone: nothing below can fail. */
static void commit(const struct exec_args *args, struct file *file)
{
    task_set_name(current, base_name(args->path));
    process_set_program(current->process, file->dentry);
    process_reset_signals(current->process);
    files_close_on_exec(current->files);
    current->clear_child_tid = NULL;
    current->capabilities = (struct capabilities){ 0 };
    current->robust_list = NULL;
    posix_timers_delete(current->process);
    machine_reset();
    vfork_done();
}

/* What close-on-exec closes is closed for this process alone. */
static int own_files(void)
{
    struct files *shared = current->files;
    if (READ_ONCE(shared->refs) == 1)
        return 0;
    struct files *copy = files_copy(shared);
    if (!copy)
        return -ENOMEM;
    task_set_files(current, copy);
    return 0;
}

/* Fill @mm, the current task's: the program, its interpreter, its stack. */
static int fill_mm(struct mm *mm, const struct exec_args *args, struct program *program,
                   struct exec_start *start)
{
    const struct elf_plan *interpreter = program->interpreter ? &program->interpreter->plan : NULL;
    struct exec_place place;
    exec_place_choose(&place, mm, current->process->personality & PERSONALITY_NO_RANDOM);
    int error = load(mm, program, &place);
    if (error)
        return error;
    const struct exec_image image = {
        .plan = &program->plan,
        .interpreter_base = interpreter ? interpreter->start : 0,
        .random = place.random,
    };
    error = exec_stack_build(mm, args, &image, &start->sp);
    if (error == -EEXIST) {
        start->why = "a segment lies where the stack belongs";
        return -ENOEXEC;
    }
    start->ip = interpreter ? interpreter->entry : program->plan.entry;
    return error;
}

static int replace_mm(const struct exec_args *args, struct program *program,
                      struct exec_start *start)
{
    struct mm *mm = mm_create();
    if (!mm)
        return -ENOMEM;
    process_limit_mm(current->process, mm);
    struct mm *old = use_mm(mm);
    int error = fill_mm(mm, args, program, start);
    if (!error)
        error = process_make_single();
    if (!error)
        error = own_files();
    if (error) {
        use_mm(old);
        mm_put(mm);
        return error;
    }
    process_set_mm(current->process, mm);
    if (old)
        mm_put(old);
    commit(args, program->file);
    return 0;
}

int exec(const struct exec_args *args, struct exec_start *start)
{
    struct way way = { .path = args->path, .argv = args->argv };
    struct exec_args final = *args;
    *start = (struct exec_start){ 0 };
    struct program *program = program_create();
    if (!program)
        return -ENOMEM;
    int error = read_program(args, program, &way, &start->why);
    final.argv = way.argv;
    if (!error)
        error = replace_mm(&final, program, start);
    program_free(program);
    exec_script_free(way.script);
    return error;
}
