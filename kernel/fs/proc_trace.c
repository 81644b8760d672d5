/*
 * /proc/trace: the ring of memory events, one JSON object a line, in order of time.
 *
 * Written "1" it starts, "0" it stops, "clear" it forgets.  Reading takes nothing out.  How many
 * could not be kept is told in the last line.
 */
#include "kernel/fs/proc_entry.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/trace.h"

static const char *const kinds[TRACE_KINDS] = {
    [TRACE_FAULT] = "fault", [TRACE_KMAP] = "kmap",   [TRACE_KUNMAP] = "kunmap",
    [TRACE_CLEAR] = "clear", [TRACE_SPLIT] = "split", [TRACE_MERGE] = "merge",
    [TRACE_FLUSH] = "flush",
};

static const char *const answers[TRACE_ANSWERS] = {
    [TRACE_BAD] = "bad",     [TRACE_AGAIN] = "again", [TRACE_ZERO] = "zero",
    [TRACE_FRESH] = "fresh", [TRACE_FILE] = "file",   [TRACE_COPY] = "copy",
    [TRACE_REUSE] = "reuse",
};

static void add_fault(struct text *text, const struct trace_event *event)
{
    unsigned how = event->how;
    text_add(text, ",\"how\":\"%s%s\",\"access\":\"%s\",\"va\":\"%#llx\",\"pfn\":%llu,\"ticks\":%u",
             how & TRACE_HUGE ? "huge_" : "", answers[how % TRACE_HUGE],
             how & TRACE_WRITE  ? "write"
             : how & TRACE_EXEC ? "exec"
                                : "read",
             (unsigned long long)event->first, (unsigned long long)event->second, event->cost);
}

/* What is said of each kind, behind what is said of all. */
static void add_details(struct text *text, const struct trace_event *event)
{
    unsigned long long first = event->first, second = event->second;
    switch ((enum trace_kind)event->kind) {
    case TRACE_FAULT:
        add_fault(text, event);
        return;
    case TRACE_KMAP:
    case TRACE_KUNMAP:
        text_add(text, ",\"how\":\"%s\",\"va\":\"%#llx\",\"pfn\":%llu",
                 event->how == TRACE_POOL ? "pool" : "local", first, second);
        return;
    case TRACE_CLEAR:
        text_add(text, ",\"pfn\":%llu,\"pages\":%llu", first, second);
        return;
    case TRACE_SPLIT:
    case TRACE_MERGE:
        text_add(text, ",\"pfn\":%llu,\"order\":%llu", first, second);
        return;
    case TRACE_FLUSH:
        text_add(text, ",\"how\":\"%s\",\"start\":\"%#llx\",\"end\":\"%#llx\",\"cpus\":%u",
                 event->how == TRACE_FLUSH_KERNEL ? "kernel" : "mm", first, second, event->cost);
        return;
    case TRACE_KINDS:
        return;
    }
}

static void add_event(const struct trace_event *event, void *data)
{
    struct text *text = data;
    text_add(text, "{\"ns\":%llu,\"cpu\":%u,\"pid\":%d,\"event\":\"%s\"",
             (unsigned long long)event->ns, event->cpu, event->pid, kinds[event->kind]);
    add_details(text, event);
    text_add(text, "}\n");
}

int proc_show_trace(struct text *text, struct task *task)
{
    u64 lost;
    int error = trace_for_each(add_event, text, &lost);
    if (!error && lost)
        text_add(text, "{\"event\":\"lost\",\"count\":%llu}\n", (unsigned long long)lost);
    return error;
}

int proc_store_trace(struct task *task, const char *line)
{
    if (!strcmp(line, "1"))
        return trace_start();
    if (!strcmp(line, "0"))
        trace_stop();
    else if (!strcmp(line, "clear"))
        trace_clear();
    else
        return -EINVAL;
    return 0;
}
