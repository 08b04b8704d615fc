/*
 * What a daemon that has started never asks of the kernel is refused from then on, for all threads: other programs, other
 * processes' memory, mounts, modules, tracing, key rings, clocks. Node.js asks for too many different things to list what it
 * may do, so this lists what it must not; each is answered with EPERM, as if the right were missing.
 */
#include "engine.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <malloc.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

#define X32_BIT 0x40000000u

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define RETURN(what) BPF_STMT(BPF_RET | BPF_K, what)
/* If the loaded word is `value`, the next statement counts, otherwise the one behind it. */
#define IF_EQUAL(value) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1)
#define IF_AT_LEAST(value) BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, value, 0, 1)
#define REFUSE(name) IF_EQUAL(__NR_##name), RETURN(SECCOMP_RET_ERRNO | EPERM)

#ifdef ARCHITECTURE
static struct sock_filter RULES[] = {
  LOAD(arch),
  BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0),
  RETURN(SECCOMP_RET_KILL_PROCESS), /* other numbers, other meanings */
  LOAD(nr),
#ifdef __x86_64__
  IF_AT_LEAST(X32_BIT),
  RETURN(SECCOMP_RET_KILL_PROCESS),
#endif
  /* programs and processes */
  REFUSE(execve), REFUSE(execveat), REFUSE(ptrace), REFUSE(process_vm_readv), REFUSE(process_vm_writev), REFUSE(kcmp),
  REFUSE(pidfd_getfd), REFUSE(personality), REFUSE(unshare), REFUSE(setns), REFUSE(acct),
  /* file systems */
  REFUSE(mount), REFUSE(umount2), REFUSE(pivot_root), REFUSE(chroot), REFUSE(move_mount), REFUSE(open_tree),
  REFUSE(fsopen), REFUSE(fsconfig), REFUSE(fsmount), REFUSE(fspick), REFUSE(mount_setattr), REFUSE(swapon),
  REFUSE(swapoff), REFUSE(quotactl), REFUSE(open_by_handle_at), REFUSE(name_to_handle_at), REFUSE(fanotify_init),
  /* the kernel */
  REFUSE(init_module), REFUSE(finit_module), REFUSE(delete_module), REFUSE(kexec_load), REFUSE(reboot), REFUSE(syslog),
  REFUSE(bpf), REFUSE(perf_event_open), REFUSE(userfaultfd), REFUSE(io_uring_setup), REFUSE(add_key),
  REFUSE(request_key), REFUSE(keyctl), REFUSE(lookup_dcookie),
#ifdef __NR_kexec_file_load
  REFUSE(kexec_file_load),
#endif
  /* the machine */
  REFUSE(settimeofday), REFUSE(clock_settime), REFUSE(clock_adjtime), REFUSE(adjtimex), REFUSE(sethostname),
  REFUSE(setdomainname), REFUSE(vhangup),
#ifdef __x86_64__
  REFUSE(iopl), REFUSE(ioperm), REFUSE(modify_ldt),
#endif
  RETURN(SECCOMP_RET_ALLOW),
};

static bool install_rules(void) {
  const struct sock_fprog program = { sizeof RULES / sizeof RULES[0], RULES };
  /* TSYNC: all threads or none; a thread that could not follow is named by a positive number. */
  long result = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program);
  if (result > 0) errno = EBUSY;
  return result == 0;
}
#else
static bool install_rules(void) {
  errno = ENOSYS;
  return false;
}
#endif

/* Buffers for datagrams are freed by Node.js, with passwords from the admin socket in them: glibc overwrites what is freed, but the
   smallest pieces (up to 1 kB), which are wiped by whoever has a secret in one. */
static void overwrite_freed(void) {
#ifdef M_PERTURB
  (void)mallopt(M_PERTURB, 0xff);
#endif
}

/* confine() -> whether the kernel filters system calls from now on. Never goes back; no core is ever written. */
napi_value system_confine(napi_env env, napi_callback_info info) {
  const struct rlimit none = { 0, 0 };
  (void)info;
  if (setrlimit(RLIMIT_CORE, &none) < 0) return throw_errno(env, errno, "setrlimit");
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0) return throw_errno(env, errno, "PR_SET_DUMPABLE");
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) return throw_errno(env, errno, "PR_SET_NO_NEW_PRIVS");
  overwrite_freed();
  return make_boolean(env, install_rules());
}
