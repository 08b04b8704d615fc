/*
 * A table of nftables that keeps the mesh on its own device. IPv6 has no reverse path filter, and a host answers for all of
 * its addresses on all of its devices: without the table a neighbour on the cable reaches the mesh address past our
 * firewall, and sends packets that seem to come from any node of the mesh (SECURITY.md, P4 and P15).
 *
 *   a packet from fc00::/8 that comes in by a device that is neither loopback nor without a link layer (TUN): dropped
 *   a packet to our address that comes in by any device but our TUN and loopback: dropped
 *
 * The table belongs to the socket that made it (NFT_TABLE_F_OWNER, Linux 5.12), so it goes when the process does, whatever
 * ends it, and nobody needs rights for that. An older kernel gets a table without owner, which the next start replaces.
 */
#include "engine.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define OWNED 0x2 /* NFT_TABLE_F_OWNER, which headers older than 5.12 lack */
#define MESH_FIRST_BYTE 0xfc
#define SOURCE_OFFSET 8 /* in an IPv6 header */
#define DESTINATION_OFFSET 24
#define BEFORE_CONNTRACK (-300) /* NF_IP6_PRI_RAW */
#define MOST_BYTES 2048
#define WAIT_SECONDS 2

struct batch {
  uint8_t bytes[MOST_BYTES];
  size_t length;
  size_t message; /* where the present message begins */
  uint32_t sequence;
};

static struct nlmsghdr *present(struct batch *batch) { return (struct nlmsghdr *)(void *)(batch->bytes + batch->message); }

static void *extend(struct batch *batch, size_t length) {
  void *at = batch->bytes + batch->length;
  memset(at, 0, NLMSG_ALIGN(length)); /* all lengths are ours, and far below MOST_BYTES together */
  batch->length += NLMSG_ALIGN(length);
  present(batch)->nlmsg_len = (uint32_t)(batch->length - batch->message);
  return at;
}

static void begin_message(struct batch *batch, uint16_t type, uint16_t flags, uint8_t family, uint16_t resource) {
  batch->message = batch->length;
  memset(batch->bytes + batch->length, 0, sizeof(struct nlmsghdr));
  struct nlmsghdr *header = extend(batch, sizeof *header);
  header->nlmsg_type = type;
  header->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
  header->nlmsg_seq = ++batch->sequence;
  struct nfgenmsg *message = extend(batch, sizeof *message);
  message->nfgen_family = family;
  message->version = NFNETLINK_V0;
  message->res_id = htons(resource);
}

static void begin(struct batch *batch, uint16_t what, uint16_t flags) {
  begin_message(batch, (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | what), flags, NFPROTO_IPV6, 0);
}

static void put(struct batch *batch, uint16_t type, const void *data, size_t length) {
  struct nlattr *attribute = extend(batch, NLA_HDRLEN + length);
  attribute->nla_type = type;
  attribute->nla_len = (uint16_t)(NLA_HDRLEN + length);
  memcpy((uint8_t *)attribute + NLA_HDRLEN, data, length);
}

static void put_text(struct batch *batch, uint16_t type, const char *text) { put(batch, type, text, strlen(text) + 1); }

static void put_number(struct batch *batch, uint16_t type, uint32_t number) {
  uint32_t ordered = htonl(number);
  put(batch, type, &ordered, sizeof ordered);
}

/* Returns where the nest begins, for `leave`. */
static size_t enter(struct batch *batch, uint16_t type) {
  size_t at = batch->length;
  struct nlattr *attribute = extend(batch, NLA_HDRLEN);
  attribute->nla_type = (uint16_t)(type | NLA_F_NESTED);
  return at;
}

static void leave(struct batch *batch, size_t at) {
  ((struct nlattr *)(void *)(batch->bytes + at))->nla_len = (uint16_t)(batch->length - at);
}

/* An expression: its name, and what `fill` is followed by until `end_expression`. */
static size_t begin_expression(struct batch *batch, const char *name, size_t *data) {
  size_t element = enter(batch, NFTA_LIST_ELEM);
  put_text(batch, NFTA_EXPR_NAME, name);
  *data = enter(batch, NFTA_EXPR_DATA);
  return element;
}

