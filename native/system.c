/* What Node.js cannot do: give up privileges for good, talk to systemd, list capabilities. */
#include "engine.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#define MAX_ID 0xfffffffe
#define MAX_NOTICE_BYTES 4096

static const char *const CAPABILITY_NAMES[] = {
  "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_SETGID",
  "CAP_SETUID", "CAP_SETPCAP", "CAP_LINUX_IMMUTABLE", "CAP_NET_BIND_SERVICE", "CAP_NET_BROADCAST", "CAP_NET_ADMIN",
  "CAP_NET_RAW", "CAP_IPC_LOCK", "CAP_IPC_OWNER", "CAP_SYS_MODULE", "CAP_SYS_RAWIO", "CAP_SYS_CHROOT",
  "CAP_SYS_PTRACE", "CAP_SYS_PACCT", "CAP_SYS_ADMIN", "CAP_SYS_BOOT", "CAP_SYS_NICE", "CAP_SYS_RESOURCE",
  "CAP_SYS_TIME", "CAP_SYS_TTY_CONFIG", "CAP_MKNOD", "CAP_LEASE", "CAP_AUDIT_WRITE", "CAP_AUDIT_CONTROL",
  "CAP_SETFCAP", "CAP_MAC_OVERRIDE", "CAP_MAC_ADMIN", "CAP_SYSLOG", "CAP_WAKE_ALARM", "CAP_BLOCK_SUSPEND",
  "CAP_AUDIT_READ", "CAP_PERFMON", "CAP_BPF", "CAP_CHECKPOINT_RESTORE",
};
#define CAPABILITIES (sizeof CAPABILITY_NAMES / sizeof CAPABILITY_NAMES[0])

static bool get_effective(uint64_t *out) {
  struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
  struct __user_cap_data_struct data[2];
  memset(data, 0, sizeof data);
  if (syscall(SYS_capget, &header, data) < 0) return false;
  *out = (uint64_t)data[1].effective << 32 | data[0].effective;
  return true;
}

/* Leaves this thread with exactly `mask`. */
static bool set_capabilities(uint64_t mask) {
  struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
  struct __user_cap_data_struct data[2];
  memset(data, 0, sizeof data);
  data[0].effective = data[0].permitted = (uint32_t)mask;
  data[1].effective = data[1].permitted = (uint32_t)(mask >> 32);
  return syscall(SYS_capset, &header, data) == 0;
}

/* Returns NULL, or the step that failed. Identities and what is given up change for all threads; what is kept is kept by this one only. */
static const char *drop(uid_t uid, gid_t gid, bool keep_net_admin) {
  uint64_t have;
  if (!get_effective(&have)) return "capget";
  uint64_t net_admin = (uint64_t)1 << CAP_NET_ADMIN;
  uint64_t kept = keep_net_admin ? have & net_admin : 0;
  bool changes = geteuid() != uid || getuid() != uid || getegid() != gid || getgid() != gid;
  if (!threads_give_up(kept) && errno != ENOSYS) return "threads";
  if (kept != 0 && prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0) return "PR_SET_KEEPCAPS";
  if ((changes || have & ((uint64_t)1 << CAP_SETGID)) && setgroups(0, NULL) < 0) return "setgroups";
  if (changes && setresgid(gid, gid, gid) < 0) return "setresgid";
  if (changes && setresuid(uid, uid, uid) < 0) return "setresuid";
  if (!set_capabilities(kept)) return "capset";
  /* The kernel did so where root became somebody else; not where a user stays who it is. */
  if (!threads_clear() && errno != ENOSYS) return "threads";
  if (kept != 0) (void)prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0);
  errno = EPERM;
  if (uid != 0 && setuid(0) == 0) return "setuid"; /* the way back must be closed */
  return NULL;
}

/* dropPrivileges({ uid, gid, keepNetAdmin }); after an error the process may be half way and should end */
napi_value system_drop_privileges(napi_env env, napi_callback_info info) {
  napi_value values[1], keep;
  int64_t uid, gid;
  bool keep_net_admin;
  if (!get_arguments(env, info, 1, values) || !get_integer_property(env, values[0], "uid", 0, MAX_ID, &uid) ||
      !get_integer_property(env, values[0], "gid", 0, MAX_ID, &gid)) {
    return NULL;
  }
  if (napi_get_named_property(env, values[0], "keepNetAdmin", &keep) != napi_ok ||
      !get_boolean(env, keep, "keepNetAdmin", &keep_net_admin)) {
    return NULL;
  }
  const char *failed = drop((uid_t)uid, (gid_t)gid, keep_net_admin);
  return failed == NULL ? NULL : throw_errno(env, errno, failed);
}

/* sdNotify(text) -> false when nobody supervises us, or does not listen */
napi_value system_notify(napi_env env, napi_callback_info info) {
  napi_value values[1];
  char text[MAX_NOTICE_BYTES];
  struct sockaddr_un to;
  if (!get_arguments(env, info, 1, values) || !get_text(env, values[0], "text", text, sizeof text)) return NULL;
  const char *path = getenv("NOTIFY_SOCKET");
  size_t length = path == NULL ? 0 : strlen(path);
  if (length < 2 || length >= sizeof to.sun_path || (path[0] != '/' && path[0] != '@')) return make_boolean(env, false);
  memset(&to, 0, sizeof to);
  to.sun_family = AF_UNIX;
  memcpy(to.sun_path, path, length);
  if (path[0] == '@') to.sun_path[0] = 0;
  int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return make_boolean(env, false);
  socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
  ssize_t sent = sendto(fd, text, strlen(text), MSG_NOSIGNAL, (struct sockaddr *)&to, size);
  close(fd);
  return make_boolean(env, sent >= 0);
}

/* capabilities() -> names of those in effect for this thread */
napi_value system_capabilities(napi_env env, napi_callback_info info) {
  napi_value result, name;
  uint64_t effective;
  uint32_t count = 0;
  (void)info;
  if (!get_effective(&effective)) return throw_errno(env, errno, "capget");
  if (napi_create_array(env, &result) != napi_ok) return NULL;
  for (size_t bit = 0; bit < CAPABILITIES; bit++) {
    if (!(effective >> bit & 1)) continue;
    if (napi_create_string_utf8(env, CAPABILITY_NAMES[bit], NAPI_AUTO_LENGTH, &name) != napi_ok) return NULL;
    if (napi_set_element(env, result, count++, name) != napi_ok) return NULL;
  }
  return result;
}
