/*
 * The TUN device: opened and configured by ioctl and netlink, read and written in vectors. Packets carry no header
 * of the driver; with IFF_VNET_HDR one would come in front of each, for which `readv` and `writev` have room.
 */
#include "engine.h"
#include "netlink.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define MIN_MTU 1280
#define MAX_QUEUE 100000

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

/* Returns NULL, or the step that failed; `fd` and `device` are only valid on success. */
static const char *open_device(const struct tun_options *options, int *fd, char device[NAME_BYTES]) {
  struct ifreq request;
  memset(&request, 0, sizeof request);
  memcpy(request.ifr_name, options->name, NAME_BYTES);
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  *fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
  if (*fd < 0) return "open";
  const char *failed = "TUNSETIFF";
  if (ioctl(*fd, TUNSETIFF, &request) == 0) {
    memcpy(device, request.ifr_name, NAME_BYTES);
    device[NAME_BYTES - 1] = 0;
    int control = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    failed = control < 0 ? "socket" : configure(control, device, options);
    int error = errno;
    if (control >= 0) close(control);
    errno = error;
  }
  if (failed == NULL) return NULL;
  int error = errno;
  close(*fd);
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
  if (engine->tun_fd >= 0) return throw_code(env, "ERR_ARGUMENT", "a TUN device is open already");
  int fd;
  const char *failed = open_device(&options, &fd, engine->tun_name);
  if (failed != NULL) return throw_errno(env, errno, failed);
  engine->tun_fd = fd;
  napi_create_string_utf8(env, engine->tun_name, NAPI_AUTO_LENGTH, &result);
  return result;
}

/*
 * readTun(engine, first, count) -> packets read. The packet of descriptor d goes to slot d modulo the number of slots,
 * so that vectors that do not share descriptors do not share slots.
 */
napi_value tun_read(napi_env env, napi_callback_info info) {
  napi_value values[3];
  struct vector vector;
  if (!get_arguments(env, info, 3, values) || !get_vector(env, values[0], values[1], values[2], &vector)) {
    return make_integer(env, 0);
  }
  struct engine *engine = vector.engine;
  const struct region *region = &engine->tun_region;
  uint32_t wanted = vector.count < region->slots ? vector.count : region->slots;
  size_t room = region->slot_bytes - region->headroom;
  uint32_t done = 0;
  uint8_t spill; /* takes the first byte that does not fit: the driver cuts packets off silently */
  while (engine->tun_fd >= 0 && done < wanted) {
    size_t offset = region->start + (size_t)((vector.first + done) % region->slots) * region->slot_bytes + region->headroom;
    struct iovec parts[2] = { { vector.bytes + offset, room }, { &spill, 1 } };
    ssize_t length = readv(engine->tun_fd, parts, 2);
    if (length < 0 && errno == EINTR) continue;
    if (length < 0) {
      if (errno != EAGAIN) engine->counters[TUN_READ_ERRORS]++;
      break;
    }
    bool fits = (size_t)length <= room;
    if (!fits) engine->counters[TUN_TOO_LONG]++;
    int32_t *descriptor = vector.descriptors + (size_t)done * STRIDE;
    descriptor[OFFSET] = (int32_t)offset;
    descriptor[LENGTH] = fits ? (int32_t)length : 0;
    done++;
  }
  engine->counters[TUN_READ] += done;
  return make_integer(env, done);
}

/* writeTun(engine, first, count) -> packets taken */
napi_value tun_write(napi_env env, napi_callback_info info) {
  napi_value values[3];
  struct vector vector;
  if (!get_arguments(env, info, 3, values) || !get_vector(env, values[0], values[1], values[2], &vector)) {
    return make_integer(env, 0);
  }
  struct engine *engine = vector.engine;
  uint32_t taken = 0;
  for (uint32_t index = 0; index < vector.count; index++) {
    int32_t *descriptor = vector.descriptors + (size_t)index * STRIDE;
    if (descriptor[LENGTH] == 0) continue;
    uint8_t *packet = packet_at(&vector, descriptor);
    if (packet == NULL) {
      descriptor[RESULT] = BAD_BOUNDS;
      engine->counters[TUN_WRITE_ERRORS]++;
      continue;
    }
    ssize_t written;
    do {
      written = write(engine->tun_fd, packet, (size_t)descriptor[LENGTH]);
    } while (written < 0 && errno == EINTR);
    descriptor[RESULT] = written < 0 ? NOT_WRITTEN : GOOD;
    if (written < 0) engine->counters[TUN_WRITE_ERRORS]++;
    else taken++;
  }
  engine->counters[TUN_WRITTEN] += taken;
  return make_integer(env, taken);
}