static void end_expression(struct batch *batch, size_t element, size_t data) {
  leave(batch, data);
  leave(batch, element);
}

static void load_meta(struct batch *batch, uint32_t key) {
  size_t data, element = begin_expression(batch, "meta", &data);
  put_number(batch, NFTA_META_KEY, key);
  put_number(batch, NFTA_META_DREG, NFT_REG_1);
  end_expression(batch, element, data);
}

static void load_header(struct batch *batch, uint32_t offset, uint32_t length) {
  size_t data, element = begin_expression(batch, "payload", &data);
  put_number(batch, NFTA_PAYLOAD_DREG, NFT_REG_1);
  put_number(batch, NFTA_PAYLOAD_BASE, NFT_PAYLOAD_NETWORK_HEADER);
  put_number(batch, NFTA_PAYLOAD_OFFSET, offset);
  put_number(batch, NFTA_PAYLOAD_LEN, length);
  end_expression(batch, element, data);
}

static void compare(struct batch *batch, uint32_t operation, const void *value, size_t length) {
  size_t data, element = begin_expression(batch, "cmp", &data);
  put_number(batch, NFTA_CMP_SREG, NFT_REG_1);
  put_number(batch, NFTA_CMP_OP, operation);
  size_t nest = enter(batch, NFTA_CMP_DATA);
  put(batch, NFTA_DATA_VALUE, value, length);
  leave(batch, nest);
  end_expression(batch, element, data);
}

