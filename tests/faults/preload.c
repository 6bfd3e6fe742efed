/* Counts a process's operations on files below a folder, and lets one of them, or all from one on, fail.

cc -shared -fPIC -o preload.so preload.c -ldl; LD_PRELOAD=preload.so FAULTS_FOLDER=/where/files/count PROGRAM

What is to fail stands in `fault`, in memory that forked processes share; so do the count and a record of what was done.
*/
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { READ = 1, WRITE = 2, OPEN_READ = 4, OPEN_WRITE = 8, RENAME = 16, FSYNC = 32 };
enum { KILL = -1, SHORT = -2 };  /* other effects are values of errno */

struct fault {
  int armed, kinds, at, effect, lasting;  /* which kinds count, at which of them, what happens, and to all after, too? */
  int count, used;                        /* how many came; bytes of the record */
  char record[1 << 20];                   /* a line for each: kind, tab, path */
};
struct fault *fault;
static char folder[4096], paths[1024][512];

__attribute__((constructor)) static void begin(void) {
  const char *given = getenv("FAULTS_FOLDER");
  if (given) strncpy(folder, given, sizeof folder - 1);
  fault = mmap(NULL, sizeof *fault, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
}

struct fault *faults(void) { return fault; }

/* The path of an open file below the folder, relative to it; NULL for any other. */
static const char *tracked(int handle) {
  return handle >= 0 && handle < 1024 && paths[handle][0] ? paths[handle] : NULL;
}

/* The path below the folder, which is the working directory, or NULL. */
static const char *inside(const char *path) {
  size_t length = strlen(folder);
  if (path[0] != '/') return strncmp(path, "../", 3) ? path : NULL;
  return !strncmp(path, folder, length) && path[length] == '/' ? path + length + 1 : NULL;
}

/* Count an operation; return what is to happen to it: 0 for nothing, SHORT, or an errno. */
static int strikes(int kind, const char *path) {
  if (!fault || !fault->armed || !path) return 0;
  int room = sizeof fault->record - fault->used;
  int length = snprintf(fault->record + fault->used, room, "%d\t%s\n", kind, path);
  if (length < room) fault->used += length;
  if (!(kind & fault->kinds)) return 0;
  int number = ++fault->count;
  if (number != fault->at && !(fault->lasting && number > fault->at && fault->at)) return 0;
  if (fault->effect == KILL) kill(getpid(), SIGKILL);
  return fault->effect;
}

#define REAL(name) __typeof__(&name) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)
#define FAILS(kind, path) \
  int effect = strikes(kind, path); \
  if (effect > 0) { errno = effect; return -1; }

static int opened(int handle, const char *path) {
  if (handle >= 0 && handle < 1024) snprintf(paths[handle], sizeof paths[0], "%s", path ? path : "");
  return handle;
}

#define OPENS(name, before, after) \
  int name(before const char *path, int flags, ...) { \
    va_list more; va_start(more, flags); \
    mode_t mode = flags & O_CREAT ? va_arg(more, mode_t) : 0; \
    va_end(more); \
    const char *own = flags & O_DIRECTORY ? NULL : inside(path); \
    FAILS((flags & O_ACCMODE) == O_RDONLY ? OPEN_READ : OPEN_WRITE, own) \
    REAL(name); \
    return opened(real(after path, flags, mode), inside(path)); \
  }
#define NOTHING
OPENS(open, NOTHING, NOTHING)
OPENS(open64, NOTHING, NOTHING)
#define FROM int from,
#define COMMA from,
OPENS(openat, FROM, COMMA)
OPENS(openat64, FROM, COMMA)

int close(int handle) {
  REAL(close);
  if (handle >= 0 && handle < 1024) paths[handle][0] = 0;
  return real(handle);
}

ssize_t write(int handle, const void *bytes, size_t count) {
  FAILS(WRITE, tracked(handle))
  REAL(write);
  return real(handle, bytes, effect == SHORT && count > 1 ? count / 2 : count);
}

ssize_t read(int handle, void *bytes, size_t count) {
  FAILS(READ, tracked(handle))
  REAL(read);
  return real(handle, bytes, effect == SHORT && count > 1 ? count / 2 : count);
}

int rename(const char *old, const char *new) {
  FAILS(RENAME, inside(new))
  REAL(rename);
  return real(old, new);
}

int fsync(int handle) {
  FAILS(FSYNC, tracked(handle))
  REAL(fsync);
  return real(handle);
}
