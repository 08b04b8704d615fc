/*
 * The TUN device: opened and configured by ioctl and netlink. Where the kernel can, each packet has a header in front of
 * it (IFF_VNET_HDR) by which TCP and UDP come and go in frames of up to 64 KiB; see tun_io.c.
 */
#include "engine.h"
#include "netlink.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define MIN_MTU 1280
#define MAX_QUEUE 100000

/* Linux 6.2 and later; older headers lack them. The kernel takes both or none. */
#ifndef TUN_F_USO4
#define TUN_F_USO4 0x20
#endif
#ifndef TUN_F_USO6
#define TUN_F_USO6 0x40
#endif

struct tun_options {
  char name[NAME_BYTES];
  uint8_t *address;
  int64_t prefix_length;
  int64_t mtu;
  int64_t queue_length;
};

/* Writes one IPv6 setting of the device. */
static bool write_setting(const char *device, const char *setting, const char *value) {
  char path[96];
  snprintf(path, sizeof path, "/proc/sys/net/ipv6/conf/%s/%s", device, setting);
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return false;
  bool is_written = write(fd, value, strlen(value)) == (ssize_t)strlen(value);
  close(fd);
  return is_written;
}

/* Gives the device its size, queue and address, and sets it up. Returns NULL, or the step that failed (errno is set). */
static const char *configure(int control, const char *device, const struct tun_options *options) {
  struct ifreq request;
  memset(&request, 0, sizeof request);
  memcpy(request.ifr_name, device, NAME_BYTES);
  request.ifr_mtu = (int)options->mtu;
  if (ioctl(control, SIOCSIFMTU, &request) < 0) return "SIOCSIFMTU";
  request.ifr_qlen = (int)options->queue_length;
  if (ioctl(control, SIOCSIFTXQLEN, &request) < 0) return "SIOCSIFTXQLEN";
  /* No link-local address: nobody could answer its router solicitations. Where this fails they are only noise. */
  (void)write_setting(device, "addr_gen_mode", "1");
  /* Who takes the device down and up again must not take the address from it: we have no right to give it back later. */
  (void)write_setting(device, "keep_addr_on_down", "1");
  if (ioctl(control, SIOCGIFFLAGS, &request) < 0) return "SIOCGIFFLAGS";
  request.ifr_flags |= IFF_UP;
  if (ioctl(control, SIOCSIFFLAGS, &request) < 0) return "SIOCSIFFLAGS";
  if (ioctl(control, SIOCGIFINDEX, &request) < 0) return "SIOCGIFINDEX";
  uint32_t index = (uint32_t)request.ifr_ifindex;
  int error = netlink_add_address(index, options->address, (uint8_t)options->prefix_length);
  /* Containers often start with IPv6 off for new devices; this one is ours to change. */
  if (error == EACCES && write_setting(device, "disable_ipv6", "0")) {
    error = netlink_add_address(index, options->address, (uint8_t)options->prefix_length);
  }
  errno = error;
  return error == 0 ? NULL : "RTM_NEWADDR";
}

/* Asks for unsplit frames, as many kinds as the kernel knows. No TSO for IPv4: the mesh does not carry it. */
static bool set_offload(struct tun *tun, bool wants_udp) {
  int header_bytes = sizeof(struct vnet_header);
  unsigned long tcp = TUN_F_CSUM | TUN_F_TSO6 | TUN_F_TSO_ECN;
  if (ioctl(tun->fd, TUNSETVNETHDRSZ, &header_bytes) < 0) return false;
  bool has_udp = wants_udp && ioctl(tun->fd, TUNSETOFFLOAD, tcp | TUN_F_USO4 | TUN_F_USO6) == 0;
  tun->gives_frames = has_udp || ioctl(tun->fd, TUNSETOFFLOAD, tcp) == 0;
  tun->joins = has_udp ? JOIN_TCP | JOIN_UDP : JOIN_TCP;
  return true;
}

/* Creates the device, with IFF_VNET_HDR if it is wanted and there is such a thing. */
static bool create_device(const struct tun_options *options, int without, struct tun *tun) {
  struct ifreq request;
  memset(&request, 0, sizeof request);
  memcpy(request.ifr_name, options->name, NAME_BYTES);
  for (int attempt = (without & WITHOUT_TUN) == 0 ? 0 : 1; attempt < 2; attempt++) {
    request.ifr_flags = (short)(IFF_TUN | IFF_NO_PI | (attempt == 0 ? IFF_VNET_HDR : 0));
    if (ioctl(tun->fd, TUNSETIFF, &request) < 0) {
      if (attempt == 0 && errno == EINVAL) continue;
      return false;
    }
    memcpy(tun->name, request.ifr_name, NAME_BYTES);
    tun->name[NAME_BYTES - 1] = 0;
    tun->has_header = attempt == 0;
    return !tun->has_header || set_offload(tun, (without & WITHOUT_TUN_UDP) == 0);
  }
  return false;
}

/* Returns NULL, or the step that failed; `tun` is only valid on success. */
static const char *open_device(const struct tun_options *options, int without, struct tun *tun) {
  memset(tun, 0, sizeof *tun);
  tun->fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
  if (tun->fd < 0) return "open";
  const char *failed = "TUNSETIFF";
  if (create_device(options, without, tun)) {
    int control = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    failed = control < 0 ? "socket" : configure(control, tun->name, options);
    int error = errno;
    if (control >= 0) close(control);
    errno = error;
  }
  if (failed == NULL) return NULL;
  int error = errno;
  close(tun->fd);
  errno = error;
  return failed;
}

/* openTun(engine, name, address, prefixLength, mtu, queueLength) -> name */
napi_value tun_open(napi_env env, napi_callback_info info) {
  napi_value values[6], result = NULL;
  struct engine *engine;
  struct tun_options options;
  memset(&options, 0, sizeof options);
  if (!get_arguments(env, info, 6, values) || !get_engine(env, values[0], &engine)) return NULL;
  int64_t largest = (int64_t)engine->tun_region.slot_bytes - (int64_t)engine->tun_region.headroom;
  if (!get_text(env, values[1], "name", options.name, sizeof options.name) ||
      !get_exact_bytes(env, values[2], "address", 16, &options.address) ||
      !get_integer(env, values[3], "prefixLength", 0, 128, &options.prefix_length) ||
      !get_integer(env, values[4], "mtu", MIN_MTU, largest, &options.mtu) ||
      !get_integer(env, values[5], "queueLength", 1, MAX_QUEUE, &options.queue_length)) {
    return NULL;
  }
  if (engine->tun.fd >= 0) return throw_code(env, "ERR_ARGUMENT", "a TUN device is open already");
  struct tun tun;
  const char *failed = open_device(&options, engine->without, &tun);
  if (failed != NULL) return throw_errno(env, errno, failed);
  tun.stage = malloc(STAGE_BYTES);
  if (tun.stage == NULL) {
    close(tun.fd);
    return throw_code(env, "ERR_MEMORY", "out of memory");
  }
  engine->tun = tun;
  napi_create_string_utf8(env, engine->tun.name, NAPI_AUTO_LENGTH, &result);
  return result;
}
