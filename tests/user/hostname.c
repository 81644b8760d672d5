/*
 * What the machine is called: set, and seen by everybody.
 */
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <sys/utsname.h>

#include "check.h"

static struct utsname names;

static int is_called(const char *host, const char *domain)
{
    return uname(&names) == 0 && strcmp(names.nodename, host) == 0 &&
           strcmp(names.domainname, domain) == 0;
}

static int says(const char *path, const char *text)
{
    char line[100] = "";
    FILE *file = fopen(path, "r");
    if (!file)
        return 0;
    int read = fgets(line, sizeof(line), file) != NULL;
    fclose(file);
    return read && strcmp(line, text) == 0;
}

static int writes(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    return file && fputs(text, file) >= 0 && fclose(file) == 0;
}

int main(void)
{
    char before[65], domain[65], longest[66];
    uname(&names);
    strcpy(before, names.nodename);
    strcpy(domain, names.domainname);
    check("a name", sethostname("folio", 5) == 0 && setdomainname("gathering", 9) == 0);
    check("uname says it", is_called("folio", "gathering"));
    check("so does /proc", says("/proc/sys/kernel/hostname", "folio\n"));
    check("and of the domain", says("/proc/sys/kernel/domainname", "gathering\n"));
    check("as much of it as was said",
          sethostname("leaves", 4) == 0 && is_called("leav", "gathering"));
    check("by /proc", writes("/proc/sys/kernel/hostname", "octavo\n"));
    check("uname says it", is_called("octavo", "gathering"));
    memset(longest, 'x', sizeof(longest));
    check("the longest", sethostname(longest, 64) == 0 && uname(&names) == 0);
    check("fits", strlen(names.nodename) == 64);
    check_errno(sethostname(longest, 65), EINVAL);
    check_errno(sethostname(longest, -1), EINVAL);
    check_errno(setdomainname(longest, 65), EINVAL);
    check_errno(syscall(SYS_sethostname, 16, 5), EFAULT);
    check("none at all", sethostname("", 0) == 0 && is_called("", "gathering"));
    sethostname(before, strlen(before));
    setdomainname(domain, strlen(domain));
    check("as it was", is_called(before, domain));
    return finish();
}
