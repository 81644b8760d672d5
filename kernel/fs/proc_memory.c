/*
 * What /proc says about memory, in Linux's words and columns: proc(5).
 *
 * What Quire does not have (swap, reclaim) is there with 0 where programs look for it.
 */
#include "kernel/fs/proc_entry.h"

#include "kernel/task.h"
#include "machine/layout.h"
#include "mm/census.h"
#include "mm/count.h"
#include "mm/hugetlb.h"
#include "mm/pcp.h"
#include "mm/slab.h"
#include "mm/vmalloc.h"
#include "mm/zone.h"

#define KIB_PER_PAGE (PAGE_BYTES / 1024)

static void add_kib(struct text *text, const char *name, u64 pages)
{
    text_add(text, "%-15s %8llu kB\n", name, (unsigned long long)(pages * KIB_PER_PAGE));
}

static void take_census(struct census *census)
{
    struct census zone;
    *census = (struct census){ 0 };
    for (enum zone_id id = 0; id < ZONES; id++) {
        census_take(id, &zone);
        census_add(census, &zone);
    }
}

/* What is free and may be taken: not the part kept for those who cannot wait. */
static unsigned long available_pages(void)
{
    unsigned long free_pages = pages_free(), kept = 0;
    for (enum zone_id id = 0; id < ZONES; id++)
        kept += zones[id].low;
    return free_pages > kept ? free_pages - kept : 0;
}

static void add_zones(struct text *text)
{
    struct zone_stat normal, high;
    if (!HAS_HIGHMEM)
        return;
    zone_stat(ZONE_NORMAL, &normal);
    zone_stat(ZONE_HIGHMEM, &high);
    add_kib(text, "HighTotal:", high.pages);
    add_kib(text, "HighFree:", high.free_pages + high.cached_pages);
    add_kib(text, "LowTotal:", normal.pages);
    add_kib(text, "LowFree:", normal.free_pages + normal.cached_pages);
}

static void add_vmalloc(struct text *text)
{
    struct vmalloc_stat stat;
    vmalloc_stat(&stat);
    add_kib(text, "VmallocTotal:", stat.window_bytes / PAGE_BYTES);
    add_kib(text, "VmallocUsed:", stat.used_bytes / PAGE_BYTES);
    add_kib(text, "VmallocChunk:", stat.largest_gap_bytes / PAGE_BYTES);
}

static void add_huge(struct text *text, const struct census *census)
{
    add_kib(text, "AnonHugePages:", census->anon_huge);
    struct hugetlb_stat pool = hugetlb_stat(LEVEL_HUGE);
    text_add(text, "HugePages_Total:   %5lu\n", pool.total);
    text_add(text, "HugePages_Free:    %5lu\n", pool.free);
    text_add(text, "HugePages_Rsvd:    %5lu\n", pool.reserved);
    text_add(text, "HugePages_Surp:    %5u\n", 0);
    add_kib(text, "Hugepagesize:", LEVEL_BYTES(LEVEL_HUGE) / PAGE_BYTES);
}

int proc_show_meminfo(struct text *text, struct task *task)
{
    struct census census;
    take_census(&census);
    add_kib(text, "MemTotal:", pages_total());
    add_kib(text, "MemFree:", pages_free());
    add_kib(text, "MemAvailable:", available_pages());
    add_kib(text, "Buffers:", 0);
    add_kib(text, "Cached:", census.file);
    add_kib(text, "SwapCached:", 0);
    add_zones(text);
    add_kib(text, "SwapTotal:", 0);
    add_kib(text, "SwapFree:", 0);
    add_kib(text, "Dirty:", 0);
    add_kib(text, "Writeback:", 0);
    add_kib(text, "AnonPages:", census.anon_mapped);
    add_kib(text, "Mapped:", census.file_mapped);
    add_kib(text, "Shmem:", census.file); /* every file lives in memory */
    add_kib(text, "KReclaimable:", 0);
    add_kib(text, "Slab:", census.slab);
    add_kib(text, "SReclaimable:", 0);
    add_kib(text, "SUnreclaim:", census.slab);
    add_kib(text, "KernelStack:", (u64)task_count() * (KERNEL_STACK_BYTES / PAGE_BYTES));
    add_kib(text, "PageTables:", census.tables);
    add_vmalloc(text);
    add_huge(text, &census);
    return 0;
}

