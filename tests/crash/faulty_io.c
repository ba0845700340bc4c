/*
 * Fails, or kills the process at, the n-th call that changes something below a folder.
 *
 * Loaded with LD_PRELOAD it wraps the calls of the C library through which Python and DuckDB alike change
 * files; until faulty_io_arm is called it only passes them on.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { COUNT = 0, KILL = -1, TEAR = -2 }; /* any outcome above 0 is an errno */

static char folder[4096];
static atomic_long calls;
static long failing;
static int outcome, is_lasting, log_fd = -1;

void faulty_io_arm(const char *prefix, long n, int what, int lasting, const char *log)
{
    snprintf(folder, sizeof folder, "%s", prefix);
    failing = n, outcome = what, is_lasting = lasting;
    log_fd = syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    atomic_store(&calls, 0);
}

long faulty_io_calls(void) { return atomic_load(&calls); }

static void note(long n, const char *call, const char *path)
{
    char line[4400];
    int size = snprintf(line, sizeof line, "%ld %s %s\n", n, call, path);
    if (log_fd >= 0) syscall(SYS_write, log_fd, line, size);
}

/* Whether this call has to fail; does not come back where the process has to die. */
static int hits(const char *call, const char *path, int can_tear)
{
    if (!folder[0] || !path || strncmp(path, folder, strlen(folder))) return 0;
    long n = atomic_fetch_add(&calls, 1) + 1;
    if (outcome == COUNT) note(n, call, path);
    if (n < failing || outcome == COUNT || (n > failing && !is_lasting)) return 0;
    note(n, call, path);
    if (outcome == TEAR && can_tear) return 1;
    if (outcome < 0) raise(SIGKILL);
    errno = outcome;
    return 1;
}

static int hits_fd(const char *call, int fd, int can_tear)
{
    char link[64], path[4096];
    if (!folder[0]) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t size = readlink(link, path, sizeof path - 1);
    if (size < 0) return 0;
    path[size] = 0;
    return hits(call, path, can_tear);
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define TORN(call) do { if (outcome == TEAR) { (void)!(call); raise(SIGKILL); } return -1; } while (0)

ssize_t write(int fd, const void *data, size_t size)
{
    if (hits_fd("write", fd, 1)) TORN(NEXT(write)(fd, data, size / 2));
    return NEXT(write)(fd, data, size);
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t at)
{
    if (hits_fd("pwrite", fd, 1)) TORN(NEXT(pwrite)(fd, data, size / 2, at));
    return NEXT(pwrite)(fd, data, size, at);
}

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at)
{
    if (hits_fd("pwrite", fd, 1)) TORN(NEXT(pwrite64)(fd, data, size / 2, at));
    return NEXT(pwrite64)(fd, data, size, at);
}

int fsync(int fd) { return hits_fd("fsync", fd, 0) ? -1 : NEXT(fsync)(fd); }
int fdatasync(int fd) { return hits_fd("fdatasync", fd, 0) ? -1 : NEXT(fdatasync)(fd); }
int ftruncate(int fd, off_t size) { return hits_fd("ftruncate", fd, 0) ? -1 : NEXT(ftruncate)(fd, size); }
int ftruncate64(int fd, off64_t size) { return hits_fd("ftruncate", fd, 0) ? -1 : NEXT(ftruncate64)(fd, size); }
int rename(const char *from, const char *to) { return hits("rename", to, 0) ? -1 : NEXT(rename)(from, to); }
int unlink(const char *path) { return hits("unlink", path, 0) ? -1 : NEXT(unlink)(path); }
int mkdir(const char *path, mode_t mode) { return hits("mkdir", path, 0) ? -1 : NEXT(mkdir)(path, mode); }

static int is_writing(int flags) { return (flags & O_ACCMODE) != O_RDONLY || (flags & O_CREAT); }

#define OPEN(name)                                                                  \
    int name(const char *path, int flags, ...)                                      \
    {                                                                               \
        va_list rest;                                                               \
        va_start(rest, flags);                                                      \
        mode_t mode = va_arg(rest, mode_t);                                         \
        va_end(rest);                                                               \
        if (is_writing(flags) && hits("open", path, 0)) return -1;                  \
        return NEXT(name)(path, flags, mode);                                       \
    }
OPEN(open)
OPEN(open64)

ssize_t sendfile64(int to, int from, off64_t *at, size_t size);
ssize_t sendfile(int to, int from, off_t *at, size_t size)
{
    return hits_fd("sendfile", to, 0) ? -1 : NEXT(sendfile)(to, from, at, size);
}
ssize_t sendfile64(int to, int from, off64_t *at, size_t size)
{
    return hits_fd("sendfile", to, 0) ? -1 : NEXT(sendfile64)(to, from, at, size);
}
