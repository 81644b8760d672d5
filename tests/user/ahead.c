/*
 * Advice to the page cache, which is checked: readahead(2), sync_file_range(2).
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/syscall.h>

#include "check.h"

int main(void)
{
    int pipes[2], file = open("/proc/self/exe", O_RDONLY);
    int written = open("/tmp/ahead", O_WRONLY | O_CREAT, 0600), path = open("/tmp/ahead", O_PATH);
    (void)!pipe(pipes);
    check("readahead", readahead(file, 0, 4096) == 0);
    check("beyond the end", readahead(file, 1ll << 40, 4096) == 0);
    check_errno(readahead(99, 0, 4096), EBADF);
    check_errno(readahead(written, 0, 4096), EBADF);
    check_errno(readahead(path, 0, 4096), EBADF);
    check_errno(readahead(pipes[0], 0, 4096), EINVAL);
    check("sync_file_range", sync_file_range(written, 0, 4096, SYNC_FILE_RANGE_WRITE) == 0);
    check("all of it", sync_file_range(written, 0, 0, 7) == 0);
    check_errno(sync_file_range(99, 0, 0, 0), EBADF);
    check_errno(sync_file_range(path, 0, 0, 0), EBADF);
    check_errno(sync_file_range(written, 0, 0, 8), EINVAL);
    check_errno(sync_file_range(written, -1, 0, 0), EINVAL);
    check_errno(sync_file_range(written, 0, -1, 0), EINVAL);
    check_errno(sync_file_range(written, 1, 0x7fffffffffffffffll, 0), EINVAL);
    check_errno(sync_file_range(pipes[1], 0, 0, 0), ESPIPE);
    unlink("/tmp/ahead");
    return finish();
}
