/*
 * mlock and its kin: what is locked is in memory, and what is charged for it (Z44-Z47).
 */
#define _GNU_SOURCE
#include <sys/resource.h>

#include "memory.h"

enum { PAGES = 16, ONFAULT = 1, MCL_ONFAULT_ = 4 };

static long locked(void) { return status("VmLck") / 4; }

static long minor_faults(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_minflt;
}

static void test_mlock(void)
{
    char *at = map(PAGES);
    check("nothing is locked yet", locked() == 0);
    check("mlock brings untouched memory",
          !mlock(at, PAGES * PAGE) && resident(at, PAGES) == PAGES);
    check("and is charged for all of it (Z44)", locked() == PAGES);
    check("twice is once", !mlock(at, PAGES * PAGE) && locked() == PAGES);
    check("it is still zero", is_zero(at, PAGES));
    check("a part is let go", !munlock(at + 2 * PAGE, 4 * PAGE) && locked() == PAGES - 4);
    check("and stays where it is (Z45)", resident(at, PAGES) == PAGES);
    check("unaligned ends are rounded outwards",
          !mlock(at + 3 * PAGE - 1, 2) && locked() == PAGES - 2);
    check("unmapping lets go", !munmap(at, 8 * PAGE) && locked() == PAGES - 8);
    check("forgetting is refused", madvise(at + 8 * PAGE, PAGE, MADV_DONTNEED) && errno == EINVAL);
    check("so is freeing", madvise(at + 8 * PAGE, PAGE, MADV_FREE) && errno == EINVAL);
    check("munlockall lets go of all", !munlockall() && locked() == 0);
    check("now it may be forgotten",
          !madvise(at + 8 * PAGE, PAGE, MADV_DONTNEED) && resident(at + 8 * PAGE, 8) == 7);
    munmap(at, PAGES * PAGE);
}

/* Z47: zero pages of writable memory become real pages, those of read-only memory stay. */
static void test_zero(void)
{
    enum { MANY = 1024 };
    char *at = map(MANY);
    long before = status("RssAnon");
    check("zero pages are read", reads_zero(at, MANY) && resident(at, MANY) == MANY);
    check("mlock gives each a page of its own (Z47)",
          !mlock(at, MANY * PAGE) && status("RssAnon") - before > MANY * 4 - 300);
    check("they are zero", is_zero(at, MANY));
    long faults = minor_faults();
    write_pages(at, MANY, 3);
    check("and written without faults (trap 44)", minor_faults() - faults < 20);
    check("munlock leaves them (Z45)",
          !munlock(at, MANY * PAGE) && status("RssAnon") - before > MANY * 4 - 300);
    munmap(at, MANY * PAGE);

    at = map_at(NULL, PAGES, PROT_READ, 0);
    check("read-only memory is locked too",
          !mlock(at, PAGES * PAGE) && resident(at, PAGES) == PAGES && locked() == PAGES);
    check("and reads as zero", is_zero(at, PAGES));
    munmap(at, PAGES * PAGE);
    at = map_at(NULL, PAGES, PROT_NONE, 0);
    check("forbidden memory cannot be brought, but is locked",
          mlock(at, PAGES * PAGE) && errno == ENOMEM && locked() == PAGES);
    munmap(at, PAGES * PAGE);
}

static void test_onfault(void)
{
    char *at = map(PAGES);
    check("mlock2 ONFAULT brings nothing",
          !syscall(SYS_mlock2, at, PAGES * PAGE, ONFAULT) && resident(at, PAGES) == 0);
    check("but is charged", locked() == PAGES);
    at[PAGE] = 1;
    check("what is touched comes", resident(at, PAGES) == 1);
    check("mlock2 without it brings the rest",
          !syscall(SYS_mlock2, at, PAGES * PAGE, 0) && resident(at, PAGES) == PAGES);
    check("moving takes the lock along",
          (at = mremap(at, PAGES * PAGE, 2 * PAGES * PAGE, MREMAP_MAYMOVE)) != MAP_FAILED &&
              locked() == 2 * PAGES);
    check("and brings what is new", resident(at, 2 * PAGES) == 2 * PAGES);
    check("shrinking gives back", mremap(at, 2 * PAGES * PAGE, PAGE, 0) == at && locked() == 1);
    munmap(at, PAGE);
    check("all is given back", locked() == 0);
}

static void test_mlockall(void)
{
    char *old = map(PAGES);
    check("FUTURE leaves what is there", !mlockall(MCL_FUTURE) && resident(old, PAGES) == 0);
    char *at = map(PAGES);
    check("and brings what is mapped from now on",
          resident(at, PAGES) == PAGES && locked() == PAGES);
    check("munlockall ends that", !munlockall() && locked() == 0);
    char *later = map(PAGES);
    check("for new memory too", resident(later, PAGES) == 0);
    check("FUTURE and ONFAULT lock without bringing", !mlockall(MCL_FUTURE | MCL_ONFAULT_));
    char *lazy = map(PAGES);
    check("new memory", resident(lazy, PAGES) == 0 && locked() == PAGES);
    check("CURRENT brings everything", !mlockall(MCL_CURRENT) && resident(old, PAGES) == PAGES &&
                                           resident(later, PAGES) == PAGES);
    check("but does not go on", resident(map(PAGES), PAGES) == 0);
    check("all is let go", !munlockall() && locked() == 0);
    check("MAP_LOCKED is charged",
          resident(at = map_at(NULL, PAGES, READ_WRITE, MAP_LOCKED), PAGES) == PAGES &&
              locked() == PAGES);
    munmap(at, PAGES * PAGE);
    check("until it is unmapped", locked() == 0);
}

int main(void)
{
    test_mlock();
    test_zero();
    test_onfault();
    test_mlockall();
    return finish();
}
