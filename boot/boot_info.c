/*
 * What the loader told us, gathered.
 *
 * Each loader's format has its own file; here is what they share: who is asked, and copying into
 * boot_info without ever writing beyond it.
 */
#include "boot/boot_info.h"

#include "boot/loader.h"
#include "kernel/panic.h"
#include "kernel/printk.h"
#include "lib/string.h"
#include "machine/layout.h"

struct boot_info boot_info;
u32 boot_loader = 1; /* not 0, so that it is in .data: start.asm writes it, as these */
u32 boot_loader_data = 1;
u64 boot_entry_tsc = 1;

const void *boot_data(paddr_t phys)
{
    if (phys == 0 || phys >= BOOT_IDENTITY_MAX)
        panic("boot: the loader's data at %#llx is out of reach", (unsigned long long)phys);
    return (const void *)(uintptr_t)phys;
}

void boot_info_add_range(paddr_t start, paddr_t end, u32 kind)
{
    if (boot_info.memory_count == BOOT_MEMORY_RANGES) {
        pr_warn("boot: more than %d memory ranges, ignoring %#llx-%#llx", BOOT_MEMORY_RANGES,
                (unsigned long long)start, (unsigned long long)end);
        return;
    }
    boot_info.memory[boot_info.memory_count++] =
        (struct boot_memory_range){ .start = start, .end = end, .kind = kind };
}

void boot_info_set_command_line(const char *text)
{
    size_t length = strnlen(text, BOOT_COMMAND_LINE_BYTES);
    if (length == BOOT_COMMAND_LINE_BYTES)
        panic("boot: the command line is longer than %d characters", BOOT_COMMAND_LINE_BYTES - 1);
    memcpy(boot_info.command_line, text, length + 1);
}

void boot_info_set_loader(const char *name)
{
    size_t length = strnlen(name, sizeof(boot_info.loader) - 1);
    memcpy(boot_info.loader, name, length);
}

void boot_info_init(void)
{
    switch (boot_loader) {
    case LOADER_MULTIBOOT2:
        multiboot2_read(boot_data(boot_loader_data));
        break;
    case LOADER_PVH:
        pvh_read(boot_data(boot_loader_data));
        break;
    default:
        panic("boot: started by an unknown loader (eax was %#x)", boot_loader);
    }
    if (boot_info.memory_count == 0)
        panic("boot: %s gave no memory map", boot_info.loader);
}
