/*
 * Raw Ethernet: one socket for the frames of all devices, also of those that come later, and the devices that endpoints and
 * places to listen at name. Vectors go through udp_recv.c and udp_send.c, beacons through ethernet_beacon.c.
 */
#include "engine.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int ethernet_socket(int kind, const char **failed) {
  struct sock_filter steps[] = {
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_PKTTYPE)),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)kind, 0, 1),
    BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
    BPF_STMT(BPF_RET | BPF_K, 0),
  };
  struct sock_fprog filter = { sizeof steps / sizeof *steps, steps };
  struct sockaddr_ll all = { .sll_family = AF_PACKET, .sll_protocol = htons(ETHERNET_TYPE) };
  *failed = "socket";
  /* Without a protocol it receives nothing until it is bound, so nothing gets past the filter. */
  int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -1;
  *failed = "SO_ATTACH_FILTER";
  if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) == 0) {
    *failed = "bind";
    if (bind(fd, (struct sockaddr *)&all, sizeof all) == 0) return fd;
  }
  int error = errno;
  close(fd);
  errno = error;
  return -1;
}

bool ethernet_is_machine(const uint8_t mac[6]) {
  static const uint8_t zero[6];
  return (mac[0] & 1) == 0 && memcmp(mac, zero, sizeof zero) != 0;
}

static struct device *device_named(struct devices *devices, const char *name) {
  for (uint32_t number = 0; number < devices->count; number++) {
    if (strcmp(devices->entries[number].name, name) == 0) return &devices->entries[number];
  }
  return NULL;
}

/* The device has this index now, 0 for none, and so have all its endpoints. */
static void set_index(struct engine *engine, struct device *device, int index) {
  struct devices *devices = &engine->devices;
  uint32_t number = (uint32_t)(device - devices->entries);
  if (device->index == index) return;
  /* An index is one device: another that had it was renamed. */
  for (uint32_t other = 0; other < devices->count && index != 0; other++) {
    if (devices->entries[other].index == index) set_index(engine, &devices->entries[other], 0);
  }
  device->index = index;
  for (uint32_t slot = 0; slot < engine->endpoints.capacity; slot++) {
    struct endpoint *endpoint = &engine->endpoints.slots[slot];
    if (endpoint->address.family == ETHERNET && endpoint->address.scope == number) endpoint->name.link.sll_ifindex = index;
  }
}

static bool is_used(const struct engine *engine, uint32_t number) {
  if (engine->devices.entries[number].is_welcome) return true;
  for (uint32_t slot = 0; slot < engine->endpoints.capacity; slot++) {
    const struct address *address = &engine->endpoints.slots[slot].address;
    if (address->family == ETHERNET && address->scope == number) return true;
  }
  return false;
}

/* The device of this name, a new entry where needed; NULL when the table is full. */
static struct device *device_add(struct engine *engine, const char *name) {
  struct devices *devices = &engine->devices;
  struct device *device = device_named(devices, name);
  if (device != NULL) return device;
  uint32_t number = devices->count;
  if (number == MAX_DEVICES) {
    for (number = 0; number < MAX_DEVICES && is_used(engine, number); number++) {}
    if (number == MAX_DEVICES) return NULL;
  } else {
    devices->count++;
  }
  device = &devices->entries[number];
  memset(device, 0, sizeof *device);
  strcpy(device->name, name); /* both have DEVICE_BYTES */
  set_index(engine, device, (int)if_nametoindex(name));
  devices->stranger = 0;
  return device;
}

/* The device with an index of the kernel; NULL for one that nobody asked for. */
static struct device *device_at(struct engine *engine, int index) {
  struct devices *devices = &engine->devices;
  char name[IF_NAMESIZE];
  if (index <= 0 || index == devices->stranger) return NULL;
  if (devices->last < devices->count && devices->entries[devices->last].index == index) return &devices->entries[devices->last];
  for (uint32_t number = 0; number < devices->count; number++) {
    if (devices->entries[number].index == index) return &devices->entries[devices->last = number];
  }
  /* It may be one that was away. */
  struct device *device = if_indextoname((unsigned)index, name) == NULL ? NULL : device_named(devices, name);
  if (device != NULL) set_index(engine, device, index);
  else devices->stranger = index;
  return device;
}

static int digit_of(char symbol) {
  if (symbol >= '0' && symbol <= '9') return symbol - '0';
  if (symbol >= 'a' && symbol <= 'f') return symbol - 'a' + 10;
  return symbol >= 'A' && symbol <= 'F' ? symbol - 'A' + 10 : -1;
}