int proc_show_vmstat(struct text *text, struct task *task)
{
    struct census census;
    take_census(&census);
    text_add(text, "nr_free_pages %lu\n", pages_free());
    text_add(text, "nr_anon_pages %lu\n", census.anon_mapped);
    text_add(text, "nr_mapped %lu\n", census.file_mapped);
    text_add(text, "nr_file_pages %lu\n", census.file);
    text_add(text, "nr_slab_unreclaimable %lu\n", census.slab);
    text_add(text, "nr_page_table_pages %lu\n", census.tables);
    text_add(text, "nr_anon_transparent_hugepages %lu\n", census.anon_huge >> PT_INDEX_BITS);
    for (unsigned id = 0; id < COUNT_IDS; id++)
        text_add(text, "%s %lu\n", count_name(id), count_read(id));
    return 0;
}

/* The zones' names as Linux writes them. */
static const char *zone_title(enum zone_id id) { return id == ZONE_NORMAL ? "Normal" : "HighMem"; }

int proc_show_buddyinfo(struct text *text, struct task *task)
{
    for (enum zone_id id = 0; id < ZONES; id++) {
        struct zone_stat stat;
        zone_stat(id, &stat);
        if (!stat.pages)
            continue;
        text_add(text, "Node 0, zone %8s ", zone_title(id));
        for (unsigned order = 0; order < BUDDY_ORDERS; order++)
            text_add(text, "%6lu ", stat.blocks[order]);
        text_add(text, "\n");
    }
    return 0;
}

static void add_pagesets(struct text *text, enum zone_id id)
{
    text_add(text, "  pagesets\n");
    for_each_online_cpu (cpu) {
        text_add(text, "    cpu: %u\n", cpu);
        text_add(text, "              count: %u\n",
                 READ_ONCE(per_cpu_ptr(pcp_zones, cpu)->zone[id].count));
        text_add(text, "              high:  %u\n", pcp_limit);
        text_add(text, "              batch: %u\n", PCP_BATCH);
    }
}

int proc_show_zoneinfo(struct text *text, struct task *task)
{
    for (enum zone_id id = 0; id < ZONES; id++) {
        struct zone_stat stat;
        struct census census;
        zone_stat(id, &stat);
        if (!stat.pages)
            continue;
        census_take(id, &census);
        text_add(text, "Node 0, zone %8s\n", zone_title(id));
        text_add(text, "  pages free     %lu\n", stat.free_pages + stat.cached_pages);
        text_add(text, "        min      %lu\n", stat.min);
        text_add(text, "        low      %lu\n", stat.low);
        text_add(text, "        high     %lu\n", stat.high);
        text_add(text, "        managed  %lu\n", stat.pages);
        text_add(text, "        refused  %lu\n", stat.refused);
        text_add(text, "      nr_free_pages %lu\n", stat.free_pages + stat.cached_pages);
        text_add(text, "      nr_anon_pages %lu\n", census.anon_mapped);
        text_add(text, "      nr_file_pages %lu\n", census.file);
        text_add(text, "      nr_slab_unreclaimable %lu\n", census.slab);
        text_add(text, "      nr_page_table_pages %lu\n", census.tables);
        add_pagesets(text, id);
    }
    return 0;
}

int proc_show_slabinfo(struct text *text, struct task *task)
{
    struct slab_stat stat;
    text_add(text, "slabinfo - version: 2.1\n"
                   "# name            <active_objs> <num_objs> <objsize> <objperslab> "
                   "<pagesperslab> : tunables <limit> <batchcount> <sharedfactor> : slabdata "
                   "<active_slabs> <num_slabs> <sharedavail>\n");
    for (unsigned i = 0; slab_stat(i, &stat); i++) {
        unsigned long pages = 1ul << stat.slab_order;
        unsigned long per_slab = (unsigned long)(pages * PAGE_BYTES / stat.stride_bytes);
        text_add(text,
                 "%-17s %6lu %6lu %6lu %4lu %4lu : tunables %4u %4u %4u : slabdata %6lu %6lu %6u\n",
                 stat.name, stat.used, stat.objects, (unsigned long)stat.stride_bytes, per_slab,
                 pages, 0, 0, 0, stat.slabs, stat.slabs, 0);
    }
    return 0;
}
