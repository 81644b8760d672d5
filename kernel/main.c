/*
 * The contents page of the boot: one line for each part of the kernel, in the order in which they
 * come alive.
 */
#include "kernel/main.h"

#include "arch/x86/power.h"
#include "boot/boot_info.h"
#include "gen/config.h"
#include "kernel/param.h"
#include "kernel/printk.h"

_Noreturn void kernel_main(void)
{
    printk_init();    /* the serial port, so that everybody below can be heard */
    boot_info_init(); /* what the loader said, before its memory is used */
    params_parse(boot_info.command_line);
    pr_info("Quire %s %s, started by %s", CONFIG_BUILD, CONFIG_VERSION, boot_info.loader);
    machine_exit(0);
}
