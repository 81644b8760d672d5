/*
 * /proc/sys: what may be asked about the kernel by sysctl(8), as proc_sys(5) names it.
 *
 * What is asked for most; what can be set is true afterwards.
 */
#include "kernel/fs/proc_entry.h"

#include "kernel/exec_place.h"
#include "kernel/fs/files.h"
#include "kernel/fs/pipe.h"
#include "kernel/fs/shm.h"
#include "kernel/host_name.h"
#include "kernel/pid.h"
#include "kernel/printk.h"
#include "kernel/random.h"
#include "kernel/uname.h"
#include "lib/errno.h"
#include "lib/minmax.h"
#include "lib/parse.h"
#include "lib/string.h"
#include "mm/mm.h"

/* A number that never changes. */
#define NUMBER(function, value)                                      \
    static int show_##function(struct text *text, struct task *task) \
    {                                                                \
        text_add(text, "%llu\n", (unsigned long long)(value));       \
        return 0;                                                    \
    }

NUMBER(cap_last, CAP_LAST)
NUMBER(pid_max, PID_MAX + 1)
NUMBER(threads_max, PID_MAX)
NUMBER(shmmax, SHM_BYTES_MAX)
NUMBER(shmmni, SHM_SEGMENTS)
NUMBER(randomize, exec_place_is_random() ? 2 : 0)
NUMBER(max_map_count, MM_MAX_VMAS)
NUMBER(mmap_min_addr, MM_MIN_ADDRESS)
NUMBER(nr_open, FILES_MAX)
NUMBER(pipe_max_size, PIPE_BYTES_MAX)

static int show_printk(struct text *text, struct task *task)
{
    text_add(text, "%d\t%d\t1\t%d\n", (int)log_console_level(), LOG_WARN, LOG_DEBUG);
    return 0;
}

static int show_name(struct text *text, enum host_name which)
{
    char name[HOST_NAME_MAX + 1];
    host_name_get(which, name);
    text_add(text, "%s\n", name);
    return 0;
}

/* One that is too long is cut. */
static int store_name(const char *line, enum host_name which)
{
    host_name_set(which, line, min(strlen(line), (size_t)HOST_NAME_MAX));
    return 0;
}

static int show_hostname(struct text *text, struct task *task)
{
    return show_name(text, HOST_NAME);
}

static int show_domainname(struct text *text, struct task *task)
{
    return show_name(text, HOST_DOMAIN);
}

static int store_hostname(struct task *task, const char *line)
{
    return store_name(line, HOST_NAME);
}

static int store_domainname(struct task *task, const char *line)
{
    return store_name(line, HOST_DOMAIN);
}

/* A random number of RFC 4122's version 4. */
static int show_uuid(struct text *text, struct task *task)
{
    u8 bytes[16];
    random_get(bytes, sizeof(bytes));
    bytes[6] = (u8)((bytes[6] & 0x0f) | 0x40);
    bytes[8] = (u8)((bytes[8] & 0x3f) | 0x80);
    for (unsigned i = 0; i < sizeof(bytes); i++)
        text_add(text, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", bytes[i]);
    text_add(text, "\n");
    return 0;
}

/* The page cache is the files: there is nothing in it that could be dropped. */
static int store_drop_caches(struct task *task, const char *line)
{
    u32 what;
    return parse_u32(line, 4, &what) || !what ? -EINVAL : 0;
}

#define FIXED(file, value)                                           \
    {                                                                \
        .name = (file), .mode = S_IFREG | 0444, .fixed = value "\n", \
    }
#define SHOWN(file, function)                                            \
    {                                                                    \
        .name = (file), .mode = S_IFREG | 0444, .show = show_##function, \
    }
#define SET(file)                                                                          \
    {                                                                                      \
        .name = #file, .mode = S_IFREG | 0644, .show = show_##file, .store = store_##file, \
    }
#define DIRECTORY(file, contents)                                   \
    {                                                               \
        .name = (file), .mode = S_IFDIR | 0555, .dir = &(contents), \
    }

static const struct proc_entry random_entries[] = {
    FIXED("entropy_avail", "256"),
    FIXED("poolsize", "256"),
    SHOWN("uuid", uuid),
    { 0 },
};
static const struct proc_dir random_dir = { .entries = random_entries };

static const struct proc_entry kernel_entries[] = {
    SHOWN("cap_last_cap", cap_last),
    FIXED("core_pattern", "core"),
    SET(domainname),
    SET(hostname),
    FIXED("ngroups_max", "65536"),
    FIXED("osrelease", UNAME_RELEASE),
    FIXED("ostype", UNAME_SYSTEM),
    FIXED("overflowgid", "65534"),
    FIXED("overflowuid", "65534"),
    SHOWN("pid_max", pid_max),
    SHOWN("printk", printk),
    DIRECTORY("random", random_dir),
    SHOWN("randomize_va_space", randomize),
    FIXED("shm_next_id", "-1"),
    SHOWN("shmall", shmmax),
    SHOWN("shmmax", shmmax),
    SHOWN("shmmni", shmmni),
    FIXED("tainted", "0"),
    SHOWN("threads-max", threads_max),
    FIXED("version", UNAME_VERSION),
    { 0 },
};
static const struct proc_dir kernel_dir = { .entries = kernel_entries };

static const struct proc_entry vm_entries[] = {
    { .name = "drop_caches", .mode = S_IFREG | 0200, .store = store_drop_caches },
    SHOWN("max_map_count", max_map_count),
    SHOWN("mmap_min_addr", mmap_min_addr),
    FIXED("overcommit_memory", "0"),
    FIXED("overcommit_ratio", "50"),
    FIXED("swappiness", "0"),
    { 0 },
};
static const struct proc_dir vm_dir = { .entries = vm_entries };

static const struct proc_entry fs_entries[] = {
    SHOWN("nr_open", nr_open),
    SHOWN("pipe-max-size", pipe_max_size),
    { 0 },
};
static const struct proc_dir fs_dir = { .entries = fs_entries };

static const struct proc_entry sys_entries[] = {
    DIRECTORY("fs", fs_dir),
    DIRECTORY("kernel", kernel_dir),
    DIRECTORY("vm", vm_dir),
    { 0 },
};
const struct proc_dir proc_sys_dir = { .entries = sys_entries };