static void drop(struct batch *batch) {
  size_t data, element = begin_expression(batch, "immediate", &data);
  put_number(batch, NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
  size_t value = enter(batch, NFTA_IMMEDIATE_DATA);
  size_t verdict = enter(batch, NFTA_DATA_VERDICT);
  put_number(batch, NFTA_VERDICT_CODE, NF_DROP);
  leave(batch, verdict);
  leave(batch, value);
  end_expression(batch, element, data);
}

static size_t begin_rule(struct batch *batch, const char *table, uint16_t flags) {
  begin(batch, NFT_MSG_NEWRULE, (uint16_t)(NLM_F_CREATE | NLM_F_APPEND | flags));
  put_text(batch, NFTA_RULE_TABLE, table);
  put_text(batch, NFTA_RULE_CHAIN, "prerouting");
  return enter(batch, NFTA_RULE_EXPRESSIONS);
}

static void not_from(struct batch *batch, const char *device) {
  char name[IFNAMSIZ] = { 0 };
  memcpy(name, device, strlen(device));
  load_meta(batch, NFT_META_IIFNAME);
  compare(batch, NFT_CMP_NEQ, name, sizeof name);
}

static void not_of_kind(struct batch *batch, uint16_t kind) {
  load_meta(batch, NFT_META_IIFTYPE);
  compare(batch, NFT_CMP_NEQ, &kind, sizeof kind);
}

static void add_rules(struct batch *batch, const char *table, const char *device, const uint8_t address[16]) {
  const uint8_t mesh = MESH_FIRST_BYTE;
  size_t rule = begin_rule(batch, table, 0);
  not_of_kind(batch, ARPHRD_NONE);
  not_of_kind(batch, ARPHRD_LOOPBACK);
  load_header(batch, SOURCE_OFFSET, 1);
  compare(batch, NFT_CMP_EQ, &mesh, 1);
  drop(batch);
  leave(batch, rule);
  rule = begin_rule(batch, table, NLM_F_ACK);
  not_from(batch, device);
  not_from(batch, "lo");
  load_header(batch, DESTINATION_OFFSET, 16);
  compare(batch, NFT_CMP_EQ, address, 16);
  drop(batch);
  leave(batch, rule);
}

static void add_chain(struct batch *batch, const char *table) {
  begin(batch, NFT_MSG_NEWCHAIN, NLM_F_CREATE);
  put_text(batch, NFTA_CHAIN_TABLE, table);
  put_text(batch, NFTA_CHAIN_NAME, "prerouting");
  size_t hook = enter(batch, NFTA_CHAIN_HOOK);
  put_number(batch, NFTA_HOOK_HOOKNUM, NF_INET_PRE_ROUTING);
  put_number(batch, NFTA_HOOK_PRIORITY, (uint32_t)BEFORE_CONNTRACK);
  leave(batch, hook);
  put_number(batch, NFTA_CHAIN_POLICY, NF_ACCEPT);
  put_text(batch, NFTA_CHAIN_TYPE, "filter");
}

static void begin_batch(struct batch *batch, uint32_t sequence) {
  batch->length = 0;
  batch->sequence = sequence;
  begin_message(batch, NFNL_MSG_BATCH_BEGIN, 0, AF_UNSPEC, NFNL_SUBSYS_NFTABLES);
}

/* Sends it, and waits for the answer to its last message or the first refusal. Returns 0 or an errno. */
static int perform(int fd, struct batch *batch) {
  uint32_t last = batch->sequence;
  begin_message(batch, NFNL_MSG_BATCH_END, 0, AF_UNSPEC, NFNL_SUBSYS_NFTABLES);
  if (send(fd, batch->bytes, batch->length, 0) < 0) return errno;
  for (;;) {
    _Alignas(struct nlmsghdr) uint8_t answer[4096];
    ssize_t length = recv(fd, answer, sizeof answer, 0);
    if (length < 0 && errno == EINTR) continue;
    if (length < 0) return errno;
    int rest = (int)length;
    for (struct nlmsghdr *one = (void *)answer; NLMSG_OK(one, (unsigned int)rest); one = NLMSG_NEXT(one, rest)) {
      if (one->nlmsg_type != NLMSG_ERROR || one->nlmsg_len < NLMSG_LENGTH(sizeof(struct nlmsgerr))) continue;
      int error = -((struct nlmsgerr *)NLMSG_DATA(one))->error;
      if (error != 0 || one->nlmsg_seq == last) return error;
    }
  }
}

static int make_table(int fd, const char *table, uint32_t flags, const char *device, const uint8_t address[16]) {
  struct batch batch;
  begin_batch(&batch, flags == 0 ? 200 : 100);
  begin(&batch, NFT_MSG_NEWTABLE, NLM_F_CREATE | NLM_F_EXCL);
  put_text(&batch, NFTA_TABLE_NAME, table);
  put_number(&batch, NFTA_TABLE_FLAGS, flags);
  add_chain(&batch, table);
  add_rules(&batch, table, device, address);
  return perform(fd, &batch);
}

/* What a daemon left behind whose table had no owner. */
static int remove_table(int fd, const char *table) {
  struct batch batch;
  begin_batch(&batch, 1);
  begin(&batch, NFT_MSG_DELTABLE, NLM_F_ACK);
  put_text(&batch, NFTA_TABLE_NAME, table);
  int error = perform(fd, &batch);
  return error == ENOENT ? 0 : error;
}

static int guard(int fd, const char *device, const uint8_t address[16], bool *has_owner) {
  char table[IFNAMSIZ + 8];
  const struct timeval wait = { WAIT_SECONDS, 0 };
  const struct sockaddr_nl any = { .nl_family = AF_NETLINK };
  snprintf(table, sizeof table, "fcmesh-%s", device);
  if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait) < 0) return errno;
  if (bind(fd, (const struct sockaddr *)&any, sizeof any) < 0) return errno;
  int error = remove_table(fd, table);
  if (error != 0) return error;
  *has_owner = true;
  error = make_table(fd, table, OWNED, device, address);
  if (error != EINVAL && error != EOPNOTSUPP) return error;
  *has_owner = false;
  return make_table(fd, table, 0, device, address);
}

/* guard(device, address) -> whether the table goes with this process; it stays until then. Throws what the kernel says. */
napi_value guard_open(napi_env env, napi_callback_info info) {
  napi_value values[2];
  char device[IFNAMSIZ];
  uint8_t *address;
  bool has_owner = false;
  if (!get_arguments(env, info, 2, values) || !get_text(env, values[0], "device", device, sizeof device) ||
      !get_exact_bytes(env, values[1], "address", 16, &address)) {
    return NULL;
  }
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
  if (fd < 0) return throw_errno(env, errno, "socket");
  int error = guard(fd, device, address, &has_owner);
  /* An owner's socket is kept open for as long as the process lives. */
  if (error != 0 || !has_owner) close(fd);
  return error == 0 ? make_boolean(env, has_owner) : throw_errno(env, error, "nftables");
}
