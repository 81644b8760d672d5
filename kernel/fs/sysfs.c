/*
 * The tables and texts of /sys.
 */
#include "kernel/fs/sysfs.h"

#include "arch/x86/percpu.h"
#include "kernel/fs/proc_entry.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/huge.h"

enum { SYSFS_MAGIC = 0x62656572 }; /* Source: statfs(2) */

static int show_cpus(struct text *text, struct task *task)
{
    unsigned last = cpus_online - 1;
    text_add(text, last ? "0-%u\n" : "0\n", last);
    return 0;
}

static const char *const mode_names[] = {
    [THP_ALWAYS] = "always",
    [THP_MADVISE] = "madvise",
    [THP_NEVER] = "never",
};

static int show_enabled(struct text *text, struct task *task)
{
    static const enum thp_mode order[] = { THP_ALWAYS, THP_MADVISE, THP_NEVER };
    enum thp_mode mode = READ_ONCE(thp_mode);
    for (size_t i = 0; i < ARRAY_COUNT(order); i++)
        text_add(text, order[i] == mode ? "%s[%s]" : "%s%s", i ? " " : "", mode_names[order[i]]);
    text_add(text, "\n");
    return 0;
}

static int store_enabled(struct task *task, const char *line)
{
    for (size_t i = 0; i < ARRAY_COUNT(mode_names); i++)
        if (!strcmp(line, mode_names[i])) {
            WRITE_ONCE(thp_mode, (enum thp_mode)i);
            return 0;
        }
    return -EINVAL;
}

static int show_pmd_size(struct text *text, struct task *task)
{
    text_add(text, "%lu\n", (unsigned long)HUGE_BYTES);
    return 0;
}

static int show_use_zero_page(struct text *text, struct task *task)
{
    text_add(text, "1\n");
    return 0;
}

#define DIRECTORY(file, contents)                                               \
    {                                                                           \
        .name = (file), .mode = S_IFDIR | 0555, .dir = &(const struct proc_dir) \
        {                                                                       \
            .entries = (contents)                                               \
        }                                                                       \
    }

static const struct proc_entry huge_entries[] = {
    { .name = "enabled", .mode = S_IFREG | 0644, .show = show_enabled, .store = store_enabled },
    { .name = "hpage_pmd_size", .mode = S_IFREG | 0444, .show = show_pmd_size },
    { .name = "use_zero_page", .mode = S_IFREG | 0444, .show = show_use_zero_page },
    { 0 },
};
static const struct proc_entry mm_entries[] = {
    DIRECTORY("transparent_hugepage", huge_entries),
    { 0 },
};
static const struct proc_entry kernel_entries[] = { DIRECTORY("mm", mm_entries), { 0 } };
static const struct proc_entry cpu_entries[] = {
    { .name = "online", .mode = S_IFREG | 0444, .show = show_cpus },
    { .name = "possible", .mode = S_IFREG | 0444, .show = show_cpus },
    { .name = "present", .mode = S_IFREG | 0444, .show = show_cpus },
    { 0 },
};
static const struct proc_entry system_entries[] = { DIRECTORY("cpu", cpu_entries), { 0 } };
static const struct proc_entry device_entries[] = { DIRECTORY("system", system_entries), { 0 } };
static const struct proc_entry top_entries[] = {
    DIRECTORY("devices", device_entries),
    DIRECTORY("kernel", kernel_entries),
    { 0 },
};
static const struct proc_dir top_dir = { .entries = top_entries };
static const struct proc_entry top = { .mode = S_IFDIR | 0555, .dir = &top_dir };

struct super *sysfs_create(void) { return proc_tree_create("sysfs", SYSFS_MAGIC, &top); }
