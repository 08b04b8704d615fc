/*
 * What the kernel keeps for each thread apart: bounding set, inheritable capabilities and no_new_privs. Node.js and V8 have
 * started some ten threads before any of our code runs, so each is interrupted once and gives these up by itself.
 *
 * The signal is the one by which glibc changes the user id of all threads: the only one that no thread can block (Node.js
 * has a thread that blocks all others). Its handler is ours for that moment, and glibc's again afterwards.
 */
#include "engine.h"

#include <dirent.h>
#include <errno.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define EVERY_THREAD_SIGNAL 33 /* SIGSETXID of glibc, which has no name outside */
#define MOST_THREADS 1024
#define ROUNDS 2000 /* of a millisecond */

/* As the kernel reads it; that of glibc is another. */
struct kernel_action {
  void (*handler)(int);
  unsigned long flags;
  void (*restorer)(void);
  uint64_t mask;
};

static atomic_uint answered;
static atomic_uint refused;
static uint64_t kept;
static bool clears;

/* For the calling thread; safe inside a signal handler. The bounding set can only be changed while CAP_SETPCAP is held. */
static bool give_up(uint64_t keep) {
  struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
  struct __user_cap_data_struct data[2];
  memset(data, 0, sizeof data);
  for (int bit = 0; bit <= CAP_LAST_CAP; bit++) {
    if (!(keep >> bit & 1)) (void)syscall(SYS_prctl, PR_CAPBSET_DROP, bit, 0, 0, 0);
  }
  (void)syscall(SYS_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  if (syscall(SYS_capget, &header, data) < 0) return false;
  data[0].inheritable = data[1].inheritable = 0;
  if (syscall(SYS_capset, &header, data) < 0) return false;
  return syscall(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

/* The same for what it holds. */
static bool clear(void) {
  struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
  struct __user_cap_data_struct data[2];
  memset(data, 0, sizeof data);
  return syscall(SYS_capset, &header, data) == 0;
}

static void on_signal(int number) {
  int before = errno;
  (void)number;
  if (!(clears ? clear() : give_up(kept))) atomic_fetch_add(&refused, 1);
  atomic_fetch_add(&answered, 1);
  errno = before;
}

static long set_action(const struct kernel_action *action, struct kernel_action *before) {
  return syscall(SYS_rt_sigaction, EVERY_THREAD_SIGNAL, action, before, sizeof action->mask);
}

/* Reads the ids of all threads but this one, up to MOST_THREADS; -1 if they can't be read. */
static int list_threads(pid_t *ids) {
  DIR *folder = opendir("/proc/self/task");
  if (folder == NULL) return -1;
  int count = 0;
  pid_t own = (pid_t)syscall(SYS_gettid);
  for (struct dirent *entry; (entry = readdir(folder)) != NULL && count < MOST_THREADS;) {
    pid_t id = (pid_t)strtol(entry->d_name, NULL, 10);
    if (id > 0 && id != own) ids[count++] = id;
  }
  closedir(folder);
  return count;
}

static bool is_among(pid_t id, const pid_t *ids, int count) {
  for (int at = 0; at < count; at++)
    if (ids[at] == id) return true;
  return false;
}

/* Until a look finds no thread that was not asked yet: a thread made meanwhile has what its maker had. */
static bool ask_all(void) {
  static pid_t asked[MOST_THREADS], found[MOST_THREADS];
  const struct timespec millisecond = { 0, 1000 * 1000 };
  int count = 0;
  unsigned int sent = 0;
  for (bool again = true; again;) {
    again = false;
    int present = list_threads(found);
    if (present < 0) return false;
    for (int at = 0; at < present && count < MOST_THREADS; at++) {
      if (is_among(found[at], asked, count)) continue;
      asked[count++] = found[at];
      if (syscall(SYS_tgkill, getpid(), found[at], EVERY_THREAD_SIGNAL) < 0) continue; /* it has ended */
      sent++;
      again = true;
    }
    for (int round = 0; atomic_load(&answered) < sent && round < ROUNDS; round++) nanosleep(&millisecond, NULL);
    if (atomic_load(&answered) < sent) return false;
  }
  return atomic_load(&refused) == 0;
}

static bool in_other_threads(void) {
  struct kernel_action before, ours;
  atomic_store(&answered, 0);
  atomic_store(&refused, 0);
  if (set_action(NULL, &before) < 0) return false;
  ours = before; /* flags and the way back out of the handler are those of glibc */
  ours.handler = on_signal;
  if (before.handler == SIG_DFL || before.handler == SIG_IGN) {
    errno = ENOSYS; /* another C library: nobody to borrow from */
    return false;
  }
  if (set_action(&ours, NULL) < 0) return false;
  bool done = ask_all();
  int error = done ? 0 : errno == 0 ? ETIMEDOUT : errno;
  if (set_action(&before, NULL) < 0) return false;
  errno = error;
  return done;
}

bool threads_give_up(uint64_t keep) {
  kept = keep;
  clears = false;
  return give_up(keep) && in_other_threads();
}

bool threads_clear(void) {
  clears = true;
  return in_other_threads();
}
