/*
 * The first program: from what the loader left to PID 1.
 */
#include "kernel/user_init.h"

#include "arch/x86/cpu.h"
#include "arch/x86/trap.h"
#include "boot/boot_info.h"
#include "kernel/dev/tty.h"
#include "kernel/exec.h"
#include "kernel/fs/files.h"
#include "kernel/fs/fs_context.h"
#include "kernel/fs/fs_type.h"
#include "kernel/fs/initramfs.h"
#include "kernel/fs/mount.h"
#include "kernel/fs/ramfs.h"
#include "kernel/initrd.h"
#include "kernel/load.h"
#include "kernel/panic.h"
#include "kernel/param.h"
#include "kernel/printk.h"
#include "kernel/process.h"
#include "kernel/random.h"
#include "kernel/sched.h"
#include "kernel/task.h"
#include "kernel/wall_clock.h"
#include "lib/errno.h"
#include "machine/trapframe.h"

enum { ARGUMENTS_MAX = 64, WHY_BYTES = 160 };

static const char *init_path = "/init"; /* (c) once the parameters are read */

static bool init_param(const char *value)
{
    if (*value != '/')
        return false;
    init_path = value;
    return true;
}
KERNEL_PARAM("init", init_param);

/* What the boot has cost so far: see tests/suite/figures.py. */
static unsigned long long cost(void) { return rdtsc() - boot_entry_tsc; }

static void mount_root(void)
{
    struct super *super = ramfs_create("ramfs");
    if (!super)
        panic("no memory for the first file system");
    path_set_root(super->root);
    mount_set_first(super);
}

static void unpack_initrd(void)
{
    char why[WHY_BYTES];
    struct initrd initrd;
    if (!initrd_map(&initrd))
        panic("initrd: the loader gave none; a cpio archive with the programs is needed "
              "(`-initrd FILE`, or GRUB's `module2 FILE`)");
    int error = initramfs_unpack(initrd.bytes, initrd.size, why, sizeof(why));
    if (error)
        panic("initrd: the cpio archive is damaged: %s", why);
    initrd_release(&initrd);
}

/* The other file systems, whether the archive has directories for them or not. */
static void mount_others(void)
{
    static const struct {
        const char *type, *path;
    } others[] = {
        { "devtmpfs", "/dev" }, { "tmpfs", "/dev/shm" },  { "proc", "/proc" },
        { "sysfs", "/sys" },    { "devpts", "/dev/pts" },
    };
    for (size_t i = 0; i < ARRAY_COUNT(others); i++) {
        int error = fs_type_mount(others[i].type, others[i].path);
        if (error)
            panic("%s cannot be mounted: error %d", others[i].path, -error);
    }
}

static void open_console(struct files *files)
{
    struct walk_start start = path_root();
    struct dentry *dentry;
    struct file *file;
    int error = path_walk(&start, "/dev/console", WALK_FOLLOW, &dentry);
    for (int fd = 0; fd < 3 && !error; fd++) {
        error = file_open(dentry, O_RDWR, &file);
        if (!error)
            error = files_install(files, file, 0, false) == fd ? 0 : -EMFILE;
    }
    if (error)
        panic("/dev/console cannot be opened: error %d", -error);
    dentry_put(dentry);
}

/* The calling kernel thread gets what a program's task has. */
static void become_process(void)
{
    current->files = files_create();
    current->fs = fs_create();
    if (!current->files || !current->fs || process_create() != 0)
        panic("no memory for the first process");
    open_console(current->files);
    tty_take_if_free(&console_tty); /* a shell without an init has job control, too */
}

/* The program's own name, then what stood behind "--". */
static void collect_arguments(const char *path, const char *argv[ARGUMENTS_MAX + 1])
{
    const char *const *more = params_init_arguments();
    size_t count = 0;
    argv[count++] = path;
    while (*more && count < ARGUMENTS_MAX)
        argv[count++] = *more++;
    if (*more)
        pr_warn("only the first %d arguments reach %s", ARGUMENTS_MAX - 1, path);
    argv[count] = NULL;
}

/* HOME and TERM, then what the command line gave that no part of the kernel knew. */
static void collect_environment(const char *envp[ARGUMENTS_MAX + 1])
{
    const char *const *more = params_init_environment();
    size_t count = 0;
    envp[count++] = "HOME=/";
    envp[count++] = "TERM=linux";
    while (*more && count < ARGUMENTS_MAX)
        envp[count++] = *more++;
    envp[count] = NULL;
}

/* The life of PID 1 before it is a program. */
static void first_process(void *unused)
{
    static const char *argv[ARGUMENTS_MAX + 1], *envp[ARGUMENTS_MAX + 1];
    struct exec_start start;

    mount_root();
    unpack_initrd();
    mount_others();
    pr_debug("figure boot.files %llu", cost());
    become_process();
    collect_arguments(init_path, argv);
    collect_environment(envp);
    int error = exec(&(struct exec_args){ .path = init_path, .argv = argv, .envp = envp }, &start);
    if (error)
        panic("the first program, %s, cannot be started: %s (error %d)", init_path,
              start.why          ? start.why
              : error == -ENOMEM ? "there is not enough memory"
                                 : "",
              -error);
    pr_debug("figure boot %llu", cost());
    struct trapframe *frame = task_frame(current);
    *frame = trapframe_new_program(start.ip, start.sp);
    trap_return(frame);
}

void user_init(void)
{
    random_init();
    wall_clock_init();
    load_init();
    struct task *task = task_create_first(first_process, NULL, "init");
    if (!task)
        panic("no memory for the first process");
    task_detach(task);
    task_wake(task);
}
