/*
 * The contents page of the boot: one line for each part of the kernel, in the order in which they
 * come alive.
 */
#include "kernel/main.h"

#include "arch/x86/acpi.h"
#include "arch/x86/clock.h"
#include "arch/x86/cpu.h"
#include "arch/x86/crash.h"
#include "arch/x86/entry.h"
#include "arch/x86/framebuffer.h"
#include "arch/x86/irq.h"
#include "arch/x86/keyboard.h"
#include "arch/x86/percpu.h"
#include "arch/x86/serial.h"
#include "arch/x86/smp.h"
#include "arch/x86/tlb.h"
#include "arch/x86/vdso.h"
#include "arch/x86/vga_text.h"
#include "boot/boot_info.h"
#include "gen/config.h"
#include "kernel/futex.h"
#include "kernel/ktest.h"
#include "kernel/param.h"
#include "kernel/printk.h"
#include "kernel/sched.h"
#include "kernel/signal.h"
#include "kernel/task.h"
#include "kernel/user_init.h"
#include "kernel/watchdog.h"
#include "machine/segments.h"
#include "mm/clear.h"
#include "mm/image.h"
#include "mm/kernel_map.h"
#include "mm/kmap.h"
#include "mm/mm.h"
#include "mm/page.h"
#include "mm/region.h"
#include "mm/slab.h"

/* What the boot has cost so far: see tests/suite/figures.py. */
static void stage(const char *name)
{
    pr_debug("figure boot.%s %llu", name, (unsigned long long)(rdtsc() - boot_entry_tsc));
}

_Noreturn void kernel_main(void)
{
    percpu_init();    /* other CPUs' variables start as ours are now */
    printk_init();    /* the serial port, so that everybody below can be heard */
    boot_info_init(); /* what the loader said, before its memory is used */
    params_parse(boot_info.command_line);
    pr_info("Quire %s %s, started by %s", CONFIG_BUILD, CONFIG_VERSION, boot_info.loader);
    cpu_init();       /* what the CPU can do, */
    cpu_init_this(0); /* and that it does: from here on exceptions have reports */
    stage("cpu");
    region_init(&boot_info);    /* which memory is RAM */
    paging_init();              /* the kernel's own page tables, */
    tlb_start_cpu();            /* told apart in the TLB where the CPU can (PCID), */
    segments_use_page_tables(); /* which a double fault, too, must run on */
    stage("page_tables");
    page_init(); /* a struct page for each frame, the zones */
    slab_init(); /* small objects in them */
    stage("pages");
    clear_init();
    framebuffer_init(); /* the screen, in text or in pixels, shows the log so far */
    vga_text_init();
    mm_init();   /* address spaces */
    task_init(); /* this code becomes a task, */
    signal_init();
    futex_init();
    vdso_init();
    kmap_init();
    sched_init(); /* and may give way to others */
    stage("tasks");
    acpi_init(); /* which CPUs, interrupt controllers and clocks there are */
    irq_init();
    time_init();    /* the clock, the boot CPU's tick */
    serial_start(); /* bytes from and to a terminal, by interrupts */
    keyboard_init();
    irq_enable();
    kernel_unmap((vaddr_t)boot_stack - PAGE_BYTES, PAGE_BYTES); /* the first stack's guard */
    stage("interrupts");
    smp_init();      /* the other CPUs, */
    watchdog_init(); /* and somebody who notices when one is stuck */
    stage("cpus");
    crash_if_asked(); /* crash=KIND: to see such a report */
    pr_info("memory: %lu pages of the image are free again", image_free_unused(ktest_wanted()));
    if (ktest_wanted())
        ktest_run(ktest_wanted());
    user_init(); /* the first program */
    sched_idle();
}