#define MAC_TEXT 17

bool ethernet_parse(struct engine *engine, const char *text, struct address *out) {
  memset(out, 0, sizeof *out);
  for (int at = 0; at < 6; at++) {
    int high = digit_of(text[3 * at]), low = high < 0 ? -1 : digit_of(text[3 * at + 1]);
    if (low < 0 || text[3 * at + 2] != (at == 5 ? '@' : ':')) return false;
    out->bytes[at] = (uint8_t)(high << 4 | low);
  }
  const char *name = text + MAC_TEXT + 1;
  if (name[0] == 0 || strlen(name) >= DEVICE_BYTES || !ethernet_is_machine(out->bytes)) return false;
  struct device *device = device_add(engine, name);
  if (device == NULL) return false;
  out->scope = (uint32_t)(device - engine->devices.entries);
  out->family = ETHERNET;
  return true;
}

void ethernet_format(const struct engine *engine, const struct address *address, char out[ADDRESS_TEXT_BYTES]) {
  const uint8_t *mac = address->bytes;
  snprintf(out, ADDRESS_TEXT_BYTES, "%02x:%02x:%02x:%02x:%02x:%02x@%s", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5],
           engine->devices.entries[address->scope].name);
}

void ethernet_aim(struct engine *engine, struct endpoint *endpoint) {
  struct device *device = &engine->devices.entries[endpoint->address.scope];
  if (device->index == 0) set_index(engine, device, (int)if_nametoindex(device->name));
  endpoint->name.link.sll_ifindex = device->index;
}

bool ethernet_find_again(struct engine *engine, const struct endpoint *endpoint) {
  struct device *device = &engine->devices.entries[endpoint->address.scope];
  int index = (int)if_nametoindex(device->name);
  if (index == device->index) return false;
  set_index(engine, device, index);
  return index != 0;
}

bool ethernet_admit(struct engine *engine, uint8_t socket_number, union socket_name *from) {
  struct sockaddr_ll *link = &from->link;
  struct address sender;
  if (link->sll_hatype != ARPHRD_ETHER || link->sll_halen != 6 || !ethernet_is_machine(link->sll_addr)) return false;
  struct device *device = device_at(engine, link->sll_ifindex);
  if (device == NULL) return false;
  link->sll_ifindex = (int)(device - engine->devices.entries);
  if (device->is_welcome) return true;
  address_from_name(from, socket_number, &sender);
  return endpoints_find(&engine->endpoints, &sender) >= 0;
}

/* openEthernet(engine, receiveBufferBytes, sendBufferBytes) -> socket number */
napi_value ethernet_open(napi_env env, napi_callback_info info) {
  napi_value values[3];
  struct engine *engine;
  int64_t receive_buffer, send_buffer;
  const char *failed;
  if (!get_arguments(env, info, 3, values) || !get_engine(env, values[0], &engine) ||
      !get_integer(env, values[1], "receiveBufferBytes", 0, MAX_BUFFER_BYTES, &receive_buffer) ||
      !get_integer(env, values[2], "sendBufferBytes", 0, MAX_BUFFER_BYTES, &send_buffer)) {
    return NULL;
  }
  struct udp_socket made = { .fd = ethernet_socket(PACKET_HOST, &failed), .family = ETHERNET };
  if (made.fd < 0) return throw_errno(env, errno, failed);
  return socket_add(env, engine, &made, (int)receive_buffer, (int)send_buffer);
}

/* welcomeDevices(engine, names): strangers may come by these devices, and by no others */
napi_value ethernet_welcome(napi_env env, napi_callback_info info) {
  napi_value values[2], value;
  struct engine *engine;
  uint32_t count;
  char names[MAX_DEVICES][DEVICE_BYTES];
  if (!get_arguments(env, info, 2, values) || !get_engine(env, values[0], &engine)) return NULL;
  if (napi_get_array_length(env, values[1], &count) != napi_ok || count > MAX_DEVICES) {
    return throw_code(env, "ERR_ARGUMENT", "names: array of names of devices expected");
  }
  for (uint32_t at = 0; at < count; at++) {
    if (napi_get_element(env, values[1], at, &value) != napi_ok || !get_text(env, value, "names", names[at], DEVICE_BYTES)) return NULL;
  }
  for (uint32_t number = 0; number < engine->devices.count; number++) engine->devices.entries[number].is_welcome = false;
  for (uint32_t at = 0; at < count; at++) {
    struct device *device = device_add(engine, names[at]);
    if (device != NULL) device->is_welcome = true;
  }
  return NULL;
}
