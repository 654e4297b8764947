// Loaded before the C library (LD_PRELOAD): the n-th call that changes a disk fails. Which, the environment says:
//   FAULT_CALL   write, rename, sync or any of these; or list, a look into a folder or one step in it
//   FAULT_AT    n, from 1
//   FAULT_ERRNO  28 (ENOSPC), 5 (EIO), or the signal -9   FAULT_UNDER only files below this folder count
//   FAULT_LOG    a file: a line for each call that failed, and for each sync of a file whose sync has failed
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static atomic_int calls;
static int at, number;
static const char *kind, *under, *said;
static char failed_sync[64][PATH_MAX];
static atomic_int failed_syncs;

__attribute__((constructor)) static void begin(void) {
  kind = getenv("FAULT_CALL");
  under = getenv("FAULT_UNDER");
  said = getenv("FAULT_LOG");
  at = getenv("FAULT_AT") ? atoi(getenv("FAULT_AT")) : 0;
  number = getenv("FAULT_ERRNO") ? atoi(getenv("FAULT_ERRNO")) : EIO;
}

static void say(const char *what, const char *path) {
  char line[PATH_MAX + 64];
  const int size = snprintf(line, sizeof line, "%s %s\n", what, path);
  const int fd = open(said, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  ssize_t (*const put)(int, const void *, size_t) = dlsym(RTLD_NEXT, "write");
  if (fd >= 0 && put(fd, line, (size_t)size) > 0) close(fd);
}

// Whether this call is to fail.
static int fails(const char *call, const char *path) {
  const int saved = errno;
  if (!kind || at == 0 || (strcmp(kind, "any") != 0 && strcmp(kind, call) != 0)) return 0;
  char whole[PATH_MAX];
  if (path[0] != '/' && getcwd(whole, sizeof whole)) {
    strncat(whole, "/", sizeof whole - strlen(whole) - 1);
    strncat(whole, path, sizeof whole - strlen(whole) - 1);
    path = whole;
  }
  errno = saved;
  if (under && strncmp(path, under, strlen(under)) != 0) return 0;
  const size_t size = strlen(path);
  if (size > 4 && strcmp(path + size - 4, "/LOG") == 0) return 0;  // in which RocksDB notes what it does
  if (strcmp(call, "sync") == 0)
    for (int i = 0; i < failed_syncs && i < 64; ++i)
      if (strcmp(failed_sync[i], path) == 0) say("again", path);
  if (++calls != at) return 0;
  if (strcmp(call, "sync") == 0) strcpy(failed_sync[failed_syncs++ & 63], path);
  say(call, path);
  if (number < 0) raise(-number);
  errno = number;
  return 1;
}

static int fails_at(const char *call, int fd) {
  const int saved = errno;
  char link[64], path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const ssize_t n = readlink(link, path, sizeof path - 1);
  errno = saved;
  if (n <= 0 || path[0] != '/') return 0;
  path[n] = 0;
  return fails(call, path);
}

ssize_t write(int fd, const void *bytes, size_t size) {
  static ssize_t (*next)(int, const void *, size_t);
  if (!next) next = dlsym(RTLD_NEXT, "write");
  return fails_at("write", fd) ? -1 : next(fd, bytes, size);
}
ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t place) {
  static ssize_t (*next)(int, const void *, size_t, off64_t);
  if (!next) next = dlsym(RTLD_NEXT, "pwrite64");
  return fails_at("write", fd) ? -1 : next(fd, bytes, size, place);
}
ssize_t pwrite(int fd, const void *bytes, size_t size, off_t place) { return pwrite64(fd, bytes, size, place); }
int fsync(int fd) {
  static int (*next)(int);
  if (!next) next = dlsym(RTLD_NEXT, "fsync");
  return fails_at("sync", fd) ? -1 : next(fd);
}
int fdatasync(int fd) {
  static int (*next)(int);
  if (!next) next = dlsym(RTLD_NEXT, "fdatasync");
  return fails_at("sync", fd) ? -1 : next(fd);
}
int rename(const char *from, const char *to) {
  static int (*next)(const char *, const char *);
  if (!next) next = dlsym(RTLD_NEXT, "rename");
  return fails("rename", to) ? -1 : next(from, to);
}
int link(const char *from, const char *to) {
  static int (*next)(const char *, const char *);
  if (!next) next = dlsym(RTLD_NEXT, "link");
  return fails("rename", to) ? -1 : next(from, to);
}
DIR *opendir(const char *path) {
  static DIR *(*next)(const char *);
  if (!next) next = dlsym(RTLD_NEXT, "opendir");
  return kind && strcmp(kind, "list") == 0 && fails("list", path) ? NULL : next(path);
}
DIR *fdopendir(int fd) {
  static DIR *(*next)(int);
  if (!next) next = dlsym(RTLD_NEXT, "fdopendir");
  return kind && strcmp(kind, "list") == 0 && fails_at("list", fd) ? NULL : next(fd);
}
struct dirent *readdir(DIR *folder) {
  static struct dirent *(*next)(DIR *);
  if (!next) next = dlsym(RTLD_NEXT, "readdir");
  return kind && strcmp(kind, "list") == 0 && fails_at("list", dirfd(folder)) ? NULL : next(folder);
}
